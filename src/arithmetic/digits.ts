/**
 * Decimal digits of exact results: all of them where they end, else the first ones and an ellipsis.
 *
 * @module
 */
import { type Dyadic, decimalOf, integerRoot, magnitude, withPoint } from '../rounding/dyadic.ts';

/** Digits given where there is no end. */
const SHOWN = 40;

/** numerator / denominator, both above zero. */
interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** p / q; q is not zero. */
export function quotientDigits(p: Dyadic, q: Dyadic): string {
  if (p.n === 0n) return '0';
  const sign = p.n < 0n === q.n < 0n ? '' : '-';
  const all = reduced(ratio(magnitude(p.n), magnitude(q.n), p.exponent - q.exponent));
  return `${sign}${allDigits(all) ?? shown(all, (scaled) => scaled)}`;
}

/** √p; p is not below zero. */
export function rootDigits(p: Dyadic): string {
  const exact = exactRoot(p);
  return exact === null ? shown(ratio(p.n, 1n, p.exponent), integerRoot, 2) : decimalOf(exact);
}

/** 1 / √p; p is above zero. */
export function reciprocalRootDigits(p: Dyadic): string {
  const exact = exactRoot(p);
  return exact === null
    ? shown(ratio(1n, p.n, -p.exponent), integerRoot, 2)
    : quotientDigits({ n: 1n, exponent: 0 }, exact);
}

/** The first digits of a number above zero, which has more. */
export function firstDigits({ n, exponent }: Dyadic): string {
  return shown(ratio(n, 1n, exponent), (scaled) => scaled);
}

/** √p where it is an integer times a power of two. */
function exactRoot({ n, exponent }: Dyadic): Dyadic | null {
  const even = exponent % 2 === 0 ? { n, exponent } : { n: n << 1n, exponent: exponent - 1 };
  const root = even.n === 0n ? 0n : integerRoot(even.n);
  // Zeros at the end of n come in pairs or not: a square times 4 is a square.
  return root * root === even.n ? { n: root, exponent: even.exponent / 2 } : null;
}

/** a / b · 2^exponent. */
function ratio(a: bigint, b: bigint, exponent: number): Ratio {
  return { numerator: a << BigInt(Math.max(exponent, 0)), denominator: b << BigInt(Math.max(-exponent, 0)) };
}

function reduced({ numerator, denominator }: Ratio): Ratio {
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}

/** Every digit, where the denominator has no other prime factors than 2 and 5; null elsewhere. */
function allDigits({ numerator, denominator }: Ratio): string | null {
  const [twos, odd] = factorsOf(2n, denominator);
  const [fives, rest] = factorsOf(5n, odd);
  if (rest !== 1n) return null;
  const places = Math.max(twos, fives);
  return withPoint((numerator * 10n ** BigInt(places)) / denominator, -places);
}

/** How often a prime divides n, and what is left. */
function factorsOf(prime: bigint, n: bigint): [number, bigint] {
  let [count, rest] = [0, n];
  for (; rest % prime === 0n; count++) rest /= prime;
  return [count, rest];
}

/**
 * The first digits of f(a / b), rounded half up, and an ellipsis. `floor` gives ⌊f⌋ of an integer; f of 10^`squares` times
 * a number is ten times f of it.
 */
function shown({ numerator, denominator }: Ratio, floor: (n: bigint) => bigint, squares = 1): string {
  // So many powers of ten leave a few digits more than are shown.
  const power = SHOWN + 2 - Math.trunc((lengthOf(numerator) - lengthOf(denominator)) / squares);
  const ten = 10n ** BigInt(Math.abs(power) * squares);
  const scaled = power >= 0 ? (numerator * ten) / denominator : numerator / (denominator * ten);
  const digits = floor(scaled);
  const dropped = lengthOf(digits) - SHOWN;
  const kept = (digits + 5n * 10n ** BigInt(dropped - 1)) / 10n ** BigInt(dropped);
  return `${withPoint(kept, dropped - power)}…`;
}

function lengthOf(n: bigint): number {
  return n.toString().length;
}
