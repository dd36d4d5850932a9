/**
 * Operators that slide a window over their input: convolutions, and what they share.
 *
 * @module
 */
import { defaultEngine } from '../engine/engine.ts';
import { addProducts, type Products } from '../engine/exactProducts.ts';
import { BittrueError } from '../errors/index.ts';
import { numberOf, numbersOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { type Windows, windowPlaces, windowsOf } from '../graphs/shapes/windows.ts';
import { swish } from './activations.ts';
import { multiplyInto } from './products.ts';
import { misfit, needed, numbersIn, type Operator, reals, stridesOf } from './tensors.ts';

/** All indices of a small shape, in order. */
export function indices(shape: readonly number[]): number[][] {
  const count = elementCount(shape);
  const strides = stridesOf(shape);
  return Array.from({ length: count }, (_, i) => shape.map((size, axis) => Math.floor(i / strides[axis]) % size));
}

/** For a place within the window: which outputs along an axis read within the input, and what the first of them reads. */
function reach(
  windows: Windows,
  axis: number,
  at: number,
  size: number,
  places: number,
): { from: number; to: number; start: number } {
  const stride = windows.strides[axis];
  const shift = at * windows.dilations[axis] - windows.begins[axis];
  const from = Math.max(0, Math.ceil(-shift / stride));
  const to = Math.min(places, Math.floor((size - 1 - shift) / stride) + 1);
  return { from, to, start: from * stride + shift };
}

/**
 * Walks through the pairs of an output and the input that it reads, for one place in the window: `row(out, in, count,
 * step)`, along the last axis.
 */
export function eachRead(
  windows: Windows,
  at: readonly number[],
  space: readonly number[],
  places: readonly number[],
  row: (out: number, from: number, count: number, step: number) => void,
): void {
  const last = space.length - 1;
  const reaches = space.map((size, axis) => reach(windows, axis, at[axis], size, places[axis]));
  if (reaches.some(({ from, to }) => to <= from)) return;
  const [own, out] = [stridesOf(space), stridesOf(places)];
  const { from, to, start } = reaches[last];
  const walk = (axis: number, to0: number, from0: number): void => {
    if (axis === last) {
      row(to0 + from, from0 + start, to - from, windows.strides[last]);
      return;
    }
    const { from: first, to: end, start: begin } = reaches[axis];
    for (let i = first; i < end; i++) {
      walk(axis + 1, to0 + i * out[axis], from0 + (begin + (i - first) * windows.strides[axis]) * own[axis]);
    }
  };
  walk(0, 0, 0);
}

/** Places of the windows' outputs are kept for so many of them: 256 MiB. */
const MOST_READS = 2 ** 26;

/** For each place within the window what every output reads of a plane, −1 in the padding. */
function readsOf(
  windows: Windows,
  offsets: readonly (readonly number[])[],
  space: readonly number[],
  places: readonly number[],
): Int32Array[] {
  const area = elementCount(places);
  return offsets.map((at) => {
    const reads = new Int32Array(area).fill(-1);
    eachRead(windows, at, space, places, (to, from, count, step) => {
      for (let i = 0; i < count; i++) reads[to + i] = from + i * step;
    });
    return reads;
  });
}

/** The windows of a group of planes as columns, zeros in the padding: channels, then the window, in their order. */
function windowColumns(
  data: Float64Array,
  from: number,
  depth: number,
  size: number,
  reads: readonly Int32Array[],
): Products['columns'] {
  const k = depth * reads.length;
  return (into, first, count) => {
    for (let c = 0, p = 0; c < depth; c++) {
      const plane = from + c * size;
      for (const own of reads) {
        for (let j = 0; j < count; j++) {
          const read = own[first + j];
          if (read >= 0) into[(j >> 2) * 4 * k + 4 * p + (j & 3)] = data[plane + read];
        }
        p++;
      }
    }
  };
}

/** Adds to each plane of outputs its own number. */
function addBias(node: Node, out: Float64Array, input: TypedTensor | undefined, outputs: number, area: number): void {
  if (input === undefined) return;
  const bias = reals(node, input);
  if (bias.length !== outputs) throw misfit(node, input.shape, [outputs]);
  for (let i = 0; i < out.length; i++) out[i] += bias[Math.floor(i / area) % outputs];
}

/** The convolution of planes with weights, without a bias. */
export function convolve(node: Node, x: TypedTensor, w: TypedTensor): TypedTensor {
  if (x.shape.length < 3 || w.shape.length !== x.shape.length) throw misfit(node, x.shape, w.shape);
  const group = numberOf(node, 'group', 1);
  const [batch, channels, ...space] = x.shape;
  const [outputs, depth, ...kernel] = w.shape;
  if (depth * group !== channels || outputs % group !== 0) throw misfit(node, x.shape, w.shape);
  const windows = windowsOf(node, space, kernel);
  const places = windowPlaces(windows, space);
  const [area, size, taps] = [elementCount(places), elementCount(space), elementCount(kernel)];
  const [data, weights] = [reals(node, x), reals(node, w)];
  const out = new Float64Array(batch * outputs * area);
  const offsets = indices(kernel);
  const isPoint =
    taps === 1 && windows.strides.every((s) => s === 1) && [...windows.begins, ...windows.ends].every((p) => p === 0);
  const perGroup = outputs / group;
  // In the padding a product is left out; one of zero is the same where its weight is finite.
  const isSame = area * taps <= MOST_READS && weights.every(Number.isFinite);
  let reads: Int32Array[] | undefined;
  for (let b = 0; b < batch; b++) {
    for (let g = 0; g < group; g++) {
      const from = (b * channels + g * depth) * size;
      const to = (b * outputs + g * perGroup) * area;
      const fromA = g * perGroup * depth * taps;
      if (isPoint) {
        multiplyInto(weights, data, out, perGroup, depth, area, { from: [fromA, from, to] });
        continue;
      }
      const columns: Products['columns'] = (into, first, count) => {
        reads ??= readsOf(windows, offsets, space, places);
        windowColumns(data, from, depth, size, reads)(into, first, count);
      };
      const whole = { a: weights, fromA, out, to, m: perGroup, k: depth * taps, n: area, columns };
      if (isSame && addProducts(whole, defaultEngine())) continue;
      for (let o = 0; o < perGroup; o++) {
        for (let c = 0; c < depth; c++) {
          for (let t = 0; t < taps; t++) {
            const factor = weights[fromA + (o * depth + c) * taps + t];
            eachRead(windows, offsets[t], space, places, (at, read, count, step) => {
              const [write, plane] = [to + o * area + at, from + c * size + read];
              for (let i = 0; i < count; i++) out[write + i] += factor * data[plane + i * step];
            });
          }
        }
      }
    }
  }
  return { type: x.type, shape: [batch, outputs, ...places], data: out };
}

const conv: Operator = (node, inputs) => {
  const found = convolve(node, needed(node, inputs, 0), needed(node, inputs, 1));
  const [, outputs, ...places] = found.shape;
  addBias(node, found.data as Float64Array, inputs[2], outputs, elementCount(places));
  return [found];
};

/** The reverse of a convolution: every input is spread over a window of the output. */
const convTranspose: Operator = (node, inputs) => {
  const [x, w] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const group = numberOf(node, 'group', 1);
  const [batch, channels, ...space] = x.shape;
  const [depth, perGroup, ...kernel] = w.shape;
  if (depth !== channels || w.shape.length !== x.shape.length || channels % group !== 0)
    throw misfit(node, x.shape, w.shape);
  const { windows, places } = spread(node, space, kernel);
  const outputs = perGroup * group;
  const [area, size, taps] = [elementCount(places), elementCount(space), elementCount(kernel)];
  const [data, weights] = [reals(node, x), reals(node, w)];
  const out = new Float64Array(batch * outputs * area);
  const offsets = indices(kernel);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < channels; c++) {
      const from = (b * channels + c) * size;
      const first = Math.floor(c / (channels / group)) * perGroup;
      for (let o = 0; o < perGroup; o++) {
        const to = (b * outputs + first + o) * area;
        for (let t = 0; t < taps; t++) {
          const factor = weights[(c * perGroup + o) * taps + t];
          // What a convolution over the output would read for this input is where it is written.
          eachRead(windows, offsets[t], places, space, (read, at, count, step) => {
            for (let i = 0; i < count; i++) out[to + at + i * step] += factor * data[from + read + i];
          });
        }
      }
    }
  }
  addBias(node, out, inputs[2], outputs, area);
  return [{ type: x.type, shape: [batch, outputs, ...places], data: out }];
};

