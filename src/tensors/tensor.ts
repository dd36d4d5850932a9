/**
 * A tensor is data and a shape; the last axis is contiguous.
 *
 * @module
 */
import { BittrueError, checkList, isOf } from '../errors/index.ts';

/** Arrays of binary32 or binary64 numbers. */
export type FloatArray = Float32Array | Float64Array;

/** Codes of a number format: one an element, in as many bytes as it needs, or packed side by side in bytes. */
export type CodeArray = Uint8Array | Uint16Array | Uint32Array;

/** Numbers in row-major order. */
export interface Tensor {
  readonly data: FloatArray;
  readonly shape: readonly number[];
}

/**
 * Data with its shape, checked.
 *
 * @throws {@link BittrueError} for data of another type, and when the product of the axes is not the data's length
 * @example
 * import { tensor } from 'bittrue/tensors';
 * tensor(new Float64Array(6), [2, 3]).shape; // [2, 3]
 */
export function tensor(data: FloatArray, shape: readonly number[]): Tensor {
  if (!isOf<FloatArray>(data, Float64Array, Float32Array)) {
    throw new BittrueError('type', 'data', data, 'a Float64Array or a Float32Array');
  }
  checkList('shape', shape);
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 0) {
      throw new BittrueError('shape', 'shape', axis, 'axes that are integers ≥ 0');
    }
  }
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (size !== data.length) {
    throw new BittrueError(
      'shape',
      'shape',
      `[${shape.join(', ')}] for ${data.length} numbers`,
      `axes whose product is ${data.length}`,
    );
  }
  return { data, shape: Object.freeze([...shape]) };
}
