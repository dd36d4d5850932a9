/**
 * Numbers of which it is known how far they may be from the real ones.
 *
 * @module
 */
import { NONE } from '../accumulators/alignedTerms.ts';
import { exponentOf } from '../rounding/rounder.ts';
import { type Roundoff, up } from './outward.ts';

/** A term, a sum or a result: the computed number, the real one and `value` lie within `error` of each other. */
export interface Estimate {
  /** The real value, in binary64. */
  readonly value: number;
  /** Infinity where an overflow cannot be excluded, or a zero divisor. */
  readonly error: number;
  /** Of a product: the exponents that an aligned sum goes by, before it is normalised; NONE for others and zeros. */
  readonly exponent: number;
}

/** An estimate of a number that is no exact product. */
export function estimate(value: number, error: number): Estimate {
  return error < Number.POSITIVE_INFINITY && value - value === 0 ? { value, error, exponent: NONE } : UNKNOWN;
}

/** Nothing is known of it. */
export const UNKNOWN: Estimate = /* @__PURE__ */ Object.freeze({
  value: 0,
  error: Number.POSITIVE_INFINITY,
  exponent: NONE,
});

/** The largest magnitude of the three. */
export function mostOf({ value, error }: Estimate): number {
  return up(Math.abs(value) + error);
}

/** What one rounding of a number of at most this magnitude may add: numbers of a binade are as far apart as at its lower end. */
export function roundingError({ relative, absolute }: Roundoff, magnitude: number): number {
  if (magnitude === 0 || !(magnitude < Number.POSITIVE_INFINITY)) return up(magnitude + absolute);
  return up(relative * 2 ** exponentOf(magnitude) + absolute);
}

/** What binary64 loses of a result itself. */
export function lostOf(value: number): number {
  return up(Math.abs(value) * 2 ** -53);
}
