/**
 * An ONNX file as a graph, with what it keeps in other files of its folder.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BittrueError, checkText } from '../errors/index.ts';
import { type ByteSource, readOnnxModel } from '../files/index.ts';
import type { Graph } from '../graphs/index.ts';
import { type OnnxGraphOptions, onnxGraph } from '../models/index.ts';
import { openFile } from './openFile.ts';
import { attempt } from './paths.ts';

/**
 * Opens an ONNX file. Weights in other files are read where these lie in the model's own folder; a link that leaves it is
 * not followed.
 *
 * @throws {@link BittrueError} `file` when there is no such file, or it is truncated or lies; as `onnxGraph`
 * @example
 * import { openOnnx } from 'bittrue/node';
 * openOnnx('absent.onnx'); // throws file
 */
export function openOnnx(path: string, options: OnnxGraphOptions = {}): Graph {
  checkText('path', path, 'a path');
  return onnxGraph(readOnnxModel(openFile(path), openBeside(path)), options);
}

/** Opens files that lie beside one, in its own folder. */
export function openBeside(path: string): (name: string) => ByteSource {
  const folder = attempt(path, () => realpathSync(dirname(path)));
  return (name) => {
    const place = join(folder, name);
    const real = attempt(place, () => realpathSync(place));
    if (dirname(real) !== folder) throw new BittrueError('file', place, real, 'a file of the same folder');
    return openFile(place);
  };
}
