/**
 * Functions of one number, applied to each of a tensor.
 *
 * @module
 */
import { numberOf } from '../graphs/attributes.ts';
import { elementKind } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { ElementArray, Node, TypedTensor } from '../graphs/index.ts';
import { elements, isWide, needed, type Operator, reals, zeros } from './tensors.ts';

/** A function of floats. */
export function ofReals(compute: (x: number, node: Node) => number): Operator {
  return (node, [x]) => {
    const data = reals(node, x);
    const out = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) out[i] = compute(data[i], node);
    return [{ type: x!.type, shape: x!.shape, data: out }];
  };
}

/** A function of floats by a loop of its own: a call for each number costs more than a cheap operation does. */
export function byLoop(loop: (from: Float64Array, to: Float64Array, node: Node) => void): Operator {
  return (node, [x]) => {
    const data = reals(node, x);
    const out = new Float64Array(data.length);
    loop(data, out, node);
    return [{ type: x!.type, shape: x!.shape, data: out }];
  };
}

/** A function whose attributes are looked up once. */
export function withNumbers(
  usual: Readonly<Record<string, number>>,
  compute: (x: number, ...given: number[]) => number,
): Operator {
  return (node, inputs) => {
    const given = Object.entries(usual).map(([name, value]) => numberOf(node, name, value));
    const [first] = given;
    // A call with a list of arguments takes several times as long as one with two.
    return ofReals(given.length === 1 ? (x) => compute(x, first) : (x) => compute(x, ...given))(node, inputs);
  };
}

/** One of any kind of number, by number or bigint. */
function ofAny(compute: (x: number) => number, wide: (x: bigint) => bigint): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    if (elementKind(x.type) === 'float') return ofReals(compute)(node, inputs);
    const out = zeros(node, x.type, x.shape);
    const to = elements(out.data);
    if (isWide(x.type)) for (let i = 0; i < x.data.length; i++) to[i] = wide(x.data[i] as bigint);
    else for (let i = 0; i < x.data.length; i++) out.data[i] = compute(x.data[i] as number);
    return [out];
  };
}

const isInfinite: Operator = (node, [x]) => {
  const [below, above] = [numberOf(node, 'detect_negative', 1) !== 0, numberOf(node, 'detect_positive', 1) !== 0];
  const data = Uint8Array.from(reals(node, x), (value) =>
    Number((value === Infinity && above) || (value === -Infinity && below)),
  );
  return [{ type: 'bool', shape: x!.shape, data }];
};

/** To the nearest integer, halves to the even one. */
export function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? (floor === 0 && x < 0 ? -0 : floor) : floor + 1 === 0 ? -0 : floor + 1;
  const even = floor % 2 === 0 ? floor : floor + 1;
  return even === 0 && x < 0 ? -0 : even;
}

/** The first output is the first input; a shape and a type stay. */
const identity: Operator = (node, inputs) => [needed(node, inputs, 0)];

const bits = (x: TypedTensor, data: ElementArray): TypedTensor => ({ type: x.type, shape: x.shape, data });

const complement: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const out = zeros(node, x.type, x.shape);
  const data = elements(out.data);
  for (let i = 0; i < elementCount(x.shape); i++) data[i] = ~(x.data[i] as number);
  return [bits(x, out.data)];
};

/** The operators of this file. */
export const functions: Readonly<Record<string, Operator>> = {
  Not: (node, inputs) => {
    const x = needed(node, inputs, 0);
    return [{ type: 'bool', shape: x.shape, data: Uint8Array.from(x.data as Uint8Array, (value) => 1 - value) }];
  },
  BitwiseNot: complement,
  Identity: identity,
  Abs: ofAny(Math.abs, (x) => (x < 0n ? -x : x)),
  Neg: ofAny(
    (x) => -x,
    (x) => -x,
  ),
  Sign: ofAny(
    (x) => (x === 0 ? 0 : Math.sign(x)),
    (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  ),
  Relu: ofAny(
    (x) => (x > 0 || Number.isNaN(x) ? x : 0),
    (x) => (x > 0n ? x : 0n),
  ),
  IsNaN: (node, [x]) => [
    { type: 'bool', shape: x!.shape, data: Uint8Array.from(reals(node, x), (value) => Number(Number.isNaN(value))) },
  ],
  IsInf: isInfinite,
  Ceil: ofReals(Math.ceil),
  Floor: ofReals(Math.floor),
  Round: ofReals((x) => (Number.isFinite(x) ? roundToEven(x) : x)),
  Sqrt: ofReals(Math.sqrt),
  Reciprocal: ofReals((x) => 1 / x),
  Exp: ofReals(Math.exp),
  Log: ofReals(Math.log),
  Sin: ofReals(Math.sin),
  Cos: ofReals(Math.cos),
  Tan: ofReals(Math.tan),
  Asin: ofReals(Math.asin),
  Acos: ofReals(Math.acos),
  Atan: ofReals(Math.atan),
  Sinh: ofReals(Math.sinh),
  Cosh: ofReals(Math.cosh),
  Tanh: ofReals(Math.tanh),
  Asinh: ofReals(Math.asinh),
  Acosh: ofReals(Math.acosh),
  Atanh: ofReals(Math.atanh),
};
