import { describe, expect, it } from 'vitest';
import * as formats from '../../../src/formats/index.ts';
import { defineP3109, type FloatFormat } from '../../../src/formats/index.ts';
import { oracleDecode, oracleEncode, oracleLimits, oracleValues } from '../../../src/testing/oracle/codes.ts';
import { catalogueFloats, oddFormats } from './formats.ts';

const p3109 = (bits: number, precision: number, signed = true, extended = true): FloatFormat =>
  defineP3109({ bits, precision, signed, extended });

describe('limits of accelerators.md §9.1', () => {
  // format, max, code of max, min normal, smallest
  it.each<[string, FloatFormat, number, number, number, number]>([
    ['binary32', formats.binary32, (2 - 2 ** -23) * 2 ** 127, 0x7f7fffff, 2 ** -126, 2 ** -149],
    ['binary16', formats.binary16, 65504, 0x7bff, 2 ** -14, 2 ** -24],
    ['bfloat16', formats.bfloat16, (2 - 2 ** -7) * 2 ** 127, 0x7f7f, 2 ** -126, 2 ** -133],
    ['tf32', formats.tf32, (2 - 2 ** -10) * 2 ** 127, 0x3fbff, 2 ** -126, 2 ** -136],
    ['e5m2', formats.e5m2, 57344, 0x7b, 2 ** -14, 2 ** -16],
    ['e4m3fn', formats.e4m3fn, 448, 0x7e, 2 ** -6, 2 ** -9],
    ['e4m3', formats.e4m3, 240, 0x77, 2 ** -6, 2 ** -9],
    ['e3m4', formats.e3m4, 15.5, 0x6f, 2 ** -2, 2 ** -6],
    ['e4m3fnuz', formats.e4m3fnuz, 240, 0x7f, 2 ** -7, 2 ** -10],
    ['e5m2fnuz', formats.e5m2fnuz, 57344, 0x7f, 2 ** -15, 2 ** -17],
    ['e4m3b11fnuz', formats.e4m3b11fnuz, 30, 0x7f, 2 ** -10, 2 ** -13],
    ['e8m0fnu', formats.e8m0fnu, 2 ** 127, 0xfe, 2 ** -127, 2 ** -127],
    ['e3m2fn', formats.e3m2fn, 28, 0x1f, 2 ** -2, 2 ** -4],
    ['e2m3fn', formats.e2m3fn, 7.5, 0x1f, 1, 2 ** -3],
    ['e2m1fn', formats.e2m1fn, 6, 7, 1, 0.5],
    ['e3m0', formats.e3m0, 2 ** 4, 7, 2 ** -2, 2 ** -2],
    ['dlfloat16', formats.dlfloat16, 8573157376, 0x7ffe, 2 ** -31 * (1 + 2 ** -9), 2 ** -31 * (1 + 2 ** -9)],
    ['8p2se', p3109(8, 2), 2 ** 31, 0x7e, 2 ** -31, 2 ** -32],
    ['8p3se', p3109(8, 3), 49152, 0x7e, 2 ** -15, 2 ** -17],
    ['8p3sf', p3109(8, 3, true, false), 57344, 0x7f, 2 ** -15, 2 ** -17],
    ['8p4se', p3109(8, 4), 224, 0x7e, 2 ** -7, 2 ** -10],
    ['8p4sf', p3109(8, 4, true, false), 240, 0x7f, 2 ** -7, 2 ** -10],
    ['8p5se', p3109(8, 5), 15, 0x7e, 2 ** -3, 2 ** -7],
    ['8p1uf', p3109(8, 1, false, false), 2 ** 126, 0xfe, 2 ** -127, 2 ** -127],
    ['6p3sf', p3109(6, 3, true, false), 14, 0x1f, 2 ** -3, 2 ** -5],
    ['6p4sf', p3109(6, 4, true, false), 3.75, 0x1f, 2 ** -1, 2 ** -4],
    ['4p2sf', p3109(4, 2, true, false), 3, 7, 2 ** -1, 2 ** -2],
    ['3p2sf', p3109(3, 2, true, false), 1.5, 3, 1, 2 ** -1],
  ])('%s', (_, format, max, code, minNormal, smallest) => {
    expect(oracleLimits(format)).toEqual({ max, minNormal, smallest });
    expect(oracleDecode(format, code)).toBe(max);
    expect(oracleEncode(format, max)).toBe(code);
    // What the format says about itself, judged by the primitive parameters.
    expect([format.max, format.minNormal, format.minSubnormal ?? format.minNormal]).toEqual([max, minNormal, smallest]);
  });
});

