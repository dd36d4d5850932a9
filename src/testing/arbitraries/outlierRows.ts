/**
 * Arbitrary rows of activations with outliers.
 *
 * @module
 */
import fc from 'fast-check';
import { checkInteger, checkObject } from '../../errors/index.ts';
import { normal } from './normal.ts';
import { numbersOf } from './numbers.ts';

/** How far the outliers stand out. */
export interface OutlierRowsConstraints {
  /** Most elements that stand out. @defaultValue 4, or the width where that is less */
  readonly maxOutliers?: number;
  /** Largest ratio of an outlier to the rest, as a power of two. @defaultValue 10 */
  readonly maxBinades?: number;
}

/**
 * Rows as language models have them: numbers spread normally around zero, and one to a few channels that are 2 to 2^maxBinades
 * times as large, all of them positive, or of both signs. Shrinks to a single outlier among zeros.
 *
 * @param width - 1 … 2^20
 * @example
 * import fc from 'fast-check';
 * import { outlierRows } from 'bittrue/testing/arbitraries';
 * const int8 = (x: Float64Array) => {
 *   const scale = x.reduce((most, one) => Math.max(most, Math.abs(one)), 0) / 127;
 *   return x.map((one) => Math.round(one / scale) * scale);
 * };
 * const isLost = (x: Float64Array) => int8(x).filter((one) => one !== 0).length < 8;
 * fc.check(fc.property(outlierRows(64), (x) => !isLost(x))).failed; // true
 */
export function outlierRows(width: number, constraints: OutlierRowsConstraints = {}): fc.Arbitrary<Float64Array> {
  checkInteger('width', width, 1, 2 ** 20);
  checkObject('constraints', constraints, ['maxOutliers', 'maxBinades']);
  const { maxOutliers = Math.min(4, width), maxBinades = 10 } = constraints;
  checkInteger('constraints.maxOutliers', maxOutliers, 1, width);
  checkInteger('constraints.maxBinades', maxBinades, 1, 100);
  const outlier = fc.record({
    at: fc.nat({ max: width - 1 }),
    size: fc.double({ min: 1, max: maxBinades, noNaN: true }),
    negative: fc.boolean(),
  });
  const row = fc
    .tuple(
      fc.array(normal(), { minLength: width, maxLength: width }),
      fc.array(outlier, { minLength: 1, maxLength: maxOutliers }),
      fc.boolean(),
    )
    .map(([rest, outliers, positive]) => {
      for (const { at, size, negative } of outliers) rest[at] = 2 ** size * 3 * (negative && !positive ? -1 : 1);
      return rest;
    });
  return numbersOf(row, { holds: Number.isFinite });
}
