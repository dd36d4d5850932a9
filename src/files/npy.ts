/**
 * NumPy's .npy: a header, then the numbers. Versions 1 to 3 (numpy.lib.format), little-endian f2, f4 and f8, C order.
 *
 * @module
 */
import { allocate, BittrueError, checkInteger } from '../errors/index.ts';
import { type FloatArray, type Tensor, tensor } from '../tensors/index.ts';
import { decodeFloats, type FloatDtype } from './dtype.ts';
import { countHeld, readNpyHeader } from './npyHeader.ts';
import { type ByteSource, checkSource } from './source.ts';

const types: Readonly<Record<string, { dtype: FloatDtype; bytes: number }>> = {
  '<f2': { dtype: 'F16', bytes: 2 },
  '<f4': { dtype: 'F32', bytes: 4 },
  '<f8': { dtype: 'F64', bytes: 8 },
};

/** Elements read at a time: memory stays near the result's own size. */
const CHUNK = 2 ** 20;

/** A .npy file whose header has been read and checked, and whose numbers have not. */
export interface NpyFile {
  readonly shape: readonly number[];
  /** The product of the axes. */
  readonly length: number;
  /**
   * Numbers `from` to `to`, the latter excluded, in row-major order: a file larger than memory is read a part at a time.
   * f2 and f4 come as a Float32Array, f8 as a Float64Array, all values exact.
   */
  read(from: number, to: number): FloatArray;
}

/**
 * Opens a .npy file.
 *
 * @throws {@link BittrueError} `file` for a file that is truncated, too long or lies, or whose header exceeds 64 KiB;
 * `unsupported` for other element types, big-endian numbers and Fortran order
 */
export function openNpy(source: ByteSource): NpyFile {
  const { name } = checkSource('source', source);
  const header = readNpyHeader(source);
  const { descr, fortranOrder, shape, start } = header;
  const type = Object.hasOwn(types, descr) ? types[descr] : undefined;
  if (type === undefined) {
    throw new BittrueError('unsupported', `${name}: descr`, descr, `one of ${Object.keys(types).join(', ')}`);
  }
  if (fortranOrder) throw new BittrueError('unsupported', `${name}: fortran_order`, 'True', 'False');
  const { dtype, bytes } = type;
  const count = countHeld(source, header, 8 * bytes);
  return Object.freeze({
    shape: Object.freeze(shape),
    length: count,
    read(from: number, to: number): FloatArray {
      checkInteger('to', to, checkInteger('from', from, 0, count), count);
      const data: FloatArray =
        dtype === 'F64' ? allocate(name, Float64Array, to - from) : allocate(name, Float32Array, to - from);
      for (let at = from; at < to; at += CHUNK) {
        const size = Math.min(CHUNK, to - at);
        decodeFloats(source.read(start + at * bytes, size * bytes), dtype, data, at - from);
      }
      return data;
    },
  });
}

/**
 * Reads a .npy file: f2 and f4 become a Float32Array, f8 a Float64Array, all values exact.
 *
 * @throws {@link BittrueError} as {@link openNpy}, and `range` for more numbers than memory holds
 * @example
 * import { memorySource, readNpy } from 'bittrue/files';
 * const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }\n";
 * const text = [...header].map((character) => character.charCodeAt(0));
 * const bytes = new Uint8Array([0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0, ...text, 0, 0x3c, 0, 0xc0]);
 * readNpy(memorySource(bytes)).data[1]; // -2
 */
export function readNpy(source: ByteSource): Tensor {
  const { shape, length, read } = openNpy(source);
  return tensor(read(0, length), shape);
}
