/**
 * Values at which two ways of writing the code part, worked out by hand: numerals of unusual shape, borders of formats,
 * what profiles leave to the policy.
 */
import { describe, expect, it } from 'vitest';
import {
  binary16,
  binary64,
  defineFloat,
  defineInteger,
  dlfloat16,
  e2m1fn,
  e4m3fn,
  e5m2,
  e8m0fnu,
  type Format,
  int4,
  int8,
} from '../../src/formats/index.ts';
import { encodeValue } from '../../src/rounding/codes.ts';
import { inputClasses } from '../../src/rounding/compareProfiles.ts';
import { decimalPair } from '../../src/rounding/decimalPair.ts';
import { bitLength, decimalOf } from '../../src/rounding/dyadic.ts';
import { nearestNumber } from '../../src/rounding/dyadicPair.ts';
import {
  encode,
  explain,
  type PartialPolicy,
  type Profile,
  profileOutcome,
  resolvePolicy,
  resolveProfile,
  roundDecimal,
  roundDecimalWithFlags,
  roundWithFlags,
} from '../../src/rounding/index.ts';
import { parseNumeral } from '../../src/rounding/numeral.ts';
import { convertPair, isRefused } from '../../src/rounding/profileOutcome.ts';
import { findProfile } from '../../src/rounding/profiles.ts';
import { Rounder } from '../../src/rounding/rounder.ts';

/** All digits of n · 2^−k, without an exponent. */
const digits = (n: bigint, k: number): string => `0.${(n * 5n ** BigInt(k)).toString().padStart(k, '0')}`;
const rounded = (format: Format, text: string, policy?: PartialPolicy): number[] => {
  const { value, flags } = roundDecimalWithFlags(format, text, policy);
  return [value, flags];
};
/** A signed format without zero; its NaN is the top code. */
const noZero = defineFloat({ exponentBits: 4, mantissaBits: 1, infinities: 'none', nan: 'topCode', lowest: 'normal' });

const numeral = (text: string) => parseNumeral('text', text);

describe('numerals', () => {
  it('may begin with a point, and may do without one', () => {
    expect(roundDecimal(binary16, '.25')).toBe(0.25);
    expect(roundDecimal(binary64, '3e-324')).toBe(5e-324);
    expect(roundDecimal(binary64, '2e-324')).toBe(0);
  });

  it('of a thousand digits need no exponent', () => {
    // Half the smallest subnormal number, a tie; three halves; and as little more as the last of 1400 digits.
    expect(rounded(binary64, digits(1n, 1075))).toEqual([0, 3]);
    expect(rounded(binary64, digits(3n, 1075))).toEqual([2 ** -1073, 3]);
    expect(rounded(binary64, digits(1n, 1075) + '1'.padStart(325, '0'))).toEqual([2 ** -1074, 3]);
    // Halfway between the largest number and 2^1024, and one less.
    const tie = 2n ** 1024n - 2n ** 970n;
    expect(rounded(binary64, tie.toString())).toEqual([Infinity, 5]);
    expect(rounded(binary64, (tie - 1n).toString())).toEqual([Number.MAX_VALUE, 1]);
  });

  it('may have as many zeros as their exponent takes back', () => {
    expect(rounded(binary16, `1${'0'.repeat(410)}e-410`)).toEqual([1, 0]);
    expect(rounded(binary16, `0.${'0'.repeat(410)}1e411`)).toEqual([1, 0]);
    expect(rounded(binary16, `1${'0'.repeat(410)}.5e-410`)).toEqual([1, 1]);
  });

  it('far below one are subnormal in binary64 only below 2^−1022', () => {
    expect(rounded(binary64, '1e-300', { subnormals: 'flushInputs' })).toEqual([1e-300, 1]);
    expect(rounded(binary64, '1e-310', { subnormals: 'flushInputs' })).toEqual([0, 256]);
  });

  it('round to a format of 53 bits as to any other but binary64', () => {
    const fine = defineFloat({ exponentBits: 8, mantissaBits: 44 });
    expect(rounded(fine, '1e-300')).toEqual([0, 3]);
    expect(rounded(defineInteger({ bits: 53 }), '1e-300')).toEqual([0, 1]);
  });

  it('keep what binary64 has no room for', () => {
    expect(decimalPair(numeral('-1e320'))).toEqual({ x: -Number.MAX_VALUE, residual: -Number.MAX_VALUE });
    expect(decimalPair(numeral('1e320'))).toEqual({ x: Number.MAX_VALUE, residual: Number.MAX_VALUE });
    // 2^−60 is an even code; to odd, a little more is the next code, and a little less the one before.
    const [one, step, little] = [2n ** 200n, 2n ** 140n, 1n];
    const pair = (n: bigint) => decimalPair(numeral(`${n * 5n ** 200n}e-200`));
    expect(pair(one + step + little)).toEqual({ x: 1, residual: 2 ** -60 + 2 ** -112 });
    expect(pair(one + step - little)).toEqual({ x: 1, residual: 2 ** -60 - 2 ** -113 });
    expect(pair(-one - step - little)).toEqual({ x: -1, residual: -(2 ** -60) - 2 ** -112 });
    expect(pair(one + step)).toEqual({ x: 1, residual: 2 ** -60 });
  });
});

