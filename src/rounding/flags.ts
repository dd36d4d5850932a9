/**
 * The event kinds and their flag bits. The first five are TestFloat's.
 *
 * @module
 */

/** The kinds in flag-bit order: kind k has the bit `1 << k`, and column k in every table of counts. */
export const eventKinds = [
  'inexact',
  'underflow',
  'overflow',
  'divideByZero',
  'invalid',
  'saturation',
  'wrap',
  'absorption',
  'flush',
] as const;

/** What can happen in one operation. */
export type EventKind = (typeof eventKinds)[number];

/** The result was rounded. */
export const INEXACT = 1;
/** The result is tiny and inexact. */
export const UNDERFLOW = 2;
/** The result, rounded with unbounded exponent, exceeds the largest finite number. */
export const OVERFLOW = 4;
/** A finite number other than zero was divided by zero. */
export const DIVIDE_BY_ZERO = 8;
/** No value is defined: ∞ − ∞, 0 · ∞, √−1, a negative number in an unsigned format. */
export const INVALID = 16;
/** ±max replaced an infinity, a NaN or a number out of range. */
export const SATURATION = 32;
/** An integer result was reduced modulo 2^bits. */
export const WRAP = 64;
/** A sum of two finite numbers other than zero equals one of them: the other addend is lost. */
export const ABSORPTION = 128;
/** A subnormal operand was read as zero. */
export const FLUSH = 256;

/** The flags that make a run not `ok`. */
export const FAILURES = OVERFLOW | DIVIDE_BY_ZERO | INVALID | SATURATION | WRAP;

/**
 * The names of the kinds in a flags integer, in bit order.
 *
 * @example
 * import { flagNames } from 'bittrue/rounding';
 * flagNames(5); // ['inexact', 'overflow']
 */
export function flagNames(flags: number): EventKind[] {
  return eventKinds.filter((_, bit) => flags & (1 << bit));
}