describe('specials', () => {
  const nan = Number.NaN;
  it.each<[string, FloatFormat, [number, number][]]>([
    [
      'binary16',
      formats.binary16,
      [
        [0, 0],
        [0x8000, -0],
        [0x7c00, Infinity],
        [0xfc00, -Infinity],
        [0x7c01, nan],
        [0xffff, nan],
      ],
    ],
    [
      'e5m2',
      formats.e5m2,
      [
        [0x7c, Infinity],
        [0xfc, -Infinity],
        [0x7d, nan],
        [0xff, nan],
      ],
    ],
    [
      'e4m3fn',
      formats.e4m3fn,
      [
        [0x7f, nan],
        [0xff, nan],
        [0x80, -0],
        [0xfe, -448],
      ],
    ],
    [
      'e4m3',
      formats.e4m3,
      [
        [0x78, Infinity],
        [0xf8, -Infinity],
        [0x79, nan],
      ],
    ],
    [
      'e3m4',
      formats.e3m4,
      [
        [0x70, Infinity],
        [0xf0, -Infinity],
        [0x71, nan],
      ],
    ],
    [
      'e4m3fnuz',
      formats.e4m3fnuz,
      [
        [0x80, nan],
        [0xff, -240],
      ],
    ],
    [
      'e8m0fnu',
      formats.e8m0fnu,
      [
        [0, 2 ** -127],
        [0x7f, 1],
        [0xff, nan],
      ],
    ],
    [
      'e2m1fn',
      formats.e2m1fn,
      [
        [0, 0],
        [1, 0.5],
        [2, 1],
        [3, 1.5],
        [4, 2],
        [5, 3],
        [6, 4],
        [7, 6],
        [8, -0],
        [15, -6],
      ],
    ],
    [
      'e3m0',
      formats.e3m0,
      [
        [0, 0],
        [1, 0.25],
        [8, -0],
      ],
    ],
    [
      'dlfloat16',
      formats.dlfloat16,
      [
        [0, 0],
        [1, 2 ** -31 * (1 + 2 ** -9)],
        [0x7fff, nan],
        [0xffff, nan],
      ],
    ],
    [
      '8p3se',
      p3109(8, 3),
      [
        [0x80, nan],
        [0x7f, Infinity],
        [0xff, -Infinity],
        [0x81, -(2 ** -17)],
      ],
    ],
    [
      '8p3ue',
      p3109(8, 3, false),
      [
        [0xff, nan],
        [0xfe, Infinity],
        [0, 0],
      ],
    ],
    [
      '8p1uf',
      p3109(8, 1, false, false),
      [
        [0, 0],
        [1, 2 ** -127],
        [0xff, nan],
      ],
    ],
  ])('%s', (_, format, pairs) => {
    for (const [code, value] of pairs) expect(oracleDecode(format, code)).toBe(value);
  });

  it('encodes a NaN with a sign where the format has two', () => {
    expect(oracleEncode(formats.e4m3fn, nan)).toBe(0x7f);
    expect(oracleEncode(formats.e4m3fn, nan, true)).toBe(0xff);
    expect(oracleEncode(formats.e5m2, nan, true)).toBe(0xfe);
    expect(oracleEncode(formats.e4m3fnuz, nan, true)).toBe(0x80);
    expect(() => oracleEncode(formats.e2m1fn, nan)).toThrow('no NaN');
  });

  it('refuses what is not in the format', () => {
    for (const x of [449, 1.01, 2 ** -10, Infinity]) expect(() => oracleEncode(formats.e4m3fn, x)).toThrow();
    expect(() => oracleEncode(formats.e4m3fnuz, -0)).toThrow();
    expect(() => oracleEncode(formats.e8m0fnu, -1)).toThrow();
    expect(() => oracleDecode(formats.e4m3fn, 256)).toThrow();
  });
});

describe('every code', () => {
  it.each([...catalogueFloats, ...oddFormats].filter(([, f]) => f.bits <= 16))(
    'of %s comes back from its value',
    (_, format) => {
      const misses: number[] = [];
      const seen = new Set<number>();
      let previous = -1;
      oracleValues(format).forEach((value, code) => {
        if (format.signed && code === 2 ** (format.bits - 1)) previous = -1;
        if (Number.isNaN(value)) return;
        const ascends = Math.abs(value) > previous;
        const isNew = value === 0 || !seen.has(value);
        if (oracleEncode(format, value) !== code || !ascends || !isNew) misses.push(code);
        previous = Math.abs(value);
        seen.add(value);
      });
      expect(misses).toEqual([]);
      expect(seen.size).toBeGreaterThan(2);
    },
  );
});

describe('integers', () => {
  it('are two’s complement with a binary point', () => {
    expect(oracleValues(formats.int2)).toEqual([0, 1, -2, -1]);
    expect(oracleValues(formats.uint2)).toEqual([0, 1, 2, 3]);
    expect(oracleDecode(formats.mxint8, 0x7f)).toBe(127 / 64);
    expect(oracleDecode(formats.mxint8, 0x80)).toBe(-2);
    for (const format of [formats.int4, formats.uint8, formats.mxint8]) {
      oracleValues(format).forEach((value, code) => {
        expect(oracleEncode(format, value)).toBe(code);
      });
    }
    expect(() => oracleEncode(formats.int8, 128)).toThrow();
    expect(() => oracleEncode(formats.int8, 0.5)).toThrow();
    expect(() => oracleEncode(formats.int8, Infinity)).toThrow();
  });
});
