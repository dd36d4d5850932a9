import { describe, expect, it } from 'vitest';
import { binary32, catalogue, defineFloat, type FloatFormat, type IntegerFormat } from '../../src/formats/index.ts';
import { decode } from '../../src/rounding/index.ts';

/** accelerators.md §9.1: bits, bias, max (and its code), min normal, min subnormal. */
const floats: [
  name: string,
  sem: string,
  bias: number,
  max: number,
  code: number,
  minNormal: number,
  minSubnormal: number | null,
][] = [
  ['binary32', '1.8.23', 127, (2 - 2 ** -23) * 2 ** 127, 0x7f7fffff, 2 ** -126, 2 ** -149],
  ['binary16', '1.5.10', 15, 65504, 0x7bff, 2 ** -14, 2 ** -24],
  ['bfloat16', '1.8.7', 127, (2 - 2 ** -7) * 2 ** 127, 0x7f7f, 2 ** -126, 2 ** -133],
  ['tf32', '1.8.10', 127, (2 - 2 ** -10) * 2 ** 127, 0x3fbff, 2 ** -126, 2 ** -136],
  ['e8m13', '1.8.13', 127, (2 - 2 ** -13) * 2 ** 127, 0x1fdfff, 2 ** -126, 2 ** -139],
  ['dlfloat16', '1.6.9', 31, 8573157376, 0x7ffe, 2 ** -31 * (1 + 2 ** -9), null],
  ['e5m2', '1.5.2', 15, 57344, 0x7b, 2 ** -14, 2 ** -16],
  ['e4m3fn', '1.4.3', 7, 448, 0x7e, 2 ** -6, 2 ** -9],
  ['e4m3', '1.4.3', 7, 240, 0x77, 2 ** -6, 2 ** -9],
  ['e3m4', '1.3.4', 3, 15.5, 0x6f, 2 ** -2, 2 ** -6],
  ['e4m3fnuz', '1.4.3', 8, 240, 0x7f, 2 ** -7, 2 ** -10],
  ['e5m2fnuz', '1.5.2', 16, 57344, 0x7f, 2 ** -15, 2 ** -17],
  ['e4m3b11fnuz', '1.4.3', 11, 30, 0x7f, 2 ** -10, 2 ** -13],
  ['e8m0fnu', '0.8.0', 127, 2 ** 127, 0xfe, 2 ** -127, null],
  ['ue4m3', '0.4.3', 7, 448, 0x7e, 2 ** -6, 2 ** -9],
  ['ue5m3', '0.5.3', 15, 114688, 0xfe, 2 ** -14, 2 ** -17],
  ['e3m2fn', '1.3.2', 3, 28, 0x1f, 2 ** -2, 2 ** -4],
  ['e2m3fn', '1.2.3', 1, 7.5, 0x1f, 1, 2 ** -3],
  ['e2m1fn', '1.2.1', 1, 6, 7, 1, 0.5],
  ['e3m0', '1.3.0', 3, 16, 7, 2 ** -2, null],
];

/** accelerators.md §9.1: codes of zeros, infinities and NaNs. */
const specials: Record<string, { zeros: number[]; infinities: number[]; nans: [number, number][] }> = {
  binary16: {
    zeros: [0, 0x8000],
    infinities: [0x7c00, 0xfc00],
    nans: [
      [0x7c01, 0x7fff],
      [0xfc01, 0xffff],
    ],
  },
  bfloat16: {
    zeros: [0, 0x8000],
    infinities: [0x7f80, 0xff80],
    nans: [
      [0x7f81, 0x7fff],
      [0xff81, 0xffff],
    ],
  },
  dlfloat16: {
    zeros: [0, 0x8000],
    infinities: [],
    nans: [
      [0x7fff, 0x7fff],
      [0xffff, 0xffff],
    ],
  },
  e5m2: {
    zeros: [0, 0x80],
    infinities: [0x7c, 0xfc],
    nans: [
      [0x7d, 0x7f],
      [0xfd, 0xff],
    ],
  },
  e4m3fn: {
    zeros: [0, 0x80],
    infinities: [],
    nans: [
      [0x7f, 0x7f],
      [0xff, 0xff],
    ],
  },
  e4m3: {
    zeros: [0, 0x80],
    infinities: [0x78, 0xf8],
    nans: [
      [0x79, 0x7f],
      [0xf9, 0xff],
    ],
  },
  e3m4: {
    zeros: [0, 0x80],
    infinities: [0x70, 0xf0],
    nans: [
      [0x71, 0x7f],
      [0xf1, 0xff],
    ],
  },
  e4m3fnuz: { zeros: [0], infinities: [], nans: [[0x80, 0x80]] },
  e5m2fnuz: { zeros: [0], infinities: [], nans: [[0x80, 0x80]] },
  e4m3b11fnuz: { zeros: [0], infinities: [], nans: [[0x80, 0x80]] },
  e8m0fnu: { zeros: [], infinities: [], nans: [[0xff, 0xff]] },
  ue4m3: { zeros: [0], infinities: [], nans: [[0x7f, 0x7f]] },
  ue5m3: { zeros: [0], infinities: [], nans: [[0xff, 0xff]] },
  e3m2fn: { zeros: [0, 0x20], infinities: [], nans: [] },
  e2m3fn: { zeros: [0, 0x20], infinities: [], nans: [] },
  e2m1fn: { zeros: [0, 8], infinities: [], nans: [] },
  e3m0: { zeros: [0, 8], infinities: [], nans: [] },
};

