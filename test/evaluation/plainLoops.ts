/**
 * What statements of operators in plain loops are written with.
 */
import { operators } from 'bittrue/evaluation';
import type { Node, OnnxElementType, TypedTensor } from 'bittrue/graphs';
import { expect } from 'vitest';
import { generator } from '../random.ts';

const random = generator('statements');
export const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);
export const edges = [
  NaN,
  0,
  -0,
  Infinity,
  -Infinity,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  -4,
  1e-320,
  -1e-320,
  1e300,
  -1e300,
];
export const whole = [0, 1, -1, 2, 3, -7, 5, 100, 127, -128];

export const floats = (shape: number[], data?: readonly number[]): TypedTensor => ({
  type: 'float',
  shape,
  data: Float64Array.from(
    { length: size(shape) },
    () => data?.[Math.floor(random() * data.length)] ?? random() * 4 - 2,
  ),
});
export const listed = (shape: number[], ...data: number[]): TypedTensor => ({
  type: 'float',
  shape,
  data: Float64Array.from(data),
});
export const int64 = (shape: number[], ...data: number[]): TypedTensor => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(data, BigInt),
});
const arrays = {
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;
export const narrow = (type: keyof typeof arrays, shape: number[], data: readonly number[] = whole): TypedTensor => ({
  type: type as OnnxElementType,
  shape,
  data: (arrays[type] as typeof Uint8Array).from(
    { length: size(shape) },
    () => data[Math.floor(random() * data.length)],
  ),
});

export function run(
  op: string,
  inputs: readonly (TypedTensor | undefined)[],
  attributes: Node['attributes'] = {},
  outputs = 1,
): readonly TypedTensor[] {
  const names = inputs.map((input, i) => (input === undefined ? '' : `i${i}`));
  const results = Array.from({ length: outputs }, (_, i) => `o${i}`);
  return operators.get(op)!({ name: 'n', op, inputs: names, outputs: results, attributes }, inputs);
}

/** Every index of a shape, in order. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  for (let at = 0; at < size(shape); at++) {
    let rest = at;
    yield [...shape]
      .reverse()
      .map((axis) => {
        const i = rest % axis;
        rest = Math.floor(rest / axis);
        return i;
      })
      .reverse();
  }
}

/** The element at an index; where the tensor has an axis once, or lacks it, it is repeated. */
export function at({ shape, data }: TypedTensor, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return Number(data[own.reduce((place, i, axis) => place * shape[axis] + (shape[axis] === 1 ? 0 : i), 0)]);
}

export const expectAll = (
  op: string,
  got: TypedTensor,
  shape: readonly number[],
  wanted: readonly number[],
  near = 0,
): void => {
  expect(got.shape, op).toEqual(shape);
  expect(got.data.length, op).toBe(wanted.length);
  wanted.forEach((value, i) => {
    const found = Number(got.data[i]);
    const isSame = Object.is(found, value) || (found === 0 && value === 0 && near > 0);
    const isNear = near > 0 && Math.abs(found - value) <= near * Math.max(1e-300, Math.abs(value));
    if (!isSame && !isNear) expect(`${op}: ${found} at ${i}`).toBe(`${op}: ${value} at ${i}`);
  });
};
