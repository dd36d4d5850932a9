/**
 * Named tensors that lie in one file or several, read when asked for.
 *
 * @module
 */
import { allocate, BittrueError, checkMade, checkName, checkText } from '../errors/index.ts';
import type { Format } from '../formats/index.ts';
import { type CodeArray, type FloatArray, type Tensor, tensor, unpackCodes } from '../tensors/index.ts';
import { codedDtypes, decodeFloats, dtypeBits, dtypeFormat, isFloatDtype } from './dtype.ts';
import type { ByteSource } from './source.ts';

/** Where one tensor lies, and how. */
export interface TensorEntry {
  readonly name: string;
  /** As the header says: F32, BF16, I64, … */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly source: ByteSource;
  /** First byte, counted from the start of the source. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** What a checkpoint holds. Nothing but headers has been read. */
export interface Checkpoint {
  /** What errors call it. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** Tensors that the file names and that cannot be read here, each with the reason. Empty for safetensors. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** A tensor as codes of a number format, one an array element. */
export interface CodedTensor {
  readonly format: Format;
  /** Row-major, without sign: an integer's are its two's complement. */
  readonly codes: CodeArray;
  readonly shape: readonly number[];
}

/**
 * Reads one tensor. Every F16, BF16, F32 and F64 value is exact in `float64`, the default; `float32` halves the
 * memory and rounds F64 values.
 *
 * @throws {@link BittrueError} `name` when the checkpoint has no such tensor, `unsupported` for a type that is no
 * floating one (see {@link readTensorCodes}), `file` when the bytes cannot be had, `range` when the numbers do not fit
 * into memory
 * @example
 * import { memorySource, readSafetensors, readTensor, writeSafetensors } from 'bittrue/files';
 * const bytes = writeSafetensors({ w: { data: new Float32Array([0.5, 2]), shape: [1, 2] } });
 * const checkpoint = readSafetensors(memorySource(bytes));
 * readTensor(checkpoint, 'w').data[1]; // 2
 */
export function readTensor(checkpoint: Checkpoint, name: string, as: 'float64' | 'float32' = 'float64'): Tensor {
  checkName('as', as, ['float64', 'float32']);
  const entry = findEntry(checkpoint, name);
  const { dtype, source } = entry;
  if (!isFloatDtype(dtype)) {
    throw new BittrueError('unsupported', `${source.name}: ${name}`, dtype, 'a tensor of F16, BF16, F32 or F64');
  }
  const bytes = dtypeBits[dtype] / 8;
  const count = entry.length / bytes;
  const where = `${source.name}: ${name}`;
  const data: FloatArray =
    as === 'float32' ? allocate(where, Float32Array, count) : allocate(where, Float64Array, count);
  const chunk = 1 << 20; // elements: memory stays near the result's own size
  for (let start = 0; start < count; start += chunk) {
    const size = Math.min(chunk, count - start);
    decodeFloats(source.read(entry.offset + start * bytes, size * bytes), dtype, data, start);
  }
  return tensor(data, entry.shape);
}

/**
 * Reads one tensor as the codes that the file holds: FP4 and FP8 of every kind, E8M0, integers of 2 to 32 bits, F16,
 * BF16, F32. Codes narrower than a byte come unpacked.
 *
 * @throws {@link BittrueError} `name` when the checkpoint has no such tensor, `unsupported` for a type whose codes are of
 * no format here (see {@link readTensorBytes})
 * @example
 * import { memorySource, readSafetensors, readTensorCodes, writeSafetensors } from 'bittrue/files';
 * const bytes = writeSafetensors({ w: { data: Int8Array.of(-1, 2), shape: [2] } });
 * const { format, codes } = readTensorCodes(readSafetensors(memorySource(bytes)), 'w');
 * format.bits; // 8
 * codes[0]; // 255
 */
export function readTensorCodes(checkpoint: Checkpoint, name: string): CodedTensor {
  const { dtype, shape, source, offset, length } = findEntry(checkpoint, name);
  const format = dtypeFormat(dtype);
  if (format === null) {
    throw new BittrueError('unsupported', `${source.name}: ${name}`, dtype, `a tensor of ${codedDtypes()}`);
  }
  const count = shape.reduce((product, axis) => product * axis, 1);
  const bytes = source.read(offset, length);
  if (format.bits < 8) {
    const unpacked = count === 0 ? new Uint8Array(0) : Uint8Array.from(unpackCodes(bytes, count, format.bits));
    return { format, codes: unpacked, shape };
  }
  if (format.bits === 8) return { format, codes: bytes.slice(), shape };
  const where = `${source.name}: ${name}`;
  const codes = format.bits === 16 ? allocate(where, Uint16Array, count) : allocate(where, Uint32Array, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++)
    codes[i] = format.bits === 16 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
  return { format, codes, shape };
}

/**
 * The stored bytes of one tensor, little-endian, whatever its type. They may be a view: do not change them.
 *
 * @throws {@link BittrueError} `name` when the checkpoint has no such tensor
 */
export function readTensorBytes(checkpoint: Checkpoint, name: string): Uint8Array {
  const { source, offset, length } = findEntry(checkpoint, name);
  return source.read(offset, length);
}

/** Refuses what is no checkpoint. */
export function checkCheckpoint(checkpoint: Checkpoint): Checkpoint {
  const fields = ['entries', 'unreadable', 'metadata'];
  return checkMade('checkpoint', checkpoint, fields, 'a checkpoint, as readSafetensors or openModel gives it');
}

function findEntry(checkpoint: Checkpoint, name: string): TensorEntry {
  checkText('name', name);
  checkCheckpoint(checkpoint);
  const entry = checkpoint.entries.get(name);
  const reason = checkpoint.unreadable.get(name);
  if (reason !== undefined) {
    throw new BittrueError('unsupported', `${checkpoint.name}: ${name}`, reason, 'a tensor that can be read here');
  }
  if (entry === undefined) {
    throw new BittrueError('name', 'name', name, `one of the ${checkpoint.entries.size} tensors of ${checkpoint.name}`);
  }
  return entry;
}
