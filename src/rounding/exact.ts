/**
 * Exact decimal arithmetic on binary64 numbers: slow and beyond doubt, for reports and for the rare operand that the
 * residual methods of `arithmetic` cannot take.
 *
 * @module
 */
import { BigNumber } from 'bignumber.js';
import { checkNumber } from '../errors/index.ts';
import type { Numeral } from './numeral.ts';

/**
 * Enough places for any binary64 number to be exact (2^−1074 has 1074), and a range in which exponents are honest; a
 * clone, so that the user's own BigNumber settings are neither read nor changed.
 */
const Decimal = /* @__PURE__ */ BigNumber.clone({ DECIMAL_PLACES: 1100, RANGE: 1e9, EXPONENTIAL_AT: 1e9 });

/** An exact decimal number. */
export type Exact = BigNumber;

/** A finite binary64 number, exactly. */
export function exact(x: number): Exact {
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

/** An integer of any size, exactly. */
export function exactInteger(n: bigint): Exact {
  return new Decimal(n.toString());
}

/**
 * All decimal digits of a number; `Infinity`, `-Infinity`, `NaN` and `-0` by name.
 *
 * @throws {@link BittrueError} for what is no number
 */
export function exactDecimal(x: number): string {
  if (!Number.isFinite(checkNumber('x', x))) return String(x);
  return Object.is(x, -0) ? '-0' : exact(x).toFixed();
}

/** Beyond these powers of ten every format's answer is that of the largest or smallest binary64 number. */
const LARGEST_EXPONENT = 400;

/**
 * An exact value as a binary64 number next to it and the rest. The rest, where it is no binary64 number, is rounded to
 * odd: then it equals no midpoint and no coarser grid point unless the exact value does, so every later rounding to
 * fewer than 105 bits comes out as if from the exact value (Boldo & Melquiond 2008).
 */
export interface Pair {
  readonly x: number;
  readonly residual: number;
}

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
