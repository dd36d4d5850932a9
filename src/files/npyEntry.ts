/**
 * A .npy file of any type of numbers, as checkpoints describe a stored tensor: little-endian, rows one after the other,
 * whatever the order in the file.
 *
 * @module
 */
import { allocate, BittrueError } from '../errors/index.ts';
import type { TensorEntry } from './checkpoint.ts';
import { dtypeBits } from './dtype.ts';
import { countHeld, type NpyHeader, readNpyHeader } from './npyHeader.ts';
import { type ByteSource, checkRange, checkSource } from './source.ts';

/** NumPy's names of elements, without the order of their bytes. */
const dtypes: Readonly<Record<string, string>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  b1: 'BOOL',
  i1: 'I8',
  u1: 'U8',
  i2: 'I16',
  u2: 'U16',
  i4: 'I32',
  u4: 'U32',
  i8: 'I64',
  u8: 'U64',
};

/** Bytes without a type, which a format must be named for. */
const voids: Readonly<Record<string, string>> = { V1: 'U8', V2: 'U16', V4: 'U32' };

/** What else NumPy can store, by the letter of its name, and the way on. */
const others: Readonly<Record<string, string>> = {
  f: 'floats of at most 8 bytes: x.astype("f8")',
  c: 'real numbers: save x.real and x.imag',
  S: 'numbers: these are texts',
  U: 'numbers: these are texts',
  O: 'numbers: these are Python objects, which only Python can read: x.astype("f8")',
  M: 'numbers: these are dates, x.astype("i8")',
  m: 'numbers: these are durations, x.astype("i8")',
};

/**
 * Where the numbers of a .npy file lie, and what they are; nothing but the header has been read. An array in Fortran order is
 * read whole when its first element is.
 *
 * @param coded - the bytes are codes of a format that somebody named: types without a name are read as codes, too
 * @throws {@link BittrueError} `file` for a file that is truncated, too long or lies, or whose header exceeds 64 KiB;
 * `unsupported` for elements that are no numbers
 */
export function npyEntry(source: ByteSource, coded = false): TensorEntry {
  const { name } = checkSource('source', source);
  const header = readNpyHeader(source);
  const { shape, start } = header;
  const { dtype, isBig } = elementsOf(name, header, coded);
  const bytes = dtypeBits[dtype] / 8;
  const length = countHeld(source, header, 8 * bytes) * bytes;
  const stored = isBig ? swapped(source, start, bytes) : source;
  const isColumns = header.fortranOrder && shape.filter((axis) => axis !== 1).length > 1;
  return isColumns && length > 0
    ? { name: '', dtype, shape, source: byRows(stored, start, shape, bytes), offset: 0, length }
    : { name: '', dtype, shape, source: stored, offset: start, length };
}

function elementsOf(name: string, { descr }: NpyHeader, coded: boolean): { dtype: string; isBig: boolean } {
  const [, order = '', type = '', letter = ''] = /^([<>|])(([A-Za-z])[0-9]*)/.exec(descr) ?? [];
  const isWhole = descr === `${order}${type}`;
  const fault = (wanted: string): BittrueError => new BittrueError('unsupported', `${name}: descr`, descr, wanted);
  if (isWhole && Object.hasOwn(voids, type) && order !== '>') {
    if (coded) return { dtype: voids[type], isBig: false };
    throw fault('a type with a name: these are bytes, as ml_dtypes saves them. Say which format they are codes of');
  }
  const known = isWhole && Object.hasOwn(dtypes, type) ? dtypes[type] : undefined;
  // Elements of one byte have no order; others must say theirs.
  if (known !== undefined && (dtypeBits[known] === 8 || order !== '|')) return { dtype: known, isBig: order === '>' };
  const numbers = Object.keys(dtypes).join(', ');
  throw fault(
    isWhole && Object.hasOwn(others, letter) ? others[letter] : `one of ${numbers}, each with < or > before it`,
  );
}

/** The same numbers from `start` on, with the bytes of each in the other order. */
function swapped(source: ByteSource, start: number, width: number): ByteSource {
  const { name, size } = source;
  if (width === 1) return source;
  return Object.freeze({
    name,
    size,
    read(offset: number, length: number): Uint8Array {
      checkRange(name, size, offset, length);
      const from = offset - ((offset - start) % width);
      const to = offset + length + ((size - offset - length) % width);
      const bytes = new Uint8Array(source.read(from, to - from));
      for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
      return bytes.subarray(offset - from, offset - from + length);
    },
  });
}

/** Elements that are read at a time. */
const CHUNK = 2 ** 20;

/** The numbers of an array whose first axis is contiguous, with its last one so. They are put in order at the first read. */
function byRows(source: ByteSource, start: number, shape: readonly number[], width: number): ByteSource {
  const { name } = source;
  const count = shape.reduce((product, axis) => product * axis, 1);
  let held: Uint8Array | null = null;
  return Object.freeze({
    name,
    size: count * width,
    read(offset: number, length: number): Uint8Array {
      checkRange(name, count * width, offset, length);
      held ??= inRows(source, start, shape, count, width);
      return held.subarray(offset, offset + length);
    },
  });
}

function inRows(source: ByteSource, start: number, shape: readonly number[], count: number, width: number): Uint8Array {
  const out = allocate(source.name, Uint8Array, count * width);
  const strides = shape.map((_, axis) => width * shape.slice(axis + 1).reduce((product, one) => product * one, 1));
  const index = shape.map(() => 0);
  let to = 0;
  for (let from = 0; from < count; from += CHUNK) {
    const bytes = source.read(start + from * width, Math.min(CHUNK, count - from) * width);
    for (let at = 0; at < bytes.length; at += width) {
      for (let i = 0; i < width; i++) out[to + i] = bytes[at + i];
      // The next element in the file: the first axis counts fastest.
      for (let axis = 0; axis < shape.length; axis++) {
        to += strides[axis];
        if (++index[axis] < shape[axis]) break;
        to -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
  }
  return out;
}
