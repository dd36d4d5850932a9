/**
 * A checkpoint in several safetensors files, joined by a `model.safetensors.index.json`.
 *
 * @module
 */
import { BittrueError, checkFunction } from '../errors/index.ts';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';
import { readJsonObject } from './json.ts';
import { readSafetensors } from './safetensors.ts';
import { type ByteSource, checkSource } from './source.ts';

/**
 * Reads the index and the headers of every file that it names; the result reads like one file.
 *
 * @param open gives the file of a name that stands in the index
 * @throws {@link BittrueError} `file` when the index has no weight_map, names a file outside its folder, or names a
 * tensor that its file lacks
 * @example
 * import { memorySource, readShardedSafetensors, writeSafetensors } from 'bittrue/files';
 * const part = writeSafetensors({ w: { data: new Float32Array(6), shape: [2, 3] } });
 * const index = JSON.stringify({ weight_map: { w: 'part-1.safetensors' } });
 * const source = memorySource(new TextEncoder().encode(index), 'index.json');
 * readShardedSafetensors(source, (name) => memorySource(part, name)).entries.size; // 1
 */
export function readShardedSafetensors(index: ByteSource, open: (fileName: string) => ByteSource): Checkpoint {
  checkSource('index', index);
  checkFunction('open', open);
  const { weight_map: map, metadata } = readJsonObject(index);
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new BittrueError('file', `${index.name}: weight_map`, map, 'an object from tensor names to file names');
  }
  const files = new Map<string, Checkpoint>();
  const entries = new Map<string, TensorEntry>();
  for (const [name, fileName] of Object.entries(map)) {
    const file = checkFileName(`${index.name}: ${name}`, fileName);
    const shard = files.get(file) ?? readSafetensors(open(file));
    files.set(file, shard);
    const entry = shard.entries.get(name);
    if (entry === undefined) {
      throw new BittrueError(
        'file',
        `${index.name}: ${name}`,
        `no such tensor in ${file}`,
        'the tensor in the file named',
      );
    }
    entries.set(name, entry);
  }
  return Object.freeze({ name: index.name, metadata: strings(index.name, metadata), entries, unreadable: new Map() });
}

/** Whether a name is that of a file in the same folder: what a file names must not reach outside it. */
export function isPlainFileName(fileName: unknown): fileName is string {
  return typeof fileName === 'string' && fileName !== '' && !fileName.startsWith('.') && !/[\\/:\0]/.test(fileName);
}

function checkFileName(argument: string, fileName: unknown): string {
  if (!isPlainFileName(fileName)) {
    throw new BittrueError('file', argument, fileName, 'the plain name of a file in the same folder');
  }
  return fileName;
}

/** The metadata as strings (`total_size` is a number in practice). */
function strings(file: string, metadata: unknown): Readonly<Record<string, string>> {
  if (metadata === undefined || metadata === null) return Object.freeze({});
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw new BittrueError('file', `${file}: metadata`, metadata, 'an object');
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value === 'object' && value !== null) {
      throw new BittrueError('file', `${file}: metadata.${key}`, value, 'a text or a number');
    }
  }
  return Object.freeze(Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)])));
}
