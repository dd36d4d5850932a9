/**
 * What `explain` tells of integers, ends and gaps; every input class of a format by its numbers; conversions under
 * profiles that a policy cannot say.
 */
import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import {
  binary16,
  binary64,
  defineFloat,
  defineP3109,
  e2m1fn,
  e4m3fn,
  e8m0fnu,
  formatName,
  int8,
  mxint8,
  uint8,
} from '../../src/formats/index.ts';
import { inputClasses } from '../../src/rounding/compareProfiles.ts';
import {
  compareProfiles,
  decode,
  decodeBinary64,
  encodeBinary64,
  explain,
  flagNames,
  profileOutcome,
  resolveProfile,
  roundDecimalWithFlags,
} from '../../src/rounding/index.ts';
import { convertPair } from '../../src/rounding/profileOutcome.ts';
import { scaleExactFraction } from '../../src/rounding/stochastic.ts';

const refusal = (call: () => unknown): string[] => {
  try {
    call();
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    return [error.code, error.argument, error.received, error.expected];
  }
  return [];
};

describe('explain tells', () => {
  const around = (format: Parameters<typeof explain>[0], x: number | string) => {
    const { result, below, above, ulp, class: is, bits } = explain(format, x);
    return { value: result.value, code: result.code, below, above, ulp, is, bits };
  };

  it('an integer with its neighbours, up to both ends', () => {
    expect(around(int8, 3.25)).toEqual({
      value: 3,
      code: 3,
      below: { value: 2, code: 2 },
      above: { value: 4, code: 4 },
      ulp: 1,
      is: 'integer',
      bits: '00000011',
    });
    expect(around(int8, 127)).toMatchObject({ below: { value: 126, code: 126 }, above: null });
    expect(around(int8, -128)).toMatchObject({ code: 0x80, below: null, above: { value: -127, code: 0x81 } });
    expect(around(int8, 0)).toMatchObject({ below: { value: -1, code: 0xff }, above: { value: 1, code: 1 } });
    expect(around(uint8, 0)).toMatchObject({ below: null, above: { value: 1, code: 1 } });
    expect(around(uint8, 300)).toMatchObject({ value: 255, below: { value: 254, code: 254 }, above: null });
    expect(around(mxint8, 0.5)).toMatchObject({
      code: 32,
      ulp: 2 ** -6,
      below: { value: 0.5 - 2 ** -6, code: 31 },
      above: { value: 0.5 + 2 ** -6, code: 33 },
    });
    expect(around(mxint8, -2)).toMatchObject({ below: null, above: { value: -2 + 2 ** -6, code: 0x81 } });
  });

  it('a float at its ends and in its gaps', () => {
    expect(around(binary16, Infinity)).toMatchObject({ ulp: null, is: 'infinity', above: null });
    expect(around(binary16, Infinity).below).toEqual({ value: 65504, code: 0x7bff });
    expect(around(binary16, -65504)).toMatchObject({ below: { value: -Infinity, code: 0xfc00 }, ulp: 32 });
    expect(around(binary16, Number.NaN)).toMatchObject({ ulp: null, is: 'nan', below: null, above: null });
    expect(around(binary16, 2 ** -14)).toMatchObject({ is: 'normal', ulp: 2 ** -24 });
    expect(around(binary16, 2 ** -13)).toMatchObject({ is: 'normal', ulp: 2 ** -23 });
    expect(around(binary16, 2 ** -20)).toMatchObject({ is: 'subnormal', ulp: 2 ** -24, bits: '0 00000 0000010000' });
    expect(around(binary16, 0)).toMatchObject({
      is: 'zero',
      ulp: 2 ** -24,
      below: { value: -(2 ** -24), code: 0x8001 },
      above: { value: 2 ** -24, code: 1 },
    });
    const gapped = defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normalButZero' });
    expect(around(gapped, 0)).toMatchObject({ is: 'zero', ulp: gapped.minNormal });
    expect(around(gapped, gapped.minNormal).below).toEqual({ value: 0, code: 0 });
    expect(around(e8m0fnu, 2 ** -127)).toMatchObject({ below: null, above: { value: 2 ** -126, code: 1 } });
    expect(around(e4m3fn, 448)).toMatchObject({ above: null, below: { value: 416, code: 0x7d } });
    const unsigned = defineP3109({ bits: 6, precision: 3, signed: false });
    expect(around(unsigned, 0)).toMatchObject({ below: null });
  });

  it('what was given, and what every overflow makes of it', () => {
    expect(explain(binary16, '0.10').input).toBe('0.10');
    expect(explain(binary16, 0.5).input).toBe('0.5');
    expect(explain(e4m3fn, -465).result).toEqual({ value: Number.NaN, code: 0xff, flags: ['inexact', 'overflow'] });
    expect(explain(e4m3fn, 465).result.code).toBe(0x7f);
    expect(explain(e4m3fn, 0).result.code).toBe(0);
    expect(Object.keys(explain(int8, 300).overflows)).toEqual(['saturate', 'wrap']);
    expect(explain(int8, 300).overflows.wrap).toEqual({ value: 44, code: 44, flags: ['wrap'] });
    expect(explain(int8, 300).overflows.saturate?.value).toBe(127);
    expect(Object.keys(explain(int8, '1e60').overflows)).toEqual(['saturate', 'wrap']);
    expect(Object.keys(explain(mxint8, 0.3).overflows)).toEqual(['saturate', 'wrap']);
    expect(Object.keys(explain(binary16, '1e-60').overflows)).toEqual([
      'ieee',
      'infinity',
      'saturate',
      'saturateFinite',
      'nan',
    ]);
    expect(Object.keys(explain(binary16, 1).modes)).toEqual([
      'tiesToEven',
      'tiesToAway',
      'towardZero',
      'towardPositive',
      'towardNegative',
      'toOdd',
    ]);
  });
});

