/**
 * Normalisation: of batches, layers, groups, instances, and softmax. Statistics are sums in binary64, in order.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, numbersOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import {
  around,
  axisAt,
  broadcastShape,
  broadcastStrides,
  eachPlace,
  eachRow,
  lastSteps,
  misfit,
  needed,
  type Operator,
  reals,
  stridesOf,
} from './tensors.ts';

/** Rows that a norm over the axes from one on has, and their width. */
export function rowsFrom(node: Node, x: TypedTensor): { axis: number; rows: number; width: number } {
  const axis = axisAt(node, numberOf(node, 'axis', -1), x.shape.length);
  return { axis, rows: elementCount(x.shape.slice(0, axis)), width: elementCount(x.shape.slice(axis)) };
}

/** What scale or bias has for each element of the normalised axes, broadcast. */
export function perElement(
  node: Node,
  weights: TypedTensor | undefined,
  shape: readonly number[],
): Float64Array | null {
  if (weights === undefined) return null;
  const data = reals(node, weights, 'weights');
  if (broadcastShape(node, [shape, weights.shape]).join() !== shape.join()) throw misfit(node, shape, weights.shape);
  if (weights.shape.join() === shape.join()) return data;
  const out = new Float64Array(elementCount(shape));
  const strides = [broadcastStrides(weights.shape, shape)];
  const [step] = lastSteps(strides);
  eachRow(shape, strides, (at, [from]) => {
    for (let i = 0; i < (shape[shape.length - 1] ?? 1); i++) out[at + i] = data[from + i * step];
  });
  return out;
}

/** (x − mean)/√(variance + ε), or x/√(mean square + ε), row by row. */
function normalizeRows(data: Float64Array, rows: number, width: number, epsilon: number, isCentered: boolean) {
  const out = new Float64Array(data.length);
  const means = new Float64Array(rows);
  const inverses = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    const from = r * width;
    let mean = 0;
    if (isCentered) {
      for (let i = 0; i < width; i++) mean += data[from + i];
      mean /= width;
    }
    let squares = 0;
    for (let i = 0; i < width; i++) {
      // A product, not a power: engines may compute x ** 2 as either, before and after they optimise.
      const centered = data[from + i] - mean;
      squares += centered * centered;
    }
    const root = Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) out[from + i] = (data[from + i] - mean) / root;
    means[r] = mean;
    inverses[r] = 1 / root;
  }
  return { out, means, inverses };
}

function layerNorm(isCentered: boolean): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const { axis, rows, width } = rowsFrom(node, x);
    const shape = x.shape.slice(axis);
    const { out, means, inverses } = normalizeRows(
      reals(node, x),
      rows,
      width,
      numberOf(node, 'epsilon', 1e-5),
      isCentered,
    );
    const [gamma, beta] = [perElement(node, inputs[1], shape), isCentered ? perElement(node, inputs[2], shape) : null];
    for (let i = 0; i < out.length; i++) {
      const k = i % width;
      if (gamma !== null) out[i] *= gamma[k];
      if (beta !== null) out[i] += beta[k];
    }
    const kept = x.shape.map((size, i) => (i < axis ? size : 1));
    const type = 'float' as const;
    return [
      { type: x.type, shape: x.shape, data: out },
      { type, shape: kept, data: means },
      { type, shape: kept, data: inverses },
    ];
  };
}

/** Channels by their own mean and variance, which training found. */
const batchNormalization: Operator = (node, inputs) => {
  if (numberOf(node, 'training_mode', 0) !== 0)
    throw new BittrueError('unsupported', node.name, 'training_mode', 'inference');
  const x = needed(node, inputs, 0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((place) => reals(node, needed(node, inputs, place)));
  const epsilon = numberOf(node, 'epsilon', 1e-5);
  const data = reals(node, x);
  const channels = x.shape[1] ?? 1;
  if (scale.length !== channels) throw misfit(node, x.shape, [scale.length]);
  const size = elementCount(x.shape.slice(2));
  const out = new Float64Array(data.length);
  for (let p = 0; p < data.length / size; p++) {
    const c = p % channels;
    const root = Math.sqrt(variance[c] + epsilon);
    for (let i = p * size; i < (p + 1) * size; i++) out[i] = ((data[i] - mean[c]) / root) * scale[c] + bias[c];
  }
  return [{ type: x.type, shape: x.shape, data: out }];
};

/** Groups of channels by their own statistics; an instance is a group of one channel. */
function groupNorm(groupsOf: (node: Node, channels: number) => number): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const [scale, bias] = [reals(node, needed(node, inputs, 1)), reals(node, needed(node, inputs, 2))];
    const [batch, channels] = x.shape;
    const groups = groupsOf(node, channels);
    if (channels % groups !== 0) throw misfit(node, x.shape, [groups]);
    const width = elementCount(x.shape.slice(1)) / groups;
    const { out } = normalizeRows(reals(node, x), batch * groups, width, numberOf(node, 'epsilon', 1e-5), true);
    const size = elementCount(x.shape.slice(2));
    const perGroup = numberOf(node, 'perGroup', 0) !== 0 ? channels / groups : 1;
    for (let i = 0; i < out.length; i++) {
      const weight = Math.floor((Math.floor(i / size) % channels) / perGroup);
      out[i] = out[i] * scale[weight] + bias[weight];
    }
    return [{ type: x.type, shape: x.shape, data: out }];
  };
}

