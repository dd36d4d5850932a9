/**
 * The numbers that a caller gives, checked, and as the specification takes them.
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import type { FloatArray } from '../tensors/tensor.ts';

/** Numbers in row-major order: any array of numbers. */
export type Numbers = ArrayLike<number>;

/** An array of numbers of a given length; one that is not of binary32 or binary64 is copied to the latter. */
export function numbers(argument: string, values: Numbers, length: number): FloatArray {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (!isList) throw new BittrueError('type', argument, values, `an array of ${length} numbers`);
  if (values.length !== length) throw new BittrueError('shape', argument, values, `${length} numbers`);
  if (values instanceof Float64Array || values instanceof Float32Array) return values;
  if (Array.isArray(values)) {
    const wrong = values.findIndex((value) => typeof value !== 'number');
    if (wrong >= 0) throw new BittrueError('type', `${argument}[${wrong}]`, values[wrong], 'a number');
  } else if (typeof (values as ArrayLike<unknown>)[0] === 'bigint') {
    throw new BittrueError('type', argument, values, 'numbers, not bigints');
  }
  return Float64Array.from(values);
}

/** Numbers as the specification takes them. */
export function widen(values: FloatArray): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}
