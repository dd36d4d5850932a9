/**
 * Rounding one number.
 *
 * @module
 */
import { checkNumber } from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import { FLUSH } from './flags.ts';
import { flushThreshold, keptRounder } from './keptRounder.ts';
import type { PartialPolicy, Policy } from './policy.ts';
import type { Rounder } from './rounder.ts';

/** A rounded value and the flags that its rounding raised. */
export interface Rounded {
  readonly value: number;
  /** Sum of flag bits; see `flagNames`. */
  readonly flags: number;
}

/**
 * A number rounded to a format, once.
 *
 * @param format - the format
 * @param x - any number: NaN and infinities included
 * @param policy - what differs from the format's defaults
 * @throws {@link BittrueError} for a NaN in a format without NaN (unless `policy.nanInput` says otherwise)
 * @example
 * import { binary16, e4m3fn } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * round(binary16, 65519.99999999999); // 65504
 * round(e4m3fn, 465); // NaN
 * round(e4m3fn, 465, { overflow: 'saturate' }); // 448
 */
export function round(format: Format, x: number, policy?: PartialPolicy): number {
  checkNumber('x', x);
  const { rounder, flushBelow, flushes } = keptRounder(format, policy);
  return flushes ? roundPairBy(rounder, x, 0, flushBelow).value : rounder.round(x, 0);
}

/**
 * A number rounded to a format, with the flags of the rounding.
 *
 * @throws {@link BittrueError} as `round`
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { flagNames, roundWithFlags } from 'bittrue/rounding';
 * const { value, flags } = roundWithFlags(binary16, 1e-6);
 * value; // 0.0000010132789611816406
 * flagNames(flags); // ['inexact', 'underflow']
 */
export function roundWithFlags(format: Format, x: number, policy?: PartialPolicy): Rounded {
  checkNumber('x', x);
  const { rounder, flushBelow } = keptRounder(format, policy);
  return roundPairBy(rounder, x, 0, flushBelow);
}

/**
 * An exact value, given as a pair (see `Rounder`), as the one operand of a rounding: flushed when subnormal in `from`,
 * the format that it comes from.
 */
export function roundPair(format: Format, x: number, residual: number, policy: Policy, from: Format = format): Rounded {
  const { rounder, flushBelow } = keptRounder(format, policy);
  return roundPairBy(rounder, x, residual, from === format ? flushBelow : flushThreshold(from, policy));
}

function roundPairBy(rounder: Rounder, x: number, residual: number, flushBelow: number): Rounded {
  if (isBelow(x, residual, flushBelow)) {
    const value = rounder.round(x < 0 ? -0 : 0, 0);
    return { value, flags: rounder.flags | FLUSH };
  }
  const value = rounder.round(x, residual);
  return { value, flags: rounder.flags };
}

/** Whether an exact value other than zero, given as a pair, lies below a threshold. */
export function isBelow(x: number, residual: number, threshold: number): boolean {
  const a = Math.abs(x);
  return a > 0 && (a < threshold || (a === threshold && residual !== 0 && residual > 0 !== x > 0));
}
