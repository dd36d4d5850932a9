/** Pieces of transformers in plain loops, from their definitions: they share no code with the source. Rows are arrays of numbers. */
import type { Tensor } from '../../../src/tensors/index.ts';
import { generator, normal } from '../../random.ts';

export type Rows = number[][];
export type Weights = Readonly<Record<string, Tensor>>;

/** Tensors of seeded numbers: γ near 1, matrices so large that signals neither die nor blow up. */
export function seeded(seed: string, shapes: Readonly<Record<string, readonly number[]>>): Record<string, Tensor> {
  const next = generator(seed);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, axis) => product * axis, 1);
      const spread = shape.length < 2 ? 0.3 : 1.2 / Math.sqrt(shape[shape.length - 1]);
      const isGamma = shape.length === 1 && !/bias$/.test(name);
      const data = Float32Array.from({ length: size }, () => (isGamma ? 1 : 0) + spread * normal(next));
      return [name, { data, shape }];
    }),
  );
}

/** W x + b, W [out, in]. */
export function apply(w: Weights, name: string, x: readonly number[], hasBias = false): number[] {
  const { data, shape } = w[`${name}.weight`];
  const [outputs, inputs] = shape;
  const y: number[] = [];
  for (let o = 0; o < outputs; o++) {
    let sum = hasBias ? w[`${name}.bias`].data[o] : 0;
    for (let i = 0; i < inputs; i++) sum += data[o * inputs + i] * x[i];
    y.push(sum);
  }
  return y;
}

/** Wᵀ x + b, W [in, out]. */
export function applyConv1d(w: Weights, name: string, x: readonly number[]): number[] {
  const { data, shape } = w[`${name}.weight`];
  const [inputs, outputs] = shape;
  const y: number[] = [];
  for (let o = 0; o < outputs; o++) {
    let sum = w[`${name}.bias`].data[o];
    for (let i = 0; i < inputs; i++) sum += data[i * outputs + o] * x[i];
    y.push(sum);
  }
  return y;
}

export function rmsNorm(w: Weights, name: string, x: readonly number[], epsilon: number, plus = 0): number[] {
  let squares = 0;
  for (const value of x) squares += value * value;
  const root = Math.sqrt(squares / x.length + epsilon);
  return x.map((value, i) => (value / root) * (w[`${name}.weight`].data[i] + plus));
}

export function layerNorm(w: Weights, name: string, x: readonly number[], epsilon: number): number[] {
  let mean = 0;
  for (const value of x) mean += value / x.length;
  let variance = 0;
  for (const value of x) variance += (value - mean) ** 2 / x.length;
  const root = Math.sqrt(variance + epsilon);
  return x.map((value, i) => ((value - mean) / root) * w[`${name}.weight`].data[i] + w[`${name}.bias`].data[i]);
}

export const add = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value + b[i]);
export const row = ({ data, shape }: Tensor, index: number): number[] =>
  Array.from(data.subarray(index * shape[1], (index + 1) * shape[1]));

/** The error function: by its series, and beyond 2, where that cancels, by Laplace's continued fraction of 1 − erf. */
function erf(x: number): number {
  if (Math.abs(x) > 2) {
    const u = Math.abs(x);
    let rest = 0;
    for (let n = 80; n >= 1; n--) rest = n / 2 / (u + rest);
    return Math.sign(x) * (1 - Math.exp(-u * u) / (Math.sqrt(Math.PI) * (u + rest)));
  }
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
export const silu = (x: number): number => x / (1 + Math.exp(-x));
export const gelu = (x: number): number => (x * (1 + erf(x / Math.sqrt(2)))) / 2;
export const geluTanh = (x: number): number =>
  (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2;
export const quickGelu = (x: number): number => x / (1 + Math.exp(-1.702 * x));
export const relu = (x: number): number => Math.max(x, 0);

/** One head turned by its position: the first numbers with those half of the turning width behind them. */
export function turn(head: readonly number[], position: number, frequencies: readonly number[], factor = 1): number[] {
  const half = frequencies.length;
  const out = [...head];
  for (let i = 0; i < half; i++) {
    const [c, s] = [factor * Math.cos(position * frequencies[i]), factor * Math.sin(position * frequencies[i])];
    out[i] = head[i] * c - head[i + half] * s;
    out[i + half] = head[i + half] * c + head[i] * s;
  }
  return out;
}

export const frequencies = (width: number, theta: number): number[] =>
  Array.from({ length: width / 2 }, (_, i) => 1 / theta ** ((2 * i) / width));

/** The heads of a row. */
export const split = (x: readonly number[], count: number): number[][] =>
  Array.from({ length: count }, (_, h) => x.slice((h * x.length) / count, ((h + 1) * x.length) / count));

export interface Attending {
  readonly isCausal?: boolean;
  readonly window?: number;
  readonly softcap?: number;
  readonly scale?: number;
}

/** Softmax attention: q[t][h], k[t][h], v[t][h]; query head h reads head ⌊h · kv / heads⌋. */
export function attend(q: number[][][], k: number[][][], v: number[][][], how: Attending = {}): Rows {
  const { isCausal = true, window = Infinity, softcap = 0 } = how;
  return q.map((heads, t) =>
    heads.flatMap((query, h) => {
      const shared = Math.floor((h * k[0].length) / heads.length);
      const seen = k.flatMap((_, s) => ((isCausal && s > t) || t - s >= window ? [] : [s]));
      const scores = seen.map((s) => {
        let sum = 0;
        for (let i = 0; i < query.length; i++) sum += query[i] * k[s][shared][i];
        const score = sum * (how.scale ?? 1 / Math.sqrt(query.length));
        return softcap > 0 ? softcap * Math.tanh(score / softcap) : score;
      });
      const most = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - most));
      const total = shares.reduce((sum, share) => sum + share, 0);
      return v[0][0].map((_, i) => {
        let sum = 0;
        seen.forEach((s, n) => {
          sum += (shares[n] / total) * v[s][shared][i];
        });
        return sum;
      });
    }),
  );
}

/** The largest difference over the largest magnitude. */
export function distance(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let [most, off] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    most = Math.max(most, Math.abs(theirs[i]));
    const d = Math.abs(ours[i] - theirs[i]);
    off = Number.isNaN(d) ? Infinity : Math.max(off, d);
  }
  return ours.length === theirs.length && most > 0 ? off / most : Infinity;
}