describe('exact binary numbers', () => {
  it('have a length, and digits', () => {
    expect([0n, 1n, 2n ** 53n - 1n, 2n ** 54n - 1n, 2n ** 1000n - 1n, 2n ** 1000n].map(bitLength)).toEqual([
      0, 1, 53, 54, 1000, 1001,
    ]);
    expect(decimalOf({ n: 0n, exponent: -3 })).toBe('0');
    expect(decimalOf({ n: -5n, exponent: 0 })).toBe('-5');
    expect(decimalOf({ n: -5n, exponent: -1 })).toBe('-2.5');
  });

  it('have a nearest number, ties to even', () => {
    expect(nearestNumber({ n: 0n, exponent: 5 })).toBe(0);
    expect(nearestNumber({ n: 2n ** 53n + 1n, exponent: -53 })).toBe(1);
    expect(nearestNumber({ n: -(2n ** 53n) - 3n, exponent: -53 })).toBe(-1 - 2 ** -51);
  });
});

describe('a format without subnormal numbers', () => {
  it('takes of a residual its sign alone, between zero and the smallest number', () => {
    const format = defineFloat({ exponentBits: 8, mantissaBits: 13, lowest: 'normalButZero' });
    const rounder = new Rounder(format, resolvePolicy(format));
    const half = format.minNormal / 2;
    const of = (x: number, residual: number): number => rounder.round(x, residual);
    // Half of the smallest number is a tie, which goes to zero; residuals larger than all of these only say on which side.
    expect([of(half, 0), of(half, 1), of(half, -1)]).toEqual([0, format.minNormal, 0]);
    expect([of(half / 2, 1), of(-half / 2, -1), of(1.5 * half, -1)]).toEqual([0, -0, format.minNormal]);
  });
});

describe('registers', () => {
  const wrap = { overflow: 'wrap' } as const;

  it('round beside 2^52 by all digits', () => {
    const widest = defineInteger({ bits: 53, signed: false });
    const text = `${2 ** 52}.5`;
    expect(rounded(widest, text)).toEqual([2 ** 52, 1]);
    expect(rounded(widest, text, { rounding: 'tiesToAway' })).toEqual([2 ** 52 + 1, 1]);
  });

  it('wrap the largest number, although its quanta are more than binary64 counts', () => {
    const fixed = defineInteger({ bits: 16, fractionBits: 8 });
    expect(roundWithFlags(fixed, Number.MAX_VALUE, wrap)).toEqual({ value: 0, flags: 64 });
    expect(roundWithFlags(fixed, -Number.MAX_VALUE, wrap)).toEqual({ value: 0, flags: 64 });
  });
});

describe('codes', () => {
  it('of zero: no sign in an integer, and a NaN without sign where there is no zero', () => {
    expect(encodeValue(int8, -0, false)).toBe(0);
    const policy = { overflow: 'nan' } as const;
    expect(encode(noZero, 0, policy)).toBe(0x1f);
    expect(encode(noZero, -1e9, policy)).toBe(0x3f);
    expect(explain(noZero, 0, policy).result).toEqual({ value: Number.NaN, code: 0x1f, flags: ['invalid'] });
    expect(profileOutcome('mlDtypes', noZero, 0)).toEqual({ value: Number.NaN, code: 0x1f, flags: ['invalid'] });
  });
});

describe('explain tells', () => {
  it('the neighbours of the last integers but one', () => {
    expect(explain(int4, -7).below).toEqual({ value: -8, code: 8 });
    expect(explain(int4, 6).above).toEqual({ value: 7, code: 7 });
    expect(explain(int4, 7).above).toBeNull();
  });

  it('no neighbours of a NaN', () => {
    expect(explain(e4m3fn, Number.NaN)).toMatchObject({ below: null, above: null });
  });

  it('the spacing above the smallest normal number, also where nothing lies below', () => {
    // DLFloat16 has no subnormals: its smallest number is 2^−31 · (1 + 2^−9).
    const smallest = dlfloat16.minNormal;
    expect(explain(dlfloat16, smallest)).toMatchObject({ ulp: 2 ** -40, above: { value: smallest + 2 ** -40 } });
    expect(explain(dlfloat16, 0).ulp).toBe(smallest);
  });

  it('what wraps, also where no pair holds every quantum', () => {
    const fixed = defineInteger({ bits: 16, fractionBits: 8 });
    const wrapped = (n: bigint) => explain(fixed, n.toString()).overflows.wrap?.value;
    expect(wrapped(2n ** 100n + 2n ** 46n + 3n)).toBe(3);
    expect(wrapped(2n ** 80n + 2n ** 20n + 128n)).toBe(-128);
  });

  it('a profile that writes a zero for NaN, where others refuse', () => {
    const { profiles } = explain(e2m1fn, Number.NaN, { nanInput: 'zero' });
    expect(profiles.mlDtypes).toEqual({ value: -0, code: 8, flags: [] });
    expect(profiles.ocp).toBeNull();
  });
});

