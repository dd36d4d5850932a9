/**
 * e^a between two integers: the exponential to any number of bits, with a bound on its error.
 *
 * @module
 */
import { type Dyadic, dyadic } from '../rounding/dyadic.ts';

/** e^a lies strictly between low · 2^exponent and high · 2^exponent. */
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
  readonly exponent: number;
}

/** How often the argument is halved before the series, and the result squared after it. */
const HALVINGS = 8;
/** Units in the last place by which the computation below may be wrong; see `exponentialInterval`. */
const ERROR = 1n << 22n;

/**
 * ln 2 · 2^bits, too small by less than 2.
 *
 * ln 2 = 2·artanh(1/3) = 2 Σ 1 / ((2i + 1)·3^(2i+1)); each term is cut by less than three units of 2^−16, and there is one
 * for three bits: enough up to 60,000 bits.
 */
export function naturalLogarithmOf2(bits: number): bigint {
  const guard = 16n;
  let power = ((2n << BigInt(bits)) << guard) / 3n;
  let sum = 0n;
  for (let k = 1n; power > 0n; k += 2n) {
    sum += power / k;
    power /= 9n;
  }
  return sum >> guard;
}

/**
 * An interval around e^a of relative width below 2^(24 − bits).
 *
 * a = k·ln 2 + r; e^r = (e^(r/256))^256 by a Taylor series and eight squarings, all in integers scaled by 2^bits.
 * Errors, in units of 2^−bits: r is off by at most 2|k| + 2, its 256th by less than 16 for |k| ≤ 1500. A term of the
 * series is cut by less than 2; r/256 is below 2^−9, so there are at most 512 of them up to 4,608 bits, and the series is
 * off by less than 2^11. Eight squarings multiply that by less than 2^8·e^|r| < 2^9 and cut one unit each: less than
 * 2^20 + 2^10. ERROR is nearly four times as much.
 *
 * @param a - finite, 2^−300 ≤ |a| ≤ 1000
 * @param bits - 128…4608; for arguments as small as 2^−m, m more than what is asked of the result
 * @param ln2 - `naturalLogarithmOf2(bits)`
 */
export function exponentialInterval(a: number, bits: number, ln2: bigint): Interval {
  return exponentialOfDyadic(dyadic(a), a, bits, ln2);
}

/** The same for any binary number a; `near` is its nearest binary64 number. */
export function exponentialOfDyadic({ n, exponent }: Dyadic, near: number, bits: number, ln2: bigint): Interval {
  const k = Math.round(near * Math.LOG2E);
  // A negative shift goes to the right.
  const scaled = n << BigInt(bits + exponent);
  const r = (scaled - BigInt(k) * ln2) >> BigInt(HALVINGS);
  const one = 1n << BigInt(bits);
  const scale = BigInt(bits);
  let sum = one;
  let term = one;
  for (let n = 1n; term > 1n || term < -1n; n += 1n) {
    term = ((term * r) >> scale) / n;
    sum += term;
  }
  for (let i = 0; i < HALVINGS; i++) sum = (sum * sum) >> scale;
  return { low: sum - ERROR, high: sum + ERROR, exponent: k - bits };
}