describe('input classes', () => {
  const positive = (format: Parameters<typeof inputClasses>[0]) =>
    inputClasses(format)
      .filter(({ name, x }) => !name.startsWith('negative ') && !Number.isNaN(x))
      .map(({ name, x }) => [name, x]);

  it('of binary16, by their numbers', () => {
    const s = 2 ** -24;
    expect(positive(binary16)).toEqual([
      ['zero', 0],
      ['underflow below half of the smallest', s / 4],
      ['underflow at half of the smallest', s / 2],
      ['underflow above half of the smallest', 0.75 * s],
      ['smallest', s],
      ['inexact beside the smallest, below half', 1.25 * s],
      ['inexact beside the smallest, at half', 1.5 * s],
      ['inexact beside the smallest, above half', 1.75 * s],
      ['subnormal', 2 * s],
      ['inexact subnormal, at half above an even one', 2.5 * s],
      ['inexact subnormal', 2.25 * s],
      ['tiny, rounds to the smallest normal', 1023.625 * s],
      ['tiny before rounding only', 1023.875 * s],
      ['smallest normal', 2 ** -14],
      ['normal', 1],
      ['inexact, below half', 1 + 2 ** -12],
      ['inexact, at half above an even value', 1 + 2 ** -11],
      ['inexact, above half', 1 + 3 * 2 ** -12],
      ['inexact, at half above an odd value', 1 + 3 * 2 ** -11],
      ['largest', 65504],
      ['just above the largest', 65512],
      ['tie at overflow', 65520],
      ['overflow below the next value', 65528],
      ['overflow', 262016],
      ['infinity', Infinity],
    ]);
  });

  it('of formats of one bit, without subnormals, and away from one', () => {
    const one = new Map(positive(e8m0fnu) as [string, number][]);
    expect(one.get('inexact, at half above an odd value')).toBe(3);
    expect([one.has('subnormal'), one.has('tiny before rounding only')]).toEqual([false, false]);
    const small = new Map(positive(e2m1fn) as [string, number][]);
    expect([small.has('subnormal'), small.has('tiny before rounding only')]).toEqual([false, true]);
    expect(small.get('tiny before rounding only')).toBe(1 - 0.125 * 0.5);
    const narrow = defineFloat({ exponentBits: 2, mantissaBits: 2, infinities: 'none', bias: 2 });
    // Exponents −1 to 1: one would be the highest binade, so the classes stand around the middle one.
    expect([narrow.emin, narrow.emax]).toEqual([-1, 1]);
    expect(new Map(positive(narrow) as [string, number][]).get('normal')).toBe(1);
    const high = defineFloat({ exponentBits: 3, mantissaBits: 3, bias: -2 });
    const middle = new Map(positive(high) as [string, number][]).get('normal');
    expect(middle).toBe(2 ** Math.floor((high.emin + high.emax) / 2));
    expect(
      inputClasses(e4m3fn)
        .filter(({ x }) => Number.isNaN(x))
        .map(({ name, nan }) => [name, nan]),
    ).toEqual([
      ['NaN', { negative: false, fraction: 0.5 }],
      ['negative NaN', { negative: true, fraction: 0.5 }],
      ['signalling NaN', { negative: false, fraction: 0.25 }],
      ['negative signalling NaN', { negative: true, fraction: 0.25 }],
      ['NaN with payload', { negative: false, fraction: 0.75 }],
      ['negative NaN with payload', { negative: true, fraction: 0.75 }],
    ]);
    expect(positive(int8)).toEqual([
      ['zero', 0],
      ['inexact, below half', 0.25],
      ['inexact, at half above an even value', 0.5],
      ['inexact, above half', 0.75],
      ['smallest', 1],
      ['inexact, at half above an odd value', 1.5],
      ['largest', 127],
      ['just above the largest', 127.25],
      ['tie at overflow', 127.5],
      ['overflow', 129],
      ['overflow beyond twice the range', 515],
      ['overflow beyond 64 bits', 2 ** 70],
      ['infinity', Infinity],
    ]);
    expect(compareProfiles(binary16, 'ieee', 'ieee')).toEqual([]);
  });
});

