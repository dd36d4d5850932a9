/**
 * Named tensors that lie in one file or several, read when asked for.
 *
 * @module
 */
import { allocate, BittrueError, checkMade, checkName, checkObject, checkText } from '../errors/index.ts';
import type { Format } from '../formats/index.ts';
import { type CodeArray, type FloatArray, type Tensor, tensor, unpackCodes } from '../tensors/index.ts';
import { codedDtypes, decodeNumbers, dtypeBits, dtypeFormat, floatsIn, isFloatDtype, whyNoNumbers } from './dtype.ts';
import { type BlockType, blockTypes } from './gguf/blocks.ts';
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
 * Reads one tensor as numbers, whatever its type: floats of 4 to 64 bits, integers of 2 to 64, GGUF's blocks. Codes are their
 * values, without any scale that lies beside them. `float64`, the default, holds all of them exactly; `float32` halves the memory, and
 * rounds F64 and integers of more than 24 bits.
 *
 * @throws {@link BittrueError} `name` when the checkpoint has no such tensor, `value` for an integer of 64 bits that no
 * binary64 number is, `unsupported` for truth values, complex numbers and F6, `file` when the bytes cannot be had, `range` when
 * the numbers do not fit into memory
 * @example
 * import { memorySource, readSafetensors, readTensor, writeSafetensors } from 'bittrue/files';
 * const bytes = writeSafetensors({ w: { data: new Float32Array([0.5, 2]), shape: [1, 2] } });
 * const checkpoint = readSafetensors(memorySource(bytes));
 * readTensor(checkpoint, 'w').data[1]; // 2
 */
export function readTensor(checkpoint: Checkpoint, name: string, as: 'float64' | 'float32' = 'float64'): Tensor {
  checkName('as', as, ['float64', 'float32']);
  const entry = findEntry(checkpoint, name);
  const count = elementsOf(entry);
  const where = `${entry.source.name}: ${name}`;
  const data: FloatArray =
    as === 'float32' ? allocate(where, Float32Array, count) : allocate(where, Float64Array, count);
  readNumbers(entry, 0, data);
  return tensor(data, entry.shape);
}

/**
 * Weights as they were trained: F16, BF16, F32 or F64, or GGUF's blocks, which hold their scales. A type that has a scale beside it is refused, since its codes alone are
 * other numbers.
 *
 * @throws {@link BittrueError} as `readTensor`, and `unsupported` for another type
 */
export function readWeights(checkpoint: Checkpoint, name: string): Tensor {
  const { dtype, source } = findEntry(checkpoint, name);
  checkWeightType(`${source.name}: ${name}`, dtype);
  return readTensor(checkpoint, name);
}

/**
 * F32 and F64 as they lie in the file, where these are the machine's own numbers; null: they have to be read one by one. The array may be
 * a view of the source's memory: it is not to be changed.
 */
export function storedFloats(checkpoint: Checkpoint, name: string): FloatArray | null {
  const { dtype, source, offset, length } = findEntry(checkpoint, name);
  return floatsIn(source.read.bind(source, offset, length), dtype);
}

/** Refuses types whose numbers are others without a scale that lies beside them. */
export function checkWeightType(argument: string, dtype: string): void {
  if (isFloatDtype(dtype) || Object.hasOwn(blockTypes, dtype)) return;
  const wanted = 'a tensor of F16, BF16, F32 or F64: codes are other numbers without the scale that belongs to them';
  throw new BittrueError('unsupported', argument, dtype, wanted);
}

/** Elements read at a time: memory stays near the result's own size. Of packed elements whole bytes. */
const CHUNK = 2 ** 20;

/**
 * Reads as many numbers as `data` holds, from element `from` on, which begins at a whole byte.
 *
 * @throws {@link BittrueError} as `readTensor`
 */
export function readNumbers({ name, dtype, source, offset }: TensorEntry, from: number, data: FloatArray): void {
  const where = name === '' ? source.name : `${source.name}: ${name}`;
  const block = Object.hasOwn(blockTypes, dtype) ? blockTypes[dtype] : null;
  if (block !== null) {
    readBlocks(block, source, offset, data);
    return;
  }
  const fault = whyNoNumbers(dtype);
  if (fault !== null) throw new BittrueError('unsupported', where, dtype, fault);
  const bits = dtypeBits[dtype];
  for (let at = 0; at < data.length; at += CHUNK) {
    const size = Math.min(CHUNK, data.length - at);
    const bytes = source.read(offset + ((from + at) * bits) / 8, Math.ceil((size * bits) / 8));
    decodeNumbers(bytes, dtype, data, at, size, where);
  }
}

