/**
 * Pooling, over any number of axes of space.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, numbersOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { type Windows, windowPlaces, windowsOf } from '../graphs/shapes/windows.ts';
import { misfit, needed, type Operator, reals } from './tensors.ts';
import { eachRead, indices } from './windows.ts';

/** The window of a pooling and the space of its output. */
function pooling(node: Node, x: TypedTensor): { windows: Windows; space: number[]; places: number[] } {
  const kernel = numbersOf(node, 'kernel_shape');
  const space = x.shape.slice(2);
  if (kernel === null || kernel.length !== space.length) throw misfit(node, x.shape, kernel ?? []);
  const windows = windowsOf(node, space, kernel);
  return { windows, space, places: windowPlaces(windows, space, numberOf(node, 'ceil_mode', 0) !== 0) };
}

const maxPool: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  if ((node.outputs[1] ?? '') !== '')
    throw new BittrueError('unsupported', node.name, 'a second output', 'the largest numbers alone');
  const { windows, space, places } = pooling(node, x);
  const [planes, area, size] = [x.shape[0] * x.shape[1], elementCount(places), elementCount(space)];
  const data = x.data as Float64Array | Float32Array;
  const out = new Float64Array(planes * area).fill(-Infinity);
  for (const at of indices(windows.kernel)) {
    for (let p = 0; p < planes; p++) {
      eachRead(windows, at, space, places, (to, from, count, step) => {
        for (let i = 0; i < count; i++) {
          const [value, place] = [data[p * size + from + i * step], p * area + to + i];
          if (value > out[place] || Number.isNaN(value)) out[place] = value;
        }
      });
    }
  }
  return [{ type: x.type, shape: [x.shape[0], x.shape[1], ...places], data: out }];
};

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
  AveragePool: averagePool,
  GlobalAveragePool: globally((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  GlobalMaxPool: globally((values) => values.reduce((most, value) => Math.max(most, value), -Infinity)),
};
