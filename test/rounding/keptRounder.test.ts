import { describe, expect, it } from 'vitest';
import { isFrozenData } from '../../src/errors/frozen.ts';
import { bfloat16, binary16, defineFloat, e4m3fn, e5m2, type Format, int8 } from '../../src/formats/index.ts';
import { type PartialPolicy, resolvePolicy, round, roundWithFlags } from '../../src/rounding/index.ts';
import { keptRounder } from '../../src/rounding/keptRounder.ts';
import { Rounder } from '../../src/rounding/rounder.ts';

/** What a rounding is without anything kept. */
function fresh(format: Format, x: number, policy?: PartialPolicy): { value: number; flags: number } {
  const rounder = new Rounder(format, resolvePolicy(format, policy));
  const value = rounder.round(x, 0);
  return { value, flags: rounder.flags };
}

const XS = [0, -0, 0.1, -1.0625, 3.7, 240, 447, 465, -1e5, 7e4, 1e-9, Number.NaN, Infinity, -Infinity];
const FORMATS = [binary16, e4m3fn, bfloat16, e5m2];
const POLICIES: readonly PartialPolicy[] = [
  Object.freeze({ rounding: 'towardZero' }),
  Object.freeze({ overflow: 'saturate' }),
  Object.freeze({ rounding: 'stochastic', stochastic: Object.freeze({ bits: 8, seed: 7 }) }),
];

describe('keptRounder', () => {
  it('is one for a frozen format and policy, and told apart by both', () => {
    const [zero, saturating] = POLICIES;
    expect(keptRounder(binary16)).toBe(keptRounder(binary16));
    expect(keptRounder(binary16, zero)).toBe(keptRounder(binary16, zero));
    const all = [undefined, zero, saturating].flatMap((policy) => FORMATS.map((format) => keptRounder(format, policy)));
    expect(new Set(all).size).toBe(all.length);
  });

  it('gives the same whatever was rounded before, formats and policies in turn', () => {
    for (const x of XS) {
      for (const policy of [undefined, ...POLICIES, undefined]) {
        for (const format of FORMATS) {
          expect(roundWithFlags(format, x, policy)).toEqual(fresh(format, x, policy));
          expect(round(format, x, policy)).toBe(fresh(format, x, policy).value);
        }
      }
    }
  });

  it('sees every change of a policy that is not frozen', () => {
    const policy: { -readonly [K in keyof PartialPolicy]: PartialPolicy[K] } = {};
    expect(round(e4m3fn, 465, policy)).toBeNaN();
    policy.overflow = 'saturate';
    expect(round(e4m3fn, 465, policy)).toBe(448);
    policy.rounding = 'towardPositive';
    expect(round(e4m3fn, 1.01, policy)).toBe(1.125);
    Object.freeze(policy);
    expect(round(e4m3fn, 1.01, policy)).toBe(1.125);
    expect(round(e4m3fn, 1.01, policy)).toBe(1.125);
  });

  it('sees a change deep in a policy that is frozen at its surface', () => {
    const stochastic = { bits: 8, seed: 1 };
    const policy: PartialPolicy = Object.freeze({ stochastic });
    const seeds = Array.from({ length: 40 }, (_, seed) => {
      stochastic.seed = seed;
      return round(binary16, 1.0004, policy);
    });
    expect(seeds).toEqual(seeds.map((_, seed) => round(binary16, 1.0004, { stochastic: { bits: 8, seed } })));
    expect(new Set(seeds).size).toBe(2);
  });

  it('sees every change of a format that is not frozen, and never takes one for its frozen likeness', () => {
    const format = { ...binary16 } as { -readonly [K in keyof typeof binary16]: (typeof binary16)[K] };
    expect(round(format, 1.0004)).toBe(1);
    Object.assign(format, bfloat16);
    expect(round(format, 1.0061)).toBe(1.0078125);
    Object.assign(format, defineFloat({ exponentBits: 5, mantissaBits: 1 }));
    expect(round(format, 1.3)).toBe(1.5);
    expect(round(binary16, 1.0004)).toBe(1);
  });

  it('does not trust a getter, frozen though its object is', () => {
    let overflow: 'nan' | 'saturate' = 'nan';
    const policy: PartialPolicy = Object.freeze({
      get overflow() {
        return overflow;
      },
    });
    expect(round(e4m3fn, 465, policy)).toBeNaN();
    overflow = 'saturate';
    expect(round(e4m3fn, 465, policy)).toBe(448);
  });

  it('keeps no rounding that failed, and the errors stay', () => {
    const wrong = Object.freeze({ overflow: 'wrap' }) as PartialPolicy;
    for (let i = 0; i < 2; i++) expect(() => round(binary16, 1, wrong)).toThrow(/policy\.overflow/);
    expect(round(int8, 200, wrong)).toBe(-56);
    expect(() => round(int8, Number.NaN)).toThrow(/no NaN/);
    expect(round(int8, 3)).toBe(3);
    for (const format of [null, undefined, 'binary16', 7]) expect(() => round(format as never, 1)).toThrow(/format/);
    for (const policy of [null, 'saturate', 3]) expect(() => round(e4m3fn, 1, policy as never)).toThrow(/policy/);
  });

  it('flushes operands and results as its policy says', () => {
    const policy = Object.freeze({ subnormals: 'flushBoth' }) as PartialPolicy;
    const tiny = binary16.minNormal / 2;
    for (let i = 0; i < 2; i++) {
      expect(round(binary16, -tiny, policy)).toBe(-0);
      expect(round(binary16, -0, policy)).toBe(-0);
      expect(round(binary16, tiny, policy)).toBe(0);
      expect(round(binary16, tiny)).toBe(tiny);
    }
  });
});

describe('isFrozenData', () => {
  it('holds of what can never change', () => {
    for (const data of [1, 'a', null, undefined, binary16, Object.freeze([1, Object.freeze({ a: null })])]) {
      expect(isFrozenData(data)).toBe(true);
    }
    class Own {}
    const open = [{}, [], Object.freeze([{}]), Object.freeze({ a: [] }), () => 1, new Float64Array(1), new Map()];
    for (const data of [
      ...open,
      Object.freeze(new Own()),
      Object.freeze(new Map()),
      Object.freeze(Object.create({})),
    ]) {
      expect(isFrozenData(data)).toBe(false);
    }
  });
});
