/**
 * What the other files reach by chance only: both ends of decimal numerals, wide registers, codes of rare formats,
 * thresholds met exactly.
 */
import { describe, expect, it } from 'vitest';
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  binary16,
  binary32,
  defineFloat,
  defineInteger,
  defineP3109,
  e2m1fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e8m0fnu,
  type Format,
  formatName,
  int8,
  mxint8,
  uint8,
} from '../../src/formats/index.ts';
import { encodeValue, isValue } from '../../src/rounding/codes.ts';
import { inputClasses } from '../../src/rounding/compareProfiles.ts';
import { decimalPair } from '../../src/rounding/decimalPair.ts';
import { exactDecimal } from '../../src/rounding/dyadic.ts';
import { idealFormat, idealRounding } from '../../src/rounding/ideal.ts';
import {
  decode,
  encode,
  explain,
  flagNames,
  type PartialPolicy,
  resolvePolicy,
  roundDecimalWithFlags,
  roundTo,
  roundWithFlags,
} from '../../src/rounding/index.ts';
import { parseNumeral } from '../../src/rounding/numeral.ts';
import { Rounder } from '../../src/rounding/rounder.ts';
import { goesUpStochastically, scaleFraction } from '../../src/rounding/stochastic.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { oracleDecode, oracleEncode } from '../../src/testing/oracle/codes.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { outcome } from '../testing/helpers.ts';

const named = (formats: readonly Format[]) => formats.map((format): [string, Format] => [formatName(format), format]);

describe.each(
  named([
    defineP3109({ bits: 8, precision: 3 }),
    defineP3109({ bits: 6, precision: 2, signed: false }),
    defineP3109({ bits: 7, precision: 1, extended: false }),
    defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'topCode', nan: 'none' }),
    defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normal' }),
    defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'topCode', nan: 'topCode', lowest: 'normalButZero' }),
    e4m3fnuz,
    e8m0fnu,
    e2m1fn,
    e5m2,
    int8,
    uint8,
    mxint8,
  ]),
)('codes of %s', (_, format) => {
  it('decode and encode as the oracle does', () => {
    for (let code = 0; code < format.codes; code++) {
      const value = oracleDecode(format, code);
      expect([code, decode(format, code)]).toEqual([code, value]);
      expect(isValue(format, value)).toBe(true);
      if (Number.isNaN(value)) continue;
      expect(encode(format, value, { overflow: format.kind === 'integer' ? 'saturate' : 'ieee' })).toBe(
        oracleEncode(format, value),
      );
      expect(encodeValue(format, value, true)).toBe(oracleEncode(format, value));
    }
  });
});

const numeral = (text: string) => parseNumeral('text', text);

