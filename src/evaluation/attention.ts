/**
 * Attention and rotary embedding (Operators.md of github.com/onnx/onnx, Attention of opset 25, RotaryEmbedding of opset 23).
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf } from '../graphs/attributes.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { strided } from './movement.ts';
import { softmaxRow } from './normalization.ts';
import { multiplyInto, multiplyTransposedInto } from './products.ts';
import {
  broadcastShape,
  broadcastStrides,
  integers,
  misfit,
  needed,
  type Operator,
  reals,
  stridesOf,
} from './tensors.ts';

/** Queries, keys and values over (batch, head, position, feature), and what becomes of the scores. */
export interface AttentionCall {
  readonly batch: number;
  readonly heads: number;
  /** Heads of keys and values: queries share them in groups. */
  readonly sharedHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly scale: number;
  readonly softcap: number;
  /** What a mask adds to a score; −∞ where it is left out. Null: no mask. */
  readonly bias: ((batch: number, head: number, query: number, key: number) => number) | null;
  /** The keys from one to before another that a query may see: what is causal, a window, and how many keys are no padding. */
  readonly seen: (batch: number, query: number) => readonly [first: number, end: number];
  /** Where nothing but causality hides keys: query i sees those before i + past + 1. Else null. */
  readonly past: number | null;
  /** Whether operands came with three axes, and the output has three. */
  readonly isFlat: boolean;
}

/** (batch, position, head · feature) as (batch, head, position, feature). */
function byHeads(node: Node, x: TypedTensor, heads: number): TypedTensor {
  const data = { ...x, data: reals(node, x) };
  if (x.shape.length === 4) return data;
  const [batch, positions, hidden] = x.shape;
  if (x.shape.length !== 3 || hidden % heads !== 0) throw misfit(node, x.shape, [heads]);
  const own = stridesOf([batch, positions, heads, hidden / heads]);
  return strided(node, data, [batch, heads, positions, hidden / heads], [own[0], own[2], own[1], own[3]]);
}

/** Old positions before new ones. */
function appended(node: Node, past: TypedTensor | undefined, x: TypedTensor): TypedTensor {
  if (past === undefined) return x;
  const [batch, heads, before, width] = past.shape;
  const [, , positions] = x.shape;
  const old = reals(node, past);
  const data = new Float64Array(batch * heads * (before + positions) * width);
  for (let h = 0; h < batch * heads; h++) {
    data.set(old.subarray(h * before * width, (h + 1) * before * width), h * (before + positions) * width);
    const fresh = (x.data as Float64Array).subarray(h * positions * width, (h + 1) * positions * width);
    data.set(fresh, (h * (before + positions) + before) * width);
  }
  return { type: x.type, shape: [batch, heads, before + positions, width], data };
}

/** An Attention node's operands, checked. */
export function attentionCall(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
): AttentionCall & { k4: TypedTensor; v4: TypedTensor } {
  const [q3, k3, v3] = [0, 1, 2].map((place) => needed(node, inputs, place));
  const isFlat = q3.shape.length === 3;
  const q = byHeads(node, q3, isFlat ? numberOf(node, 'q_num_heads') : 0);
  const k = appended(node, inputs[4], byHeads(node, k3, isFlat ? numberOf(node, 'kv_num_heads') : 0));
  const v = appended(node, inputs[5], byHeads(node, v3, isFlat ? numberOf(node, 'kv_num_heads') : 0));
  const [batch, heads, queries, width] = q.shape;
  const [, sharedHeads, keys, keyWidth] = k.shape;
  if (width !== keyWidth || heads % sharedHeads !== 0 || v.shape[2] !== keys || v.shape[1] !== sharedHeads) {
    throw misfit(node, q.shape, k.shape, v.shape);
  }
  const bias = biasOf(node, inputs[3], [batch, heads, queries, keys]);
  return {
    batch,
    heads,
    sharedHeads,
    queries,
    keys,
    width,
    valueWidth: v.shape[3],
    q: q.data as Float64Array,
    k: k.data as Float64Array,
    v: v.data as Float64Array,
    scale: numberOf(node, 'scale', 1 / Math.sqrt(width)),
    softcap: numberOf(node, 'softcap', 0),
    bias,
    ...visible(node, inputs, [batch, queries, keys]),
    isFlat,
    k4: k,
    v4: v,
  };
}

