import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregatedRanges,
  createGroupCalibration,
  featureCount,
  observeGroup,
  outlierStatistics,
  randomFeatures,
  selectFeatures,
} from '../../src/collectives/index.ts';
import { failure } from './helpers.ts';

const seen = observeGroup(createGroupCalibration({ devices: 2, width: 2 }), [
  Float64Array.of(-1, 5, 3, 9),
  Float64Array.of(2, 0, 2, -4),
]);

describe('selection', () => {
  it('adds ranges up over devices, by the codes they are for', () => {
    expect([...aggregatedRanges(seen)]).toEqual([2 * 3 + 2 * 2, 2 * 9 + 2 * 4]);
    expect([...aggregatedRanges(seen, false)]).toEqual([4 + 0, 4 + 4]);
    const empty = createGroupCalibration({ devices: 2, width: 2 });
    expect(failure(() => aggregatedRanges(empty))).toBe('shape calibration');
  });

  it('takes the k widest, the first of equals, in ascending order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 30 }), fc.nat(), (ranges, n) => {
        const k = n % (ranges.length + 1);
        const found = selectFeatures(ranges, k);
        expect(new Set(found).size).toBe(k);
        expect([...found].sort((a, b) => a - b)).toEqual(found);
        ranges.forEach((range, j) => {
          if (found.includes(j)) return;
          for (const chosen of found) {
            expect(ranges[chosen] > range || (ranges[chosen] === range && chosen < j)).toBe(true);
          }
        });
      }),
    );
    expect(failure(() => selectFeatures([1, 2], 3))).toBe('range k');
  });

  it('draws random features without replacement, the same for a seed, evenly', () => {
    expect(randomFeatures(128, 9, 7)).toEqual(randomFeatures(128, 9, 7));
    expect(randomFeatures(128, 9, 7)).not.toEqual(randomFeatures(128, 9, 8));
    const hits = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      const found = randomFeatures(10, 3, seed);
      expect(new Set(found).size).toBe(3);
      for (const j of found) hits[j]++;
    }
    // 600 expected, standard deviation 20.5.
    for (const count of hits) expect(Math.abs(count - 600)).toBeLessThan(100);
  });

  it('reads k as the paper does: ⌊E/64⌋, at least 1', () => {
    expect([5120, 4608, 128, 63].map((width) => featureCount('1/64', width))).toEqual([80, 72, 2, 1]);
    expect([featureCount(5, 10), featureCount('0', 10), featureCount('1/1', 10), featureCount('0/3', 10)]).toEqual([
      5, 0, 10, 0,
    ]);
    for (const k of ['', '1/0', '-1', '1.5', 'a']) expect(failure(() => featureCount(k, 10))).toBe('type k');
    expect(failure(() => featureCount('2/1', 10))).toBe('range k');
    expect(failure(() => featureCount(11, 10))).toBe('range k');
  });

  it('states how far ranges exceed their median, and what there is to gain', () => {
    const ranges = [1, 1, 1, 1, 1.3, 2, 40, 1];
    const found = outlierStatistics(ranges, [5, 6]);
    expect(found.maxOverMedian).toBe(40);
    expect(found.atLeast.map(({ features }) => features)).toEqual([3, 2, 2, 1, 1, 1]);
    const rest = 5 + 1.3 ** 2;
    expect(found.expectedGain).toBeCloseTo(Math.sqrt((rest + 4 + 1600) / rest), 12);
    expect(outlierStatistics([0, 0], [])).toMatchObject({ maxOverMedian: null, expectedGain: 1 });
    expect(outlierStatistics([0, 3], [1]).expectedGain).toBe(Infinity);
    expect(failure(() => outlierStatistics([], []))).toBe('shape ranges');
  });
});
