/**
 * Resize: nearest, linear and cubic interpolation, axis by axis (Operators.md, Resize, opset 19).
 *
 * @module
 */
import { allocate, BittrueError, checkMemory } from '../errors/index.ts';
import { numberOf, numbersOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { around, axisAt, eachPlace, misfit, needed, numbersIn, type Operator, reals } from './tensors.ts';

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
  /** The part of the axis that is read, from 0 to 1; of `tf_crop_and_resize`. */
  readonly roi: readonly [start: number, end: number];
}

/** The place in the input that a place of the output stands for. */
function coordinate(node: Node, place: number, { length, size, scale, roi: [start, end] }: Axis): number {
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
    case 'tf_crop_and_resize':
      return size > 1
        ? start * (length - 1) + (place * (end - start) * (length - 1)) / (size - 1)
        : 0.5 * (start + end) * (length - 1);
    default:
      throw new BittrueError(
        'name',
        node.name,
        mode,
        'half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric or tf_crop_and_resize',
      );
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
  const crops = textOf(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  let found: TypedTensor = { ...x, data: reals(node, x) };
  const outside: (readonly [axis: number, places: ReadonlySet<number>])[] = [];
  const extents = extentsOf(node, inputs, axes, crops);
  [...axes.keys()].reverse().forEach((i) => {
    const axis = axes[i];
    const extent = extents[i];
    const { length, size, scale } = extent;
    if (!(Number.isSafeInteger(size) && size >= 0 && (size === 0 || (length > 0 && scale > 0))))
      throw misfit(
        node,
        x.shape,
        extents.map((one) => one.size),
      );
    checkMemory(node.name, size, size * TAPS_BYTES);
    if (size === length && scale === 1 && !crops) return;
    found = alongAxis(node, found, axis, tapsOf(node, extent));
    if (crops) outside.push([axis, beyond(node, extent)]);
  });
  return [outside.some(([, places]) => places.size > 0) ? extrapolated(node, found, outside) : found];
};

/** How long each axis is, becomes, and by what scale. */
function extentsOf(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  axes: readonly number[],
  crops: boolean,
): Axis[] {
  const { shape } = needed(node, inputs, 0);
  const policy = textOf(node, 'keep_aspect_ratio_policy', 'stretch');
  if (!['stretch', 'not_larger', 'not_smaller'].includes(policy))
    throw new BittrueError('name', node.name, policy, 'stretch, not_larger or not_smaller');
  const given = (place: number): number[] | null => {
    const tensor = inputs[place];
    return tensor === undefined || tensor.data.length === 0 ? null : numbersIn(tensor);
  };
  const [roi, scales, sizes] = [crops ? given(1) : null, given(2), given(3)];
  const wanted = sizes ?? scales;
  if (wanted === null || wanted.length !== axes.length || (roi !== null && roi.length !== 2 * axes.length))
    throw misfit(node, shape, wanted ?? []);
  const ratios = axes.map((axis, i) => wanted[i] / shape[axis]);
  const one = ratios.reduce((a, b) => (policy === 'not_larger' ? Math.min(a, b) : Math.max(a, b)));
  return axes.map((axis, i) => {
    const length = shape[axis];
    const part = [roi?.[i] ?? 0, roi?.[axes.length + i] ?? 1] as const;
    if (sizes === null) {
      const scale = wanted[i];
      // A scale is a number of binary32: a length that it makes whole may lie just below.
      return { length, size: Math.floor(length * (part[1] - part[0]) * scale * (1 + 2 ** -50)), scale, roi: part };
    }
    if (policy === 'stretch') return { length, size: wanted[i], scale: ratios[i], roi: part };
    return { length, size: Math.floor(one * length + 0.5), scale: one, roi: part };
  });
}

/** Places along an axis that stand for one beyond the input. */
function beyond(node: Node, axis: Axis): Set<number> {
  const places = Array.from({ length: axis.size }, (_, i) => i);
  return new Set(
    places.filter((place) => {
      const at = coordinate(node, place, axis);
      return at < 0 || at > axis.length - 1;
    }),
  );
}

/** A stated value where any axis lies beyond the input. */
function extrapolated(
  node: Node,
  x: TypedTensor,
  outside: readonly (readonly [axis: number, places: ReadonlySet<number>])[],
): TypedTensor {
  const value = numberOf(node, 'extrapolation_value', 0);
  const data = (x.data as Float64Array).slice();
  eachPlace(x.shape, (at, index) => {
    if (outside.some(([axis, places]) => places.has(index[axis]))) data[at] = value;
  });
  return { ...x, data };
}

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
