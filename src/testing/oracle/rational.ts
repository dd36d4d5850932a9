/**
 * Exact finite numbers over BigInt: ±numerator / denominator · 2^exponent. A separate power of two keeps the
 * binary numbers, which are nearly all there are, free of division. The sign is kept apart so that −0 exists.
 *
 * These are the inner loops of judges: on what is no such number they promise nothing.
 *
 * @module
 */
import { BittrueError, checkFinite, checkInteger, checkText } from '../../errors/index.ts';

/** ±numerator / denominator · 2^exponent, not reduced; numerator ≥ 0, denominator > 0. */
export interface Rational {
  readonly kind: 'finite';
  readonly negative: boolean;
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly exponent: number;
}

/** ±numerator · 2^exponent / denominator. */
export function rational(negative: boolean, numerator: bigint, exponent = 0, denominator = 1n): Rational {
  return { kind: 'finite', negative, numerator, denominator, exponent };
}

/** Zero with a sign. */
export function zero(negative = false): Rational {
  return rational(negative, 0n);
}

const view = new DataView(new ArrayBuffer(8));

/** Powers of ten beyond these would be millions of digits. */
const FARTHEST = 2 ** 20;

/** The exact value of a finite binary64 number. */
export function fromNumber(x: number): Rational {
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  const field = (high >>> 20) & 0x7ff;
  if (field === 0x7ff) checkFinite('x', x);
  const fraction = (high & 0xfffff) * 2 ** 32 + view.getUint32(4);
  const negative = high >>> 31 === 1;
  return field === 0
    ? rational(negative, BigInt(fraction), -1074)
    : rational(negative, BigInt(fraction + 2 ** 52), field - 1075);
}

/** An integer. */
export function fromBigInt(n: bigint): Rational {
  return n < 0n ? rational(true, -n) : rational(false, n);
}

/** The exact value of a decimal string such as `-1.25e-7`. */
export function fromDecimal(text: string): Rational {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(checkText('text', text));
  if (parts === null || `${parts[2]}${parts[3] ?? ''}` === '') {
    throw new BittrueError('name', 'text', text, 'a decimal number, such as -1.25e-7');
  }
  const [, sign, whole, fraction = '', power] = parts;
  const digits = BigInt(`${whole}${fraction}`);
  const ten = Number(power ?? 0) - fraction.length;
  checkInteger('text', ten, -FARTHEST, FARTHEST);
  // 10^k = 5^k · 2^k: the twos go into the exponent.
  return ten >= 0
    ? rational(sign === '-', digits * 5n ** BigInt(ten), ten)
    : rational(sign === '-', digits, ten, 5n ** BigInt(-ten));
}

/** Whether it is a zero of either sign. */
export function isZero(x: Rational): boolean {
  return x.numerator === 0n;
}

/** −x, zeros too. */
export function negate(x: Rational): Rational {
  return { ...x, negative: !x.negative };
}

/** |x|. */
export function absolute(x: Rational): Rational {
  return x.negative ? negate(x) : x;
}

/** x · 2^power. */
export function scaleByPowerOfTwo(x: Rational, power: number): Rational {
  return { ...x, exponent: x.exponent + power };
}

/** The sum; an exact zero is +0 here (which zero IEEE 754 wants, operations.ts decides). */
export function add(x: Rational, y: Rational): Rational {
  const exponent = Math.min(x.exponent, y.exponent);
  const p = (x.numerator << BigInt(x.exponent - exponent)) * y.denominator;
  const q = (y.numerator << BigInt(y.exponent - exponent)) * x.denominator;
  const sum = (x.negative ? -p : p) + (y.negative ? -q : q);
  const denominator = x.denominator * y.denominator;
  return sum < 0n ? rational(true, -sum, exponent, denominator) : rational(false, sum, exponent, denominator);
}

/** x · y, with the sign of the product for zeros too. */
export function multiply(x: Rational, y: Rational): Rational {
  return rational(
    x.negative !== y.negative,
    x.numerator * y.numerator,
    x.exponent + y.exponent,
    x.denominator * y.denominator,
  );
}

