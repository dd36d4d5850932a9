/**
 * The check that an argument is a tensor.
 *
 * @module
 */
import { BittrueError, fieldsOf, isOf } from '../errors/index.ts';
import type { FloatArray, Tensor } from './tensor.ts';

/** Refuses what is no tensor; whether data and shape fit is not asked. */
export function checkTensor(argument: string, value: unknown): Tensor {
  const { data, shape } = fieldsOf(value);
  if (!isOf<FloatArray>(data, Float64Array, Float32Array) || !Array.isArray(shape)) {
    throw new BittrueError('type', argument, value, 'a tensor: { data, shape }');
  }
  return value as Tensor;
}
