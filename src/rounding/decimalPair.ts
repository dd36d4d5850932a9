/**
 * Decimal numerals as pairs of binary64 numbers.
 *
 * @module
 */
import { BigNumber } from 'bignumber.js';
import type { Numeral } from './numeral.ts';
import type { Pair } from './pair.ts';

/**
 * Enough places for any binary64 number to be exact (2^−1074 has 1074), and a range in which exponents are honest; a
 * clone, so that the user's own BigNumber settings are neither read nor changed.
 */
const Decimal = /* @__PURE__ */ BigNumber.clone({ DECIMAL_PLACES: 1100, RANGE: 1e9, EXPONENTIAL_AT: 1e9 });

type Exact = BigNumber;

/** A finite binary64 number, exactly. */
function exact(x: number): Exact {
  // A binary64 number is an integer times a power of two; both factors are exact decimals, and so is their product.
  let mantissa = x;
  let halvings = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    halvings += 1;
  }
  const integer = new Decimal(BigInt(mantissa).toString());
  return halvings === 0 ? integer : integer.times(new Decimal(0.5).pow(halvings));
}

/** Beyond these powers of ten every format's answer is that of the largest or smallest binary64 number. */
const LARGEST_EXPONENT = 400;

/** A decimal numeral as a pair. */
export function decimalPair(numeral: Numeral | number): Pair {
  if (typeof numeral === 'number') return { x: numeral, residual: 0 };
  const { negative: minus, digits, power } = numeral;
  if (digits === '') return { x: minus ? -0 : 0, residual: 0 };
  // The power of ten of the leading digit, before any big arithmetic: '1e999999999' costs nothing.
  const leading = power + digits.length - 1;
  if (leading > LARGEST_EXPONENT) return { x: minus ? -Number.MAX_VALUE : Number.MAX_VALUE, residual: minus ? -1 : 1 };
  if (leading < -LARGEST_EXPONENT) return { x: minus ? -Number.MIN_VALUE : Number.MIN_VALUE, residual: minus ? 1 : -1 };
  return pairOf(new Decimal(`${minus ? '-' : ''}${digits}e${power}`));
}

/** An exact number as a pair. */
function pairOf(value: Exact): Pair {
  const minus = value.isNegative();
  let x = Number(value.toFixed());
  if (Math.abs(x) === Infinity) x = minus ? -Number.MAX_VALUE : Number.MAX_VALUE;
  if (x === 0 && !value.isZero()) x = minus ? -Number.MIN_VALUE : Number.MIN_VALUE;
  return { x, residual: toOdd(value.minus(exact(x))) };
}

const float64 = /* @__PURE__ */ new Float64Array(1);
const bits = /* @__PURE__ */ new BigInt64Array(float64.buffer);

/** An exact number rounded to binary64, to odd: of the two neighbours of an inexact one, that with the odd code. */
function toOdd(value: Exact): number {
  const nearest = Number(value.toFixed());
  if (Math.abs(nearest) === Infinity) return nearest > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
  if (value.isZero()) return 0;
  if (nearest === 0) return value.isNegative() ? -Number.MIN_VALUE : Number.MIN_VALUE;
  const beyond = value.comparedTo(exact(nearest)) ?? 0;
  float64[0] = nearest;
  if (beyond === 0 || ((bits[0] as bigint) & 1n) === 1n) return nearest;
  // Codes ascend with the magnitude.
  bits[0] = (bits[0] as bigint) + (beyond > 0 === nearest > 0 ? 1n : -1n);
  return float64[0] as number;
}
