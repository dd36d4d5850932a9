import { describe, expect, it } from 'vitest';
import { divideToGrid } from '../../../src/quantization/divide.ts';
import { gridFormat, gridNames } from '../../../src/quantization/index.ts';
import { Climb, ladderOf, SortedRow } from '../../../src/quantization/search/ladder.ts';
import { distinctDescending, shortlist } from '../../../src/quantization/search/shortlist.ts';
import { generator, normal } from '../../random.ts';

const grids = [3, 4, 6, 8].flatMap((bits) => gridNames(bits));

describe('Climb', () => {
  it.each(grids)('follows the division by every scale, ties and neighbours of ties among them, on %s', (grid) => {
    const format = gridFormat(grid);
    const ladder = ladderOf(format);
    const next = generator(grid.charCodeAt(1) * 16 + grid.charCodeAt(3));
    const ulp = (x: number, by: number) => x * (1 + by * 2 ** -52);
    const scale = 0.1 + next();
    const x = Float64Array.from({ length: 160 }, (_, i) => {
      const sign = i % 2 === 0 ? 1 : -1;
      const midpoint = ladder.midpoints[i % ladder.midpoints.length] * scale;
      if (i < 80) return sign * ulp(midpoint, (i % 5) - 2);
      return i % 9 === 0 ? 0 : normal(next) * format.max * 0.4;
    });
    const scales = [...Array.from({ length: 9 }, (_, i) => scale * 4 * 0.7 ** i), scale, scale / 2, scale * 2];
    const sorted = new SortedRow(50);
    const climb = new Climb(50);
    const most = 50 * ladder.rises.length;
    const changes = { indices: new Int32Array(most), factors: new Float64Array(most), ends: new Int32Array(0) };
    for (const from of [0, 50, 100]) {
      sorted.sort(x, from);
      const row = x.subarray(from, from + 50);
      expect([...sorted.magnitudes]).toEqual([...row].map(Math.abs).sort((a, b) => a - b));
      expect([...sorted.order].map((place) => Math.abs(row[place]))).toEqual([...sorted.magnitudes]);
      climb.start(ladder);
      const values = new Float64Array(50);
      let end = 0;
      for (const one of scales.sort((a, b) => b - a)) {
        const begin = end;
        end = climb.advance(sorted, ladder, one, x, from, changes, begin);
        for (let j = begin; j < end; j++) values[changes.indices[j]] += changes.factors[j];
        const expected = new Float64Array(50);
        divideToGrid(format, x, one, expected, from, from + 50, 0);
        expect([...values]).toEqual([...expected].map((value) => value + 0));
      }
    }
  });

  it('sorts magnitudes that differ in their last bits only, and equal ones by place', () => {
    const x = Float64Array.from({ length: 64 }, (_, i) => 1 + ((i * 37) % 16) * 2 ** -52);
    const sorted = new SortedRow(64);
    sorted.sort(x, 0);
    expect([...sorted.magnitudes]).toEqual([...x].sort((a, b) => a - b));
    for (let i = 1; i < 64; i++) {
      if (sorted.magnitudes[i] === sorted.magnitudes[i - 1])
        expect(sorted.order[i]).toBeGreaterThan(sorted.order[i - 1]);
    }
  });
});

describe('shortlist', () => {
  const sumsOf = (table: number[][]) => {
    const calls: number[][] = [];
    const found = shortlist(table[0].length, table.length, 0, (part, candidates, sums) => {
      calls.push([...candidates]);
      for (const c of candidates) sums[c] += table[part][c];
    });
    return { found, calls };
  };

  it('keeps what is within the slack of the least, and drops what has exceeded a whole sum', () => {
    const { found, calls } = sumsOf([
      [5, 1, 9, 1.0000001],
      [1, 1, 0, 1],
      [1, 1, 0, 1],
    ]);
    expect(found).toEqual([1, 3]);
    // All; the best so far through to its end, 3; then only those below it.
    expect(calls).toEqual([[0, 1, 2, 3], [1], [1], [3], [3]]);
  });

  it('finds the least even where the first part favours another', () => {
    expect(
      sumsOf([
        [1, 2, 3],
        [10, 3, 1],
        [10, 1, 0.5],
      ]).found,
    ).toEqual([2]);
    expect(sumsOf([[4, 2, 3]]).found).toEqual([1]);
    expect(sumsOf([[0, 0, 0]]).found).toEqual([0, 1, 2]);
  });

  it('takes the first of equal scales, the largest first', () => {
    expect([...distinctDescending([2, 5, 2, 7, 5])]).toEqual([3, 1, 0]);
  });
});
