/**
 * Integers that are wider than binary64: sums and products on their way into a register of up to 53 bits.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { IntegerFormat } from '../formats/format.ts';
import { addDyadic, dyadic } from './dyadic.ts';
import type { Fraction } from './stochastic.ts';

/** A rest below so many quanta has its whole quanta, the half, and a bit for what lies below that; see `Pair`. */
const REST_BITS = 51;

/** Whether a pair's rest still holds every whole quantum, which wrapping needs. */
export function canWrap(rest: number, fractionBits: number): boolean {
  return Math.abs(rest) < 2 ** (REST_BITS - fractionBits);
}

/** The magnitude a + rest in quanta of 2^−fractionBits. */
export function inQuanta(a: number, rest: number, fractionBits: number): { whole: bigint; fraction: Fraction } {
  if (!canWrap(rest, fractionBits)) {
    throw new BittrueError(
      'range',
      'x',
      a,
      'a number below 2^104 quanta, or of fewer bits: wrapping needs all of them',
    );
  }
  const { n, exponent } = addDyadic(dyadic(a), dyadic(rest));
  const places = BigInt(Math.max(0, -exponent - fractionBits));
  const scaled = n << BigInt(Math.max(0, exponent + fractionBits));
  const whole = scaled >> places;
  return { whole, fraction: { numerator: scaled - (whole << places), denominator: 1n << places } };
}

/** What a register holds after n quanta were written to it, wrapped or clamped, and whether they fit. */
export function intoRegister(format: IntegerFormat, n: bigint, wraps: boolean): { value: number; fits: boolean } {
  const { bits, signed, fractionBits, min, max } = format;
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = low + (1n << BigInt(bits)) - 1n;
  const fits = n >= low && n <= high;
  if (!fits && !wraps) return { value: n < low ? min : max, fits };
  return { value: Number(signed ? BigInt.asIntN(bits, n) : BigInt.asUintN(bits, n)) * 2 ** -fractionBits, fits };
}
