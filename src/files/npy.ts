/**
 * NumPy's .npy: a header, then the numbers. Versions 1 to 3 (numpy.lib.format), integers and floats in either order of bytes and
 * of axes, and codes of a format that is named.
 *
 * @module
 */
import { allocate, BittrueError, checkInteger, checkObject } from '../errors/index.ts';
import { checkFormat } from '../formats/check.ts';
import { type Format, formatName } from '../formats/index.ts';
import { decode } from '../rounding/index.ts';
import { type FloatArray, type Tensor, tensor } from '../tensors/index.ts';
import { readNumbers, type TensorEntry } from './checkpoint.ts';
import { dtypeBits, fitsBinary32, isFloatDtype, valuesOf } from './dtype.ts';
import { npyEntry } from './npyEntry.ts';
import { type ByteSource, checkSource } from './source.ts';

/** A .npy file whose header has been read and checked, and whose numbers have not. */
export interface NpyFile {
  readonly shape: readonly number[];
  /** The product of the axes. */
  readonly length: number;
  /**
   * Numbers `from` to `to`, the latter excluded, in row-major order: a file larger than memory is read a part at a time, but for
   * one in Fortran order, whose bytes are all held from the first read on. f2, f4 and integers of 8 or 16 bits come as a
   * Float32Array, others as a Float64Array, all values exact.
   */
  read(from: number, to: number): FloatArray;
}

/** What {@link openNpy} and {@link readNpy} may be told. */
export interface NpyOptions {
  /**
   * The elements are codes of this format, in the low bits of each: types of ml_dtypes, which NumPy saves as bytes without a name
   * (`|V1`, `<V2`), and integers that hold codes. Floats have their own.
   */
  readonly format?: Format;
}

/**
 * Opens a .npy file.
 *
 * @throws {@link BittrueError} `file` for a file that is truncated, too long or lies, or whose header exceeds 64 KiB;
 * `unsupported` for elements that are no numbers (bool, complex, text, structured types), and for types without a name where no
 * format is given; `value`, on reading, for an integer of 64 bits that no binary64 number is, and for a code beyond its format
 */
export function openNpy(source: ByteSource, options: NpyOptions = {}): NpyFile {
  const { name } = checkSource('source', source);
  const { format } = checkObject('options', options, ['format']) as NpyOptions;
  if (format !== undefined) checkFormat('options.format', format);
  const entry = npyEntry(source, format !== undefined);
  const { dtype } = entry;
  if (dtype === 'BOOL') {
    throw new BittrueError('unsupported', `${name}: descr`, 'bool', 'numbers: truth values as such are x.astype("u1")');
  }
  if (format !== undefined) checkCodes(name, dtype, format);
  const length = (8 * entry.length) / dtypeBits[dtype];
  const isNarrow = format === undefined && fitsBinary32(dtype);
  return Object.freeze({
    shape: Object.freeze(entry.shape),
    length,
    read(from: number, to: number): FloatArray {
      checkInteger('to', to, checkInteger('from', from, 0, length), length);
      const data = isNarrow ? allocate(name, Float32Array, to - from) : allocate(name, Float64Array, to - from);
      readNumbers(entry, from, data);
      if (format !== undefined) decodeAll(name, from, data as Float64Array, entry, format);
      return data;
    },
  });
}

/**
 * Reads a .npy file whole.
 *
 * @throws {@link BittrueError} as {@link openNpy}, and `range` for more numbers than memory holds
 * @example
 * import { memorySource, readNpy } from 'bittrue/files';
 * const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }\n";
 * const text = [...header].map((character) => character.charCodeAt(0));
 * const bytes = new Uint8Array([0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0, ...text, 0, 0x3c, 0, 0xc0]);
 * readNpy(memorySource(bytes)).data[1]; // -2
 * @example
 * import { e5m2 } from 'bittrue/formats';
 * import { memorySource, readNpy, writeNpy } from 'bittrue/files';
 * const bytes = writeNpy({ data: Uint8Array.of(0x3c, 0xc0), shape: [2] });
 * readNpy(memorySource(bytes), { format: e5m2 }).data[1]; // -2
 */
export function readNpy(source: ByteSource, options: NpyOptions = {}): Tensor {
  const { shape, length, read } = openNpy(source, options);
  return tensor(read(0, length), shape);
}

/** Refuses elements that hold no codes of a format. */
function checkCodes(name: string, dtype: string, format: Format): void {
  const bits = dtypeBits[dtype];
  // One element a code, as ml_dtypes and torch have them.
  const fits = !isFloatDtype(dtype) && bits <= 32 && (format.bits <= 8 ? bits === 8 : 2 * format.bits > bits);
  if (fits && format.bits <= bits) return;
  const wanted = `elements that hold a code of ${formatName(format)} each: integers or bytes of ${format.bits} bits`;
  throw new BittrueError('unsupported', `${name}: descr`, `elements of ${dtype}`, wanted);
}

/** Codes, read as integers, become their values; those of fewer bits than the element may carry their sign on. */
function decodeAll(name: string, from: number, data: Float64Array, { dtype }: TensorEntry, format: Format): void {
  const values = format.bits <= 16 ? valuesOf(format) : null;
  const span = 2 ** dtypeBits[dtype];
  const isSigned = format.kind === 'integer' && format.signed;
  for (let i = 0; i < data.length; i++) {
    const code = data[i] < 0 ? data[i] + span : data[i];
    const low = code % format.codes;
    if (code !== low && !(isSigned && low >= format.codes / 2 && code - low === span - format.codes)) {
      const wanted = `a code of ${formatName(format)}, 0 … ${format.codes - 1}`;
      throw new BittrueError('value', name, `${code} at index ${from + i}`, wanted);
    }
    data[i] = values === null ? decode(format, low) : values[low];
  }
}
