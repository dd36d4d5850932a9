import { describe, expect, it } from 'vitest';
import {
  bfloat16,
  catalogue,
  defineP3109,
  e2m1fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e8m0fnu,
  int8,
  uint32,
} from '../../src/formats/index.ts';
import { compareProfiles, explain, profileOutcome, profilesFor } from '../../src/rounding/index.ts';
import { numberAt, ordinalsOf } from '../../src/testing/ordinals.ts';
import { shareOf } from '../testing/helpers.ts';
import { isScaledDown } from './helpers.ts';

const names = (found: readonly { input: string }[]): string[] => found.map(({ input }) => input);

describe('compareProfiles', () => {
  it('lists what differs, with both outcomes', () => {
    const found = compareProfiles(e4m3fn, 'mlDtypes', 'cudaSatfinite');
    expect(names(found)).toEqual([
      'overflow below the next value',
      'overflow',
      'infinity',
      'negative overflow below the next value',
      'negative overflow',
      'negative infinity',
      'negative NaN',
      'negative signalling NaN',
      'negative NaN with payload',
    ]);
    expect(found[1]).toEqual({
      input: 'overflow',
      x: 1792,
      a: { value: Number.NaN, code: 0x7f, flags: ['inexact', 'overflow'] },
      b: { value: 448, code: 0x7e, flags: ['inexact', 'overflow', 'saturation'] },
      differs: ['value', 'code', 'flags'],
    });
    expect(found[6]).toMatchObject({ a: { code: 0xff }, b: { code: 0x7f }, differs: ['code'] });
  });

  it('finds the disagreement of the ONNX table and the ONNX program, and nothing else', () => {
    expect(names(compareProfiles(e4m3fnuz, 'onnxSaturate', 'onnxSaturateCast'))).toEqual([
      'infinity',
      'negative infinity',
    ]);
    expect(compareProfiles(e4m3fn, 'onnxSaturate', 'onnxSaturateCast')).toEqual([]);
  });

  it('finds flushed subnormals', () => {
    const found = compareProfiles(bfloat16, 'ieee', 'x86Avx512Bf16');
    expect(names(found)).toContain('subnormal');
    expect(names(found)).toContain('negative underflow below half of the smallest');
    expect(names(found)).not.toContain('overflow');
    expect(names(found)).not.toContain('smallest normal');
  });

  it('finds what E8M0 converters do with zero, signs and subnormals', () => {
    const found = names(compareProfiles(e8m0fnu, 'mlDtypes', 'onnxSaturate', { rounding: 'tiesToEven' }));
    expect(found).toEqual(expect.arrayContaining(['zero', 'negative normal', 'tie at overflow', 'overflow']));
    expect(found).not.toContain('normal');
    expect(names(compareProfiles(e8m0fnu, 'cudaSatfinite', 'onnxSaturate'))).toContain('smallest');
  });

  it('says null where a profile refuses', () => {
    const found = compareProfiles(e2m1fn, 'ocp', 'mlDtypes');
    expect(found.find(({ input }) => input === 'NaN')).toMatchObject({
      a: null,
      b: { code: 8 },
      differs: ['value', 'code', 'flags'],
    });
  });

  it('takes a policy: to odd tells P3109 from IEEE', () => {
    const format = defineP3109({ bits: 8, precision: 4 });
    expect(names(compareProfiles(format, 'ieee', 'p3109OvfInf'))).toEqual([]);
    expect(names(compareProfiles(format, 'ieee', 'p3109OvfInf', { rounding: 'toOdd' }))).toContain('overflow');
  });

  it('finds the parity of codes at one bit of precision', () => {
    const format = defineP3109({ bits: 6, precision: 1 });
    expect(
      names(compareProfiles(format, 'ieee', 'p3109OvfInf')).filter((name) => name.includes('at half')),
    ).not.toEqual([]);
  });

  it('is symmetric, and finds nothing between a profile and itself', () => {
    for (const format of [e4m3fn, e5m2, e2m1fn, e8m0fnu]) {
      for (const a of profilesFor(format)) {
        expect(compareProfiles(format, a, a)).toEqual([]);
        for (const b of profilesFor(format)) {
          expect(names(compareProfiles(format, a, b))).toEqual(names(compareProfiles(format, b, a)));
        }
      }
    }
  });

  it('refuses integers, unknown names, and formats that a profile does not cover', () => {
    expect(() => compareProfiles(int8, 'ocp', 'ieee')).toThrow(/int8/);
    const integers = compareProfiles(int8, 'onnxSaturateCast', 'numpy');
    expect(integers.map(({ input }) => input)).toEqual(
      expect.arrayContaining(['inexact, above half', 'overflow', 'negative overflow', 'infinity']),
    );
    expect(integers.find(({ input }) => input === 'overflow')).toMatchObject({ a: { value: 127 }, b: { value: -127 } });
    expect(() => compareProfiles(e4m3fn, 'ocp', 'tpu')).toThrow(/one of ocp/);
    expect(() => compareProfiles(bfloat16, 'ocp', 'armSaturate')).toThrow(/armSaturate for bfloat16/);
  });

  it.skipIf(isScaledDown)(
    'misses no pair: where any number next to a value, a midpoint or the range differs, a class does',
    () => {
      const small = Object.values(catalogue).filter(({ kind, bits }) => kind === 'float' && bits <= 8);
      for (const format of shareOf(small, 1)) {
        const { high } = ordinalsOf(format);
        const xs = [0, Infinity];
        for (let ordinal = 0; ordinal <= high + 2; ordinal++) {
          const [low, next] = [numberAt(format, ordinal), numberAt(format, ordinal + 1)];
          for (const share of [0, 0.25, 0.5, 0.75]) xs.push(low + (next - low) * share);
        }
        xs.push(...xs.map((x) => -x));
        const told = new Map(
          profilesFor(format).map((name) => [name, xs.map((x) => JSON.stringify(profileOutcome(name, format, x)))]),
        );
        for (const [a, p] of told) {
          for (const [b, q] of told) {
            if (a >= b) continue;
            const differs = xs.some((_, i) => p[i] !== q[i]);
            const found = compareProfiles(format, a, b).filter(({ x }) => !Number.isNaN(x));
            expect(found.length > 0, `${a} and ${b}`).toBe(differs);
          }
        }
      }
    },
  );
});

describe('explain', () => {
  it('tells every profile that covers the format', () => {
    const { profiles } = explain(e4m3fn, 465);
    expect(Object.keys(profiles)).toEqual(profilesFor(e4m3fn));
    expect(profiles.torch?.value).toBe(448);
    expect(profiles.mlDtypes?.flags).toEqual(['inexact', 'overflow']);
    expect(Object.keys(explain(int8, 3).profiles)).toEqual(['onnxSaturateCast', 'numpy']);
    expect(explain(int8, 300).profiles.numpy?.value).toBe(44);
    expect(explain(uint32, 3).profiles).toEqual({});
  });

  it('rounds a decimal string once under them too', () => {
    expect(explain(e4m3fn, '464.00000000000000000001').profiles.mlDtypes?.value).toBeNaN();
    expect(explain(e4m3fn, '464').profiles.mlDtypes?.value).toBe(448);
  });

  it('says null where a profile refuses a NaN', () => {
    const { profiles } = explain(e2m1fn, Number.NaN, { nanInput: 'zero' });
    expect(profiles.ocp).toBeNull();
    expect(profiles.cudaSatfinite?.value).toBe(6);
  });
});
