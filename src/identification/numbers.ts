/**
 * The numbers that a search tries: edges of formats, and powers of two as products of two operands.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import { exponentIn } from '../rounding/exponentIn.ts';
import { isValue } from './values.ts';

/** The exponents of a format's powers of two. */
export interface Exponents {
  readonly low: number;
  readonly high: number;
}

const known: WeakMap<Format, Exponents> = /* @__PURE__ */ new WeakMap();

/** The exponents of a format's powers of two, found once: a search asks for them for every number that it draws. */
export function exponentsOf(format: Format): Exponents {
  let found = known.get(format);
  if (found === undefined) {
    const low = format.kind === 'integer' ? -format.fractionBits : exponentIn(format.minSubnormal ?? format.minNormal);
    found = { low, high: exponentIn(format.max) };
    known.set(format, found);
  }
  return found;
}

const edges: WeakMap<Format, readonly number[]> = /* @__PURE__ */ new WeakMap();

/** Numbers on which arithmetic goes wrong, simple ones first; only values of the format. */
export function edgesOf(format: Format): readonly number[] {
  let found = edges.get(format);
  if (found === undefined) {
    const all = [1, -1, 2, 0.5, 1.5, 3, ...endsOf(format)];
    found = [...new Set(all)].filter((x) => x !== 0 && isValue(format, x));
    edges.set(format, found);
  }
  return found;
}

function endsOf(format: Format): number[] {
  const { low, high } = exponentsOf(format);
  if (format.kind === 'integer') {
    return [format.max, format.min, format.max - 1, format.min + 1, 2 ** high, -(2 ** high)];
  }
  const { minNormal, max, mantissaBits } = format;
  const ulp = 2 ** -mantissaBits;
  const sizes = [2 ** low, minNormal, 3 * 2 ** low, minNormal - 2 ** low, max, 1 + ulp, 2 - ulp, 1 + 2 * ulp];
  return [...sizes.flatMap((x) => [x, -x]), 2 ** high, Infinity, -Infinity, NaN];
}

/** The largest of some numbers. */
export function largestOf(numbers: readonly number[]): number {
  return numbers.reduce((most, x) => Math.max(most, x), -Infinity);
}

/** The smallest of some numbers. */
export function smallestOf(numbers: readonly number[]): number {
  return numbers.reduce((least, x) => Math.min(least, x), Infinity);
}

/**
 * Two operands whose product is 2^exponent; null where there are none. `deep`: the first operand may be subnormal, which
 * leaves the exponent before normalisation large; else both are normal where they can be.
 */
export function factors(a: Format, b: Format | null, exponent: number, deep = false): readonly [number, number] | null {
  const { low, high } = exponentsOf(a);
  if (b === null) return exponent >= low && exponent <= high ? [2 ** exponent, 1] : null;
  const other = exponentsOf(b);
  const [least, most] = [Math.max(low, exponent - other.high), Math.min(high, exponent - other.low)];
  if (least > most) return null;
  // Where it can, the first operand has all of the exponent, so that the second is 1.
  const from = deep || a.kind === 'integer' ? least : Math.max(least, Math.min(most, a.emin));
  const i = Math.max(from, Math.min(most, exponent));
  return [2 ** i, 2 ** (exponent - i)];
}
