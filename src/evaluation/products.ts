/**
 * Products of matrices. Each output is one sum in binary64, from the first element of K to the last.
 *
 * @module
 */
import { defaultEngine } from '../engine/engine.ts';
import { addProducts, columnsOf, columnsOfTransposed } from '../engine/exactProducts.ts';
import { BittrueError } from '../errors/index.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { strided } from './movement.ts';
import {
  broadcastShape,
  broadcastStrides,
  eachRow,
  type Floats,
  lastSteps,
  misfit,
  needed,
  type Operator,
  reals,
  stored,
  stridesOf,
} from './tensors.ts';

/** Where A, B and the output begin, and how far it is from row to row of A and of the output; default: they are packed. */
export interface Layout {
  readonly from?: readonly [a: number, b: number, out: number];
  readonly steps?: readonly [a: number, out: number];
}

/** out += A · B, with A [m, k], B [k, n], row-major. */
export function multiplyInto(
  a: Float64Array,
  b: Floats,
  out: Float64Array,
  m: number,
  k: number,
  n: number,
  { from: [fromA, fromB, to] = [0, 0, 0], steps: [stepA, stepOut] = [k, n] }: Layout = {},
): void {
  if (addProducts({ a, fromA, stepA, out, to, stepOut, m, k, n, columns: columnsOf(b, fromB, k, n) }, defaultEngine()))
    return;
  for (let i = 0; i < m; i++) {
    const row = to + i * stepOut;
    for (let p = 0; p < k; p++) {
      const factor = a[fromA + i * stepA + p];
      const at = fromB + p * n;
      for (let j = 0; j < n; j++) out[row + j] += factor * b[at + j];
    }
  }
}

/** out += A · Bᵀ, with A [m, k], B [n, k], row-major. */
export function multiplyTransposedInto(
  a: Float64Array,
  b: Floats,
  out: Float64Array,
  m: number,
  k: number,
  n: number,
  { from: [fromA, fromB, to] = [0, 0, 0], steps: [stepA, stepOut] = [k, n] }: Layout = {},
): void {
  if (
    addProducts(
      { a, fromA, stepA, out, to, stepOut, m, k, n, columns: columnsOfTransposed(b, fromB, k) },
      defaultEngine(),
    )
  )
    return;
  for (let i = 0; i < m; i++) {
    const left = fromA + i * stepA;
    for (let j = 0; j < n; j++) {
      const right = fromB + j * k;
      let sum = out[to + i * stepOut + j];
      for (let p = 0; p < k; p++) sum += a[left + p] * b[right + p];
      out[to + i * stepOut + j] = sum;
    }
  }
}

/** A product as MatMul has it: a vector is a row or a column, axes before the last two broadcast. */
export interface MatrixProduct {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly shape: readonly number[];
  /** Where A and B of each product of the batch begin, in matrices. */
  readonly batches: readonly (readonly [number, number])[];
}

