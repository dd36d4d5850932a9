import { describe, expect, it } from 'vitest';
import { defineP3109, type FloatFormat, formatName, parseFormat } from '../../src/formats/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { failure } from '../testing/helpers.ts';

/** accelerators.md §9.5. */
const published: [
  name: string,
  bias: number,
  max: number,
  code: number,
  minNormal: number,
  minSubnormal: number | null,
][] = [
  ['binary8p2se', 32, 2 ** 31, 0x7e, 2 ** -31, 2 ** -32],
  ['binary8p3se', 16, 49152, 0x7e, 2 ** -15, 2 ** -17],
  ['binary8p3sf', 16, 57344, 0x7f, 2 ** -15, 2 ** -17],
  ['binary8p4se', 8, 224, 0x7e, 2 ** -7, 2 ** -10],
  ['binary8p4sf', 8, 240, 0x7f, 2 ** -7, 2 ** -10],
  ['binary8p5se', 4, 15, 0x7e, 2 ** -3, 2 ** -7],
  ['binary8p1uf', 128, 2 ** 126, 0xfe, 2 ** -127, null],
  ['binary6p3sf', 4, 14, 31, 2 ** -3, 2 ** -5],
  ['binary6p4sf', 2, 3.75, 31, 2 ** -1, 2 ** -4],
  ['binary4p2sf', 2, 3, 7, 2 ** -1, 2 ** -2],
  ['binary3p2sf', 1, 1.5, 3, 1, 2 ** -1],
];

/** The decoding rule of §9.5, written out. */
function ruled(bits: number, precision: number, signed: boolean, extended: boolean, code: number): number {
  const half = 2 ** (bits - 1);
  if (signed) {
    if (code === half) return Number.NaN;
    if (code > half) return -ruled(bits, precision, signed, extended, code - half);
    if (extended && code === half - 1) return Infinity;
  } else {
    if (code === 2 ** bits - 1) return Number.NaN;
    if (extended && code === 2 ** bits - 2) return Infinity;
  }
  const bias = 2 ** (bits - precision - (signed ? 1 : 0));
  const t = code % 2 ** (precision - 1);
  const e = Math.floor(code / 2 ** (precision - 1));
  return e === 0 ? t * 2 ** (1 - precision) * 2 ** (1 - bias) : (1 + t * 2 ** (1 - precision)) * 2 ** (e - bias);
}

const all: { bits: number; precision: number; signed: boolean; extended: boolean }[] = [];
for (let bits = 3; bits <= 8; bits++) {
  for (const signed of [true, false]) {
    for (let precision = 1; precision <= (signed ? bits - 1 : bits); precision++) {
      for (const extended of [true, false]) all.push({ bits, precision, signed, extended });
    }
  }
}

describe('P3109', () => {
  it.each(published)('%s has its published limits', (name, bias, max, code, minNormal, minSubnormal) => {
    const format = parseFormat(name) as FloatFormat;
    expect(format).toMatchObject({ bias, max, minNormal, minSubnormal });
    expect(decode(format, code)).toBe(max);
  });

  it('decodes every code of every format of 3 to 8 bits by the rule', () => {
    expect(all).toHaveLength(120);
    for (const parameters of all) {
      const { bits, precision, signed, extended } = parameters;
      const format = defineP3109(parameters);
      expect(format.codes).toBe(2 ** bits);
      for (let code = 0; code < format.codes; code++) {
        const value = decode(format, code);
        if (Object.is(value, ruled(bits, precision, signed, extended, code))) continue;
        expect([parameters, code, value]).toEqual([parameters, code, ruled(bits, precision, signed, extended, code)]);
      }
    }
  });

  it('has a name for every format, both ways', () => {
    for (const parameters of all) {
      const { bits, precision, signed, extended } = parameters;
      const name = `binary${bits}p${precision}${signed ? 's' : 'u'}${extended ? 'e' : 'f'}`;
      expect(parseFormat(name)).toEqual(defineP3109(parameters));
      // Two of them have a name of older date: the same codes, the same values.
      const older: Record<string, string> = { binary8p3sf: 'e5m2fnuz', binary8p4sf: 'e4m3fnuz' };
      expect(formatName(defineP3109(parameters))).toBe(older[name] ?? name);
    }
    expect(parseFormat('Binary8p3SE')).toEqual(parseFormat('binary8p3se'));
  });

  it('goes up to 9 exponent bits, and names the limit beyond', () => {
    expect(defineP3109({ bits: 16, precision: 7 }).max).toBe(2 ** 255 * (2 - 2 ** -5));
    expect(defineP3109({ bits: 9, precision: 1, signed: false }).minNormal).toBe(2 ** -255);
    let definable = 0;
    let refused = 0;
    for (let bits = 3; bits <= 16; bits++) {
      for (const signed of [true, false]) {
        for (let precision = 1; precision <= (signed ? bits - 1 : bits); precision++) {
          for (const extended of [true, false]) {
            const parameters = { bits, precision, signed, extended };
            const exponentBits = bits - precision + (signed ? 0 : 1);
            if (exponentBits > 9) {
              expect(() => defineP3109(parameters)).toThrow(/at most 9 exponent bits \(here 1\d\)/);
              refused += 1;
              continue;
            }
            definable += 1;
            if (exponentBits < 9) continue;
            const format = defineP3109(parameters);
            expect(parseFormat(formatName(format))).toEqual(format);
            const step = bits > 12 ? 37 : 1;
            for (let code = 0; code < format.codes; code += step) {
              const wanted = ruled(bits, precision, signed, extended, code);
              if (!Object.is(decode(format, code), wanted)) expect([parameters, code]).toEqual([wanted]);
            }
          }
        }
      }
    }
    // Of the 504 value tables that the working group publishes.
    expect([definable, refused]).toEqual([406, 98]);
  });

  it('refuses what leaves no exponent', () => {
    expect(defineP3109({ bits: 16, precision: 8 }).max).toBe(2 ** 127 * (2 - 2 ** -6));
    expect(failure(() => defineP3109({ bits: 16, precision: 6 }))).toBe('range precision');
    expect(failure(() => defineP3109({ bits: 8, precision: 8 }))).toBe('range precision');
    expect(failure(() => defineP3109({ bits: 8, precision: 0 }))).toBe('range precision');
    expect(failure(() => defineP3109({ bits: 99, precision: 3 }))).toBe('range bits');
    expect(failure(() => defineP3109({ bits: 8, precision: 3, domain: 'f' } as never))).toBe('name parameters.domain');
  });
});