/** The quotient; `y` is not zero. */
export function divide(x: Rational, y: Rational): Rational {
  return rational(
    x.negative !== y.negative,
    x.numerator * y.denominator,
    x.exponent - y.exponent,
    x.denominator * y.numerator,
  );
}

/** −1, 0 or 1; the two zeros are equal. */
export function compare(x: Rational, y: Rational): -1 | 0 | 1 {
  const difference = add(x, negate(y));
  if (difference.numerator === 0n) return 0;
  return difference.negative ? -1 : 1;
}

/** Compares |x| with |y|. */
export function compareMagnitudes(x: Rational, y: Rational): -1 | 0 | 1 {
  return compare(absolute(x), absolute(y));
}

/** How many binary digits `n` has; 0 for 0. */
export function bitLength(n: bigint): number {
  let rest = n;
  let length = 0;
  while (rest >= 1n << 1000n) {
    rest >>= 1000n;
    length += 1000;
  }
  if (rest === 0n) return length;
  view.setFloat64(0, Number(rest));
  const power = ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
  // Number() rounds, so that 2^k − 1 may have become 2^k.
  return length + (rest >> BigInt(power) === 0n ? power : power + 1);
}

/** ⌊log2 |x|⌋ of a number other than zero. */
export function floorLog2(x: Rational): number {
  const { numerator: n, denominator: d } = x;
  const power = bitLength(n) - bitLength(d);
  const isBelow = power >= 0 ? n < d << BigInt(power) : n << BigInt(-power) < d;
  return x.exponent + (isBelow ? power - 1 : power);
}

/** |x| = (whole + remainder / divisor) · 2^quantum with 0 ≤ remainder < divisor. */
export interface Split {
  readonly whole: bigint;
  readonly remainder: bigint;
  readonly divisor: bigint;
}

/** |x| in units of 2^quantum: the whole units below it, and the fraction of a unit that is left. */
export function split(x: Rational, quantum: number): Split {
  const shift = x.exponent - quantum;
  if (shift < 0 && x.denominator === 1n) {
    const whole = x.numerator >> BigInt(-shift);
    return { whole, remainder: x.numerator - (whole << BigInt(-shift)), divisor: 1n << BigInt(-shift) };
  }
  const numerator = shift >= 0 ? x.numerator << BigInt(shift) : x.numerator;
  const divisor = shift >= 0 ? x.denominator : x.denominator << BigInt(-shift);
  const whole = numerator / divisor;
  return { whole, remainder: numerator - whole * divisor, divisor };
}

/** ⌊x⌋. */
export function floor(x: Rational): bigint {
  const { whole, remainder } = split(x, 0);
  if (!x.negative) return whole;
  return remainder === 0n ? -whole : -whole - 1n;
}

/** The integer that x is, or null. */
export function toInteger(x: Rational): bigint | null {
  const { whole, remainder } = split(x, 0);
  if (remainder !== 0n) return null;
  return x.negative ? -whole : whole;
}

/** 2^power, exact, for −1074 ≤ power ≤ 1023: by bits, because no specification promises `**` exact. */
export function powerOfTwo(power: number): number {
  const normal = power >= -1022;
  view.setUint32(0, normal ? (power + 1023) << 20 : power >= -1042 ? 1 << (power + 1042) : 0);
  view.setUint32(4, normal || power >= -1042 ? 0 : 2 ** (power + 1074));
  return view.getFloat64(0);
}

/** The binary64 number nearest to x, ties to even: exact for every value of a format. */
export function toNumber(x: Rational): number {
  if (isZero(x)) return x.negative ? -0 : 0;
  const quantum = Math.max(floorLog2(x) - 52, -1074);
  if (quantum > 971) return x.negative ? -Infinity : Infinity;
  const { whole, remainder, divisor } = split(x, quantum);
  const twice = 2n * remainder;
  const up = twice > divisor || (twice === divisor && (whole & 1n) === 1n);
  // Both factors are exact; only a carry to 2^1024 leaves the range, and that is the right answer.
  const magnitude = Number(up ? whole + 1n : whole) * powerOfTwo(quantum);
  return x.negative ? -magnitude : magnitude;
}
