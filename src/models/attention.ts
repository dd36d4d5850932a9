/**
 * Causal grouped-query attention with rotary positions, in binary64.
 *
 * @module
 */
import { allocate } from '../errors/index.ts';
import type { LlamaConfig } from './config.ts';

/** Cosines and sines of the rotary angles: [positions, headWidth / 2] each. */
export interface RotaryTable {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/**
 * Angle of pair i at position p: p · θ^(−2i / headWidth).
 *
 * @param argument - where the number of positions comes from, for the error
 * @throws {@link BittrueError} `range` where memory has no room for the table
 */
export function rotaryTable(argument: string, positions: number, headWidth: number, theta: number): RotaryTable {
  const half = headWidth / 2;
  const cos = allocate(argument, Float64Array, positions * half);
  const sin = allocate(argument, Float64Array, positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = theta ** ((-2 * i) / headWidth);
    for (let p = 0; p < positions; p++) {
      cos[p * half + i] = Math.cos(p * frequency);
      sin[p * half + i] = Math.sin(p * frequency);
    }
  }
  return { cos, sin };
}

/**
 * Turns the pairs (i, i + headWidth / 2) of every head in place: the half-split layout of Hugging Face.
 * `x` is [rows, heads · headWidth]; `lengths` are the sequences' lengths, in order.
 */
export function rotate(
  x: Float64Array,
  lengths: readonly number[],
  heads: number,
  headWidth: number,
  table: RotaryTable,
): void {
  const half = headWidth / 2;
  let at = 0;
  for (const length of lengths) {
    for (let p = 0; p < length; p++) {
      for (let h = 0; h < heads; h++, at += headWidth) {
        for (let i = 0; i < half; i++) {
          const cos = table.cos[p * half + i];
          const sin = table.sin[p * half + i];
          const a = x[at + i];
          const b = x[at + half + i];
          x[at + i] = a * cos - b * sin;
          x[at + half + i] = b * cos + a * sin;
        }
      }
    }
  }
}

/**
 * For every token and query head: softmax(q · k / √headWidth) over the tokens up to it, times their values.
 * Queries [rows, heads · headWidth], keys and values [rows, keyValueHeads · headWidth], all rotated where due.
 */
export function attend(
  queries: Float64Array,
  keys: Float64Array,
  values: Float64Array,
  lengths: readonly number[],
  config: LlamaConfig,
): Float64Array {
  const { heads, keyValueHeads, headWidth } = config;
  const group = heads / keyValueHeads;
  const wide = heads * headWidth;
  const narrow = keyValueHeads * headWidth;
  const output = new Float64Array(queries.length);
  const scores = new Float64Array(lengths.reduce((most, length) => Math.max(most, length), 0));
  const scale = 1 / Math.sqrt(headWidth);
  let first = 0;
  for (const length of lengths) {
    for (let h = 0; h < heads; h++) {
      const shared = Math.floor(h / group) * headWidth;
      for (let p = 0; p < length; p++) {
        const query = (first + p) * wide + h * headWidth;
        weigh(scores, queries, query, keys, first * narrow + shared, narrow, p + 1, headWidth, scale);
        for (let t = 0; t <= p; t++) {
          const weight = scores[t];
          const value = (first + t) * narrow + shared;
          for (let i = 0; i < headWidth; i++) output[query + i] += weight * values[value + i];
        }
      }
    }
    first += length;
  }
  return output;
}

/** The softmax of one query against `count` keys, into `scores`. */
function weigh(
  scores: Float64Array,
  queries: Float64Array,
  query: number,
  keys: Float64Array,
  firstKey: number,
  stride: number,
  count: number,
  width: number,
  scale: number,
): void {
  let largest = -Infinity;
  for (let t = 0; t < count; t++) {
    const key = firstKey + t * stride;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += queries[query + i] * keys[key + i];
    scores[t] = sum * scale;
    if (scores[t] > largest) largest = scores[t];
  }
  let total = 0;
  for (let t = 0; t < count; t++) {
    scores[t] = Math.exp(scores[t] - largest);
    total += scores[t];
  }
  for (let t = 0; t < count; t++) scores[t] /= total;
}
