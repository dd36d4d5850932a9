/**
 * Writing .npy, version 1, as `numpy.save` does: little-endian, C order, numbers from a multiple of 64 bytes on.
 *
 * @module
 */
import { allocate, BittrueError } from '../errors/index.ts';
import { kindOf, putElements, type StoredTensor } from './stored.ts';

/** Bytes before the dictionary: magic, version, length. */
const PREFIX = 10;

/** The longest dictionary that version 1 has room for. */
const LONGEST = 0xffff;

/**
 * The bytes of a .npy file: Float32Array as `<f4`, Int8Array as `|i1`, BigInt64Array as `<i8` and so on.
 *
 * @throws {@link BittrueError} `type` for what is no tensor, `shape` for a shape that does not fit its data
 * @example
 * import { memorySource, readNpy, writeNpy } from 'bittrue/files';
 * const bytes = writeNpy({ data: Float32Array.of(0.5, -2), shape: [2, 1] });
 * bytes.length; // 136
 * readNpy(memorySource(bytes)).data[1]; // -2
 */
export function writeNpy(tensor: StoredTensor): Uint8Array {
  return npyBytes('tensor', tensor);
}

/** @param argument - what errors call the tensor */
export function npyBytes(argument: string, tensor: StoredTensor): Uint8Array {
  const kind = kindOf(argument, tensor);
  const { data, shape } = tensor;
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${kind.descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // Blanks and a line's end fill the header up.
  const start = Math.ceil((PREFIX + text.length + 1) / 64) * 64;
  if (start - PREFIX > LONGEST) throw new BittrueError('shape', argument, `${shape.length} axes`, 'fewer axes');
  const bytes = allocate(argument, Uint8Array, start + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, start - PREFIX, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - PREFIX - 1)}\n`), PREFIX);
  putElements(kind, tensor, view, start);
  return bytes;
}
