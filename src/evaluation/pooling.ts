/**
 * Pooling, over any number of axes of space.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, numbersOf } from '../graphs/attributes.ts';
import { elementKind } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { type Windows, windowPlaces, windowsOf } from '../graphs/shapes/windows.ts';
import { likeArray, misfit, needed, numbersIn, type Operator, reals, stridesOf } from './tensors.ts';
import { eachRead, indices } from './windows.ts';

/** The window of a pooling and the space of its output. */
function pooling(node: Node, x: TypedTensor): { windows: Windows; space: number[]; places: number[] } {
  const kernel = numbersOf(node, 'kernel_shape');
  const space = x.shape.slice(2);
  if (kernel === null || kernel.length !== space.length) throw misfit(node, x.shape, kernel ?? []);
  const windows = windowsOf(node, space, kernel);
  return { windows, space, places: windowPlaces(windows, space, numberOf(node, 'ceil_mode', 0) !== 0) };
}

/** The largest of every window, and where it stands among all elements of x, row-major or (`storage_order` 1) column-major. */
const maxPool: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const { windows, space, places } = pooling(node, x);
  const [planes, area, size] = [x.shape[0] * x.shape[1], elementCount(places), elementCount(space)];
  const data = x.data as Float64Array | Float32Array;
  const largest = new Float64Array(planes * area).fill(-Infinity);
  const found = (node.outputs[1] ?? '') === '' ? null : new Float64Array(planes * area);
  for (const at of indices(windows.kernel)) {
    for (let p = 0; p < planes; p++) {
      eachRead(windows, at, space, places, (to, from, count, step) => {
        for (let i = 0; i < count; i++) {
          const [read, place] = [p * size + from + i * step, p * area + to + i];
          if (!(data[read] > largest[place] || Number.isNaN(data[read]))) continue;
          largest[place] = data[read];
          if (found !== null) found[place] = read;
        }
      });
    }
  }
  const shape = [x.shape[0], x.shape[1], ...places];
  const out = elementKind(x.type) === 'float' ? largest : likeArray(x.data, largest.length, node.name);
  if (out !== largest) (out as Int8Array).set(largest);
  const values: TypedTensor = { type: x.type, shape, data: out };
  if (found === null) return [values];
  const turned = numberOf(node, 'storage_order', 0) === 0 ? found : found.map((place) => byColumns(place, space));
  return [values, { type: 'int64', shape, data: BigInt64Array.from(turned, BigInt) }];
};

/** A place among planes that are laid out row by row, as they are laid out column by column. */
function byColumns(place: number, space: readonly number[]): number {
  const size = elementCount(space);
  const own = stridesOf(space);
  let [within, step] = [0, 1];
  space.forEach((length, axis) => {
    within += (Math.floor((place % size) / own[axis]) % length) * step;
    step *= length;
  });
  return place - (place % size) + within;
}

const averagePool: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const { windows, space, places } = pooling(node, x);
  const countsPadding = numberOf(node, 'count_include_pad', 0) !== 0;
  const [planes, area, size] = [x.shape[0] * x.shape[1], elementCount(places), elementCount(space)];
  const data = reals(node, x);
  const sums = new Float64Array(planes * area);
  const counts = new Float64Array(area);
  for (const at of indices(windows.kernel)) {
    eachRead(windows, at, space, places, (to, _, count) => {
      for (let i = 0; i < count; i++) counts[to + i]++;
    });
    for (let p = 0; p < planes; p++) {
      eachRead(windows, at, space, places, (to, from, count, step) => {
        for (let i = 0; i < count; i++) sums[p * area + to + i] += data[p * size + from + i * step];
      });
    }
  }
  if (countsPadding) {
    // Padding counts, what a window of ceil_mode reaches behind it does not.
    indices(places).forEach((index, i) => {
      counts[i] = elementCount(
        index.map((place, axis) => {
          const start = place * windows.strides[axis];
          const limit = space[axis] + windows.begins[axis] + windows.ends[axis];
          return Array.from({ length: windows.kernel[axis] }, (_, k) => start + k * windows.dilations[axis]).filter(
            (one) => one < limit,
          ).length;
        }),
      );
    });
  }
  for (let i = 0; i < sums.length; i++) sums[i] /= counts[i % area];
  return [{ type: x.type, shape: [x.shape[0], x.shape[1], ...places], data: sums }];
};

