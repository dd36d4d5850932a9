/**
 * A model's folder: config.json beside model.safetensors or its sharded index.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BittrueError, checkText } from '../errors/index.ts';
import { type Checkpoint, readGguf, readSafetensors, readShardedSafetensors } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import { ggufModel } from '../models/index.ts';
import { openFile } from './openFile.ts';
import { openQuantization } from './openQuantization.ts';
import { isFolder } from './paths.ts';

/** A model's folder, opened: headers read, weights not yet. `loadModel` takes the two. */
export interface OpenedModel {
  /** The parsed config.json; of a .gguf file what its metadata say. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly checkpoint: Checkpoint;
}

/**
 * Opens a folder, or the .safetensors or .safetensors.index.json file in one, or a .gguf file, which needs no folder. Of a folder that `bittrue quantize` wrote the
 * checkpoint holds codes: `dequantizedCheckpoint` or `loadQuantizedLlama` of `bittrue/studies` read them.
 *
 * @throws {@link BittrueError} `file` when a file is missing, truncated or lies, or where the report beside quantized tensors
 * names others
 * @example
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * config.model_type; // 'llama'
 * checkpoint.entries.size; // 39
 */
export function openModel(path: string): OpenedModel {
  checkText('path', path, 'a path');
  if (/\.gguf$/i.test(path)) return Object.freeze(ggufModel(readGguf(openFile(path))));
  const weights = isFolder(path) ? weightsIn(path) : path;
  const folder = dirname(weights);
  const source = openFile(weights);
  const checkpoint = weights.endsWith('.json')
    ? readShardedSafetensors(source, (name) => openFile(join(folder, name)))
    : weights.endsWith(QUANTIZED)
      ? openQuantization(folder).checkpoint
      : readSafetensors(source);
  const config = openFile(join(folder, 'config.json'));
  return Object.freeze({ config: readJsonObject(config), checkpoint });
}

/** What `bittrue quantize` writes, with a report that names its hash. */
const QUANTIZED = 'quantized.safetensors';

/** What a model's weights are called; the last is what `bittrue quantize` writes. */
const weightFiles = ['model.safetensors', 'model.safetensors.index.json', QUANTIZED];

/** What else a folder may hold, and the way on. */
const others: readonly (readonly [pattern: RegExp, way: string])[] = [
  [/\.gguf$/i, 'a .gguf file is given by its own name'],
  [/^adapter_model\./, 'an adapter has to be merged into its model first (merge_and_unload of peft)'],
  [
    /^consolidated.*\.safetensors$/,
    'names of tensors are those of the transformers library, which converts this layout',
  ],
  [/\.onnx$/i, 'an .onnx file is given by its own name'],
  [
    /\.(bin|pth?|ckpt)$/i,
    'pickled weights are not read: save_pretrained(safe_serialization=True) of transformers writes safetensors',
  ],
  [/\.safetensors$/, 'a file of another name is given by its own name, config.json beside it'],
];

/** The weights of a model's folder. */
export function weightsIn(folder: string): string {
  for (const name of weightFiles) {
    if (existsSync(join(folder, name))) return join(folder, name);
  }
  const wanted = `a folder with ${weightFiles.join(' or ')}`;
  const other = readdirSync(folder).find((name) => others.some(([pattern]) => pattern.test(name)));
  if (other === undefined) throw new BittrueError('file', 'path', folder, wanted);
  const [, way] = others.find(([pattern]) => pattern.test(other)) as (typeof others)[number];
  throw new BittrueError('file', 'path', `${folder} with ${other}`, `${wanted}; ${way}`);
}
