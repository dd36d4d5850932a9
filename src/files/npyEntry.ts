/**
 * A .npy file of any type of numbers, as checkpoints describe a stored tensor.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { TensorEntry } from './checkpoint.ts';
import { dtypeBits } from './dtype.ts';
import { countHeld, readNpyHeader } from './npyHeader.ts';
import { type ByteSource, checkSource } from './source.ts';

/** NumPy's names of little-endian elements, and of those of one byte. */
const dtypes: Readonly<Record<string, string>> = {
  '<f2': 'F16',
  '<f4': 'F32',
  '<f8': 'F64',
  '|b1': 'BOOL',
  '|i1': 'I8',
  '|u1': 'U8',
  '<i2': 'I16',
  '<u2': 'U16',
  '<i4': 'I32',
  '<u4': 'U32',
  '<i8': 'I64',
  '<u8': 'U64',
};

/**
 * Where the numbers of a .npy file lie, and what they are; nothing but the header has been read.
 *
 * @throws {@link BittrueError} as `openNpy`, which reads floats alone
 */
export function npyEntry(source: ByteSource): TensorEntry {
  const { name } = checkSource('source', source);
  const header = readNpyHeader(source);
  const { descr, fortranOrder, shape, start } = header;
  const dtype = Object.hasOwn(dtypes, descr) ? dtypes[descr] : undefined;
  if (dtype === undefined) {
    throw new BittrueError('unsupported', `${name}: descr`, descr, `one of ${Object.keys(dtypes).join(', ')}`);
  }
  if (fortranOrder && shape.length > 1)
    throw new BittrueError('unsupported', `${name}: fortran_order`, 'True', 'False');
  const bits = dtypeBits[dtype];
  const length = (countHeld(source, header, bits) * bits) / 8;
  return { name, dtype, shape, source, offset: start, length };
}
