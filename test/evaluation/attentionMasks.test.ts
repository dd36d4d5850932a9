/**
 * Which keys the operator Attention lets a query see, against its words in plain loops (docs/Operators.md of github.com/onnx/onnx,
 * Attention of opset 25): windows, lengths without padding, short masks, queries that see nothing, the scores as an output.
 */
import type { TypedTensor } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';
import { expectAll, floats, int64, listed, narrow, run } from './plainLoops.ts';

interface Said {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
}

/** Scores at each of the four modes, and the output, from the words of the specification. */
function stated(
  { batch, heads, queries, keys, width }: Said,
  [q, k, v]: readonly TypedTensor[],
  sees: (b: number, h: number, i: number, j: number) => boolean,
  added: (b: number, h: number, i: number, j: number) => number = () => 0,
  softcap = 0,
): { modes: number[][]; output: number[] } {
  const modes: number[][] = [[], [], [], []];
  const output: number[] = [];
  const at = (x: TypedTensor, length: number, b: number, h: number, i: number, d: number) =>
    Number(x.data[((b * heads + h) * length + i) * width + d]);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < queries; i++) {
        const row = Array.from({ length: keys }, (_, j) => {
          let score = 0;
          for (let d = 0; d < width; d++) score += at(q, queries, b, h, i, d) * at(k, keys, b, h, j, d);
          return score / Math.sqrt(width);
        });
        const capped = row.map((score) => (softcap > 0 ? softcap * Math.tanh(score / softcap) : score));
        const masked = capped.map((score, j) => (sees(b, h, i, j) ? score + added(b, h, i, j) : -Infinity));
        const top = Math.max(...masked);
        const powers = masked.map((score) => (top === -Infinity ? 0 : Math.exp(score - top)));
        const sum = powers.reduce((total, one) => total + one, 0);
        const weights = powers.map((one) => (sum === 0 ? 0 : one / sum));
        [row, capped, masked, weights].forEach((values, mode) => {
          modes[mode].push(...values);
        });
        for (let d = 0; d < width; d++) {
          output.push(weights.reduce((total, weight, j) => total + weight * at(v, keys, b, h, j, d), 0));
        }
      }
    }
  }
  return { modes, output };
}

const said: Said = { batch: 2, heads: 2, queries: 5, keys: 7, width: 4 };
const { batch, heads, queries, keys, width } = said;
const shape = [batch, heads, queries, width];
const operands = () => [floats(shape), floats([batch, heads, keys, width]), floats([batch, heads, keys, width])];

describe('what a query sees', () => {
  it.each([
    [0, 0, 0],
    [2, -1, 0],
    [-1, 1, 0],
    [1, 2, 0],
    [1, 2, 1],
    [2, 0, 1],
  ])('a window of %i keys before it and %i behind; causal: %i', (left, right, causal) => {
    const [q, k, v] = operands();
    const sees = (_: number, __: number, i: number, j: number) =>
      (left < 0 || j >= i - left) && (right < 0 || j <= i + right) && (causal === 0 || j <= i);
    const attributes = { left_window_size: left, right_window_size: right, is_causal: causal };
    const { output } = stated(said, [q, k, v], sees);
    expectAll('Attention', run('Attention', [q, k, v], attributes)[0], shape, output, 1e-12);
  });

  it('counts its place behind keys of the past', () => {
    const [q, k, v] = operands();
    const past = 3;
    const part = (x: TypedTensor, from: number, count: number): TypedTensor => {
      const rows = Array.from({ length: batch * heads }, (_, p) =>
        (x.data as Float64Array).subarray((p * keys + from) * width, (p * keys + from + count) * width),
      );
      return listed([batch, heads, count, width], ...rows.flatMap((row) => [...row]));
    };
    const inputs = [q, part(k, past, 4), part(v, past, 4), undefined, part(k, 0, past), part(v, 0, past)];
    const sees = (_: number, __: number, i: number, j: number) => j <= i + past && j >= i + past - 1;
    const found = run('Attention', inputs, { left_window_size: 1, is_causal: 1 });
    expectAll('Attention', found[0], shape, stated(said, [q, k, v], sees).output, 1e-12);
    expect(found[1].shape).toEqual([batch, heads, keys, width]);
  });

  it.each([0, 1])('keys that are no padding, as many as each of the batch has; causal: %i', (causal) => {
    const [q, k, v] = operands();
    const lengths = [6, 3];
    const sees = (b: number, _: number, i: number, j: number) =>
      j < lengths[b] && (causal === 0 || j <= i + lengths[b] - queries);
    const { output } = stated(said, [q, k, v], sees);
    const inputs = [q, k, v, undefined, undefined, undefined, int64([batch], ...lengths)];
    const found = run('Attention', inputs, { is_causal: causal });
    // Of the second the first two queries lie before all keys where it is causal: zeros.
    expectAll('Attention', found[0], shape, output, 1e-12);
  });

  it('a mask that ends before the keys do leaves out the rest', () => {
    const [q, k, v] = operands();
    const mask = floats([queries, 4]);
    const { output } = stated(
      said,
      [q, k, v],
      (_, __, ___, j) => j < 4,
      (_, __, i, j) => Number(mask.data[i * 4 + j]),
    );
    expectAll('Attention', run('Attention', [q, k, v, mask])[0], shape, output, 1e-12);
  });

  it('nothing: its weights are zeros, NaN scores or not', () => {
    const [q, k, v] = operands();
    (k.data as Float64Array)[0] = NaN;
    const truth = narrow('bool', [queries, keys], [1]);
    for (let j = 0; j < keys; j++) truth.data[2 * keys + j] = 0;
    const found = run('Attention', [q, k, v, truth], { qk_matmul_output_mode: 3 }, 4);
    const row = (from: TypedTensor, i: number, size: number) =>
      [...(from.data as Float64Array)].slice(i * size, (i + 1) * size);
    expect(row(found[0], 2, width)).toEqual([0, 0, 0, 0]);
    expect(row(found[3], 2, keys)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(row(found[0], 1, width)).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('scores as an output', () => {
  it.each([0, 1, 2, 3])('mode %i: scaled, capped, masked, as weights', (mode) => {
    const [q, k, v] = operands();
    const { modes, output } = stated(said, [q, k, v], (_, __, i, j) => j <= i, undefined, 1.5);
    const found = run('Attention', [q, k, v], { is_causal: 1, softcap: 1.5, qk_matmul_output_mode: mode }, 4);
    expectAll('Attention', found[3], [batch, heads, queries, keys], modes[mode], 1e-12);
    expectAll('Attention', found[0], shape, output, 1e-12);
  });
});