/** Reads blocks of quantized weights from their first element on. */
function readBlocks({ size, bytes, decode }: BlockType, source: ByteSource, offset: number, data: FloatArray): void {
  for (let from = 0; from < data.length; from += CHUNK) {
    const count = Math.min(CHUNK, data.length - from);
    const stored = source.read(offset + (from / size) * bytes, (count / size) * bytes);
    for (let i = 0; i < count / size; i++) decode?.(stored, i * bytes, data, from + i * size);
  }
}

function elementsOf({ shape }: TensorEntry): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** What {@link readTensorCodes} may be told. */
export interface TensorCodesOptions {
  /**
   * Of codes of 6 bits, whose order in their bytes safetensors leaves open: the first code in the lowest bits of the first byte,
   * or in the highest ones. Other types need no word.
   */
  readonly bitOrder?: 'lowFirst' | 'highFirst';
}

/**
 * Reads one tensor as the codes that the file holds: FP4, FP6 and FP8 of every kind, E8M0, integers of 2 to 32 bits, F16,
 * BF16, F32. Codes narrower than a byte come unpacked.
 *
 * @throws {@link BittrueError} `name` when the checkpoint has no such tensor, `unsupported` for a type whose codes are of
 * no format here (see {@link readTensorBytes}), and for F6 without `bitOrder`
 * @example
 * import { memorySource, readSafetensors, readTensorCodes, writeSafetensors } from 'bittrue/files';
 * const bytes = writeSafetensors({ w: { data: Int8Array.of(-1, 2), shape: [2] } });
 * const { format, codes } = readTensorCodes(readSafetensors(memorySource(bytes)), 'w');
 * format.bits; // 8
 * codes[0]; // 255
 */
export function readTensorCodes(checkpoint: Checkpoint, name: string, options: TensorCodesOptions = {}): CodedTensor {
  const { bitOrder } = checkObject('options', options, ['bitOrder']) as TensorCodesOptions;
  if (bitOrder !== undefined) checkName('options.bitOrder', bitOrder, ['lowFirst', 'highFirst']);
  const { dtype, shape, source, offset, length } = findEntry(checkpoint, name);
  const format = dtypeFormat(dtype);
  if (format === null) {
    throw new BittrueError('unsupported', `${source.name}: ${name}`, dtype, `a tensor of ${codedDtypes()}`);
  }
  if ((format.bits === 6) !== (bitOrder !== undefined)) {
    const [received, wanted] =
      bitOrder === undefined
        ? [dtype, 'options.bitOrder, lowFirst or highFirst: the format leaves the order of codes of 6 bits open']
        : [`bitOrder ${bitOrder} for ${dtype}`, 'no bitOrder: that of other types is known'];
    throw new BittrueError('unsupported', `${source.name}: ${name}`, received, wanted);
  }
  const count = shape.reduce((product, axis) => product * axis, 1);
  const bytes = source.read(offset, length);
  if (bitOrder === 'highFirst') return { format, codes: highFirst(bytes, count), shape };
  if (format.bits < 8) {
    const unpacked = count === 0 ? new Uint8Array(0) : Uint8Array.from(unpackCodes(bytes, count, format.bits));
    return { format, codes: unpacked, shape };
  }
  if (format.bits === 8) return { format, codes: new Uint8Array(bytes), shape };
  const where = `${source.name}: ${name}`;
  const codes = format.bits === 16 ? allocate(where, Uint16Array, count) : allocate(where, Uint32Array, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++)
    codes[i] = format.bits === 16 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
  return { format, codes, shape };
}

/** Codes of 6 bits, the first one in the highest bits of the first byte: four in three bytes. */
function highFirst(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * 6) / 8);
    const pair = (bytes[at] << 8) | (bytes[at + 1] ?? 0);
    return (pair >> (10 - ((i * 6) % 8))) & 63;
  });
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
