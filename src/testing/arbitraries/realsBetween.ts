/**
 * Arbitrary numbers of a range.
 *
 * @module
 */
import fc from 'fast-check';
import { BittrueError, checkNumber } from '../../errors/index.ts';
import { nextNumber } from '../binary64.ts';
import { numberOf } from './numbers.ts';

/**
 * Numbers of a range, its ends and what is beside them among them: integers, round decimals, any binary64 number, small
 * magnitudes as often as large ones. Shrinks to zero, one, and decimals of few digits.
 *
 * @param min - finite
 * @param max - finite, at least `min`
 * @example
 * import fc from 'fast-check';
 * import { int8 } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { realsBetween } from 'bittrue/testing/arbitraries';
 * fc.assert(fc.property(realsBetween(-100, 100), (x) => Math.abs(round(int8, x) - x) <= 0.5));
 */
export function realsBetween(min: number, max: number): fc.Arbitrary<number> {
  for (const [name, x] of Object.entries({ min, max })) {
    checkNumber(name, x);
    if (!Number.isFinite(x)) throw new BittrueError('range', name, x, 'a finite number');
  }
  if (max < min) throw new BittrueError('range', 'max', max, `at least min, ${min}`);
  const found: fc.WeightedArbitrary<number>[] = [];
  // Whole numbers of one unit after another, as far as they are integers that binary64 holds.
  for (const unit of [1, 0.1, 0.01, 0.001]) {
    const [low, high] = [Math.ceil(min / unit), Math.floor(max / unit)];
    if (low > high || Math.max(Math.abs(low), Math.abs(high)) > 2 ** 53) continue;
    const decimals = fc.integer({ min: low, max: high }).map((n) => Number((n * unit).toFixed(3)));
    found.push({ weight: 1, arbitrary: decimals.filter((x) => x >= min && x <= max) });
  }
  const beside = [min, max, nextNumber(min, 1), nextNumber(max, -1), 0].filter((x) => x >= min && x <= max);
  const drawn = fc.oneof(
    ...found,
    { weight: 3, arbitrary: fc.double({ min, max, noNaN: true }).map((x) => x + 0) },
    { weight: 1, arbitrary: fc.constantFrom(...beside) },
  );
  return numberOf(drawn, (x) => x >= min && x <= max);
}