const integers: [name: string, bits: number, min: number, max: number, signed: boolean][] = [
  ['int2', 2, -2, 1, true],
  ['int4', 4, -8, 7, true],
  ['int8', 8, -128, 127, true],
  ['int16', 16, -32768, 32767, true],
  ['int32', 32, -(2 ** 31), 2 ** 31 - 1, true],
  ['uint2', 2, 0, 3, false],
  ['uint4', 4, 0, 15, false],
  ['uint8', 8, 0, 255, false],
  ['uint16', 16, 0, 65535, false],
  ['uint32', 32, 0, 2 ** 32 - 1, false],
  ['mxint8', 8, -2, 127 / 64, true],
];

describe('the catalogue', () => {
  it('holds the formats of the tables, binary64 and no others', () => {
    expect(Object.keys(catalogue).sort()).toEqual(
      ['binary64', ...[...floats, ...integers].map(([name]) => name)].sort(),
    );
  });

  it('has binary32, which is written in full, as its parameters define it', () => {
    expect(binary32).toEqual(defineFloat({ exponentBits: 8, mantissaBits: 23 }));
  });

  it.each(floats)('%s has its published limits', (name, sem, bias, max, code, minNormal, minSubnormal) => {
    const format = catalogue[name] as FloatFormat;
    const [sign, exponentBits, mantissaBits] = sem.split('.').map(Number) as [number, number, number];
    expect(format).toMatchObject({ kind: 'float', exponentBits, mantissaBits, bias, max, minNormal, minSubnormal });
    expect(format.signed).toBe(sign === 1);
    expect(format.bits).toBe(sign + exponentBits + mantissaBits);
    expect(format.codes).toBe(2 ** format.bits);
    expect(format.precision).toBe(mantissaBits + 1);
    expect(decode(format, code)).toBe(max);
    expect(2 ** format.emax <= max && max < 2 ** (format.emax + 1)).toBe(true);
    expect(2 ** format.emin <= minNormal && minNormal < 2 ** (format.emin + 1)).toBe(true);
    expect(decode(format, 1)).toBe(name === 'e8m0fnu' ? 2 ** -126 : (minSubnormal ?? minNormal));
  });

  it.each(Object.entries(specials))('%s has its specials where the table says', (name, table) => {
    const format = catalogue[name] as FloatFormat;
    const zeros: number[] = [];
    const infinities: number[] = [];
    const nans: number[] = [];
    for (let code = 0; code < format.codes; code++) {
      const value = decode(format, code);
      if (value === 0) zeros.push(code);
      else if (Number.isNaN(value)) nans.push(code);
      else if (!Number.isFinite(value)) infinities.push(code);
    }
    expect(zeros).toEqual(table.zeros);
    expect(infinities).toEqual(table.infinities);
    expect(nans).toEqual(table.nans.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
  });

  it.each(integers)('%s has its range', (name, bits, min, max, signed) => {
    const format = catalogue[name] as IntegerFormat;
    expect(format).toMatchObject({ kind: 'integer', bits, min, max, signed, codes: 2 ** bits });
    expect(decode(format, signed ? 2 ** (bits - 1) : 0)).toBe(min);
    expect(decode(format, signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1)).toBe(max);
  });

  it('lists the values of E2M1', () => {
    const { e2m1fn } = catalogue as Record<string, FloatFormat>;
    const values = Array.from({ length: 16 }, (_, code) => decode(e2m1fn as FloatFormat, code));
    expect(values).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6]);
  });

  it('is frozen, and so is every format', () => {
    expect(Object.isFrozen(catalogue)).toBe(true);
    for (const format of Object.values(catalogue)) expect(Object.isFrozen(format)).toBe(true);
  });
});
