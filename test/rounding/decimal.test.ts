import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16, binary32, e4m3fn, int8, parseFormat } from '../../src/formats/index.ts';
import {
  exactDecimal,
  explain,
  resolvePolicy,
  round,
  roundDecimal,
  roundDecimalWithFlags,
} from '../../src/rounding/index.ts';
import { deterministicModes, formats, policies, reals } from '../../src/testing/arbitraries/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { oracleProject, oracleRound } from '../../src/testing/oracle/round.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';

/** Decimal strings close to a format's decisions: a number's exact digits, moved a little or cut short. */
const cases = formats().chain((format) =>
  fc.record({
    format: fc.constant(format),
    policy: policies(format),
    x: reals(format, { noNaN: true, noInfinity: true }),
    move: fc.constantFrom('', '1', '0000000000000000000000000000000000000000000000000001', '9'.repeat(60)),
    cut: fc.oneof({ weight: 3, arbitrary: fc.constant(9999) }, fc.nat({ max: 60 })),
  }),
);

/** The digits of a number with more digits behind them, or fewer; never without a digit. */
function decimal(x: number, move: string, cut: number): string {
  const digits = exactDecimal(x).slice(0, 2 + cut);
  const text = digits === '-' || digits === '-.' ? '-0' : digits;
  return move === '' ? text : `${text}${text.includes('.') ? '' : '.'}${move}`;
}

