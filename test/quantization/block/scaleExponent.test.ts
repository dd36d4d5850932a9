import { describe, expect, it } from 'vitest';
import { e2m1fn, e2m3fn, e3m2fn, e4m3fn, e5m2, type Format, mxint8 } from '../../../src/formats/index.ts';
import { scaleExponent } from '../../../src/quantization/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { generator } from '../../random.ts';
import { failure } from '../helpers.ts';

const elements: Record<string, Format> = { e4m3fn, e5m2, e3m2fn, e2m3fn, e2m1fn, mxint8 };
const rules = ['floor', 'ceil', 'rceil', 'even', 'tosa'] as const;
/** The next binary64 number up or down. */
const above = (x: number) => x * (1 + 2 ** -52);
const below = (x: number) => x * (1 - 2 ** -53);

/**
 * By hand, for magnitudes in the element's top binade: where the scale steps from 2^0 to 2^1, and whether the step
 * belongs to the upper side. `floor` steps only at the binade's end.
 */
const steps: Record<string, Record<string, readonly [number, boolean]>> = {
  e4m3fn: { floor: [512, true], ceil: [256, false], rceil: [448, false], even: [496, true], tosa: [464, false] },
  e5m2: { floor: [65536, true], ceil: [32768, false], rceil: [57344, false], even: [61440, true], tosa: [61440, true] },
  e3m2fn: { floor: [32, true], ceil: [16, false], rceil: [28, false], even: [30, true], tosa: [30, true] },
  e2m3fn: { floor: [8, true], ceil: [4, false], rceil: [7.5, false], even: [7.75, true], tosa: [7.75, true] },
  e2m1fn: { floor: [8, true], ceil: [4, false], rceil: [6, false], even: [7, true], tosa: [7, true] },
  mxint8: {
    floor: [2, true],
    ceil: [1, false],
    rceil: [127 / 64, false],
    even: [255 / 128, true],
    tosa: [255 / 128, true],
  },
};

describe('scaleExponent', () => {
  for (const [name, element] of Object.entries(elements)) {
    it.each(rules)(`of ${name} by %s steps where it should`, (rule) => {
      const [step, upper] = steps[name][rule];
      expect([below(step), step, above(step)].map((amax) => scaleExponent(rule, element, amax))).toEqual([
        0,
        upper ? 1 : 0,
        1,
      ]);
    });
  }

  it('shifts with powers of two, far down and far up', () => {
    const next = generator(2);
    for (let i = 0; i < 200; i++) {
      const a = 1 + next();
      const shift = Math.floor(next() * 600 - 300);
      for (const rule of rules) {
        expect(scaleExponent(rule, e3m2fn, a * 2 ** shift)).toBe(scaleExponent(rule, e3m2fn, a) + shift);
      }
    }
  });

  it('means what the rules say: rceil never clips, tosa is the least that rounds without overflow', () => {
    const next = generator(3);
    for (const element of Object.values(elements)) {
      for (let i = 0; i < 300; i++) {
        const amax = (1 + next()) * 2 ** Math.floor(next() * 40 - 20);
        const rceil = scaleExponent('rceil', element, amax);
        expect(amax / 2 ** rceil).toBeLessThanOrEqual(element.max);
        expect(amax / 2 ** (rceil - 1)).toBeGreaterThan(element.max);
        const tosa = scaleExponent('tosa', element, amax);
        expect(
          Math.abs(round(element, amax / 2 ** tosa, { overflow: 'saturate' }) - amax / 2 ** tosa),
        ).toBeLessThanOrEqual(half(element));
        if (tosa < rceil) expect(amax / 2 ** tosa - element.max).toBeLessThanOrEqual(half(element));
        else expect(amax / 2 ** (tosa - 1) - element.max).toBeGreaterThanOrEqual(half(element));
        expect(tosa).toBeLessThanOrEqual(rceil);
      }
    }
  });

  it('of rceil equals amax · (1/max) in binary32, rounded up, as TransformerEngine computes it', () => {
    const next = generator(6);
    for (const element of [e4m3fn, e5m2, e2m1fn]) {
      const inverse = Math.fround(1 / element.max);
      for (let i = 0; i < 2000; i++) {
        const ulp = 2 ** -23;
        const spot =
          i % 2 === 0 ? element.max * (1 + (Math.floor(next() * 5) - 2) * ulp) : element.max * (0.5 + next());
        const amax = Math.fround(spot * 2 ** Math.floor(next() * 20 - 10));
        const product = Math.fround(amax * inverse);
        const exponent = Math.floor(Math.log2(product));
        const up = 2 ** exponent < product ? exponent + 1 : exponent;
        expect([amax, scaleExponent('rceil', element, amax)]).toEqual([amax, up]);
      }
    }
  });

  it('is right where binary64 is subnormal', () => {
    expect(scaleExponent('floor', e2m1fn, 5e-324)).toBe(-1076);
    expect(scaleExponent('rceil', e2m1fn, 7 * 2 ** -1074)).toBe(-1073);
  });

  it('refuses rules whose scales are no powers of two, and what is no magnitude', () => {
    expect(failure(() => scaleExponent('nvfp4', e2m1fn, 1))).toBe('unsupported rule');
    expect(failure(() => scaleExponent('amax', e2m1fn, 1))).toBe('unsupported rule');
    expect(failure(() => scaleExponent('floor', e2m1fn, 0))).toBe('range amax');
  });
});

/** Half of the step in the element's top binade. */
function half(element: Format): number {
  if (element.kind === 'integer') return 2 ** -(element.fractionBits + 1);
  return 2 ** (element.emax - element.mantissaBits - 1);
}
