import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16, dlfloat16, e2m1fn, e4m3fn, e4m3fnuz, e8m0fnu, type Format, int8 } from '../../src/formats/index.ts';
import { decode, encode, explain, round } from '../../src/rounding/index.ts';
import { policies, reals } from '../../src/testing/arbitraries/index.ts';
import { oracleValues } from '../../src/testing/oracle/codes.ts';
import { failure, seeded } from '../testing/helpers.ts';
import { smallFormats, sweptFormats } from './helpers.ts';

/** The values next to one of a format's, found the slow way; zeros count as one value. */
function neighbours(format: Format, value: number): [below: number | null, above: number | null] {
  const all = [
    ...new Set(
      oracleValues(format)
        .filter((x) => !Number.isNaN(x))
        .map((x) => x + 0),
    ),
  ].sort((a, b) => a - b);
  const at = all.indexOf(value + 0);
  return [all[at - 1] ?? null, all[at + 1] ?? null];
}

describe('explain', () => {
  it('tells of 4.25 in E4M3', () => {
    const told = explain(e4m3fn, 4.25);
    expect(told).toMatchObject({
      format: 'e4m3fn',
      input: '4.25',
      result: { value: 4, code: 0x48, flags: ['inexact'] },
      bits: '0 1001 000',
      class: 'normal',
      ulp: 0.5,
      below: { value: 3.75, code: 0x47 },
      above: { value: 4.5, code: 0x49 },
    });
    expect(told.modes.towardPositive).toEqual({ value: 4.5, code: 0x49, flags: ['inexact'] });
    expect(Object.keys(told.modes)).toHaveLength(6);
    expect(Object.keys(told.overflows)).toEqual(['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan']);
  });

  it('classifies', () => {
    expect(explain(binary16, 0).class).toBe('zero');
    expect(explain(binary16, 1e-6).class).toBe('subnormal');
    expect(explain(binary16, 1e6).class).toBe('infinity');
    expect(explain(binary16, Number.NaN).class).toBe('nan');
    expect(explain(int8, 3).class).toBe('integer');
    expect(explain(dlfloat16, 1e-9).ulp).toBe(2 ** -39);
  });

  it('writes bits by fields', () => {
    expect(explain(binary16, -1.5).bits).toBe('1 01111 1000000000');
    expect(explain(e8m0fnu, 2).bits).toBe('10000000');
    expect(explain(int8, -1).bits).toBe('11111111');
  });

  it('takes decimal strings without rounding them first', () => {
    const told = explain(binary16, '1.00048828125000000000000001');
    expect(told.input).toBe('1.00048828125000000000000001');
    expect(told.result.value).toBe(1 + 2 ** -10);
    expect(told.modes.towardZero?.value).toBe(1);
  });

  it.each(sweptFormats)('finds the neighbours of every value of %s', (_, format) => {
    for (const value of oracleValues(format)) {
      if (Number.isNaN(value)) continue;
      const told = explain(format, value, { overflow: format.kind === 'integer' ? 'saturate' : 'saturateFinite' });
      expect(told.result.value).toBe(value);
      const [below, above] = [told.below, told.above];
      const found = [below, above].map((next) => (next === null ? null : next.value + 0));
      if (found.join() !== neighbours(format, value).join())
        expect([value, ...found]).toEqual([value, ...neighbours(format, value)]);
      for (const next of [below, above]) if (next) expect(decode(format, next.code)).toBe(next.value);
    }
  });

  it('agrees with round and encode', () => {
    const cases = fc
      .constantFrom(...smallFormats.map(([, format]) => format))
      .chain((format) => fc.tuple(fc.constant(format), policies(format, { nanInputs: ['zero'] }), reals(format)));
    fc.assert(
      fc.property(cases, ([format, policy, x]) => {
        const { result, modes, overflows } = explain(format, x, policy);
        expect(result.value).toBe(round(format, x, policy));
        expect(result.code).toBe(encode(format, x, policy));
        expect(modes[policy.rounding]).toEqual(result);
        expect(overflows[policy.overflow]).toEqual(result);
      }),
      seeded(1000),
    );
  });

  it('refuses NaN where there is none, and what is no number', () => {
    expect(failure(() => explain(e2m1fn, Number.NaN))).toBe('value x');
    expect(failure(() => explain(e4m3fnuz, '1,5'))).toBe('type x');
    expect(failure(() => explain(e4m3fnuz, null as never))).toBe('type x');
    expect(failure(() => explain(e4m3fnuz, 1, { rounding: 'up' as never }))).toBe('name policy.rounding');
  });

  it('wraps decimals of any size', () => {
    expect(Object.keys(explain(int8, '1e300').overflows)).toEqual(['saturate', 'wrap']);
    expect(explain(int8, 1e300).overflows.wrap?.value).toBe(0);
    expect(explain(int8, '300').overflows.wrap?.value).toBe(44);
  });
});
