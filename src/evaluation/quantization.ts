/**
 * Cast, QuantizeLinear and DequantizeLinear. A Cast to a float type of 16 bits or more is the identity here: floats are binary64
 * numbers. All else is computed as defined; to fewer bits a Cast quantizes, as QuantizeLinear does.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import {
  bfloat16,
  binary16,
  e2m1fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e5m2fnuz,
  e8m0fnu,
  type Format,
} from '../formats/index.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { elementBits, elementKind, integerLimits, isSigned } from '../graphs/elementTypes.ts';
import type { Node, OnnxElementType, TypedTensor } from '../graphs/index.ts';
import { castType } from '../graphs/shapes/rules.ts';
import { type PartialPolicy, round } from '../rounding/index.ts';
import { roundToEven } from './functions.ts';
import { around, axisAt, elements, misfit, needed, numbersIn, type Operator, reals, zeros } from './tensors.ts';

/** Elements of another type. */
export function castTo(node: Node, x: TypedTensor, type: OnnxElementType): TypedTensor {
  const [from, to] = [elementKind(x.type), elementKind(type)];
  if (from === 'string' || to === 'string' || from === 'complex' || to === 'complex') {
    throw new BittrueError('unsupported', node.name, `${x.type} to ${type}`, 'a Cast between numbers');
  }
  const { shape } = x;
  if (to === 'float') {
    const data = from === 'float' ? x.data : Float64Array.from(numbersIn(x));
    return { type, shape, data: isQuantized(type) ? rounded(node, data as Float64Array, type) : data };
  }
  const out = zeros(node, type, shape);
  const data = elements(out.data);
  if (to === 'bool') {
    for (let i = 0; i < x.data.length; i++) data[i] = Number(x.data[i]) === 0 ? 0 : 1;
    return out;
  }
  const [low, high] = integerLimits(type);
  const [least, most] = [Number(low), Number(high)];
  const isWide = elementBits(type) === 64;
  for (let i = 0; i < x.data.length; i++) {
    const value = x.data[i];
    if (from === 'float') {
      const whole = Math.trunc(value as number);
      // ONNX leaves undefined what becomes of numbers that the type does not have; 2^63 itself is one of them.
      if (!(whole >= least && (isWide ? whole < 2 ** (isSigned(type) ? 63 : 64) : whole <= most))) {
        throw new BittrueError('value', node.name, value, `numbers that ${type} has: ONNX does not define this Cast`);
      }
      data[i] = isWide ? BigInt(whole) : whole;
    } else {
      const bits = elementBits(type);
      const wrapped = isSigned(type) ? BigInt.asIntN(bits, BigInt(value)) : BigInt.asUintN(bits, BigInt(value));
      data[i] = isWide ? wrapped : Number(wrapped);
    }
  }
  return out;
}

const cast: Operator = (node, inputs) => {
  const type = castType(node);
  if (type === null) throw new BittrueError('name', node.name, numberOf(node, 'to'), 'an element type');
  return [castTo(node, needed(node, inputs, 0), type)];
};

/** Floats of few bits, which quantized numbers may have. */
const formats: Partial<Record<OnnxElementType, Format>> = {
  float16: binary16,
  bfloat16,
  float8e4m3fn: e4m3fn,
  float8e4m3fnuz: e4m3fnuz,
  float8e5m2: e5m2,
  float8e5m2fnuz: e5m2fnuz,
  float4e2m1: e2m1fn,
  float8e8m0: e8m0fnu,
};

/** Whether a float type has so few bits that a Cast to it quantizes. */
export function isQuantized(type: OnnxElementType): boolean {
  return elementKind(type) === 'float' && elementBits(type) <= 8;
}

/** How a Cast to float8e8m0 rounds, by `round_mode`: magnitudes alone reach it. */
const scaleRoundings = { up: 'towardPositive', down: 'towardZero', nearest: 'tiesToAway' } as const;

/** What becomes of overflow, by `saturate`; a format without infinities and NaN saturates in any case. */
const overflowOf = (node: Node): PartialPolicy =>
  Object.freeze(numberOf(node, 'saturate', 1) !== 0 ? { overflow: 'saturate' as const } : {});

/** Numbers of few bits nearest to numbers. */
function rounded(node: Node, data: ArrayLike<number>, type: OnnxElementType): Float64Array {
  const format = formats[type] as Format;
  const mode = textOf(node, 'round_mode', 'up');
  if (!Object.hasOwn(scaleRoundings, mode)) throw new BittrueError('name', node.name, mode, 'up, down or nearest');
  const overflow = overflowOf(node);
  const isScale = type === 'float8e8m0';
  const policy = isScale ? Object.freeze({ ...overflow, rounding: scaleRoundings[mode as 'up'] }) : overflow;
  return Float64Array.from(data, (value) => round(format, value, policy));
}

