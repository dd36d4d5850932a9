/**
 * Products of quantized numbers (Operators.md of github.com/onnx/onnx: MatMulInteger, ConvInteger, QLinearMatMul, QLinearConv).
 * Sums of integers are those of registers of 32 bits, which wrap; the real number that such a sum stands for is rounded once.
 *
 * @module
 */
import { integerLimits } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { roundToEven } from './functions.ts';
import { productOf } from './products.ts';
import { around, misfit, needed, numbersIn, type Operator, reals, zeros } from './tensors.ts';
import { convolve } from './windows.ts';

/** The place of an element's own number among those of an axis; 0 where all share one. */
function placeOf(node: Node, x: TypedTensor, count: number, axis: number): (at: number) => number {
  if (count === 1) return () => 0;
  if (axis < 0) throw misfit(node, x.shape, [count]);
  const { length, after } = around(x.shape, axis);
  // One for each place of the axis, or for each place of the axis in each matrix.
  const matrices = elementCount(x.shape.slice(0, -2));
  if (count === length) return (at) => Math.floor(at / after) % length;
  if (count !== length * matrices) throw misfit(node, x.shape, [count]);
  const size = x.data.length / matrices;
  return (at) => Math.floor(at / size) * length + (Math.floor(at / after) % length);
}

/** Integers less their zero points, as numbers. */
function lessZero(node: Node, x: TypedTensor, zero: TypedTensor | undefined, axis: number): TypedTensor {
  const [values, points] = [numbersIn(x), zero === undefined ? [0] : numbersIn(zero)];
  const place = placeOf(node, x, points.length, axis);
  const data = Float64Array.from(values, (value, at) => value - points[place(at)]);
  return { type: 'double', shape: x.shape, data };
}

/** Sums of products of small integers, each exact in binary64: an array of 32 bits keeps of them what a register of 32 bits holds. */
const inRegister = (sums: TypedTensor): TypedTensor => ({
  type: 'int32',
  shape: sums.shape,
  data: Int32Array.from(sums.data as Float64Array),
});

/** The sums of a matrix product of integers. */
function integerProduct(
  node: Node,
  [a, zeroA]: readonly [TypedTensor, TypedTensor | undefined],
  [b, zeroB]: readonly [TypedTensor, TypedTensor | undefined],
): TypedTensor {
  return inRegister(
    productOf(node, lessZero(node, a, zeroA, a.shape.length - 2), lessZero(node, b, zeroB, b.shape.length - 1)),
  );
}

/** Real numbers to the integers of a scale and a zero point. */
function requantized(
  node: Node,
  shape: readonly number[],
  zero: TypedTensor,
  value: (at: number) => number,
): TypedTensor {
  const [low, high] = integerLimits(zero.type).map(Number);
  const point = Number(zero.data[0]);
  const out = zeros(node, zero.type, shape);
  for (let at = 0; at < out.data.length; at++) {
    out.data[at] = Math.min(Math.max(roundToEven(value(at)) + point, low), high);
  }
  return out;
}

const matMulInteger: Operator = (node, inputs) => [
  integerProduct(node, [needed(node, inputs, 0), inputs[2]], [needed(node, inputs, 1), inputs[3]]),
];

const convInteger: Operator = (node, inputs) => {
  const x = lessZero(node, needed(node, inputs, 0), inputs[2], 0);
  const w = lessZero(node, needed(node, inputs, 1), inputs[3], 0);
  return [inRegister(convolve(node, x, w))];
};

/** a and b with scale and zero point each, then scale and zero point of the result. */
const qLinearMatMul: Operator = (node, inputs) => {
  const [a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
    needed(node, inputs, i),
  );
  const sums = integerProduct(node, [a, zeroA], [b, zeroB]);
  const [left, right, out] = [scaleA, scaleB, scaleY].map((scale) => reals(node, scale, 'a scale'));
  const rows = placeOf(node, sums, left.length, sums.shape.length - 2);
  const columns = placeOf(node, sums, right.length, sums.shape.length - 1);
  const value = (at: number): number => (Number(sums.data[at]) * left[rows(at)] * right[columns(at)]) / out[0];
  return [requantized(node, sums.shape, zeroY, value)];
};

/** x, w and y with scale and zero point each; a bias of x's times w's scale. */
const qLinearConv: Operator = (node, inputs) => {
  const [x, scaleX, zeroX, w, scaleW, zeroW, scaleY, zeroY] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
    needed(node, inputs, i),
  );
  const found = inRegister(convolve(node, lessZero(node, x, zeroX, 0), lessZero(node, w, zeroW, 0)));
  const { length, after } = around(found.shape, 1);
  const channel = (at: number): number => Math.floor(at / after) % length;
  const bias = inputs[8] === undefined ? null : numbersIn(inputs[8]);
  if (bias !== null && bias.length !== length) throw misfit(node, found.shape, [bias.length]);
  const [left, right, out] = [scaleX, scaleW, scaleY].map((scale) => reals(node, scale, 'a scale'));
  if (right.length !== 1 && right.length !== length) throw misfit(node, found.shape, [right.length]);
  const value = (at: number): number => {
    const sum = (Number(found.data[at]) + (bias?.[channel(at)] ?? 0)) | 0;
    return (sum * left[0] * right[right.length === 1 ? 0 : channel(at)]) / out[0];
  };
  return [requantized(node, found.shape, zeroY, value)];
};

/** The operators of this file. */
export const integerProducts: Readonly<Record<string, Operator>> = {
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
};
