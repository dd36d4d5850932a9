/**
 * The same function with outlier features in the residual stream, by turning it: RMSNorm without its weights does not
 * see a rotation, so the stream may be written in any orthonormal basis. This is the trick that removes outliers (QuaRot,
 * SliceGPT) run backwards: the directions of most energy become single features.
 *
 * Scaling one feature of the stream would not do: it changes the root mean square that every norm divides by. How large
 * the outliers become is the model's own: as much of the energy as lies in a few directions.
 *
 * @module
 */

import { BittrueError, checkInteger } from '../../errors/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { llamaNames } from '../../models/walk.ts';
import type { Tensor } from '../../tensors/index.ts';
import { rowParallelNames } from '../communicate/calibration.ts';
import { type LinearCall, linear, onLinear } from '../linearCall.ts';
import { logits } from '../perplexity/logits.ts';

/**
 * Turns the residual stream so that features 0, 1, … hold the directions in which the row-parallel layers write most
 * energy over some sequences. Logits agree but for binary64's rounding.
 *
 * @param outliers - how many directions; 0 only folds the norms' weights into what reads them
 * @throws {@link BittrueError} `range` for more outliers than a quarter of the features
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { logits, rotateOutliers } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const text = [byteTokens('In the beginning')];
 * const turned = logits(rotateOutliers(model, text, 2), text).data;
 * logits(model, text).data.every((x, i) => Math.abs(x - turned[i]) < 1e-9); // true
 */
export function rotateOutliers(model: Model, sequences: readonly Tokens[], outliers: number): Model {
  checkMadeModel(model);
  const { hidden } = model.config;
  checkInteger('outliers', outliers, 0, Math.floor(hidden / 4));
  const mirrors = reflections(principalDirections(secondMoment(model, sequences), hidden, outliers), hidden);
  const { embedding, head: headPlan } = model.plan;
  const { layers, finalNorm } = llamaNames(model);
  const weights: Record<string, Tensor> = { ...model.weights };
  /** Rows of a [_, hidden] matrix turned. */
  const reader = (name: string, gamma: Tensor | null) => {
    const { data, shape } = weights[name];
    const out = Float64Array.from(data, (w, i) => (gamma === null ? w : w * gamma.data[i % hidden]));
    for (let row = 0; row < out.length; row += hidden) turn(out, row, 1, mirrors);
    weights[name] = { data: out, shape };
  };
  /** Columns of a [hidden, _] matrix turned. */
  const writer = (name: string) => {
    const { data, shape } = weights[name];
    const out = Float64Array.from(data);
    for (let column = 0; column < shape[1]; column++) turn(out, column, shape[1], mirrors);
    weights[name] = { data: out, shape };
  };
  const ones = { data: new Float64Array(hidden).fill(1), shape: [hidden] };
  const head = weights[headPlan.weight];
  reader(embedding.weight, null);
  for (const { attention, mlp } of layers) {
    for (const name of [attention.query, attention.key, attention.value]) reader(name, weights[attention.norm]);
    for (const name of [mlp.gate, mlp.up]) reader(name, weights[mlp.norm]);
    writer(attention.output);
    writer(mlp.down);
    weights[attention.norm] = ones;
    weights[mlp.norm] = ones;
  }
  weights[headPlan.weight] = head;
  reader(headPlan.weight, weights[finalNorm]);
  weights[finalNorm] = ones;
  const config = Object.freeze({ ...model.config, tied: false });
  return Object.freeze({ ...model, config, weights: Object.freeze(weights) });
}

/** Σ y yᵀ over the outputs of all row-parallel layers, [hidden, hidden]: large layers count as they are. */
function secondMoment(model: Model, sequences: readonly Tokens[]): Float64Array {
  const { hidden } = model.config;
  if (!Array.isArray(sequences) || sequences.length === 0) {
    throw new BittrueError('shape', 'sequences', 'none', 'at least one sequence of tokens');
  }
  const names = rowParallelNames(model);
  const outputs = new Map<string, Float64Array[]>(names.map((name) => [name, []]));
  const watch = ({ name, input, rows, weight }: LinearCall): Float64Array => {
    const y = linear(input, rows, weight.data, hidden, weight.shape[1]);
    (outputs.get(name) as Float64Array[]).push(y);
    return y;
  };
  logits(model, sequences, { on: onLinear(watch, names) });
  const moment = new Float64Array(hidden * hidden);
  // Layer after layer, so that the sum is the same whatever the batches.
  for (const y of [...outputs.values()].flat()) {
    for (let start = 0; start < y.length; start += hidden) {
      for (let i = 0; i < hidden; i++) {
        for (let j = 0; j < hidden; j++) moment[i * hidden + j] += y[start + i] * y[start + j];
      }
    }
  }
  return moment;
}

/** Rounds of orthogonal iteration: directions need not be converged, only orthonormal. */
const ROUNDS = 200;

/** Orthonormal vectors near the leading eigenvectors of a symmetric matrix. */
function principalDirections(matrix: Float64Array, width: number, count: number): Float64Array[] {
  let vectors: Float64Array[] = Array.from({ length: count }, (_, a) =>
    Float64Array.from({ length: width }, (_, i) => (i === a ? 2 : 1 / (1 + i + a))),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const images = vectors.map((v) => {
      const image = new Float64Array(width);
      for (let i = 0; i < width; i++) {
        for (let j = 0; j < width; j++) image[i] += matrix[i * width + j] * v[j];
      }
      return image;
    });
    vectors = orthonormal(images);
  }
  return vectors;
}

/** Gram and Schmidt, twice over for orthogonality to the last bits. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const found: Float64Array[] = [];
  for (const vector of vectors) {
    const v = Float64Array.from(vector);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of found) {
        const along = dot(v, other);
        for (let i = 0; i < v.length; i++) v[i] -= along * other[i];
      }
      const length = Math.sqrt(dot(v, v));
      if (length === 0) throw new BittrueError('value', 'sequences', 'fewer directions', 'outputs in every direction');
      for (let i = 0; i < v.length; i++) v[i] /= length;
    }
    found.push(v);
  }
  return found;
}

/** Householder reflections whose product sends direction a to feature a; the other features turn as little as can be. */
function reflections(directions: readonly Float64Array[], width: number): Float64Array[] {
  const mirrors: Float64Array[] = [];
  directions.forEach((direction, a) => {
    const u = Float64Array.from(direction);
    turn(u, 0, 1, mirrors);
    // ±: the sign that does not cancel.
    u[a] += u[a] < 0 ? -1 : 1;
    const length = Math.sqrt(dot(u, u));
    mirrors.push(Float64Array.from({ length: width }, (_, i) => u[i] / length));
  });
  return mirrors;
}

/** x ← (I − 2uuᵀ)x for every mirror in turn; x is every `stride`-th number from `from`. */
function turn(data: Float64Array, from: number, stride: number, mirrors: readonly Float64Array[]): void {
  for (const u of mirrors) {
    let along = 0;
    for (let i = 0; i < u.length; i++) along += u[i] * data[from + i * stride];
    for (let i = 0; i < u.length; i++) data[from + i * stride] -= 2 * along * u[i];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