/** Which keys a query sees, whatever the mask. */
function visible(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  [batch, queries, keys]: readonly [number, number, number],
): Pick<AttentionCall, 'seen' | 'past'> {
  const isCausal = numberOf(node, 'is_causal', 0) !== 0;
  const [left, right] = [numberOf(node, 'left_window_size', -1), numberOf(node, 'right_window_size', -1)];
  const lengths = integers(inputs[6]);
  if (lengths !== null && inputs[4] !== undefined)
    throw new BittrueError('unsupported', node.name, 'nonpad_kv_seqlen beside past keys', 'one of them');
  if (lengths !== null && lengths.length !== batch) throw misfit(node, [batch], [lengths.length]);
  // A query's place among the keys: behind those that were there before.
  const before = (b: number): number => (lengths === null ? (inputs[4]?.shape[2] ?? 0) : lengths[b] - queries);
  const seen = (b: number, i: number): readonly [number, number] => {
    const place = before(b) + i;
    const end = Math.min(
      lengths === null ? keys : Math.min(keys, lengths[b]),
      isCausal ? place + 1 : Infinity,
      right < 0 ? Infinity : place + right + 1,
    );
    const first = left < 0 ? 0 : Math.max(0, place - left);
    return end <= first ? [0, 0] : [first, end];
  };
  const isPlain = lengths === null && left < 0 && right < 0;
  return { seen, past: isCausal && isPlain ? before(0) : null };
}

/** What a mask adds to a score; keys that a shorter mask does not reach are left out. */
function biasOf(node: Node, mask: TypedTensor | undefined, shape: readonly number[]): AttentionCall['bias'] {
  if (mask === undefined) return null;
  const width = mask.shape[mask.shape.length - 1] ?? 1;
  const reach = width > 1 && width < shape[3] ? width : shape[3];
  const reached = [...shape.slice(0, 3), reach];
  if (broadcastShape(node, [reached, mask.shape]).join() !== reached.join()) throw misfit(node, shape, mask.shape);
  const [b1, h1, q1, k1] = broadcastStrides(mask.shape, reached);
  const isTruth = mask.type === 'bool';
  return (b, h, i, j) => {
    if (j >= reach) return -Infinity;
    const value = Number(mask.data[b * b1 + h * h1 + i * q1 + j * k1]);
    return isTruth ? (value ? 0 : -Infinity) : value;
  };
}

/** The scores of one head after scale, cap and mask: [queries, keys]; `out` may be `raw` itself. */
export function scoresOf(
  call: AttentionCall,
  raw: Float64Array,
  b: number,
  h: number,
  out: Float64Array = new Float64Array(raw.length),
): Float64Array {
  const { queries, keys } = call;
  for (let i = 0; i < queries; i++) {
    const [first, end] = call.seen(b, i);
    for (let j = 0; j < keys; j++) {
      if (j < first || j >= end) out[i * keys + j] = scoreOf(call, raw[i * keys + j]) + -Infinity;
    }
    scoreRow(call, raw, out, b, h, i, first, end);
  }
  return out;
}

/** Whether a query sees no key at all: its weights are zeros then, whatever the scores. */
export function seesNone({ seen, bias }: AttentionCall, b: number, h: number, i: number): boolean {
  const [first, end] = seen(b, i);
  if (bias === null) return end <= first;
  for (let j = first; j < end; j++) if (bias(b, h, i, j) !== -Infinity) return false;
  return true;
}

/** A score before the mask. */
function scoreOf({ scale, softcap }: AttentionCall, raw: number): number {
  const score = raw * scale;
  return softcap > 0 ? softcap * Math.tanh(score / softcap) : score;
}

