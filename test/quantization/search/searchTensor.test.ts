import { describe, expect, it } from 'vitest';
import { floatQuantizer, gridNames, quantizeFloat, searchTensor } from '../../../src/quantization/index.ts';
import { candidateScales } from '../../../src/quantization/search/candidates.ts';
import { generator, normal } from '../../random.ts';
import { failure, filled, matrix } from '../helpers.ts';

describe('searchTensor', () => {
  const next = generator(50);
  const x = filled(4, 24, () => normal(next) ** 3 * 0.01);
  const list = { of: 'bias', gamma1: 0.01, gamma2: 1.2, intervals: 30, last: true, guard: 1 } as const;
  const errors = (grid: string, scales: readonly number[]) => {
    const values = quantizeFloat({ kind: 'float', grid, granularity: 'channel', scales }, x);
    return [0, 1, 2, 3].map((r) =>
      values.slice(r * 24, r * 24 + 24).reduce((sum, y, i) => sum + (y - x.data[r * 24 + i]) ** 2, 0),
    );
  };

  it.each([4, 6])('takes what brute force takes, at %d bits', (bits) => {
    const found = searchTensor(x, { bits, intervals: 30 });
    let least = Number.POSITIVE_INFINITY;
    let best = '';
    for (const grid of gridNames(bits)) {
      const initial = floatQuantizer(x, { grid, granularity: 'channel' }).scales;
      const tried = initial.map((start) => [start, ...candidateScales(start, list)]);
      const byCandidate = tried[0].map((_, c) =>
        errors(
          grid,
          tried.map((scales) => scales[c]),
        ),
      );
      const sum = [0, 1, 2, 3].reduce((total, r) => total + Math.min(...byCandidate.map((row) => row[r])), 0);
      if (sum < least) [least, best] = [sum, grid];
    }
    expect(found.grid).toBe(best);
    expect(errors(found.grid, found.scales).reduce((a, b) => a + b, 0)).toBeCloseTo(least, 12);
  });

  it('keeps rows of zeros, and refuses what does not fit', () => {
    expect(searchTensor(matrix([[0, 0]]), { bits: 4 }).scales).toEqual([1]);
    expect(searchTensor(matrix([[12, 8]]), { bits: 4, grids: ['e2m1'], keep: false }).grid).toBe('e2m1');
    expect(failure(() => searchTensor(x, { bits: 2 }))).toBe('range options.bits');
  });
});
