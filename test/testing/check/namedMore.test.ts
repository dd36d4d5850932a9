/** Diseases of converters that no list of mutants holds, each written by arithmetic of its own, and what they are called. */
import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, defineFloat, e4m3fn, e5m2, type FloatFormat } from '../../../src/formats/index.ts';
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
  twosComplement: (format) => (x) => {
    const found = round(format, x);
    if (!(found < 0)) return found;
    return decode(format, (2 ** format.bits - encode(format, -found)) % 2 ** format.bits);
  },
};

describe.each(Object.entries(diseases))('%s', (name, disease) => {
  it.each([e4m3fn, e5m2, binary16, bfloat16].map((format) => [format] as const))(
    'is caught and named, %#',
    (format) => {
      const check = checkRounding(disease(format), { from: 'binary32', to: format, runs: 2000 });
      expect(check.ok).toBe(false);
      expect(check.diagnosis?.behaviours[0]?.name).toMatch(new RegExp(`^${name}`));
      expect(check.counterexample?.inputs).toHaveLength(1);
    },
  );
});
