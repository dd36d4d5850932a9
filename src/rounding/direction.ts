/**
 * The decisions that a policy makes: which neighbour an inexact result becomes, and what a result beyond all numbers.
 *
 * @module
 */
import type { FloatFormat } from '../formats/format.ts';
import { INEXACT, OVERFLOW, SATURATION } from './flags.ts';
import type { Position } from './philox.ts';
import type { Policy, RoundingMode } from './policy.ts';
import { type Fraction, goesUpAt, scaleExactFraction } from './stochastic.ts';

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

/** Whether a magnitude of `whole` quanta and a fraction, which is not 0, goes up; under every mode. */
export function goesUpExactly(
  { rounding, stochastic }: Policy,
  whole: bigint,
  fraction: Fraction,
  negative: boolean,
  position: Position,
): boolean {
  if (stochastic !== undefined) return goesUpAt(stochastic, scaleExactFraction(fraction, stochastic.bits), position);
  const twice = 2n * fraction.numerator;
  const side = twice > fraction.denominator ? 1 : twice < fraction.denominator ? -1 : 0;
  return goesUp(rounding, side, (whole & 1n) === 1n, negative);
}

/** What a result above the largest number of a format becomes, and what that raises. */
export function beyondLargest(
  { max, infinities, nan }: FloatFormat,
  { overflow, rounding }: Policy,
  negative: boolean,
): { readonly value: number; readonly flags: number } {
  const flags = OVERFLOW | INEXACT;
  const largest = negative ? -max : max;
  const saturated = { value: largest, flags: flags | SATURATION };
  if (overflow === 'saturate' || overflow === 'saturateFinite') return saturated;
  if (overflow === 'ieee' && staysFinite(rounding, negative)) return { value: largest, flags };
  if (overflow !== 'nan' && infinities !== 'none') return { value: negative ? -Infinity : Infinity, flags };
  return nan === 'none' ? saturated : { value: Number.NaN, flags };
}

/**
 * Whether an overflow stops at the largest number (IEEE 754-2019 §7.4): directed modes do, on their near side; to odd
 * as toward zero.
 */
function staysFinite(mode: RoundingMode, negative: boolean): boolean {
  return (
    mode === 'towardZero' ||
    mode === 'toOdd' ||
    (mode === 'towardPositive' && negative) ||
    (mode === 'towardNegative' && !negative)
  );
}