/** Those of one query and the keys from `first` to before `end`. */
function scoreRow(
  call: AttentionCall,
  raw: Float64Array,
  out: Float64Array,
  b: number,
  h: number,
  i: number,
  first: number,
  end: number,
): void {
  const { keys, bias } = call;
  for (let j = first, at = i * keys + first; j < end; j++, at++) {
    out[at] = scoreOf(call, raw[at]) + (bias === null ? 0 : bias(b, h, i, j));
  }
}

/** Q · Kᵀ, softmax, · V for every head. */
const attention: Operator = (node, inputs) => {
  const call = attentionCall(node, inputs);
  const { batch, heads, sharedHeads, queries, keys, width, valueWidth } = call;
  const out = new Float64Array(batch * heads * queries * valueWidth);
  const scores = new Float64Array(queries * keys);
  const shown = (node.outputs[3] ?? '') === '' ? null : new Float64Array(batch * heads * queries * keys);
  const shows = shown === null ? null : numberOf(node, 'qk_matmul_output_mode', 0);
  const attend = shows === null && isTriangular(call) ? attendCausally : attendAll;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const shared = (b * sharedHeads + Math.floor(h / (heads / sharedHeads))) * keys;
      const at = (b * heads + h) * queries;
      scores.fill(0);
      const show = (mode: number, values: () => Float64Array): void => {
        if (mode === shows) shown?.set(values(), at * keys);
      };
      attend(call, scores, out, [b, h], [at * width, shared * width, shared * valueWidth, at * valueWidth], show);
    }
  }
  const { type } = inputs[0]!;
  const seen: TypedTensor[] = shown === null ? [] : [{ type, shape: [batch, heads, queries, keys], data: shown }];
  return [attentionOutput(node, call, out, type), call.k4, call.v4, ...seen];
};

/** One head: its scores, zeros at first, its place, and where its queries, keys, values and outputs begin. */
type Attend = (
  call: AttentionCall,
  scores: Float64Array,
  out: Float64Array,
  [b, h]: readonly [number, number],
  [atQ, atK, atV, to]: readonly [number, number, number, number],
  show: (mode: number, values: () => Float64Array) => void,
) => void;

const attendAll: Attend = (call, scores, out, [b, h], [atQ, atK, atV, to], show) => {
  const { queries, keys, width, valueWidth, q, k, v } = call;
  multiplyTransposedInto(q, k, scores, queries, width, keys, { from: [atQ, atK, 0] });
  // The values of qk_matmul_output_mode: scaled, capped, masked, and as softmax leaves them.
  show(0, () => scores.map((raw) => raw * call.scale));
  show(1, () => scores.map((raw) => scoreOf(call, raw)));
  scoresOf(call, scores, b, h, scores);
  show(2, () => scores);
  for (let i = 0; i < queries; i++) {
    if (seesNone(call, b, h, i)) scores.fill(0, i * keys, (i + 1) * keys);
    else softmaxRow(scores, i * keys, (i + 1) * keys);
  }
  show(3, () => scores);
  multiplyInto(scores, v, out, queries, keys, valueWidth, { from: [0, atV, to] });
};

/** Keys that are taken together where later ones are left out. */
const BLOCK = 64;

/** Magnitudes whose products and sums stay finite. */
const MIDDLING = 1e100;

/**
 * Whether what a causal mask leaves out changes nothing: its scores are finite and become 0 after softmax, and 0 times a finite value
 * is added to no effect. A NaN or an infinity would come through.
 */
function isTriangular({ past, queries, q, k, v }: AttentionCall): boolean {
  return past !== null && queries >= BLOCK && isMiddling(q) && isMiddling(k) && isMiddling(v);
}

function isMiddling(x: Float64Array): boolean {
  for (let i = 0; i < x.length; i++) if (!(Math.abs(x[i]) < MIDDLING)) return false;
  return true;
}

