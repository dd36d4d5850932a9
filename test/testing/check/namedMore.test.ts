/** Diseases of converters that no list of mutants holds, each written by arithmetic of its own, and what they are called. */
import { describe, expect, it } from 'vitest';
import { binary16, defineFloat, e4m3fn, type FloatFormat } from '../../../src/formats/index.ts';
import { decode, encode, round } from '../../../src/rounding/index.ts';
import { checkRounding } from '../../../src/testing/check/index.ts';

/** The neighbours of a magnitude within a format, by its codes. */
function around(format: FloatFormat, a: number): readonly [number, number] {
  let [low, high] = [0, encode(format, format.max)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (decode(format, middle) <= a) low = middle;
    else high = middle;
  }
  return [decode(format, low), decode(format, high)];
}

/** Up from a share of the way on; what overflows as it should. */
const from =
  (share: number) =>
  (format: FloatFormat) =>
  (x: number): number => {
    const a = Math.abs(x);
    if (!(a < format.max)) return round(format, x);
    const [low, high] = around(format, a);
    if (a === low) return x;
    return Math.sign(x) * (a >= low + share * (high - low) ? high : low);
  };

/** Ties away from zero where the exponent field has a parity. */
const tiesByExponent =
  (parity: 0 | 1) =>
  (format: FloatFormat) =>
  (x: number): number => {
    const a = Math.abs(x);
    if (!(a < format.max)) return round(format, x);
    const [low, high] = around(format, a);
    if (a - low !== high - a) return round(format, x);
    const field = Math.floor(encode(format, low) / 2 ** format.mantissaBits);
    return Math.sign(x) * (field % 2 === parity ? high : low);
  };

const topStep = (format: FloatFormat): number => format.max - decode(format, encode(format, format.max) - 1);

/** Another number where a finite one overflows. */
const overflowing =
  (instead: (format: FloatFormat, sign: number) => number) =>
  (format: FloatFormat) =>
  (x: number): number => {
    const found = round(format, x);
    return Number.isFinite(x) && !Number.isFinite(found) ? instead(format, Math.sign(x)) : found;
  };

/** First to some more bits, ties to even by the remainder. */
const bitsFirst =
  (more: number) =>
  (format: FloatFormat) =>
  (x: number): number => {
    const a = Math.abs(x);
    if (!(a > 0 && a < 2 * format.max)) return round(format, x);
    const field = Math.floor(
      encode(format, a, { rounding: 'towardZero', overflow: 'saturate' }) / 2 ** format.mantissaBits,
    );
    const step = 2 ** (Math.max(field, 1) - format.bias - format.mantissaBits - more);
    const rest = a % step;
    const low = a - rest;
    const up = rest > step / 2 || (rest === step / 2 && (low / step) % 2 === 1);
    return round(format, Math.sign(x) * (up ? low + step : low));
  };

const refusing =
  (refused: (x: number) => boolean) =>
  (format: FloatFormat) =>
  (x: number): number => {
    if (refused(x)) throw new RangeError('not supported');
    return round(format, x);
  };

const diseases: Readonly<Record<string, (format: FloatFormat) => (x: number) => number>> = {
  upFromQuarter: from(0.25),
  upFromThreeQuarters: from(0.75),
  smallestFlushed: (format) => (x) => {
    const found = round(format, x);
    return Math.abs(found) === format.minSubnormal ? 0 * Math.sign(x) : found;
  },
  subnormalsToNormal: (format) => (x) => {
    const found = round(format, x);
    return found !== 0 && Math.abs(found) < format.minNormal ? Math.sign(found) * format.minNormal : found;
  },
  bitFewer: (format) => {
    const narrower = defineFloat({
      exponentBits: format.exponentBits,
      mantissaBits: format.mantissaBits - 1,
      bias: format.bias,
    });
    return (x) => (Math.abs(x) < format.max / 2 ? round(narrower, x) : round(format, x));
  },
  tiesByOddExponent: tiesByExponent(1),
  tiesByEvenExponent: tiesByExponent(0),
  'results below 1 ×': (format) => (x) => {
    const found = round(format, x);
    return Math.abs(found) < 1 ? round(format, found / 2) : found;
  },
  'results from': (format) => (x) => {
    const found = round(format, x);
    return Math.abs(found) >= 4 && Math.abs(found) < Infinity ? found / 4 : found;
  },
  overflowTo: overflowing((format, sign) => sign * format.minNormal),
  overflowToSignedZero: overflowing((_, sign) => sign * 0),
  overflowEarly: (format) => (x) => round(format, Math.abs(x) >= format.max ? Math.sign(x) * Infinity : x),
  overflowLate: (format) => (x) =>
    Math.abs(x) > format.max && Math.abs(x) < format.max + 0.9 * topStep(format)
      ? Math.sign(x) * format.max
      : round(format, x),
  saturatesEarly: (format) => (x) =>
    Math.abs(x) > 0.75 * format.max && Math.abs(x) < Infinity ? Math.sign(x) * format.max : round(format, x),
  'via 1 more': bitsFirst(1),
  'via 2 more': bitsFirst(2),
  'throws NaN': refusing((x) => x !== x),
  'throws infinities': refusing((x) => Math.abs(x) === Infinity),
  'throws negatives': refusing((x) => x < 0 || Object.is(x, -0)),
  'throws from': refusing((x) => Math.abs(x) >= 4),
  twosComplement: (format) => (x) => {
    const found = round(format, x);
    if (!(found < 0)) return found;
    return decode(format, (2 ** format.bits - encode(format, -found)) % 2 ** format.bits);
  },
};

describe.each(Object.entries(diseases))('%s', (name, disease) => {
  it.each([e4m3fn, binary16].map((format) => [format] as const))('is caught and named, %#', (format) => {
    const check = checkRounding(disease(format), { from: 'binary32', to: format, runs: 2000 });
    expect(check.ok).toBe(false);
    expect(check.diagnosis?.behaviours[0]?.name).toSatisfy((found: string) => found.startsWith(name));
    expect(check.counterexample?.inputs).toHaveLength(1);
  });
});
