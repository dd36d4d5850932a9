/**
 * Arbitrary neighbours among a format's values.
 *
 * @module
 */
import fc from 'fast-check';
import type { Format } from '../../formats/index.ts';
import { checkCodes } from '../../rounding/binary64.ts';
import { numberAt, ordinalsOf } from '../ordinals.ts';
import { drawnAs } from './shrunkBy.ts';

/**
 * Two finite values of a format with none between them, the smaller one first: what monotonicity, ties and brackets are about.
 * Weight on zero, the smallest normal numbers and the ends of the range. Shrinks toward zero.
 *
 * @throws {@link BittrueError} for a format of more than 53 bits
 * @example
 * import fc from 'fast-check';
 * import { e4m3fn } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { adjacentPairs } from 'bittrue/testing/arbitraries';
 * const isEither = ([x, y]: readonly [number, number]) => [x, y].includes(round(e4m3fn, x + 0.3 * (y - x)) + 0);
 * fc.assert(fc.property(adjacentPairs(e4m3fn), isEither));
 */
export function adjacentPairs(format: Format): fc.Arbitrary<readonly [number, number]> {
  checkCodes('format', format);
  const { low, high, minNormal } = ordinalsOf(format);
  const within = (n: number): number => Math.max(low, Math.min(high - 1, n));
  const all = fc.integer({ min: low, max: high - 1 });
  const edges = [0, -1, low, high - 1, minNormal - 1, minNormal, -minNormal, -minNormal - 1].map(within);
  const drawn = fc.oneof({ weight: 3, arbitrary: all }, { weight: 1, arbitrary: fc.constantFrom(...edges) });
  return drawnAs(drawn, all).map(
    (ordinal) => [numberAt(format, ordinal) + 0, numberAt(format, ordinal + 1) + 0] as const,
  );
}