/** Which scale and zero point an element has: one for all, one for each place of an axis, or one for each block of it. */
function placing(node: Node, shape: readonly number[], scale: TypedTensor): (i: number) => number {
  if (scale.data.length === 1) return () => 0;
  const axis = axisAt(node, numberOf(node, 'axis', 1), shape.length);
  const { length, after } = around(shape, axis);
  const block = numberOf(node, 'block_size', 0);
  if (block === 0) {
    if (scale.data.length !== length) throw misfit(node, shape, scale.shape);
    return (i) => Math.floor(i / after) % length;
  }
  const blocks = Math.ceil(length / block);
  if (scale.shape.length !== shape.length || scale.shape[axis] !== blocks) throw misfit(node, shape, scale.shape);
  return (i) => {
    const place = Math.floor((Math.floor(i / after) % length) / block);
    return (Math.floor(i / (after * length)) * blocks + place) * after + (i % after);
  };
}

const quantizeLinear: Operator = (node, inputs) => {
  const [x, scale, zero] = [needed(node, inputs, 0), needed(node, inputs, 1), inputs[2]];
  const named = castType({ ...node, attributes: { to: numberOf(node, 'output_dtype', 0) } });
  const type = zero?.type ?? named ?? 'uint8';
  const at = placing(node, x.shape, scale);
  const data = elementKind(x.type) === 'float' ? reals(node, x) : Float64Array.from(numbersIn(x));
  const scales = reals(node, scale, 'a scale');
  const out = zeros(node, type, x.shape);
  if (elementKind(type) === 'float') {
    const format = formats[type];
    if (format === undefined) throw new BittrueError('unsupported', node.name, type, 'a type that QuantizeLinear has');
    const overflow = overflowOf(node);
    for (let i = 0; i < data.length; i++) out.data[i] = round(format, data[i] / scales[at(i)], overflow);
    return [out];
  }
  const [low, high] = integerLimits(type).map(Number);
  for (let i = 0; i < data.length; i++) {
    const place = at(i);
    const whole = quotient(data[i], scales[place]) + Number(zero?.data[zero.data.length === 1 ? 0 : place] ?? 0);
    if (Number.isNaN(whole)) throw new BittrueError('value', node.name, whole, `numbers that ${type} has`);
    out.data[i] = Math.min(Math.max(whole, low), high);
  }
  return [out];
};

/** x / s to the nearest integer, halves to even, the real quotient and not the rounded one. */
function quotient(x: number, s: number): number {
  const q = x / s;
  const nearest = roundToEven(q);
  if (!Number.isFinite(q) || Math.abs(q - Math.trunc(q)) !== 0.5) return nearest;
  // A quotient that rounds to a half may lie beside it; the product of the half, few bits long, tells.
  const beyond = x - q * s;
  if (beyond === 0) return nearest;
  return beyond / s > 0 ? Math.ceil(q) : Math.floor(q);
}

const dequantizeLinear: Operator = (node, inputs) => {
  const [x, scale, zero] = [needed(node, inputs, 0), needed(node, inputs, 1), inputs[2]];
  const at = placing(node, x.shape, scale);
  const scales = reals(node, scale, 'a scale');
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < data.length; i++) {
    const place = at(i);
    const point = Number(zero?.data[zero.data.length === 1 ? 0 : place] ?? 0);
    data[i] = (Number(x.data[i]) - point) * scales[place];
  }
  return [{ type: scale.type, shape: x.shape, data }];
};

/** To eight bits by the range of the numbers (0 included). */
const dynamicQuantizeLinear: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const data = reals(node, x);
  const low = Math.min(
    0,
    data.reduce((least, value) => Math.min(least, value), 0),
  );
  const high = Math.max(
    0,
    data.reduce((most, value) => Math.max(most, value), 0),
  );
  const scale = high === low ? 1 : (high - low) / 255;
  const zero = Math.min(Math.max(quotient(-low, scale), 0), 255);
  const out = Uint8Array.from(data, (value) => Math.min(Math.max(quotient(value, scale) + zero, 0), 255));
  return [
    { type: 'uint8', shape: x.shape, data: out },
    { type: 'float', shape: [], data: Float64Array.of(scale) },
    { type: 'uint8', shape: [], data: Uint8Array.of(zero) },
  ];
};

/** The operators of this file. */
export const quantization: Readonly<Record<string, Operator>> = {
  Cast: cast,
  CastLike: (node, inputs) => [castTo(node, needed(node, inputs, 0), needed(node, inputs, 1).type)],
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
};
