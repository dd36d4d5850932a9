/**
 * Exact binary numbers of any size: where the parts of an exact result do not fit two binary64 numbers.
 *
 * @module
 */
import { checkNumber } from '../errors/index.ts';

/** n · 2^exponent. */
export interface Dyadic {
  readonly n: bigint;
  readonly exponent: number;
}

const float64 = /* @__PURE__ */ new Float64Array(1);
const word = /* @__PURE__ */ new BigUint64Array(float64.buffer);
const FRACTION = (1n << 52n) - 1n;

/** A finite binary64 number; the sign of a zero is lost. */
export function dyadic(x: number): Dyadic {
  float64[0] = Math.abs(x);
  const code = word[0] as bigint;
  const field = Number(code >> 52n);
  const n = field === 0 ? code : (code & FRACTION) | (1n << 52n);
  return { n: x < 0 ? -n : n, exponent: Math.max(field, 1) - 1075 };
}

/** How many binary digits a magnitude has; 0 for 0. */
export function bitLength(n: bigint): number {
  let rest = n;
  let length = 0;
  while (rest >= 1n << 1000n) {
    rest >>= 1000n;
    length += 1000;
  }
  if (rest === 0n) return length;
  float64[0] = Number(rest);
  const power = Number((word[0] as bigint) >> 52n) - 1023;
  // Number rounds: 2^k − 1 may have become 2^k.
  return length + (rest >> BigInt(power) === 0n ? power : power + 1);
}

/** p + q. */
export function addDyadic(p: Dyadic, q: Dyadic): Dyadic {
  const exponent = Math.min(p.exponent, q.exponent);
  return { n: (p.n << BigInt(p.exponent - exponent)) + (q.n << BigInt(q.exponent - exponent)), exponent };
}

/** p · q. */
export function multiplyDyadic(p: Dyadic, q: Dyadic): Dyadic {
  return { n: p.n * q.n, exponent: p.exponent + q.exponent };
}

/** Powers of 5 that were asked for. */
const fives: bigint[] = [];

function five(power: number): bigint {
  fives[power] ??= 5n ** BigInt(power);
  return fives[power];
}

/** All decimal digits: n · 2^−k is n · 5^k, the point k digits from the right. An odd n leaves no zeros at the end. */
export function decimalOf({ n, exponent }: Dyadic): string {
  if (n === 0n) return '0';
  const m = magnitude(n);
  const zeros = bitLength(m & -m) - 1;
  const power = exponent + zeros;
  const odd = m >> BigInt(zeros);
  const digits = power >= 0 ? `${odd << BigInt(power)}` : withPoint(odd * five(-power), power);
  return n < 0n ? `-${digits}` : digits;
}

/** The digits of n · 10^power, without zeros at the end of a fraction; n is not below zero. */
export function withPoint(n: bigint, power: number): string {
  if (power >= 0) return `${n}${'0'.repeat(power)}`;
  const digits = n.toString().padStart(1 - power, '0');
  const places = digits.slice(power);
  const fraction = places.endsWith('0') ? places.replace(/0+$/, '') : places;
  return `${digits.slice(0, power)}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * All decimal digits of a number; `Infinity`, `-Infinity`, `NaN` and `-0` by name.
 *
 * @throws {@link BittrueError} for what is no number
 */
export function exactDecimal(x: number): string {
  if (!Number.isFinite(checkNumber('x', x))) return String(x);
  return Object.is(x, -0) ? '-0' : decimalOf(dyadic(x));
}

/**
 * Digits kept of a quotient or a root: more than two formats' precision and 33 random bits, so that what lies below
 * them, jammed into one more digit, decides every rounding as the exact value would.
 */
const KEPT = 192;

/** Appends a digit that tells whether anything is left. */
function jammed(n: bigint, isExact: boolean, exponent: number): Dyadic {
  return { n: (n << 1n) | (isExact ? 0n : 1n), exponent: exponent - 1 };
}

/** p / q, jammed; q is not zero. */
export function divideDyadic(p: Dyadic, q: Dyadic): Dyadic {
  const [a, b] = [magnitude(p.n), magnitude(q.n)];
  const shift = Math.max(0, KEPT + bitLength(b) - bitLength(a));
  const scaled = a << BigInt(shift);
  const quotient = scaled / b;
  const { n, exponent } = jammed(quotient, quotient * b === scaled, p.exponent - q.exponent - shift);
  return { n: p.n < 0n === q.n < 0n ? n : -n, exponent };
}

/** √p, jammed; p is above zero. */
export function rootDyadic(p: Dyadic): Dyadic {
  let shift = Math.max(0, 2 * KEPT - bitLength(p.n));
  if ((p.exponent - shift) % 2 !== 0) shift += 1;
  const scaled = p.n << BigInt(shift);
  const root = integerRoot(scaled);
  return jammed(root, root * root === scaled, (p.exponent - shift) / 2);
}

/** 1 / √p, jammed; p is above zero. */
export function reciprocalRootDyadic(p: Dyadic): Dyadic {
  let shift = 2 * KEPT + bitLength(p.n);
  if ((p.exponent + shift) % 2 !== 0) shift += 1;
  const one = 1n << BigInt(shift);
  const root = integerRoot(one / p.n);
  return jammed(root, root * root * p.n === one, -(p.exponent + shift) / 2);
}

/** ⌊√n⌋ by Newton's method from above. */
export function integerRoot(n: bigint): bigint {
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** |n|. */
export function magnitude(n: bigint): bigint {
  return n < 0n ? -n : n;
}