/** The window of a transposed convolution, and the space of its output. */
function spread(
  node: Node,
  space: readonly number[],
  kernel: readonly number[],
): { windows: Windows; places: number[] } {
  const axes = space.length;
  const ones = Array<number>(axes).fill(1);
  const strides = numbersOf(node, 'strides') ?? ones;
  const dilations = numbersOf(node, 'dilations') ?? ones;
  const more = numbersOf(node, 'output_padding') ?? Array<number>(axes).fill(0);
  const auto = textOf(node, 'auto_pad', 'NOTSET');
  const wanted =
    numbersOf(node, 'output_shape')?.slice(-axes) ??
    (auto.startsWith('SAME') ? space.map((size, i) => size * strides[i]) : null);
  const whole = space.map((size, i) => strides[i] * (size - 1) + more[i] + (kernel[i] - 1) * dilations[i] + 1);
  const pads = numbersOf(node, 'pads') ?? Array<number>(2 * axes).fill(0);
  let [begins, ends] = [pads.slice(0, axes), pads.slice(axes)];
  if (wanted !== null) {
    const total = whole.map((size, i) => Math.max(0, size - wanted[i]));
    const half = total.map((pad) => Math.floor(pad / 2));
    const rest = total.map((pad, i) => pad - half[i]);
    [begins, ends] = auto === 'SAME_UPPER' ? [half, rest] : [rest, half];
  }
  const places = wanted === null ? whole.map((size, i) => size - begins[i] - ends[i]) : [...wanted];
  return { windows: { kernel, strides, dilations, begins, ends }, places };
}