describe('conversions that a policy cannot say', () => {
  const pair = (profile: string, x: number, residual: number, policy = {}) =>
    convertPair(e8m0fnu, resolveProfile(profile, e8m0fnu, policy), x, residual);

  it('take magnitudes with what lies beside them', () => {
    expect(pair('onnxSaturate', -1, 0)).toEqual({ value: 1, code: 127, flags: 16 });
    expect(pair('onnxSaturate', -1, -(2 ** -60))).toEqual({ value: 2, code: 128, flags: 17 });
    expect(pair('onnxSaturate', -1, 2 ** -60)).toEqual({ value: 1, code: 127, flags: 17 });
    expect(pair('onnxSaturate', 0, 0)).toEqual({ value: 2 ** -127, code: 0, flags: 32 });
  });

  it('round the lowest binade by its fraction', () => {
    const down = { rounding: 'towardZero' } as const;
    const low = 2 ** -127;
    expect(pair('onnxSaturate', low, 0, down)).toEqual({ value: low, code: 0, flags: 0 });
    expect(pair('onnxSaturate', low, 2 ** -200, down)).toEqual({ value: low, code: 0, flags: 1 });
    expect(pair('onnxSaturate', 1.5 * low, 0, down)).toEqual({ value: low, code: 0, flags: 1 });
    expect(pair('onnxSaturate', 0.5 * low, 0, down)).toEqual({ value: low, code: 0, flags: 3 });
    expect(pair('onnxSaturate', 2 * low, 0, down)).toEqual({ value: 2 * low, code: 1, flags: 0 });
    expect(pair('onnxSaturate', low, 0)).toEqual({ value: 2 * low, code: 1, flags: 1 });
  });

  it('name their flags', () => {
    expect(profileOutcome('onnxSaturate', e8m0fnu, -1.5).flags).toEqual(['inexact', 'invalid']);
    expect(flagNames(17)).toEqual(['inexact', 'invalid']);
  });
});

