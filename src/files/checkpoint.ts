/**
 * Named tensors that lie in one file or several, read when asked for.
 *
 * @module
 */
import { BittrueError, checkName } from '../errors/index.ts';
import { type FloatArray, type Tensor, tensor } from '../tensors/index.ts';
import { decodeFloats, dtypeBits, isFloatDtype } from './dtype.ts';
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
}

/**
 * Reads one tensor. Every F16, BF16, F32 and F64 value is exact in `float64`, the default; `float32` halves the
 * memory and rounds F64 values.
 *
 * @throws {@link BittrueError} `name` when the checkpoint has no such tensor, `unsupported` for a type that is no
 * floating one (see {@link readTensorBytes}), `file` when the bytes cannot be had
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
  const data: FloatArray = as === 'float32' ? new Float32Array(count) : new Float64Array(count);
  const chunk = 1 << 20; // elements: memory stays near the result's own size
  for (let start = 0; start < count; start += chunk) {
    const size = Math.min(chunk, count - start);
    decodeFloats(source.read(entry.offset + start * bytes, size * bytes), dtype, data, start);
  }
  return tensor(data, entry.shape);
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

function findEntry(checkpoint: Checkpoint, name: string): TensorEntry {
  const entry = checkpoint.entries.get(name);
  if (entry === undefined) {
    throw new BittrueError('name', 'name', name, `one of the ${checkpoint.entries.size} tensors of ${checkpoint.name}`);
  }
  return entry;
}
