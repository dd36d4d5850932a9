/**
 * The decisions that a rounding mode makes.
 *
 * @module
 */
import type { RoundingMode } from './policy.ts';

/**
 * Whether an inexact magnitude goes up to the next multiple of the quantum; never under `stochastic`.
 *
 * @param side - above (1), on (0) or below (−1) the midpoint
 * @param isOdd - parity of the multiple below
 */
export function goesUp(mode: RoundingMode, side: number, isOdd: boolean, negative: boolean): boolean {
  switch (mode) {
    case 'tiesToEven':
      return side > 0 || (side === 0 && isOdd);
    case 'tiesToAway':
      return side >= 0;
    case 'towardPositive':
      return !negative;
    case 'towardNegative':
      return negative;
    case 'toOdd':
      return !isOdd;
    default:
      return false;
  }
}

/**
 * Whether an overflow stops at the largest number (IEEE 754-2019 §7.4): directed modes do, on their near side; to odd
 * as toward zero.
 */
export function staysFinite(mode: RoundingMode, negative: boolean): boolean {
  return (
    mode === 'towardZero' ||
    mode === 'toOdd' ||
    (mode === 'towardPositive' && negative) ||
    (mode === 'towardNegative' && !negative)
  );
}