describe('codes', () => {
  it('of NaNs, with a sign where there is one', () => {
    expect([encode(binary16, Number.NaN), encodeValue(binary16, Number.NaN, true)]).toEqual([0x7e00, 0xfe00]);
    expect([encode(e4m3fn, Number.NaN), encodeValue(e4m3fn, Number.NaN, true)]).toEqual([0x7f, 0xff]);
    expect([encode(e4m3fnuz, Number.NaN), encodeValue(e4m3fnuz, Number.NaN, true)]).toEqual([0x80, 0x80]);
    expect([encode(e8m0fnu, Number.NaN), encodeValue(e8m0fnu, Number.NaN, true)]).toEqual([0xff, 0xff]);
    expect([encode(e4m3fn, 1000), encode(e4m3fn, -1000)]).toEqual([0x7f, 0xff]);
  });

  it('belong to values only', () => {
    expect([isValue(binary16, 0.1), isValue(binary16, 0.5), isValue(binary16, 65536)]).toEqual([false, true, false]);
    expect([isValue(int8, 127), isValue(int8, 128), isValue(int8, 0.5), isValue(int8, -0)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([isValue(e4m3fnuz, -0), isValue(binary16, -0)]).toEqual([false, true]);
    expect([isValue(int8, Number.NaN), isValue(e2m1fn, Number.NaN), isValue(e5m2, Number.NaN)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([isValue(e4m3fn, Infinity), isValue(e5m2, -Infinity)]).toEqual([false, true]);
  });
});

describe('decimals', () => {
  const rounded = (text: string, policy?: PartialPolicy, format: Format = binary16) => {
    const { value, flags } = roundDecimalWithFlags(format, text, policy);
    return [value, flags];
  };

  it('of any size', () => {
    expect(rounded('1e999999999')).toEqual([Infinity, 5]);
    expect(rounded('-1e999999999')).toEqual([-Infinity, 5]);
    expect(rounded('1e-999999999', { rounding: 'towardPositive' })).toEqual([2 ** -24, 3]);
    expect(rounded('-1e-999999999', { rounding: 'towardPositive' })).toEqual([-0, 3]);
    expect(rounded('-1e-999999999', { rounding: 'towardNegative' })).toEqual([-(2 ** -24), 3]);
    expect(rounded('-1e-340', { rounding: 'towardNegative' })).toEqual([-(2 ** -24), 3]);
    expect(rounded('1e-340', { rounding: 'towardPositive' })).toEqual([2 ** -24, 3]);
    expect(rounded('1e350', { rounding: 'towardZero' })).toEqual([65504, 5]);
    expect(rounded('-1e350', { rounding: 'towardZero' })).toEqual([-65504, 5]);
  });

  it('read as written', () => {
    expect(rounded('+5')).toEqual([5, 0]);
    expect(rounded('-.5')).toEqual([-0.5, 0]);
    expect(rounded('5.')).toEqual([5, 0]);
    expect(rounded('0')).toEqual([0, 0]);
    expect(rounded('-0.000')).toEqual([-0, 0]);
    expect(rounded('-0e999999999')).toEqual([-0, 0]);
    expect(rounded('000000000000000000000012.50E-1')).toEqual([1.25, 0]);
    expect(rounded('0.000000000000000000000000000000000000001e+39')).toEqual([1, 0]);
    expect(rounded('123456789012345678901234567890e-29')).toEqual([1.234375, 1]);
    expect(rounded('Infinity')).toEqual([Infinity, 0]);
    expect(rounded('-Infinity')).toEqual([-Infinity, 0]);
    expect(rounded('+Infinity')).toEqual([Infinity, 0]);
    expect(rounded('NaN')).toEqual([Number.NaN, 0]);
    expect(rounded('-NaN')).toEqual([Number.NaN, 0]);
  });

  it('are pairs of a binary64 number and an odd rest', () => {
    expect(decimalPair(numeral('0.5'))).toEqual({ x: 0.5, residual: 0 });
    expect(decimalPair(numeral('-Infinity'))).toEqual({ x: -Infinity, residual: 0 });
    expect(decimalPair(numeral('1e401'))).toEqual({ x: Number.MAX_VALUE, residual: 1 });
    expect(decimalPair(numeral('-1e401'))).toEqual({ x: -Number.MAX_VALUE, residual: -1 });
    expect(decimalPair(numeral('1e-401'))).toEqual({ x: Number.MIN_VALUE, residual: -1 });
    expect(decimalPair(numeral('-1e-401'))).toEqual({ x: -Number.MIN_VALUE, residual: 1 });
    const low = decimalPair(numeral('1e400'));
    expect([low.x, low.residual]).toEqual([Number.MAX_VALUE, Number.MAX_VALUE]);
    const high = decimalPair(numeral('-1e-400'));
    expect([high.x, high.residual]).toEqual([-Number.MIN_VALUE, Number.MIN_VALUE]);
    const tenth = decimalPair(numeral('0.1'));
    // 0.1 − its nearest binary64 number, cut to 53 bits, the last one odd.
    expect([tenth.x, tenth.residual]).toEqual([0.1, -5.551115123125782e-18]);
    expect(decimalPair(numeral('-0.1')).residual).toBe(5.551115123125782e-18);
  });

  it('are flushed when below the smallest normal number, by however little', () => {
    const policy = { subnormals: 'flushInputs' } as const;
    const minimum = exactDecimal(binary16.minNormal);
    expect(rounded(minimum, policy)).toEqual([binary16.minNormal, 0]);
    expect(rounded(`-${minimum}`, policy)).toEqual([-binary16.minNormal, 0]);
    expect(rounded(`${minimum}000000000000000001`, policy)).toEqual([binary16.minNormal, 1]);
    expect(rounded(`-${minimum}000000000000000001`, policy)).toEqual([-binary16.minNormal, 1]);
    const below = `${minimum.slice(0, -1)}4${'9'.repeat(30)}`;
    expect(rounded(below, policy)).toEqual([0, 256]);
    expect(rounded(`-${below}`, policy)).toEqual([-0, 256]);
    expect(rounded(below, {})).toEqual([binary16.minNormal, 1]);
    expect(rounded('0', policy)).toEqual([0, 0]);
    expect(flagNames(roundWithFlags(binary16, 2 ** -15, policy).flags)).toEqual(['flush']);
    expect(roundWithFlags(binary16, 2 ** -14, policy)).toEqual({ value: 2 ** -14, flags: 0 });
  });

  it('in all digits', () => {
    expect(exactDecimal(0.1)).toBe('0.1000000000000000055511151231257827021181583404541015625');
    expect(exactDecimal(-0)).toBe('-0');
    expect(exactDecimal(0)).toBe('0');
    expect(exactDecimal(-Infinity)).toBe('-Infinity');
    expect(exactDecimal(Number.NaN)).toBe('NaN');
    expect(exactDecimal(2 ** 70)).toBe((2n ** 70n).toString());
    expect(exactDecimal(-1.5)).toBe('-1.5');
    expect(explain(binary16, 0.1).input).toBe(exactDecimal(0.1));
  });
});

describe.each<[string, Format, PartialPolicy]>([
  ['53 bits', defineInteger({ bits: 53 }), {}],
  ['53 bits, wrapping', defineInteger({ bits: 53 }), { overflow: 'wrap' }],
  ['53 unsigned bits', defineInteger({ bits: 53, signed: false }), {}],
  ['53 bits, 20 of them fraction', defineInteger({ bits: 53, fractionBits: 20 }), {}],
  [
    '40 unsigned bits, 8 of them fraction, wrapping',
    defineInteger({ bits: 40, signed: false, fractionBits: 8 }),
    { overflow: 'wrap' },
  ],
  ['8 bits, wrapping', int8, { overflow: 'wrap' }],
])('wide registers: %s', (_, format, policy) => {
  const unit = 2 ** -(format.kind === 'integer' ? format.fractionBits : 0);
  const numbers = [
    0.5,
    -1.25,
    2 ** 51 + 0.5,
    -(2 ** 51) - 0.5,
    2 ** 52 - 1,
    2 ** 52,
    -(2 ** 52),
    2 ** 52 + 1,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 54,
    -(2 ** 53) - 2,
    3 * 2 ** 55,
    Infinity,
    -Infinity,
  ].map((n) => n * unit);
  const small = [2 ** -30, -(2 ** -30), 0.5 * unit, -0.5 * unit, 0.75 * unit, -1.5 * unit, 1.5 * unit];

  it('round and wrap by all digits', () => {
    deterministicModes.forEach((rounding, k) => {
      const at = roundTo(format, { ...policy, rounding });
      const fpu = new Unit(format, at.policy);
      for (const [i, a] of numbers.entries()) {
        const wanted = oracleRound(format, at.policy, a);
        expect([a, fpu.round(a), fpu.flags]).toEqual([a, wanted.value, wanted.flags]);
        const others = [...small, ...numbers].filter((_b, j) => (i + j + k) % 3 === 0);
        for (const b of others) {
          for (const operation of ['add', 'multiply', 'divide'] as const) {
            const wanted = outcome(() => oracleOperation(operation, at, [a, b]));
            const found = outcome(() => fpu[operation](a, b));
            // Wrapping is refused beyond 2^104 quanta.
            if (found === 'refused' && policy.overflow === 'wrap') continue;
            const both = wanted === 'refused' ? found : { value: found, flags: fpu.flags };
            expect([operation, a, b, both]).toEqual([operation, a, b, wanted]);
          }
          const fused = outcome(() => oracleOperation('fusedMultiplyAdd', at, [b, 1 + 2 ** -40, a]));
          const found = outcome(() => fpu.fusedMultiplyAdd(b, 1 + 2 ** -40, a));
          if (found === 'refused' && policy.overflow === 'wrap') continue;
          expect([a, b, fused === 'refused' ? found : { value: found, flags: fpu.flags }]).toEqual([a, b, fused]);
        }
      }
    });
  });

  it('round stochastically by all digits', () => {
    numbers.forEach((a, i) => {
      [...small, ...numbers].forEach((b, j) => {
        const bits = 1 + ((5 * i + j) % 32);
        const variant = (['A', 'B', 'C'] as const)[j % 3]!;
        const at = roundTo(format, { ...policy, stochastic: { bits, variant, seed: 3 } });
        const fpu = new Unit(format, at.policy);
        const position = { index: i, step: j, stage: 2 };
        const random = oracleRandomBits(3n, position, bits);
        const sum = outcome(() => oracleOperation('add', at, [a, b], { bits, variant, random }));
        const found = outcome(() => fpu.add(a, b, position));
        expect([a, b, sum === 'refused' ? found : { value: found, flags: fpu.flags }]).toEqual([a, b, sum]);
      });
    });
  });
});

describe('what stochastic rounding weighs', () => {
  it('is exact where a rest all but fills a unit', () => {
    const top = 1 - 2 ** -53;
    expect(scaleFraction(top, (2 ** -44 - 2 ** -97) / 512, 8)).toEqual({ whole: 511, sticky: true });
    expect(scaleFraction(top, 2 ** -44 / 512, 8)).toEqual({ whole: 512, sticky: false });
    expect(scaleFraction(top, (2 ** -44 + 2 ** -96) / 512, 8)).toEqual({ whole: 512, sticky: true });
    expect(scaleFraction(0.5, -(2 ** -80), 8)).toEqual({ whole: 255, sticky: true });
    expect(scaleFraction(0.5, 2 ** -80, 8)).toEqual({ whole: 256, sticky: true });
    expect(scaleFraction(0.5, 0, 8)).toEqual({ whole: 256, sticky: false });
    expect(scaleFraction(0.5 + 2 ** -10, 0, 8)).toEqual({ whole: 256, sticky: true });
    expect(scaleFraction(0, 2 ** -9, 8)).toEqual({ whole: 1, sticky: false });
  });

  it('goes up by each variant’s rule', () => {
    const up = (variant: 'A' | 'B' | 'C', whole: number, sticky: boolean, random: number) =>
      goesUpStochastically(variant, 2, { whole, sticky }, random);
    for (let whole = 0; whole < 8; whole++) {
      for (let random = 0; random < 4; random++) {
        for (const sticky of [false, true]) {
          expect(up('A', whole, sticky, random)).toBe(Math.floor(whole / 2) + random >= 4);
          expect(up('B', whole, sticky, random)).toBe(whole + 2 * random + 1 >= 8);
          const eighths = 2 * whole + (sticky ? 1 : 0);
          const low = Math.floor(eighths / 4);
          const rest = eighths % 4;
          const nearest = rest > 2 || (rest === 2 && low % 2 === 1) ? low + 1 : low;
          expect(up('C', whole, sticky, random)).toBe(nearest + random >= 4);
        }
      }
    }
  });
});

describe('the format without rounding', () => {
  it('hands numbers on, flagged', () => {
    const rounder = new Rounder(idealFormat, idealRounding.policy);
    for (const x of [0.1, -3, 1e300, 5e-324, 0]) expect([rounder.round(x, 0), rounder.flags]).toEqual([x, 1]);
    expect(rounder.round(Number.NaN, 0)).toBeNaN();
    expect([idealFormat.bits, idealFormat.precision, idealFormat.emax]).toEqual([64, 53, 1023]);
    expect(idealRounding.policy).toEqual(resolvePolicy(binary32));
  });
});

describe('input classes', () => {
  it.each(
    named([
      defineFloat({ exponentBits: 3, mantissaBits: 3, bias: -2 }),
      defineFloat({ exponentBits: 3, mantissaBits: 2, bias: 40 }),
      defineFloat({ exponentBits: 3, mantissaBits: 0, infinities: 'none', nan: 'topCode' }),
      e8m0fnu,
      binary16,
      e2m1fn,
    ]),
  )('have examples of what they say: %s', (_, format) => {
    if (format.kind !== 'float') return;
    const classes = new Map(inputClasses(format).map(({ name, x }) => [name, x]));
    const at = (name: string): number => classes.get(name)!;
    const { max, minNormal } = format;
    const smallest = format.minSubnormal ?? minNormal;
    const toZero = (x: number) =>
      roundWithFlags(format, x, { rounding: 'towardZero', overflow: 'saturateFinite' }).value;
    const toOdd = (x: number) => roundWithFlags(format, x, { rounding: 'toOdd', overflow: 'saturateFinite' }).value;
    const one = at('normal');
    expect(isValue(format, one)).toBe(true);
    expect(one >= minNormal && one <= max).toBe(true);
    if (format.emin <= 0 && format.emax > 1) expect(one).toBe(1);
    expect([at('smallest'), at('smallest normal'), at('largest')]).toEqual([smallest, minNormal, max]);
    for (const name of ['below half', 'at half above an even value', 'above half']) {
      expect(toZero(at(`inexact, ${name}`))).toBe(one);
    }
    const below = at('inexact, below half') - one;
    expect([at('inexact, at half above an even value') - one, at('inexact, above half') - one]).toEqual([
      2 * below,
      3 * below,
    ]);
    expect(toOdd(at('overflow'))).toBe(max);
    expect(at('just above the largest') > max && at('just above the largest') < at('tie at overflow')).toBe(true);
    expect(at('tie at overflow') < at('overflow below the next value')).toBe(true);
    expect(at('underflow below half of the smallest') < smallest / 2).toBe(true);
    expect(at('underflow at half of the smallest')).toBe(smallest / 2);
    expect(at('underflow above half of the smallest') > smallest / 2).toBe(true);
    expect([...classes.keys()].filter((name) => name.startsWith('negative ')).length).toBe(classes.size / 2);
    for (const [name, x] of classes) {
      if (!name.startsWith('negative ') && !Number.isNaN(x)) expect(at(`negative ${name}`)).toBe(-x);
    }
    expect(classes.has('subnormal')).toBe(format.minSubnormal !== null && format.mantissaBits > 1);
    expect(classes.has('tiny before rounding only')).toBe(format.minSubnormal !== null);
  });
});
