/** Sums, means and sums of squares as hand-written loops form them: what is found gives the same bits on fresh rows. */
import { describe, expect, it } from 'vitest';
import { binary32 } from '../../src/formats/index.ts';
import { type AskSum, identifySum } from '../../src/identification/index.ts';
import { sum } from '../../src/kernels/index.ts';
import { generator } from '../random.ts';

const f = Math.fround;
type Loop = (row: readonly number[]) => number;

const asked =
  (loop: Loop): AskSum =>
  ({ rows, n, x }) => {
    const numbers = new Float32Array(Uint32Array.from(x as Uint32Array, Number).buffer);
    const row = (r: number) => loop([...numbers.subarray(r * n, (r + 1) * n)]);
    return new Uint32Array(Float32Array.from({ length: rows }, (_, r) => row(r)).buffer);
  };

const chain = (row: readonly number[], from = 0): number => row.reduce((total, x) => f(total + x), from);
const lanes = (row: readonly number[]): number[] => [0, 1, 2, 3].map((l) => chain(row.filter((_, i) => i % 4 === l)));
const head = (row: readonly number[]) => row.slice(0, row.length - (row.length % 4));
const tail = (row: readonly number[]) => row.slice(row.length - (row.length % 4));
const halves = ([p = 0, q = 0, r = 0, s = 0]: readonly number[]): number => f(f(p + r) + f(q + s));
const options = { format: binary32, agree: 200 } as const;

describe('four lanes and a rest', () => {
  it.each<[string, number, Loop, RegExp]>([
    ['into the lanes', 10, (row) => chain(lanes(row)), /^4 interleaved sums/],
    ['of zeros, a tree of the lanes', 10, (row) => halves(lanes(row)), /^4 interleaved sums.*butterfly/],
    [
      'one by one on top',
      10,
      (row) => chain(tail(row), chain(lanes(head(row)))),
      /^multiples of 4: 4 interleaved sums/,
    ],
    ['of one, on top of a tree', 9, (row) => chain(tail(row), halves(lanes(head(row)))), /^8 at a time: .*butterfly/],
    ['of two, on top of a tree', 10, (row) => chain(tail(row), halves(lanes(head(row)))), /multiples of 4.*butterfly/],
    ['from the first element', 5, (row) => row.slice(1).reduce((total, x) => f(total + x), row[0]), /first/],
  ])('%s', (_, n, loop, words) => {
    const found = identifySum(asked(loop), { n, ...options });
    if (found.verdict !== 'identified' || found.target === null) throw new Error('not identified');
    expect(found.arithmetic).toMatch(words);
    const next = generator('rest');
    const x = Float32Array.from({ length: 2000 * n }, () => f((next() - 0.5) * 2 ** Math.floor(next() * 12)));
    const { output } = sum(x, { rows: 2000, width: n, target: found.target, record: 'off' });
    const own = Array.from({ length: 2000 }, (_one, r) => loop([...x.subarray(r * n, (r + 1) * n)]));
    expect([...output]).toEqual(own);
  });
});

describe('means and squares', () => {
  it.each<[string, 'mean' | 'squares', Loop, 'divide' | 'reciprocal' | null]>([
    ['over n', 'mean', (row) => f(chain(row) / row.length), 'divide'],
    ['times 1/n', 'mean', (row) => f(chain(row) * f(1 / row.length)), 'reciprocal'],
    ['of squares, each rounded', 'squares', (row) => chain(row.map((x) => f(x * x))), null],
  ])('%s', (_, of, loop, mean) => {
    const found = identifySum(asked(loop), { n: 6, of, ...options });
    if (found.verdict !== 'identified') throw new Error(found.reason);
    expect(found.mean).toBe(mean);
    expect(found.arithmetic).toMatch(/additions in binary32/);
  });
});