/** (Σ |x|^p)^(1/p) of every window. */
const lpPool: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const p = numberOf(node, 'p', 2);
  const { windows, space, places } = pooling(node, x);
  const [planes, area, size] = [x.shape[0] * x.shape[1], elementCount(places), elementCount(space)];
  const data = reals(node, x);
  const sums = new Float64Array(planes * area);
  for (const at of indices(windows.kernel)) {
    for (let plane = 0; plane < planes; plane++) {
      eachRead(windows, at, space, places, (to, from, count, step) => {
        for (let i = 0; i < count; i++)
          sums[plane * area + to + i] += Math.abs(data[plane * size + from + i * step]) ** p;
      });
    }
  }
  const norms = sums.map((sum) => rootOf(sum, p));
  return [{ type: x.type, shape: [x.shape[0], x.shape[1], ...places], data: norms }];
};

function rootOf(sum: number, p: number): number {
  return p === 1 ? sum : p === 2 ? Math.sqrt(sum) : sum ** (1 / p);
}

/** All of space is one window. */
function globally(fold: (values: Float64Array) => number): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const data = reals(node, x);
    const [batch, channels, ...space] = x.shape;
    const size = elementCount(space);
    const out = Float64Array.from({ length: batch * channels }, (_, p) =>
      fold(data.subarray(p * size, (p + 1) * size)),
    );
    return [{ type: x.type, shape: [batch, channels, ...space.map(() => 1)], data: out }];
  };
}

/** What a MaxPool kept, at the places where it stood; zeros elsewhere. */
const maxUnpool: Operator = (node, inputs) => {
  const [x, places] = [needed(node, inputs, 0), numbersIn(needed(node, inputs, 1))];
  const kernel = numbersOf(node, 'kernel_shape') ?? [];
  const space = x.shape.slice(2);
  if (kernel.length !== space.length || places.length !== x.data.length) throw misfit(node, x.shape, kernel);
  const { strides, begins, ends } = windowsOf(node, space, kernel);
  const implied = space.map((size, i) => (size - 1) * strides[i] - begins[i] - ends[i] + kernel[i]);
  const inner = [x.shape[0], x.shape[1], ...implied];
  const shape = inputs[2] === undefined ? inner : numbersIn(inputs[2]);
  if (shape.length !== inner.length || shape.some((size, i) => size < inner[i])) throw misfit(node, inner, shape);
  const data = new Float64Array(elementCount(shape));
  const [values, from, to] = [reals(node, x), stridesOf(inner), stridesOf(shape)];
  places.forEach((place, i) => {
    if (!(place >= 0 && place < elementCount(inner)))
      throw new BittrueError('range', node.name, `place ${place}`, `one of ${elementCount(inner)}`);
    // Places count within the implied shape; a larger output has it in its first corner.
    const at = inner.reduce((sum, size, axis) => sum + (Math.floor(place / from[axis]) % size) * to[axis], 0);
    data[at] = values[i];
  });
  return [{ type: x.type, shape, data }];
};

/** The operators of this file. */
export const pools: Readonly<Record<string, Operator>> = {
  LpPool: lpPool,
  GlobalLpPool: (node, inputs) => {
    const p = numberOf(node, 'p', 2);
    return globally((values) =>
      rootOf(
        values.reduce((sum, value) => sum + Math.abs(value) ** p, 0),
        p,
      ),
    )(node, inputs);
  },
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
  AveragePool: averagePool,
  GlobalAveragePool: globally((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  GlobalMaxPool: globally((values) => values.reduce((most, value) => Math.max(most, value), -Infinity)),
};
