/**
 * Laws that every rounding obeys, as predicates for property tests of this library's roundings or of your own.
 *
 * @module
 */
import { checkFunction, checkNumber } from '../../errors/index.ts';
import type { Format } from '../../formats/index.ts';
import { decode, encode } from '../../rounding/index.ts';

/** A rounding under test. */
export type Rounding = (x: number) => number;

/**
 * x ≤ y implies round(x) ≤ round(y). A NaN result (overflow to NaN, a negative number in an unsigned format) is outside
 * the law.
 *
 * @example
 * import fc from 'fast-check';
 * import { binary16 } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { isMonotone } from 'bittrue/testing';
 * import { reals } from 'bittrue/testing/arbitraries';
 * const any = reals(binary16);
 * fc.assert(fc.property(any, any, (x, y) => isMonotone((z) => round(binary16, z), x, y)));
 */
export function isMonotone(round: Rounding, x: number, y: number): boolean {
  checkRounding('round', round, x, y);
  const low = round(Math.min(x, y));
  const high = round(Math.max(x, y));
  return low <= high || Number.isNaN(low) || Number.isNaN(high);
}

/** What has been rounded once rounds to itself; zeros keep their sign. */
export function isIdempotent(round: Rounding, x: number): boolean {
  checkRounding('round', round, x);
  const once = round(x);
  return Object.is(round(once), once);
}

/**
 * round(−x) = −mirrored(x), where `mirrored` rounds in the mirrored mode: toward positive for toward negative, and the
 * same mode otherwise. For signed formats; where there is no −0, both zeros count as equal.
 */
export function isSignSymmetric(round: Rounding, mirrored: Rounding, x: number): boolean {
  checkRounding('round', round, x);
  checkRounding('mirrored', mirrored);
  const a = round(-x);
  const b = -mirrored(x);
  return Object.is(a, b) || (a === 0 && b === 0);
}

/**
 * down(x) ≤ x ≤ up(x), and whatever else rounds x gives one of the two. `x` lies within the format's finite range.
 */
export function isBracketed(down: Rounding, up: Rounding, round: Rounding, x: number): boolean {
  checkRounding('down', down, x);
  checkRounding('up', up);
  checkRounding('round', round);
  const low = down(x);
  const high = up(x);
  const r = round(x);
  return low <= x && x <= high && (r === low || r === high);
}

/** A code decodes to a value that encodes to the same code; any NaN code to some NaN code. */
export function isCodeStable(format: Format, code: number): boolean {
  const value = decode(format, code);
  const again = encode(format, value, { overflow: format.kind === 'integer' ? 'saturate' : 'saturateFinite' });
  return again === code || (Number.isNaN(value) && Number.isNaN(decode(format, again)));
}

function checkRounding(argument: string, round: Rounding, ...numbers: readonly number[]): void {
  checkFunction(argument, round, 'a rounding: a function from numbers to numbers');
  for (const x of numbers) checkNumber('x', x);
}
