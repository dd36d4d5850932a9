/**
 * Resize: nearest, linear and cubic interpolation, axis by axis (Operators.md, Resize, opset 19).
 *
 * @module
 */
import { allocate, BittrueError, checkMemory } from '../errors/index.ts';
import { numberOf, numbersOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { around, axisAt, integers, misfit, needed, numbersIn, type Operator, reals } from './tensors.ts';

/** Which places of the input enter one place of the output, and how much. */
interface Taps {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/** What the taps of one place take, about. */
const TAPS_BYTES = 256;

interface Axis {
  readonly length: number;
  readonly size: number;
  readonly scale: number;
}

/** The place in the input that a place of the output stands for. */
function coordinate(node: Node, place: number, { length, size, scale }: Axis): number {
  const mode = textOf(node, 'coordinate_transformation_mode', 'half_pixel');
  switch (mode) {
    case 'half_pixel':
      return (place + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      const adjustment = size / (scale * length);
      return (length / 2) * (1 - adjustment) + (place + 0.5) / scale - 0.5;
    }
    case 'pytorch_half_pixel':
      return size > 1 ? (place + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      return size === 1 ? 0 : (place * (length - 1)) / (size - 1);
    case 'asymmetric':
      return place / scale;
    default:
      throw new BittrueError('unsupported', node.name, mode, 'another coordinate_transformation_mode');
  }
}

function nearest(node: Node, x: number): number {
  const mode = textOf(node, 'nearest_mode', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    default:
      throw new BittrueError('name', node.name, mode, 'round_prefer_floor, round_prefer_ceil, floor or ceil');
  }
}

function cubicWeight(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d * d + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d * d + 8 * a * d - 4 * a : 0;
}

/** The taps of every place along an axis. */
function tapsOf(node: Node, axis: Axis): Taps[] {
  const mode = textOf(node, 'mode', 'nearest');
  const within = (place: number): number => Math.min(Math.max(place, 0), axis.length - 1);
  const excludes = numberOf(node, 'exclude_outside', 0) !== 0;
  return Array.from({ length: axis.size }, (_, i): Taps => {
    const x = coordinate(node, i, axis);
    if (mode === 'nearest') return { places: [within(nearest(node, x))], weights: [1] };
    const antialias = numberOf(node, 'antialias', 0) !== 0 && axis.scale < 1;
    const stretch = antialias ? axis.scale : 1;
    const a = numberOf(node, 'cubic_coeff_a', -0.75);
    const reach = (mode === 'linear' ? 1 : 2) / stretch;
    const places: number[] = [];
    const weights: number[] = [];
    for (let p = Math.ceil(x - reach); p <= Math.floor(x + reach); p++) {
      const distance = (x - p) * stretch;
      let weight = mode === 'linear' ? Math.max(0, 1 - Math.abs(distance)) : cubicWeight(distance, a);
      if (excludes && (p < 0 || p >= axis.length)) weight = 0;
      places.push(within(p));
      weights.push(weight);
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Weights add up to one where none was left out; rounding is no reason to divide.
    return excludes || antialias ? { places, weights: weights.map((weight) => weight / total) } : { places, weights };
  });
}

/** One axis after another, the last one first. */
const resize: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const axes = numbersOf(node, 'axes')?.map((axis) => axisAt(node, axis, rank)) ?? x.shape.map((_, i) => i);
  const mode = textOf(node, 'mode', 'nearest');
  if (!['nearest', 'linear', 'cubic'].includes(mode))
    throw new BittrueError('name', node.name, mode, 'nearest, linear or cubic');
  const policy = textOf(node, 'keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch')
    throw new BittrueError('unsupported', node.name, policy, 'keep_aspect_ratio_policy stretch');
  const sizes = integers(inputs[3]);
  const scales = inputs[2] === undefined || inputs[2].data.length === 0 ? null : numbersIn(inputs[2]);
  const given = sizes !== null && sizes.length > 0 ? sizes : scales;
  if (given === null || given.length !== axes.length) throw misfit(node, x.shape, given ?? []);
  let found: TypedTensor = { ...x, data: reals(node, x) };
  [...axes.keys()].reverse().forEach((i) => {
    const axis = axes[i];
    const length = x.shape[axis];
    const size =
      sizes !== null && sizes.length > 0 ? sizes[i] : Math.floor(length * (scales as number[])[i] * (1 + 2 ** -50));
    const scale = sizes !== null && sizes.length > 0 ? size / length : (scales as number[])[i];
    if (!(Number.isSafeInteger(size) && size >= 0 && (size === 0 || (length > 0 && scale > 0))))
      throw misfit(node, x.shape, given);
    checkMemory(node.name, size, size * TAPS_BYTES);
    if (size !== length || scale !== 1) found = alongAxis(node, found, axis, tapsOf(node, { length, size, scale }));
  });
  return [found];
};

function alongAxis(node: Node, x: TypedTensor, axis: number, taps: readonly Taps[]): TypedTensor {
  const { before, length, after } = around(x.shape, axis);
  const shape = x.shape.map((size, i) => (i === axis ? taps.length : size));
  const data = allocate(node.name, Float64Array, elementCount(shape));
  const from = x.data as Float64Array;
  for (let b = 0; b < before; b++) {
    taps.forEach(({ places, weights }, k) => {
      const to = (b * taps.length + k) * after;
      places.forEach((place, t) => {
        const at = (b * length + place) * after;
        for (let i = 0; i < after; i++) data[to + i] += weights[t] * from[at + i];
      });
    });
  }
  return { type: x.type, shape, data };
}

/** The operators of this file. */
export const resizing: Readonly<Record<string, Operator>> = { Resize: resize };