describe('input classes', () => {
  const named = (format: Format) => Object.fromEntries(inputClasses(format).map(({ name, x }) => [name, x]));

  it('name no subnormal number where there is none', () => {
    expect(Object.keys(named(dlfloat16)).filter((name) => name.includes('subnormal'))).toEqual([]);
  });

  it('lie in the middle of a range that one is not inside', () => {
    // 2^−4 … 2^1 in powers of two: one is not inside, since three is not.
    const powers = defineFloat({ exponentBits: 3, mantissaBits: 0, bias: 6, infinities: 'none', nan: 'none' });
    expect([powers.emin, powers.emax]).toEqual([-5, 1]);
    const classes = named(powers);
    expect(classes.normal).toBe(0.25);
    expect(classes['inexact, at half above an odd value']).toBe(0.75);
  });
});

describe('profiles', () => {
  const made = (rules: NonNullable<Profile['cases'][number]['rules']>, when = {}): Profile => ({
    name: 'made',
    summary: '',
    source: '',
    cases: [{ when, policy: { overflow: 'nan' }, rules }],
    notes: [],
  });

  it('raise invalid for a signalling NaN alone', () => {
    const flags = (fraction: number) =>
      profileOutcome('ieee', binary16, Number.NaN, { nan: { negative: false, fraction } }).flags;
    expect([0.25, 0.5, 0.75].map(flags)).toEqual([['invalid'], [], []]);
    expect(profileOutcome('ieee', binary16, Number.NaN).flags).toEqual([]);
  });

  it('drop a payload unless they say that it stays', () => {
    const code = (profile: string) =>
      profileOutcome(profile, e5m2, Number.NaN, { nan: { negative: false, fraction: 0.75 } }).code;
    expect(['ieee', 'ocp'].map(code)).toEqual([0x7f, 0x7e]);
  });

  it('clamp a negative number to the smallest where there is no zero', () => {
    expect(profileOutcome(made({ negative: 'clamp' }), e8m0fnu, -2)).toEqual({
      value: 2 ** -127,
      code: 0,
      flags: ['saturation'],
    });
  });

  it('of formats without zero leave formats with zero alone', () => {
    const rules = made({ zero: 'smallest', tiny: 'fraction' });
    expect(profileOutcome(rules, e4m3fn, 0)).toEqual({ value: 0, code: 0, flags: [] });
    expect(profileOutcome(rules, e4m3fn, e4m3fn.minNormal * 1.5)).toMatchObject({ value: e4m3fn.minNormal * 1.5 });
  });

  it('round by the fraction field above zero, and below twice the smallest', () => {
    const resolved = resolveProfile(made({ tiny: 'fraction' }), e8m0fnu);
    const invalid = { value: Number.NaN, code: 0xff, flags: 16 };
    expect(convertPair(e8m0fnu, resolved, 0, 0)).toEqual(invalid);
    expect(convertPair(e8m0fnu, resolved, -1, 0)).toEqual(invalid);
    const up = resolveProfile('onnxSaturate', e8m0fnu);
    expect(convertPair(e8m0fnu, up, 2 ** -126, 2 ** -200)).toEqual({ value: 2 ** -125, code: 2, flags: 1 });
  });

  it('that write a zero for NaN do not refuse it', () => {
    const writes = made({ nan: { missing: 'oppositeZero' } });
    const refused = (profile: Profile) => isRefused(e2m1fn, resolveProfile(profile, e2m1fn));
    expect([refused(writes), refused(made({}))]).toEqual([false, true]);
    expect(profileOutcome(writes, e2m1fn, Number.NaN)).toEqual({ value: -0, code: 8, flags: [] });
  });

  it('fit by whether NaN has a code, and go by names alone', () => {
    expect(() => profileOutcome(made({}, { nan: true }), e2m1fn, 1)).toThrow('made for e2m1fn');
    expect(profileOutcome(made({}, { nan: true }), e4m3fn, 1).value).toBe(1);
    expect(() => profileOutcome(made({}, { nan: false }), e4m3fn, 1)).toThrow('made for e4m3fn');
    expect(() => findProfile(['ieee'] as never)).toThrow('profile');
  });
});
