import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32, binary64, int8, parseFormat } from '../../src/formats/index.ts';
import { explain, resolvePolicy, roundDecimal, roundDecimalWithFlags } from '../../src/rounding/index.ts';
import { parseNumeral } from '../../src/rounding/numeral.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { defineVectorTask, parseVectors } from '../../src/testing/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleProject } from '../../src/testing/oracle/round.ts';
import { seeded } from '../testing/helpers.ts';

const read = (text: string) => parseNumeral('text', text);

describe('parseNumeral', () => {
  it('reads digits and power, and specials as numbers', () => {
    expect(read('-001.50e3')).toEqual({ negative: true, digits: '150', power: 1 });
    expect(read('.25')).toEqual({ negative: false, digits: '25', power: -2 });
    expect(read('-0.00e7')).toEqual({ negative: true, digits: '', power: 5 });
    expect(read('+Infinity')).toBe(Infinity);
    for (const text of ['', '.', 'e1', '1e', '1.2.3', '0x1', ' 1', '1_0', '--1']) expect(() => read(text)).toThrow();
  });

  it('keeps the digits that decide, and whether anything is left', () => {
    const third = read(`0.${'3'.repeat(9000)}`);
    expect(third).toEqual({ negative: false, digits: `${'3'.repeat(2500)}1`, power: -2501 });
    expect(read(`7${'0'.repeat(9000)}.0`)).toMatchObject({ digits: `1${'0'.repeat(1001)}`, power: -1 });
    expect(read(`1.${'0'.repeat(9000)}`)).toEqual({ negative: false, digits: `1${'0'.repeat(2499)}`, power: -2499 });
    expect(read(`${'9'.repeat(9000)}e-8999`)).toMatchObject({ power: -2500 });
  });
});

/** Numerals of thousands of digits close to a decision: a tie, a small number or a register's edge, and a digit far out. */
const numerals = fc.record({
  format: fc.constantFrom(
    binary16,
    bfloat16,
    binary32,
    binary64,
    int8,
    ...['int53', 'uint16:fraction=9'].map(parseFormat),
  ),
  rounding: fc.constantFrom(...deterministicModes),
  minus: fc.boolean(),
  head: fc.constantFrom(
    '2049',
    '0.5',
    '127.5',
    '255.0009765625',
    '65520',
    '9007199254740993',
    '0',
    '1e9',
    '12345.6789',
  ),
  // Zeros in between, on either side of what is kept, and then a digit or none.
  zeros: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 2480, max: 2510 })),
  last: fc.constantFrom('', '0', '1', '9'),
  whole: fc.oneof(fc.constant(0), fc.integer({ min: 990, max: 4000 })),
  shift: fc.oneof(fc.constant(0), fc.integer({ min: -4000, max: 4000 }), fc.integer({ min: -330, max: 310 })),
});

describe('long numerals', () => {
  it('round as the oracle rounds all of their digits, in every mode, wrapping or not', () => {
    fc.assert(
      fc.property(numerals, ({ format, rounding, minus, head, zeros, last, whole, shift }) => {
        const [digits = '', power = '0'] = head.split('e');
        const fraction = `${digits.includes('.') ? '' : '.'}${'0'.repeat(zeros)}${last}`;
        const front = whole === 0 ? '' : `${'123456789'.repeat(Math.ceil(whole / 9)).slice(0, whole)}`;
        const text = `${minus ? '-' : ''}${front}${digits}${fraction}e${Number(power) + shift}`;
        const policies = format.kind === 'integer' ? ([{ overflow: 'saturate' }, { overflow: 'wrap' }] as const) : [{}];
        for (const changed of policies) {
          const policy = resolvePolicy(format, { ...changed, rounding });
          const wanted = oracleProject(format, policy, exact.fromDecimal(text));
          expect(roundDecimalWithFlags(format, text, policy)).toEqual(wanted);
        }
      }),
      seeded(1500),
    );
  });

  it('of eight million characters cost no more than reading them, whole, fractional, shifted, wrong', () => {
    const [ones, zeros] = ['1'.repeat(8e6), '0'.repeat(8e6)];
    const started = performance.now();
    expect(roundDecimal(binary16, `2049.${zeros}1`)).toBe(2050);
    expect(roundDecimal(binary64, `1.${ones}`)).toBe(10 / 9);
    expect(roundDecimal(binary64, `${ones}e-8000310`)).toBe(1.111111111111e-311);
    expect(roundDecimal(binary16, ones)).toBe(Infinity);
    expect(roundDecimal(binary16, `1e${ones}`)).toBe(Infinity);
    expect(roundDecimal(binary16, `0.${zeros}123e8000000`)).toBe(0.12298583984375);
    const wrap = { overflow: 'wrap' } as const;
    expect(roundDecimal(int8, ones, wrap)).toBe(Number(BigInt.asIntN(8, BigInt('1'.repeat(300)))));
    expect(roundDecimal(int8, `1.${ones}`, wrap)).toBe(1);
    expect(roundDecimal(int8, `${ones}e-7999997`, wrap)).toBe(111);
    expect(explain(binary16, `2049.${zeros}1`).result.value).toBe(2050);
    expect(() => roundDecimal(binary16, `${ones}x`)).toThrow(/a decimal number/);
    // Some 3 s on a busy machine; the sum of the exact subtractions alone took 76 s before.
    expect(performance.now() - started).toBeLessThan(30_000);
  }, 60_000);

  it('that end in a wrong character are refused at once by tables and the oracle, too', () => {
    // A pattern that tries every way to share the digits takes hours for these.
    const junk = `${'1'.repeat(4e6)}x`;
    const task = defineVectorTask({ format: 'e4m3fn', operation: 'cast' });
    expect(() => parseVectors(task, `${junk},1\n`)).toThrow(/a decimal number/);
    expect(() => exact.fromDecimal(junk)).toThrow(/expected a decimal number/);
  });
});
