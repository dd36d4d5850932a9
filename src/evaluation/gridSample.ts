/**
 * GridSample: an input read between its places, where a grid says; AffineGrid: such a grid (Operators.md of github.com/onnx/onnx,
 * sets 16 to 22).
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node } from '../graphs/index.ts';
import { eachPlace, misfit, needed, numbersIn, type Operator, reals, stridesOf } from './tensors.ts';

/** Places along an axis that an output reads, and what each counts. */
interface Reads {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/** Keys' cubic with a = −0.75: what the four places around a point count, which lies t behind the second. */
function cubic(t: number): number[] {
  const a = -0.75;
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

/** A number mirrored at the ends of a range until it lies within. */
function reflected(x: number, low: number, high: number): number {
  const range = high - low;
  if (range === 0) return low;
  if (x >= low && x <= high) return x;
  const off = x < low ? low - x : x - high;
  const turns = Math.floor(off / range);
  const rest = off - turns * range;
  return x < low === (turns % 2 === 0) ? low + rest : high - rest;
}

/** To the nearest whole number, ties to even. */
function nearestEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.floor(x + 0.5);
  return low % 2 === 0 ? low : low + 1;
}

interface Sampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly padding: 'zeros' | 'border' | 'reflection';
  readonly isAligned: boolean;
}

function samplingOf(node: Node): Sampling {
  const said = textOf(node, 'mode', 'linear');
  const mode = said === 'bilinear' ? 'linear' : said === 'bicubic' ? 'cubic' : said;
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic')
    throw new BittrueError('name', node.name, said, 'linear, nearest or cubic');
  const padding = textOf(node, 'padding_mode', 'zeros');
  if (padding !== 'zeros' && padding !== 'border' && padding !== 'reflection')
    throw new BittrueError('name', node.name, padding, 'zeros, border or reflection');
  return { mode, padding, isAligned: numberOf(node, 'align_corners', 0) !== 0 };
}

/** What a coordinate of −1 … 1 reads along an axis; a place of −1 stands for a zero beside the input. */
function readsAt(coordinate: number, length: number, { mode, padding, isAligned }: Sampling): Reads {
  const [low, high] = isAligned ? [0, length - 1] : [-0.5, length - 0.5];
  let x = isAligned ? ((coordinate + 1) / 2) * (length - 1) : ((coordinate + 1) * length - 1) / 2;
  if (mode === 'nearest') x = nearestEven(x);
  if (x < low || x > high) {
    // A cubic goes on beside the border, of repeated numbers: so do PyTorch, whose function this is, and onnxruntime.
    if (padding === 'border' && mode !== 'cubic') x = Math.min(Math.max(x, 0), length - 1);
    if (padding === 'reflection') x = reflected(x, low, high);
  }
  const within = (place: number): number => {
    if (place >= 0 && place < length) return place;
    if (padding === 'border') return Math.min(Math.max(place, 0), length - 1);
    return padding === 'reflection' ? Math.trunc(reflected(place, low, high)) : -1;
  };
  if (mode === 'nearest') return { places: [within(Math.trunc(x))], weights: [1] };
  const first = Math.floor(x);
  const t = x - first;
  const [from, weights] = mode === 'linear' ? [first, [1 - t, t]] : [first - 1, cubic(t)];
  return { places: weights.map((_, i) => within(from + i)), weights };
}

const gridSample: Operator = (node, inputs) => {
  const [x, grid] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const [batch, channels, ...space] = x.shape;
  const axes = space.length;
  if (axes === 0 || grid.shape.length !== axes + 2 || grid.shape[0] !== batch || grid.shape[axes + 1] !== axes)
    throw misfit(node, x.shape, grid.shape);
  const sampling = samplingOf(node);
  const [data, points] = [reals(node, x), reals(node, grid)];
  const places = grid.shape.slice(1, -1);
  const [size, count, steps] = [elementCount(space), elementCount(places), stridesOf(space)];
  const out = new Float64Array(batch * channels * count);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < count; p++) {
      // A point's numbers begin with the last axis.
      const at = (n * count + p) * axes;
      const reads = space.map((length, axis) => readsAt(points[at + axes - 1 - axis], length, sampling));
      for (let c = 0; c < channels; c++) {
        const from = (n * channels + c) * size;
        const along = (axis: number, offset: number): number => {
          if (axis === axes) return data[from + offset];
          const { places: own, weights } = reads[axis];
          let sum = 0;
          for (let i = 0; i < own.length; i++) {
            const read = own[i] < 0 ? 0 : along(axis + 1, offset + own[i] * steps[axis]);
            sum += own.length === 1 ? read : weights[i] * read;
          }
          return sum;
        };
        out[(n * channels + c) * count + p] = along(0, 0);
      }
    }
  }
  return [{ type: x.type, shape: [batch, channels, ...places], data: out }];
};

/** Places of an output, from −1 to 1 along each axis, through a matrix for each image: a grid to sample by. */
const affineGrid: Operator = (node, inputs) => {
  const theta = needed(node, inputs, 0);
  const [batch, , ...space] = numbersIn(needed(node, inputs, 1));
  const axes = space.length;
  if ((axes !== 2 && axes !== 3) || theta.shape.join() !== [batch, axes, axes + 1].join())
    throw misfit(node, theta.shape, [batch, ...space]);
  const isAligned = numberOf(node, 'align_corners', 0) !== 0;
  const along = (place: number, size: number): number => {
    if (isAligned) return size > 1 ? -1 + (2 * place) / (size - 1) : 0;
    return (2 * place + 1) / size - 1;
  };
  const matrix = reals(node, theta);
  const shape = [batch, ...space, axes];
  const data = new Float64Array(elementCount(shape));
  eachPlace([batch, ...space], (at, [b, ...place]) => {
    // The grid's first coordinate is that of the last axis.
    const point = [...place.map((one, axis) => along(one, space[axis])).reverse(), 1];
    for (let row = 0; row < axes; row++) {
      const from = (b * axes + row) * (axes + 1);
      data[at * axes + row] = point.reduce((sum, value, k) => sum + matrix[from + k] * value, 0);
    }
  });
  return [{ type: theta.type, shape, data }];
};

/** The operators of this file. */
export const sampling: Readonly<Record<string, Operator>> = { GridSample: gridSample, AffineGrid: affineGrid };
