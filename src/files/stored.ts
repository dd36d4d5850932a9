/**
 * What the writers take: typed arrays with a shape, and what files call their elements.
 *
 * @module
 */
import { BittrueError, checkList, checkMade, isOf } from '../errors/index.ts';
import type { FloatArray } from '../tensors/index.ts';

/** A tensor, or integers with a shape: the codes of one. */
export interface StoredTensor {
  readonly data: FloatArray | StoredIntegers;
  /** Row-major; the product of the axes is the data's length. */
  readonly shape: readonly number[];
}

/** Integers that a file can hold. */
export type StoredIntegers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;

/** The element type of an array, and how one element is written. */
export interface Kind {
  /** As safetensors calls it. */
  readonly dtype: string;
  /** As NumPy calls it. */
  readonly descr: string;
  readonly array: abstract new (...args: never[]) => { readonly BYTES_PER_ELEMENT: number };
  readonly write: (view: DataView, at: number, value: number & bigint) => void;
}

const kinds: readonly Kind[] = [
  { dtype: 'F64', descr: '<f8', array: Float64Array, write: (view, at, value) => view.setFloat64(at, value, true) },
  { dtype: 'F32', descr: '<f4', array: Float32Array, write: (view, at, value) => view.setFloat32(at, value, true) },
  { dtype: 'U8', descr: '|u1', array: Uint8Array, write: (view, at, value) => view.setUint8(at, value) },
  { dtype: 'I8', descr: '|i1', array: Int8Array, write: (view, at, value) => view.setInt8(at, value) },
  { dtype: 'U16', descr: '<u2', array: Uint16Array, write: (view, at, value) => view.setUint16(at, value, true) },
  { dtype: 'I16', descr: '<i2', array: Int16Array, write: (view, at, value) => view.setInt16(at, value, true) },
  { dtype: 'U32', descr: '<u4', array: Uint32Array, write: (view, at, value) => view.setUint32(at, value, true) },
  { dtype: 'I32', descr: '<i4', array: Int32Array, write: (view, at, value) => view.setInt32(at, value, true) },
  { dtype: 'I64', descr: '<i8', array: BigInt64Array, write: (view, at, value) => view.setBigInt64(at, value, true) },
  { dtype: 'U64', descr: '<u8', array: BigUint64Array, write: (view, at, value) => view.setBigUint64(at, value, true) },
];

/** The kind of a tensor's elements; its shape is checked. */
export function kindOf(argument: string, one: StoredTensor): Kind {
  const { data, shape } = checkMade(argument, one, ['data', 'shape'], 'a tensor: { data, shape }');
  const kind = kinds.find(({ array }) => isOf(data, array));
  if (kind === undefined) throw new BittrueError('type', argument, one, 'a tensor: { data, shape }');
  const whole = checkList(`${argument}.shape`, shape).every(
    (axis) => Number.isSafeInteger(axis) && (axis as number) >= 0,
  );
  if (!whole || shape.reduce((product, axis) => product * axis, 1) !== data.length) {
    const received = whole ? `[${shape.join(', ')}] for ${data.length} numbers` : shape;
    throw new BittrueError('shape', argument, received, `axes whose product is ${data.length}`);
  }
  return kind;
}

/** Writes the elements of a tensor, little-endian. */
export function putElements({ write }: Kind, { data }: StoredTensor, view: DataView, start: number): void {
  const width = data.BYTES_PER_ELEMENT;
  for (let i = 0, at = start; i < data.length; i++, at += width) write(view, at, data[i] as number & bigint);
}
