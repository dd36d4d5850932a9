/**
 * Named tensors of any file on disk that holds some.
 *
 * @module
 */
import { basename, dirname, join } from 'node:path';
import { BittrueError, checkText } from '../errors/index.ts';
import { type Checkpoint, readGguf, readOnnx, readSafetensors, readShardedSafetensors } from '../files/index.ts';
import { npyCheckpoint, npzCheckpoint } from '../files/npzCheckpoint.ts';
import { type Format, formatName } from '../formats/index.ts';
import { openFile } from './openFile.ts';
import { weightsIn } from './openModel.ts';
import { inflate } from './openNpz.ts';
import { openBeside } from './openOnnx.ts';
import { isFolder } from './paths.ts';

/** What {@link openTensors} reads, for errors. */
const kinds = '.safetensors, .safetensors.index.json, .npz, .npy, .gguf, .onnx, or a folder with model.safetensors';

/**
 * Opens a file of tensors, or the weights of a model's folder. The one tensor of a .npy file is called as the file is, without
 * `.npy`.
 *
 * @param format - what arrays of bytes without a type, as ml_dtypes saves them, are codes of
 * @throws {@link BittrueError} `file` for another kind of file, and as their readers
 * @example
 * import { embeddedModel, openTensors } from 'bittrue/node';
 * openTensors(embeddedModel()).entries.size; // 39
 */
export function openTensors(path: string, format?: Format): Checkpoint {
  checkText('path', path, 'a path');
  const file = isFolder(path) ? weightsIn(path) : path;
  if (format !== undefined && !/\.np[yz]$/i.test(file)) {
    throw new BittrueError('unsupported', 'format', formatName(format), 'no format: tensors of this file have types');
  }
  if (/\.safetensors$/i.test(file)) return readSafetensors(openFile(file));
  if (/\.npz$/i.test(file)) return npzCheckpoint(openFile(file), inflate(file), format);
  if (/\.npy$/i.test(file)) {
    return npyCheckpoint(file, new Map([[basename(file).replace(/\.npy$/i, ''), openFile(file)]]), format);
  }
  if (/\.json$/i.test(file)) {
    return readShardedSafetensors(openFile(file), (name) => openFile(join(dirname(file), name)));
  }
  if (/\.gguf$/i.test(file)) return readGguf(openFile(file));
  if (/\.onnx$/i.test(file)) return readOnnx(openFile(file), openBeside(file));
  throw new BittrueError('file', 'path', path, kinds);
}
