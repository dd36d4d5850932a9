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
 * @throws {@link BittrueError} `file` when the index has no weight_map, names a file outside its folder, a file that is missing (told
 * before any is read) or a tensor that its file lacks, and when a file holds a tensor that the index does not place there
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
  const wanted = Object.entries(map).map(
    ([name, file]) => [name, checkFileName(`${index.name}: ${name}`, file)] as const,
  );
  const shards = new Map<string, Checkpoint>();
  for (const [file, source] of openAll(index.name, new Set(wanted.map(([, file]) => file)), open)) {
    shards.set(file, readSafetensors(source));
  }
  const entries = new Map<string, TensorEntry>();
  for (const [name, file] of wanted) {
    const entry = (shards.get(file) as Checkpoint).entries.get(name);
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
  for (const [file, shard] of shards) checkListed(index.name, file, shard, entries);
  return Object.freeze({ name: index.name, metadata: strings(index.name, metadata), entries, unreadable: new Map() });
}

/** The files that an index names; those that are missing are told before any is read. */
function openAll(
  index: string,
  files: ReadonlySet<string>,
  open: (fileName: string) => ByteSource,
): Map<string, ByteSource> {
  const found = new Map<string, ByteSource>();
  const missing: string[] = [];
  for (const file of files) {
    try {
      found.set(file, checkSource('open()', open(file)));
    } catch (error) {
      if (!(error instanceof BittrueError) || error.code !== 'file') throw error;
      missing.push(file);
    }
  }
  if (missing.length > 0) {
    const told = `${missing.slice(0, 4).join(', ')}${missing.length > 4 ? ', …' : ''}`;
    const received = `${missing.length} of ${files.size} files that cannot be opened: ${told}`;
    throw new BittrueError('file', index, received, 'every file of weight_map beside it');
  }
  return found;
}

/** A tensor that a file holds and the index does not place there would be left out, or shadowed by another. */
function checkListed(
  index: string,
  file: string,
  { entries: held }: Checkpoint,
  entries: ReadonlyMap<string, TensorEntry>,
): void {
  for (const [name, entry] of held) {
    const listed = entries.get(name);
    if (listed === entry) continue;
    const place = listed === undefined ? 'no word of it' : `a place in ${listed.source.name}`;
    throw new BittrueError(
      'file',
      `${index}: ${name}`,
      `${place}, while ${file} holds it`,
      'every tensor once, by its file',
    );
  }
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