/** x over a power of the squares of the channels around it. */
const localResponse: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const size = numberOf(node, 'size');
  const [alpha, beta, bias] = [numberOf(node, 'alpha', 1e-4), numberOf(node, 'beta', 0.75), numberOf(node, 'bias', 1)];
  if (x.shape.length < 2 || !(size >= 1)) throw misfit(node, x.shape, [size]);
  const { before, length, after } = around(x.shape, 1);
  const data = reals(node, x);
  const out = new Float64Array(data.length);
  for (let b = 0; b < before; b++) {
    for (let c = 0; c < length; c++) {
      const [first, last] = [
        Math.max(0, c - Math.floor((size - 1) / 2)),
        Math.min(length - 1, c + Math.ceil((size - 1) / 2)),
      ];
      for (let a = 0; a < after; a++) {
        let squares = 0;
        for (let i = first; i <= last; i++) squares += data[(b * length + i) * after + a] ** 2;
        const at = (b * length + c) * after + a;
        out[at] = data[at] / (bias + (alpha / size) * squares) ** beta;
      }
    }
  }
  return [{ type: x.type, shape: x.shape, data: out }];
};

/** (x − mean)/(standard deviation + 1e-9) over axes. */
const meanVariance: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const axes = new Set((numbersOf(node, 'axes') ?? [0, 2, 3]).map((axis) => axisAt(node, axis, x.shape.length)));
  const [data, own] = [reals(node, x), stridesOf(x.shape)];
  // What belongs together has its first place in common.
  const groups = new Int32Array(data.length);
  eachPlace(x.shape, (at, index) => {
    groups[at] = index.reduce((sum, place, axis) => sum + (axes.has(axis) ? 0 : place * own[axis]), 0);
  });
  const count = [...axes].reduce((product, axis) => product * x.shape[axis], 1);
  const averages = (values: Float64Array): Float64Array => {
    const sums = new Float64Array(data.length);
    for (let i = 0; i < values.length; i++) sums[groups[i]] += values[i];
    return sums.map((sum) => sum / count);
  };
  const means = averages(data);
  const centered = data.map((value, i) => value - means[groups[i]]);
  const variances = averages(centered.map((value) => value * value));
  return [
    {
      type: x.type,
      shape: x.shape,
      data: centered.map((value, i) => value / (Math.sqrt(variances[groups[i]]) + 1e-9)),
    },
  ];
};

/** A function of the numbers along an axis. */
function alongAxis(usual: number, apply: (row: Float64Array) => void): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const { before, length, after } = around(x.shape, axisAt(node, numberOf(node, 'axis', usual), x.shape.length));
    const data = reals(node, x);
    const out = new Float64Array(data.length);
    const row = new Float64Array(length);
    for (let b = 0; b < before; b++) {
      for (let a = 0; a < after; a++) {
        for (let i = 0; i < length; i++) row[i] = data[(b * length + i) * after + a];
        apply(row);
        for (let i = 0; i < length; i++) out[(b * length + i) * after + a] = row[i];
      }
    }
    return [{ type: x.type, shape: x.shape, data: out }];
  };
}

/** e^(x − max) over their sum, in place, of a row within an array; a row of −∞ alone is NaN. */
export function softmaxRow(row: Float64Array, from = 0, end = row.length): void {
  let top = -Infinity;
  for (let i = from; i < end; i++) top = Math.max(top, row[i]);
  let sum = 0;
  for (let i = from; i < end; i++) {
    // What a mask left out is exactly 0, unless the whole row is.
    row[i] = row[i] === -Infinity && top > -Infinity ? 0 : Math.exp(row[i] - top);
    sum += row[i];
  }
  for (let i = from; i < end; i++) row[i] /= sum;
}

function logSoftmaxRow(row: Float64Array): void {
  let top = -Infinity;
  for (let i = 0; i < row.length; i++) top = Math.max(top, row[i]);
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += Math.exp(row[i] - top);
  const log = Math.log(sum);
  for (let i = 0; i < row.length; i++) row[i] = row[i] - top - log;
}

function hardmaxRow(row: Float64Array): void {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  row.fill(0);
  if (row.length > 0) row[best] = 1;
}

const lpNormalization: Operator = (node, inputs) => {
  const p = numberOf(node, 'p', 2);
  return alongAxis(-1, (row) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum += p === 1 ? Math.abs(row[i]) : row[i] * row[i];
    const norm = p === 1 ? sum : Math.sqrt(sum);
    for (let i = 0; i < row.length; i++) row[i] = norm === 0 ? 0 : row[i] / norm;
  })(node, inputs);
};

/** The operators of this file. */
export const normalization: Readonly<Record<string, Operator>> = {
  LayerNormalization: layerNorm(true),
  RMSNormalization: layerNorm(false),
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNorm((node) => numberOf(node, 'num_groups')),
  InstanceNormalization: groupNorm((_, channels) => channels),
  LpNormalization: lpNormalization,
  LRN: localResponse,
  MeanVarianceNormalization: meanVariance,
  Softmax: alongAxis(-1, (row) => softmaxRow(row)),
  LogSoftmax: alongAxis(-1, logSoftmaxRow),
  Hardmax: alongAxis(-1, hardmaxRow),
};
