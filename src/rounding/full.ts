/**
 * Rounding to binary64, the one format whose midpoints are no binary64 numbers.
 *
 * @module
 */
import { binary64 } from '../formats/binary64.ts';
import { beyondLargest, goesUpExactly } from './direction.ts';
import { addDyadic, bitLength, type Dyadic, dyadic } from './dyadic.ts';
import { INEXACT, SATURATION, UNDERFLOW } from './flags.ts';
import { ORIGIN, type Position } from './philox.ts';
import type { Policy } from './policy.ts';

const { emin: EMIN, emax: EMAX, mantissaBits: FRACTION_BITS, max: MAX } = binary64;
/** The significand that rounding up carries into the next binade. */
const CARRIED = 1n << BigInt(FRACTION_BITS + 1);
/** From here to there, a sum of two binary64 numbers neither overflows nor becomes subnormal. */
const LEAST = 2 ** -960;
const MOST = 2 ** 1023;

/**
 * The rounder of binary64 under one policy. An exact value comes as binary64 numbers x + residual, in which the
 * residual's value counts, not only its sign (where it is no binary64 number itself, it is rounded to odd); or, where
 * it may lie below the normal range or above the largest number, as an exact binary number.
 *
 * Ties to even need no more than binary64's own addition: x + residual, rounded once by the machine, is the rounding.
 *
 * A class only so that its constants sit in fields; it holds no state but `flags`, those of the last rounding.
 */
export class FullRounder {
  flags = 0;
  private readonly policy: Policy;
  private readonly isNearest: boolean;
  private readonly flushes: boolean;

  constructor(policy: Policy) {
    this.policy = policy;
    this.isNearest = policy.rounding === 'tiesToEven';
    this.flushes = policy.subnormals === 'flushOutputs' || policy.subnormals === 'flushBoth';
  }

  /** x + residual, rounded. */
  round(x: number, residual: number, position: Position = ORIGIN): number {
    this.flags = 0;
    const a = Math.abs(x);
    if (residual === 0) {
      if (a < Infinity && (a >= binary64.minNormal || a === 0 || !this.flushes)) return x;
    } else if (this.isNearest && a >= LEAST && a < MOST) {
      this.flags = INEXACT;
      return x + residual;
    }
    if (x !== x) return Number.NaN;
    if (a === Infinity) {
      if (this.policy.overflow !== 'saturate') return x;
      this.flags = SATURATION;
      return x > 0 ? MAX : -MAX;
    }
    return this.roundDyadic(addDyadic(dyadic(x), dyadic(residual)), position);
  }

  /** An exact number other than zero, rounded. */
  roundDyadic({ n, exponent }: Dyadic, position: Position = ORIGIN): number {
    const { policy } = this;
    const negative = n < 0n;
    const m = negative ? -n : n;
    const e = exponent + bitLength(m) - 1;
    this.flags = 0;
    if (e > EMAX) return this.overflowed(negative);
    let tiny = false;
    if (e < EMIN) {
      const reaches = e === EMIN - 1 && this.units(m, exponent, e - FRACTION_BITS, negative, position) === CARRIED;
      tiny = policy.tininess === 'beforeRounding' || !reaches;
      if (tiny && this.flushes) {
        this.flags = policy.flushFlags === 'underflow' ? UNDERFLOW : UNDERFLOW | INEXACT;
        return negative ? -0 : 0;
      }
    }
    const last = Math.max(e, EMIN) - FRACTION_BITS;
    const units = this.units(m, exponent, last, negative, position);
    if (units === CARRIED && e === EMAX) return this.overflowed(negative);
    if (tiny && this.flags !== 0) this.flags = UNDERFLOW | INEXACT;
    const r = Number(units) * 2 ** last;
    return negative ? -r : r;
  }

  /** m · 2^exponent in units of 2^last, rounded; sets inexact. */
  private units(m: bigint, exponent: number, last: number, negative: boolean, position: Position): bigint {
    this.flags = 0;
    if (last <= exponent) return m << BigInt(exponent - last);
    const shift = BigInt(last - exponent);
    const whole = m >> shift;
    const rest = m - (whole << shift);
    if (rest === 0n) return whole;
    this.flags = INEXACT;
    const fraction = { numerator: rest, denominator: 1n << shift };
    return goesUpExactly(this.policy, whole, fraction, negative, position) ? whole + 1n : whole;
  }

  private overflowed(negative: boolean): number {
    const { value, flags } = beyondLargest(binary64, this.policy, negative);
    this.flags = flags;
    return value;
  }
}
