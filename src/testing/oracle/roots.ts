/**
 * Square roots to far more bits than any format has, with a last bit that says "and something more": rounding such
 * a number gives what rounding the irrational number itself would give.
 *
 * @module
 */
import { bitLength, isZero, type Rational, rational } from './rational.ts';

/** Bits of a root before the sticky one; the widest format has 53, stochastic rounding wants 33 more. */
const ROOT_BITS = 160;

/** ⌊√n⌋, by Newton's method from above. */
export function integerSquareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** √(p / q · 2^exponent), truncated, its last bit set where something was cut off; p, q > 0. */
function stickyRoot(p: bigint, q: bigint, exponent: number): Rational {
  // p/q · 2^exponent = (p·2^shift / q) · 2^(exponent − shift) with exponent − shift even and the quotient long.
  let shift = Math.max(0, 2 * ROOT_BITS - bitLength(p) + bitLength(q));
  if ((exponent - shift) % 2 !== 0) shift += 1;
  const scaled = p << BigInt(shift);
  const quotient = scaled / q;
  const root = integerSquareRoot(quotient);
  const sticky = root * root * q === scaled ? 0n : 1n;
  return rational(false, 2n * root + sticky, (exponent - shift) / 2 - 1);
}

/** √x of a number that is not negative. */
export function squareRoot(x: Rational): Rational {
  return isZero(x) ? x : stickyRoot(x.numerator, x.denominator, x.exponent);
}

/** 1/√x of a positive number. */
export function reciprocalSquareRoot(x: Rational): Rational {
  return stickyRoot(x.denominator, x.numerator, -x.exponent);
}
