import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary64 } from '../../src/formats/index.ts';
import {
  compareProfiles,
  decode,
  decodeBinary64,
  encode,
  encodeBinary64,
  explain,
  INEXACT,
  isValue,
  OVERFLOW,
  type PartialPolicy,
  profileOutcome,
  resolvePolicy,
  roundDecimal,
  roundDecimalWithFlags,
  roundWithFlags,
  SATURATION,
  UNDERFLOW,
} from '../../src/rounding/index.ts';
import { Rounder } from '../../src/rounding/rounder.ts';
import { policies } from '../../src/testing/arbitraries/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { seeded } from '../testing/helpers.ts';

describe('rounding to binary64', () => {
  it('leaves every number as it is', () => {
    fc.assert(
      fc.property(fc.double(), (x) => {
        expect(roundWithFlags(binary64, x)).toEqual({ value: x, flags: 0 });
        expect(isValue(binary64, x)).toBe(true);
      }),
      seeded(500),
    );
  });

  it('follows every policy, as the oracle does', () => {
    const edges = fc.constantFrom(
      5e-324,
      2 ** -1022,
      2 ** -1023,
      Number.MAX_VALUE,
      Infinity,
      -Infinity,
      -0,
      Number.NaN,
    );
    fc.assert(
      fc.property(fc.oneof(fc.double(), edges), policies(binary64), (x, policy) => {
        expect(roundWithFlags(binary64, x, policy)).toEqual(oracleRound(binary64, policy, x));
      }),
      seeded(1000),
    );
  });

  it('takes a residual by its value', () => {
    const half = (rounding: PartialPolicy['rounding'], residual: number): number =>
      new Rounder(binary64, resolvePolicy(binary64, rounding === undefined ? {} : { rounding })).round(1, residual);
    expect(half('tiesToEven', 2 ** -53)).toBe(1);
    expect(half('tiesToAway', 2 ** -53)).toBe(1 + 2 ** -52);
    expect(half('tiesToAway', 2 ** -53 - 2 ** -80)).toBe(1);
    // Below one the grid is finer.
    expect(half('tiesToEven', -(2 ** -54))).toBe(1);
    expect(half('tiesToEven', -(2 ** -54) - 2 ** -80)).toBe(1 - 2 ** -53);
    expect(half('towardZero', -(2 ** -200))).toBe(1 - 2 ** -53);
  });
});

describe('decimals in binary64', () => {
  const decimals = [
    '0.1',
    '9007199254740993',
    '9007199254740993.00000000000000000001',
    '1.7976931348623158079372897140530e308',
    '1.7976931348623158079372897140531e308',
    '1.8e308',
    '-1e400',
    '1e999999999',
    '2.4703282292062327208e-324',
    '2.4703282292062327209e-324',
    '2.2250738585072011e-308',
    '2.2250738585072012e-308',
    '-1e-400',
    '1e-999999999',
    '7.4e-324',
  ];
  it.each(decimals)('%s is rounded once in every mode', (text) => {
    const bounded = text.replace(/e(-?)9+$/, 'e$12000');
    for (const rounding of [
      'tiesToEven',
      'tiesToAway',
      'towardZero',
      'towardPositive',
      'towardNegative',
      'toOdd',
    ] as const) {
      for (const subnormals of ['gradual', 'flushBoth'] as const) {
        const policy = resolvePolicy(binary64, { rounding, subnormals });
        const expected = oracleRound(binary64, policy, exact.fromDecimal(bounded));
        expect(roundDecimalWithFlags(binary64, text, policy), `${rounding} ${subnormals}`).toEqual(expected);
      }
    }
  });

  it('as the language reads them', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 60 }), (x, digits) => {
        const text = Number.isFinite(x) ? x.toExponential(Math.min(digits, 100)) : String(x);
        expect(roundDecimal(binary64, text)).toBe(Number(text));
      }),
      seeded(1000),
    );
    expect(roundDecimalWithFlags(binary64, '1e-330')).toEqual({ value: 0, flags: INEXACT | UNDERFLOW });
    expect(roundDecimalWithFlags(binary64, '1e310', { overflow: 'saturate' })).toEqual({
      value: Number.MAX_VALUE,
      flags: INEXACT | OVERFLOW | SATURATION,
    });
  });
});

describe('codes of binary64', () => {
  it('are bigints, both ways', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (code) => {
        const x = decodeBinary64(code);
        expect(encodeBinary64(x)).toBe(Number.isNaN(x) ? 0x7ff8000000000000n : code);
      }),
      seeded(1000),
    );
    expect(encodeBinary64(-0)).toBe(1n << 63n);
    expect(decodeBinary64(0xfff0000000000000n)).toBe(-Infinity);
    expect(() => decodeBinary64(1n << 64n)).toThrow('code');
    expect(() => decodeBinary64(-1n)).toThrow('code');
    expect(() => decodeBinary64(1 as never)).toThrow('a bigint');
    expect(() => encodeBinary64('1' as never)).toThrow('x');
  });

  it('are refused where codes are numbers', () => {
    const refused = /format: expected a format of at most 53 bits.*encodeBinary64.*received binary64/;
    expect(() => encode(binary64, 1)).toThrow(refused);
    expect(() => decode(binary64, 0)).toThrow(refused);
    expect(() => explain(binary64, 1)).toThrow(refused);
    expect(() => compareProfiles(binary64, 'ocp', 'ieee')).toThrow(refused);
    expect(() => profileOutcome('ocp', binary64, 1)).toThrow(refused);
  });
});