describe('roundDecimal', () => {
  it('rounds what the digits say, once, as the oracle does', () => {
    fc.assert(
      fc.property(cases, ({ format, policy, x, move, cut }) => {
        const text = decimal(x, move, cut);
        const wanted = outcome(() => oracleRound(format, policy, exact.fromDecimal(text)));
        expect(outcome(() => roundDecimalWithFlags(format, text, policy))).toEqual(wanted);
      }),
      seeded(4000),
    );
  });

  it('agrees with round on the digits of a binary64 number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        expect(roundDecimal(binary32, exactDecimal(x))).toBe(round(binary32, x));
        expect(exactDecimal(x) === 'Infinity' || Number(exactDecimal(x)) === x || x === -Infinity).toBe(true);
      }),
      seeded(1000),
    );
  });

  it('rounds once where binary64 in between rounds twice', () => {
    expect(roundDecimal(binary16, '1.00048828125000000000000001')).toBe(1 + 2 ** -10);
    expect(round(binary16, Number('1.00048828125000000000000001'))).toBe(1);
  });

  it('takes exponents of any size at no cost', () => {
    expect(roundDecimalWithFlags(binary16, '1e999999999')).toEqual({ value: Infinity, flags: 5 });
    expect(roundDecimalWithFlags(binary16, '-1e-999999999')).toEqual({ value: -0, flags: 3 });
    expect(roundDecimal(binary16, '-1e-999999999999999999999', { rounding: 'towardNegative' })).toBe(-(2 ** -24));
    expect(roundDecimal(e4m3fn, '-1e400', { overflow: 'saturate' })).toBe(-448);
    expect(roundDecimal(int8, '1e999999999')).toBe(127);
    expect(roundDecimal(binary16, '0e999999999')).toBe(0);
    expect(roundDecimal(binary16, '-0.000e-5')).toBe(-0);
    expect(roundDecimal(binary16, `0.${'0'.repeat(500)}1e502`)).toBe(10);
    expect(roundDecimal(binary16, `1${'0'.repeat(500)}e-500`)).toBe(1);
  });

  it('reads more than a thousand digits', () => {
    const tie = `1.00048828125${'0'.repeat(1100)}`;
    const policy = resolvePolicy(binary16);
    for (const text of [tie, `${tie}1`, `${tie.slice(0, -1101)}4${'9'.repeat(1100)}`]) {
      expect(roundDecimalWithFlags(binary16, text)).toEqual(oracleProject(binary16, policy, exact.fromDecimal(text)));
    }
    expect(roundDecimal(binary16, `${tie}1`)).toBe(1 + 2 ** -10);
  });

  it('reads specials', () => {
    expect(roundDecimal(binary16, '-Infinity')).toBe(-Infinity);
    expect(roundDecimal(binary16, 'NaN')).toBeNaN();
    expect(roundDecimalWithFlags(e4m3fn, 'Infinity')).toEqual({ value: Number.NaN, flags: 16 });
  });

  it('wraps integers of any size with all their bits', () => {
    const wrap = { overflow: 'wrap' } as const;
    expect(roundDecimalWithFlags(int8, '9007199254740993', wrap)).toEqual({ value: 1, flags: 64 });
    expect(roundDecimalWithFlags(int8, '-9007199254740993.25', wrap)).toEqual({ value: -1, flags: 65 });
    expect(roundDecimal(int8, '1e30', wrap)).toBe(0);
    const long = '123456789012345678901234567890123456';
    expect(roundDecimal(int8, long, wrap)).toBe(Number(BigInt.asIntN(8, BigInt(long))));
    expect(roundDecimal(parseFormat('int53'), '4503599627370494.5', { rounding: 'tiesToAway' })).toBe(4503599627370495);
    expect(roundDecimal(parseFormat('uint53'), '9007199254740990.5', { rounding: 'tiesToAway' })).toBe(
      9007199254740991,
    );
    expect(roundDecimalWithFlags(parseFormat('uint53'), '9007199254740991.5').flags).toBe(37);
  });

  it('wraps whatever the exponent, both signs, and tells it', () => {
    const wrap = { overflow: 'wrap' } as const;
    for (const text of ['1e401', '-1e401', '3e8', '1e999999999', '-7.5e99999999999999999999999', '.1e1000']) {
      expect([text, roundDecimalWithFlags(int8, text, wrap)]).toEqual([text, { value: 0, flags: 64 }]);
    }
    // 3·10^7 = 3·5^7·2^7: the top bit alone is left of it.
    expect(roundDecimalWithFlags(int8, '3e7', wrap)).toEqual({ value: -128, flags: 64 });
    expect(roundDecimalWithFlags(parseFormat('uint8'), '3e7', wrap)).toEqual({ value: 128, flags: 64 });
    expect(roundDecimalWithFlags(int8, '-1e-999999999', wrap)).toEqual({ value: 0, flags: 1 });
    expect(roundDecimal(int8, '-1e-999999999', { ...wrap, rounding: 'towardNegative' })).toBe(-1);
    expect(explain(int8, '1e401', wrap).result).toMatchObject({ value: 0, code: 0 });
    expect(explain(int8, '1e401').overflows.wrap?.value).toBe(0);
  });

  it('wraps as the oracle does, in every mode', () => {
    const digits = fc.bigInt({ min: 1n, max: 10n ** 40n });
    const numerals = fc.record({
      format: fc.constantFrom(
        ...['int8', 'uint4', 'int53', 'uint53', 'int8:fraction=6', 'int16:fraction=40'].map(parseFormat),
      ),
      rounding: fc.constantFrom(...deterministicModes),
      minus: fc.boolean(),
      digits,
      exponent: fc.oneof(fc.integer({ min: -90, max: 70 }), fc.integer({ min: -700, max: 700 })),
      half: fc.boolean(),
    });
    fc.assert(
      fc.property(numerals, ({ format, rounding, minus, digits: n, exponent, half }) => {
        const text = `${minus ? '-' : ''}${n}${half ? '.5' : ''}e${exponent}`;
        const policy = resolvePolicy(format, { overflow: 'wrap', rounding });
        expect([text, roundDecimalWithFlags(format, text, policy)]).toEqual([
          text,
          oracleProject(format, policy, exact.fromDecimal(text)),
        ]);
      }),
      seeded(2000),
    );
  });

  it('takes random bits for what wraps as for what does not', () => {
    for (const variant of ['A', 'B', 'C'] as const) {
      for (const text of ['300.3', '-300.7', '4503599627370496.5', '0.4999', `${2n ** 60n}.25`]) {
        for (let seed = 0; seed < 8; seed++) {
          const policy = resolvePolicy(int8, { overflow: 'wrap', stochastic: { bits: 3, variant, seed } });
          const random = oracleRandomBits(BigInt(seed), { index: 0, step: 0, stage: 0 }, 3);
          const wanted = oracleProject(int8, policy, exact.fromDecimal(text), { bits: 3, variant, random });
          expect([text, seed, roundDecimalWithFlags(int8, text, policy)]).toEqual([text, seed, wanted]);
        }
      }
    }
  });

  it('reads millions of digits that are no number in time', () => {
    const started = performance.now();
    expect(failure(() => roundDecimal(int8, `${'1'.repeat(3_000_000)}x`))).toBe('type text');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each(['', '.', 'e5', '1e', '0x10', '1_000', '--1', ' 1', '1 ', 'infinity', '1,5', '1e5.5'])(
    'refuses %j',
    (text) => {
      expect(failure(() => roundDecimal(binary16, text))).toBe('type text');
    },
  );

  it('refuses what is no text, and NaN where there is none', () => {
    expect(failure(() => roundDecimal(binary16, 1 as never))).toBe('type text');
    expect(failure(() => roundDecimal(int8, 'NaN'))).toBe('value x');
  });
});
