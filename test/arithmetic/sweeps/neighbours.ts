/**
 * The two values of a format around an exact result, found once for all modes.
 *
 * For results in the normal range, which nothing flushes and no policy tells apart, and for those at least a binade below
 * it, which are tiny whatever the mode. What lies beside the ends of the normal range is the oracle's, and it answers
 * once for all results of one sign that are too large for any rounding, below half of the smallest number, or flushed.
 *
 * @module
 */
import type { FloatFormat } from '../../../src/formats/index.ts';
import type { Rounding, RoundingMode } from '../../../src/rounding/index.ts';
import { oracleLimits } from '../../../src/testing/oracle/codes.ts';
import { exact } from '../../../src/testing/oracle/index.ts';
import type { Rational } from '../../../src/testing/oracle/rational.ts';
import { oracleProject, type Rounded } from '../../../src/testing/oracle/round.ts';

const INEXACT = 1;
const UNDERFLOW = 2;

/** Where an exact result lies; magnitudes. */
export interface Place {
  readonly negative: boolean;
  /** The value at or below, and the one above. */
  readonly lower: number;
  readonly upper: number;
  /** Whether the lower one is odd. */
  readonly isOdd: boolean;
  /** Whether both are below the normal range; then so is every rounding of the result. */
  readonly isTiny: boolean;
  /** On the lower value (null), below the midpoint (−1), on it (0) or above it (1). */
  readonly side: -1 | 0 | 1 | null;
}

interface Range {
  /** The largest number, and the exponent of the largest and of the smallest binade that has all of its numbers. */
  readonly max: number;
  readonly high: number;
  readonly low: number;
  /** Of the smallest positive number. */
  readonly smallest: number;
}

const ranges = new WeakMap<FloatFormat, Range>();

function rangeOf(format: FloatFormat): Range {
  let range = ranges.get(format);
  if (range === undefined) {
    const { minNormal, max, smallest } = oracleLimits(format);
    const exponent = (x: number): number => exact.floorLog2(exact.fromNumber(x));
    const low = exponent(minNormal) + (exact.powerOfTwo(exponent(minNormal)) === minNormal ? 0 : 1);
    range = { max, high: exponent(max), low, smallest: exponent(smallest) };
    ranges.set(format, range);
  }
  return range;
}

/** The place of a result that is not zero; null outside the range, and at one bit of precision. */
export function between(format: FloatFormat, x: Rational): Place | null {
  const m = format.mantissaBits;
  if (m === 0 || (x.negative && !format.signed)) return null;
  const exponent = exact.floorLog2(x);
  const { low, high, max, smallest } = rangeOf(format);
  const isTiny = exponent < low - 1 && exponent >= smallest - 1 && format.lowest === 'subnormal';
  if ((exponent < low && !isTiny) || exponent > high) return null;
  const last = (isTiny ? low : exponent) - m;
  const { whole, remainder, divisor } = exact.split(x, last);
  const quantum = exact.powerOfTwo(last);
  const n = Number(whole);
  const twice = 2n * remainder;
  if ((n + 1) * quantum > max) return null;
  return {
    negative: x.negative,
    lower: n * quantum,
    upper: (n + 1) * quantum,
    isOdd: n % 2 === 1,
    isTiny,
    side: remainder === 0n ? null : twice < divisor ? -1 : twice > divisor ? 1 : 0,
  };
}

/** The oracle's answers at a step, those beyond both ends kept: [too small, too large] × [positive, negative]. */
export class Ends {
  private readonly step: Rounding & { readonly format: FloatFormat };
  private readonly kept: (Rounded | undefined)[] = [];
  private readonly low: number;
  private readonly high: number;
  private readonly flushes: boolean;

  constructor(step: Rounding & { readonly format: FloatFormat }) {
    const { high, low, smallest } = rangeOf(step.format);
    const { subnormals } = step.policy;
    this.step = step;
    this.flushes = subnormals === 'flushOutputs' || subnormals === 'flushBoth';
    this.low = this.flushes && step.format.lowest === 'subnormal' ? low - 1 : smallest - 1;
    this.high = high;
  }

  /** What `oracleProject` gives for a result that is not zero; `place` from `between`. */
  project(x: Rational, place: Place | null): Rounded {
    if (place !== null && !(place.isTiny && this.flushes)) return choose(place, this.step);
    const exponent = exact.floorLog2(x);
    if (exponent >= this.low && exponent <= this.high) return oracleProject(this.step.format, this.step.policy, x);
    const end = (exponent < this.low ? 0 : 2) + (x.negative ? 1 : 0);
    this.kept[end] ??= oracleProject(this.step.format, this.step.policy, x);
    return this.kept[end];
  }
}

/** Which of the two a mode takes. */
function choose(place: Place, { format, policy }: Rounding & { readonly format: FloatFormat }): Rounded {
  const { negative, lower, upper, isOdd, isTiny, side } = place;
  const magnitude = side !== null && goesUp(policy.rounding, side, isOdd, negative) ? upper : lower;
  const flags = side === null ? 0 : isTiny ? INEXACT | UNDERFLOW : INEXACT;
  if (magnitude === 0 && !format.negativeZero) return { value: 0, flags };
  return { value: negative ? -magnitude : magnitude, flags };
}

function goesUp(rounding: RoundingMode, side: -1 | 0 | 1, isOdd: boolean, negative: boolean): boolean {
  switch (rounding) {
    case 'tiesToEven':
      return side === 1 || (side === 0 && isOdd);
    case 'tiesToAway':
      return side !== -1;
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