describe('registers', () => {
  const wrapped = (format: typeof int8, n: bigint) => roundDecimalWithFlags(format, n.toString(), { overflow: 'wrap' });

  it('wrap decimals of any size to the last quantum', () => {
    expect(wrapped(int8, 2n ** 103n + 2n ** 50n + 3n * 2n ** 3n)).toEqual({ value: 24, flags: 64 });
    const tooMuch = 2n ** 104n + 2n ** 51n;
    expect(wrapped(int8, tooMuch + 5n)).toEqual({ value: 5, flags: 64 });
    expect(wrapped(mxint8, 2n ** 97n + 2n ** 44n)).toEqual({ value: 0, flags: 64 });
    expect(wrapped(mxint8, 2n ** 98n + 2n ** 45n + 1n)).toEqual({ value: 1, flags: 64 });
  });

  it('weigh exact fractions to the last bit', () => {
    const share = (numerator: bigint) => ({ numerator, denominator: 1n << 40n });
    expect(scaleExactFraction(share(1n << 39n), 8)).toEqual({ whole: 256, sticky: false });
    expect(scaleExactFraction(share((1n << 39n) + 1n), 8)).toEqual({ whole: 256, sticky: true });
    expect(scaleExactFraction(share((1n << 39n) - 1n), 8)).toEqual({ whole: 255, sticky: true });
    expect(scaleExactFraction(share(0n), 8)).toEqual({ whole: 0, sticky: false });
  });
});

describe('binary64', () => {
  it('refuses what is no code and no number', () => {
    const wanted = 'a format of at most 53 bits, whose codes are numbers; see encodeBinary64 and decodeBinary64';
    expect(refusal(() => encodeBinary64('1' as never))).toEqual(['type', 'x', '1', 'a number']);
    expect(refusal(() => decodeBinary64(1 as never))).toEqual([
      'type',
      'code',
      '1',
      'a bigint: the 64 bits of a number',
    ]);
    expect(refusal(() => decodeBinary64(-1n))).toEqual(['range', 'code', '-1', '0n … 2n ** 64n − 1n']);
    expect(refusal(() => decodeBinary64(2n ** 64n))).toEqual([
      'range',
      'code',
      '18446744073709551616',
      '0n … 2n ** 64n − 1n',
    ]);
    expect(refusal(() => decode(binary64, 0))).toEqual(['unsupported', 'format', formatName(binary64), wanted]);
    expect(refusal(() => explain(binary64, 0))).toEqual(['unsupported', 'format', formatName(binary64), wanted]);
    expect(refusal(() => compareProfiles(binary64, 'ocp', 'ieee'))[0]).toBe('unsupported');
  });

  it('rounds negative decimals beyond its ends as positive ones', () => {
    const up = { rounding: 'towardPositive' } as const;
    const down = { rounding: 'towardNegative' } as const;
    const rounded = (text: string, policy = {}) => {
      const { value, flags } = roundDecimalWithFlags(binary64, text, policy);
      return [value, flags];
    };
    expect(rounded('-1e9999', up)).toEqual([-Number.MAX_VALUE, 5]);
    expect(rounded('-1e9999', down)).toEqual([-Infinity, 5]);
    expect(rounded('1e9999', down)).toEqual([Number.MAX_VALUE, 5]);
    expect(rounded('-1e-9999', up)).toEqual([-0, 3]);
    expect(rounded('-1e-9999', down)).toEqual([-5e-324, 3]);
    expect(rounded('1e-9999', up)).toEqual([5e-324, 3]);
    expect(rounded('.4e-323', down)).toEqual([0, 3]);
    expect(rounded('-.5e-323', { subnormals: 'flushBoth' })).toEqual([-0, 256]);
    expect(rounded('-3.E-324')).toEqual([-5e-324, 3]);
  });
});
