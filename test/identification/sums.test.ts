/** Sums and means as hand-written loops form them; sums.exhaustive.ts has lanes, rests and squares. */
import { describe, expect, it } from 'vitest';
import { binary32 } from '../../src/formats/index.ts';
import { type AskSum, identifySum } from '../../src/identification/index.ts';

const f = Math.fround;

/** A loop over the numbers of one row. */
const asked =
  (loop: (row: readonly number[]) => number): AskSum =>
  ({ rows, n, x }) => {
    const numbers = new Float32Array(Uint32Array.from(x as Uint32Array).buffer);
    const row = (r: number) => loop([...numbers.subarray(r * n, (r + 1) * n)]);
    return new Uint32Array(Float32Array.from({ length: rows }, (_, r) => row(r)).buffer);
  };

describe('sums and means', () => {
  it('that start from the first element', () => {
    const loop = (row: readonly number[]) => row.slice(1).reduce((total, x) => f(total + x), row[0] as number);
    const found = identifySum(asked(loop), { n: 5, format: binary32, agree: 200 });
    expect(found).toMatchObject({ verdict: 'identified', arithmetic: 'additions in binary32, from the first element' });
  });

  it('divided by n', () => {
    const loop = (row: readonly number[]) => f(row.reduce((total, x) => f(total + x), 0) / row.length);
    const found = identifySum(asked(loop), { n: 5, format: binary32, of: 'mean', agree: 200 });
    expect(found).toMatchObject({ verdict: 'identified', mean: 'divide' });
  });
});
