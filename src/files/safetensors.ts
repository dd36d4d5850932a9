/**
 * The safetensors format: 8 bytes of header length (little-endian), a JSON header, then the tensors' bytes.
 * Every rule of the format (github.com/huggingface/safetensors, README "Format") is checked before a tensor is read:
 * a header of at most 100 MB that begins with `{`; no key twice; offsets in order, within the file, without holes or
 * overlaps; shape × element width = length.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';
import { safetensorsBits } from './dtype.ts';
import { parseJsonObject } from './json.ts';
import { type ByteSource, checkSource } from './source.ts';

const longestHeader = 100_000_000;

/**
 * Reads the header of a safetensors file; tensors are read by `readTensor` when wanted.
 *
 * @throws {@link BittrueError} `file`, naming the file and the tensor, for a header that is truncated or lies
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * const bytes = writeSafetensors({ w: { data: new Float32Array(6), shape: [2, 3] } });
 * const { entries } = readSafetensors(memorySource(bytes, 'w.safetensors'));
 * entries.get('w')?.dtype; // 'F32'
 * entries.get('w')?.shape; // [2, 3]
 */
export function readSafetensors(source: ByteSource): Checkpoint {
  checkSource('source', source);
  if (source.size < 8) throw new BittrueError('file', source.name, `${source.size} bytes`, 'at least 8 bytes');
  const prefix = source.read(0, 8);
  const headerLength = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > longestHeader || headerLength > source.size - 8) {
    const most = Math.min(longestHeader, source.size - 8);
    throw new BittrueError('file', source.name, `a header length of ${headerLength} bytes`, `at most ${most} bytes`);
  }
  const headerBytes = source.read(8, headerLength);
  if (headerBytes[0] !== 0x7b) {
    throw new BittrueError('file', source.name, 'a header that does not begin with {', 'a safetensors file');
  }
  const { __metadata__: metadata = {}, ...described } = parseJsonObject(headerBytes, `${source.name} header`);
  const start = 8 + headerLength;
  const entries: TensorEntry[] = [];
  for (const [name, description] of Object.entries(described))
    entries.push(readEntry(source, start, name, description));
  checkLayout(source, start, entries);
  return Object.freeze({
    name: source.name,
    metadata: checkMetadata(source.name, metadata),
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    unreadable: new Map(),
  });
}

/** One tensor of the header, with its type, shape and offsets checked against each other. */
function readEntry(source: ByteSource, start: number, name: string, description: unknown): TensorEntry {
  const where = `${source.name}: ${name}`;
  if (typeof description !== 'object' || description === null) {
    throw new BittrueError('file', where, description, 'an object with dtype, shape and data_offsets');
  }
  const { dtype, shape, data_offsets: offsets } = description as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(safetensorsBits, dtype)) {
    throw new BittrueError('file', `${where}.dtype`, dtype, `one of ${Object.keys(safetensorsBits).join(', ')}`);
  }
  if (!isCounts(shape)) throw new BittrueError('file', `${where}.shape`, shape, 'an array of integers ≥ 0');
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw new BittrueError('file', `${where}.data_offsets`, describe(offsets), 'two ascending integers');
  }
  const [begin, end] = offsets;
  if (start + end > source.size) {
    const room = source.size - start;
    throw new BittrueError(
      'file',
      `${where}.data_offsets`,
      `[${begin}, ${end}]`,
      `an end within the ${room} bytes of data`,
    );
  }
  const bits = shape.reduce((product, axis) => product * axis, safetensorsBits[dtype]);
  if (bits !== (end - begin) * 8) {
    throw new BittrueError(
      'file',
      where,
      `${end - begin} bytes`,
      `${bits / 8} bytes for ${dtype} [${shape.join(', ')}]`,
    );
  }
  return Object.freeze({
    name,
    dtype,
    shape: Object.freeze([...shape]),
    source,
    offset: start + begin,
    length: end - begin,
  });
}

/** The tensors must tile the data exactly: no overlap, no hole, nothing after the last. */
function checkLayout(source: ByteSource, start: number, entries: readonly TensorEntry[]): void {
  const ordered = [...entries].sort((a, b) => a.offset - b.offset || a.length - b.length);
  let at = start;
  for (const { name, offset, length } of ordered) {
    if (offset !== at) {
      const fault = offset < at ? 'an overlap with the tensor before' : `a hole of ${offset - at} bytes before it`;
      throw new BittrueError('file', `${source.name}: ${name}.data_offsets`, fault, 'tensors that follow each other');
    }
    at += length;
  }
  if (at !== source.size) {
    throw new BittrueError(
      'file',
      source.name,
      `${source.size - at} bytes after the last tensor`,
      `${at} bytes in all`,
    );
  }
}

function checkMetadata(file: string, metadata: unknown): Readonly<Record<string, string>> {
  const plain = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!plain || Object.values(metadata).some((text) => typeof text !== 'string')) {
    throw new BittrueError('file', `${file}: __metadata__`, metadata, 'an object of strings');
  }
  return Object.freeze({ ...(metadata as Record<string, string>) });
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

/** Two numbers as they stand; whatever else a header may hold, by its kind. */
function describe(value: unknown): unknown {
  return Array.isArray(value) && value.length <= 4 && value.every((one) => typeof one === 'number')
    ? `[${value.join(', ')}]`
    : value;
}
