/**
 * Pad, CenterCropPad: a tensor with a border, or without one (Operators.md).
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numbersOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import {
  axisAt,
  eachPlace,
  elements,
  integers,
  likeArray,
  misfit,
  needed,
  type Operator,
  stridesOf,
} from './tensors.ts';

/** Where a padded place comes from; −1: from nowhere. */
function source(mode: string, place: number, length: number): number {
  if (place >= 0 && place < length) return place;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return place < 0 ? 0 : length - 1;
  if (mode === 'wrap') return ((place % length) + length) % length;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((place % period) + period) % period;
  return folded < length ? folded : period - folded;
}

const pad: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const pads = integers(needed(node, inputs, 1)) as number[];
  const rank = x.shape.length;
  const axes = integers(inputs[3])?.map((axis) => axisAt(node, axis, rank)) ?? x.shape.map((_, i) => i);
  if (pads.length !== 2 * axes.length) throw misfit(node, x.shape, pads);
  const mode = textOf(node, 'mode', 'constant');
  if (!['constant', 'edge', 'reflect', 'wrap'].includes(mode)) {
    throw new BittrueError('name', node.name, mode, 'constant, edge, reflect or wrap');
  }
  const begin = x.shape.map(() => 0);
  const end = x.shape.map(() => 0);
  axes.forEach((axis, i) => {
    begin[axis] = pads[i];
    end[axis] = pads[i + axes.length];
  });
  const shape = x.shape.map((size, i) => size + begin[i] + end[i]);
  if (shape.some((size) => size < 0)) throw misfit(node, x.shape, pads);
  if (mode !== 'constant' && x.data.length === 0 && elementCount(shape) > 0) throw misfit(node, x.shape, pads);
  const own = stridesOf(x.shape);
  const fill = inputs[2]?.data[0];
  const data = elements(likeArray(x.data, elementCount(shape), node.name));
  const zero = typeof x.data[0] === 'bigint' || x.type === 'int64' || x.type === 'uint64' ? 0n : 0;
  // Along each axis once; −1, from nowhere, stays below 0 whatever is added.
  const sources = shape.map((length, i) =>
    Float64Array.from({ length }, (_, at) => {
      const place = source(mode, at - begin[i], x.shape[i]);
      return place < 0 ? -Infinity : place * own[i];
    }),
  );
  eachPlace(shape, (at, index) => {
    let from = 0;
    for (let i = 0; i < rank; i++) from += sources[i][index[i]];
    data[at] = from < 0 ? (fill ?? zero) : x.data[from];
  });
  return [{ type: x.type, shape, data: data as never }];
};

/** Axes cut or padded with zeros about their middle; of an odd number the larger half is behind. */
const centerCropPad: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const wanted = integers(needed(node, inputs, 1)) as number[];
  const rank = x.shape.length;
  const axes = numbersOf(node, 'axes')?.map((axis) => axisAt(node, axis, rank)) ?? x.shape.map((_, i) => i);
  if (wanted.length !== axes.length || wanted.some((size) => !(size >= 0))) throw misfit(node, x.shape, wanted);
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    shape[axis] = wanted[i];
  });
  const before = shape.map((size, axis) => {
    const half = Math.floor(Math.abs(size - x.shape[axis]) / 2);
    return size < x.shape[axis] ? half : -half;
  });
  const own = stridesOf(x.shape);
  const data = elements(likeArray(x.data, elementCount(shape), node.name));
  eachPlace(shape, (at, index) => {
    const places = index.map((place, axis) => place + before[axis]);
    if (places.some((place, axis) => place < 0 || place >= x.shape[axis])) return;
    data[at] = x.data[places.reduce((sum, place, axis) => sum + place * own[axis], 0)];
  });
  return [{ type: x.type, shape, data: data as never }];
};

/** The operators of this file. */
export const padding: Readonly<Record<string, Operator>> = { Pad: pad, CenterCropPad: centerCropPad };