/** The same without the products that a causal mask leaves out, block by block of keys; each sum in its order. */
const attendCausally: Attend = (call, scores, out, [b, h], [atQ, atK, atV, to]) => {
  const { queries, keys, width, valueWidth, q, k, v } = call;
  const past = call.past as number;
  for (let j = 0; j < keys; j += BLOCK) {
    const [first, count] = [Math.max(0, j - past), Math.min(BLOCK, keys - j)];
    if (first >= queries) break;
    multiplyTransposedInto(q, k, scores, queries - first, width, count, {
      from: [atQ + first * width, atK + j * width, first * keys + j],
      steps: [width, keys],
    });
  }
  for (let i = 0; i < queries; i++) {
    const [from, seen] = [i * keys, Math.min(keys, i + past + 1)];
    scoreRow(call, scores, scores, b, h, i, 0, seen);
    if (seesNone(call, b, h, i)) scores.fill(0, from, from + seen);
    else softmaxRow(scores, from, from + seen);
    scores.fill(0, from + seen, from + keys);
  }
  for (let j = 0; j < keys; j += BLOCK) {
    const [first, count] = [Math.max(0, j - past), Math.min(BLOCK, keys - j)];
    if (first >= queries) break;
    multiplyInto(scores, v, out, queries - first, count, valueWidth, {
      from: [first * keys + j, atV + j * valueWidth, to + first * valueWidth],
      steps: [keys, valueWidth],
    });
  }
};

/** (batch, head, position, feature) as the operands came. */
export function attentionOutput(
  node: Node,
  call: AttentionCall,
  data: Float64Array,
  type: TypedTensor['type'],
): TypedTensor {
  const { batch, heads, queries, valueWidth, isFlat } = call;
  const whole: TypedTensor = { type, shape: [batch, heads, queries, valueWidth], data };
  if (!isFlat) return whole;
  const own = stridesOf(whole.shape);
  const turned = strided(node, whole, [batch, queries, heads, valueWidth], [own[0], own[2], own[1], own[3]]);
  return { ...turned, shape: [batch, queries, heads * valueWidth] };
}

/** Pairs of features turned by an angle of their position. */
const rotaryEmbedding: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const [cosines, sines] = [needed(node, inputs, 1), needed(node, inputs, 2)];
  const isFlat = x.shape.length === 3;
  const turned = byHeads(node, x, isFlat ? numberOf(node, 'num_heads') : 0);
  const [batch, heads, positions, width] = turned.shape;
  const rotated = numberOf(node, 'rotary_embedding_dim', 0) || width;
  const half = rotated / 2;
  const isInterleaved = numberOf(node, 'interleaved', 0) !== 0;
  const ids = integers(inputs[3]);
  if (ids !== null && ids.length !== batch * positions) throw misfit(node, x.shape, [ids.length]);
  const [cos, sin] = [reals(node, cosines), reals(node, sines)];
  const read = turned.data as Float64Array;
  const data = read.slice();
  for (let b = 0; b < batch; b++) {
    for (let s = 0; s < positions; s++) {
      const angle = ids === null ? b * positions + s : ids[b * positions + s];
      if (!(angle >= 0 && angle * half + half <= cos.length))
        throw new BittrueError('range', node.name, `position ${angle}`, 'a position of the cache');
      for (let h = 0; h < heads; h++) {
        const from = ((b * heads + h) * positions + s) * width;
        for (let i = 0; i < half; i++) {
          // One by one: a list of numbers would be made for every pair.
          const p = isInterleaved ? from + 2 * i : from + i;
          const q = isInterleaved ? p + 1 : p + half;
          const c = cos[angle * half + i];
          const d = sin[angle * half + i];
          const real = read[p];
          const imaginary = read[q];
          data[p] = c * real - d * imaginary;
          data[q] = d * real + c * imaginary;
        }
      }
    }
  }
  const whole: TypedTensor = { type: x.type, shape: turned.shape, data };
  if (!isFlat) return [whole];
  const own = stridesOf(turned.shape);
  const back = strided(node, whole, [batch, positions, heads, width], [own[0], own[2], own[1], own[3]]);
  return [{ ...back, shape: x.shape }];
};

/** The operators of this file. */
export const attending: Readonly<Record<string, Operator>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