/** Columns of windows summed back into the planes that they were read from. */
const col2Im: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const [space, kernel] = [numbersIn(needed(node, inputs, 1)), numbersIn(needed(node, inputs, 2))];
  const windows = windowsOf(node, space, kernel);
  const places = windowPlaces(windows, space);
  const [taps, area, size] = [elementCount(kernel), elementCount(places), elementCount(space)];
  const [batch, rows, columns] = x.shape;
  if (x.shape.length !== 3 || kernel.length !== space.length || rows % taps !== 0 || columns !== area)
    throw misfit(node, x.shape, space, kernel);
  const planes = (batch * rows) / taps;
  const [data, out] = [reals(node, x), new Float64Array(planes * size)];
  for (let p = 0; p < planes; p++) {
    indices(kernel).forEach((at, t) => {
      eachRead(windows, at, space, places, (from, to, count, step) => {
        for (let i = 0; i < count; i++) out[p * size + to + i * step] += data[(p * taps + t) * area + from + i];
      });
    });
  }
  return [{ type: x.type, shape: [batch, rows / taps, ...space], data: out }];
};

/** A convolution of each channel with its own weights, that reads the past alone; what the next step needs of it is its state. */
const causalConv: Operator = (node, inputs) => {
  const [x, w] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const [batch, channels, length] = x.shape;
  const taps = w.shape[2];
  if (x.shape.length !== 3 || w.shape.join() !== [channels, 1, taps].join()) throw misfit(node, x.shape, w.shape);
  const activation = textOf(node, 'activation', 'none');
  if (!['none', 'silu', 'swish'].includes(activation))
    throw new BittrueError('name', node.name, activation, 'none, silu or swish');
  const before = inputs[3] === undefined ? null : reals(node, inputs[3]);
  const kept = taps - 1;
  if (before !== null && before.length !== batch * channels * kept)
    throw misfit(node, inputs[3]!.shape, [batch, channels, kept]);
  const [data, weights] = [reals(node, x), reals(node, w)];
  const out = new Float64Array(data.length);
  const state = new Float64Array(batch * channels * kept);
  for (let p = 0; p < batch * channels; p++) {
    const at = (i: number): number => (i < kept ? (before?.[p * kept + i] ?? 0) : data[p * length + i - kept]);
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += at(i + t) * weights[(p % channels) * taps + t];
      out[p * length + i] = sum;
    }
    for (let i = 0; i < kept; i++) state[p * kept + i] = at(length + i);
  }
  addBias(node, out, inputs[2], channels, length);
  const found = activation === 'none' ? out : out.map((value) => swish(value, 1));
  return [
    { type: x.type, shape: x.shape, data: found },
    { type: x.type, shape: [batch, channels, kept], data: state },
  ];
};

/** The operators of this file. */
export const convolutions: Readonly<Record<string, Operator>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Col2Im: col2Im,
  CausalConvWithState: causalConv,
};