/** How the shapes of two tensors multiply. */
export function matrixProduct(node: Node, a: readonly number[], b: readonly number[]): MatrixProduct {
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  if (left.length < 2 || right.length < 2) throw misfit(node, a, b);
  const [m, k] = left.slice(-2);
  const [rows, n] = right.slice(-2);
  if (k !== rows) throw misfit(node, a, b);
  const batch = broadcastShape(node, [left.slice(0, -2), right.slice(0, -2)]);
  const strides = [broadcastStrides(left.slice(0, -2), batch), broadcastStrides(right.slice(0, -2), batch)];
  const [stepA, stepB] = lastSteps(strides);
  const batches: (readonly [number, number])[] = [];
  const width = batch[batch.length - 1] ?? 1;
  eachRow(batch, strides, (_, [fromA, fromB]) => {
    for (let i = 0; i < width; i++) batches.push([fromA + i * stepA, fromB + i * stepB]);
  });
  const shape = [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
  return { m, k, n, shape, batches };
}

/** The product of two tensors, in binary64. */
export function productOf(node: Node, a: TypedTensor, b: TypedTensor): TypedTensor {
  const { m, k, n, shape, batches } = matrixProduct(node, a.shape, b.shape);
  const [left, right] = [reals(node, a), stored(node, b)];
  const data = new Float64Array(elementCount(shape));
  batches.forEach(([atA, atB], i) => {
    multiplyInto(left, right, data, m, k, n, { from: [atA * m * k, atB * k * n, i * m * n] });
  });
  return { type: a.type, shape, data };
}

const matMul: Operator = (node, inputs) => [productOf(node, needed(node, inputs, 0), needed(node, inputs, 1))];

/** A matrix, transposed where an attribute says so. */
export function turned(node: Node, x: TypedTensor, attribute: string): TypedTensor {
  if (x.shape.length !== 2) throw misfit(node, x.shape);
  if (numberOf(node, attribute, 0) === 0) return { ...x, data: reals(node, x) };
  const [rows, columns] = x.shape;
  return strided(node, { ...x, data: reals(node, x) }, [columns, rows], [1, columns]);
}

const gemm: Operator = (node, inputs) => {
  const a = turned(node, needed(node, inputs, 0), 'transA');
  const b = needed(node, inputs, 1);
  if (b.shape.length !== 2) throw misfit(node, b.shape);
  const isTransposed = numberOf(node, 'transB', 0) !== 0;
  const { m, k, n, shape } = matrixProduct(node, a.shape, isTransposed ? [b.shape[1], b.shape[0]] : b.shape);
  const data = new Float64Array(m * n);
  const multiply = isTransposed ? multiplyTransposedInto : multiplyInto;
  multiply(a.data as Float64Array, stored(node, b), data, m, k, n);
  const [alpha, beta] = [numberOf(node, 'alpha', 1), numberOf(node, 'beta', 1)];
  const c = inputs[2];
  if (alpha !== 1) for (let i = 0; i < data.length; i++) data[i] *= alpha;
  if (c !== undefined && beta !== 0) addBroadcast(node, data, shape, c, beta);
  return [{ type: a.type, shape, data }];
};

/** Adds factor · c, broadcast. */
export function addBroadcast(
  node: Node,
  data: Float64Array,
  shape: readonly number[],
  c: TypedTensor,
  factor: number,
): void {
  if (broadcastShape(node, [shape, c.shape]).join() !== shape.join()) throw misfit(node, shape, c.shape);
  const added = reals(node, c);
  const strides = [broadcastStrides(c.shape, shape)];
  const [step] = lastSteps(strides);
  const width = shape[shape.length - 1] ?? 1;
  eachRow(shape, strides, (at, [from]) => {
    for (let i = 0; i < width; i++) data[at + i] += factor * added[from + i * step];
  });
}

/** An equation whose ellipses are digits, counted from the last of the axes that broadcast. */
function spelledOut(
  node: Node,
  equation: string,
  inputs: readonly (TypedTensor | undefined)[],
): readonly [left: string, output: string | undefined] {
  const [left, given] = equation.split('->');
  const counts = left.split(',').map((term, i) => {
    if (!term.includes('...')) return 0;
    return needed(node, inputs, i).shape.length - (term.length - 3);
  });
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const isWrong = /[^a-zA-Z,.]/.test(left) || !/^[a-zA-Z.]*$/.test(given ?? '') || counts.some((count) => count < 0);
  if (isWrong || most > 9 || /\./.test(equation.replaceAll('...', '')))
    throw new BittrueError('value', node.name, equation, 'letters, commas, ellipses of at most nine axes and an arrow');
  // The last axis is 9, those before it count down: shorter ellipses broadcast, and digits sort as axes stand.
  const digits = (count: number): string => Array.from({ length: count }, (_, i) => 9 - (count - 1 - i)).join('');
  const spelled = left.split(',').map((term, i) => term.replace('...', digits(counts[i])));
  return [spelled.join(','), given?.replace('...', digits(most))];
}

/** Sums of products over letters: every output in the order of the summed letters as they first appear. */
const einsum: Operator = (node, inputs) => {
  const equation = textOf(node, 'equation').replaceAll(' ', '');
  const [left, given] = spelledOut(node, equation, inputs);
  const terms = left.split(',');
  const operands = terms.map((_, i) => needed(node, inputs, i));
  const letters = [...new Set(left.replaceAll(',', ''))];
  const once = (letter: string) => left.split(letter).length === 2;
  const implied = [...letters].sort().filter((letter) => letter >= 'A' && once(letter));
  const output = given ?? [...letters.filter((letter) => letter < 'A').sort(), ...implied].join('');
  const length = new Map<string, number>();
  terms.forEach((term, i) => {
    if (term.length !== operands[i].shape.length) throw misfit(node, operands[i].shape);
    [...term].forEach((letter, axis) => {
      const size = operands[i].shape[axis];
      const known = length.get(letter) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) throw misfit(node, ...operands.map(({ shape }) => shape));
      length.set(letter, Math.max(known, size));
    });
  });
  const summed = letters.filter((letter) => !output.includes(letter));
  const order = [...output, ...summed];
  const shape = order.map((letter) => length.get(letter) ?? 1);
  const strides = terms.map((term, i) => {
    const own = stridesOf(operands[i].shape);
    return order.map((letter) =>
      [...term].reduce((sum, one, axis) => sum + (one === letter && operands[i].shape[axis] > 1 ? own[axis] : 0), 0),
    );
  });
  const data = operands.map((operand) => reals(node, operand));
  const outShape = shape.slice(0, output.length);
  const out = new Float64Array(elementCount(outShape));
  const depth = elementCount(shape.slice(output.length));
  const steps = lastSteps(strides);
  const width = shape[shape.length - 1] ?? 1;
  eachRow(shape, strides, (at, offsets) => {
    for (let i = 0; i < width; i++) {
      let product = 1;
      for (let k = 0; k < data.length; k++) product *= data[k][offsets[k] + i * steps[k]];
      out[Math.floor((at + i) / depth)] += product;
    }
  });
  return [{ type: operands[0].type, shape: outShape, data: out }];
};

/** The operators of this file. */
export const products: Readonly<Record<string, Operator>> = {
  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
};
