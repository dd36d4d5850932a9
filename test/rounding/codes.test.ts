import { getFloat16, setFloat16 } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binary16,
  binary32,
  e4m3,
  e4m3fn,
  e4m3fnuz,
  e8m0fnu,
  type Format,
  int8,
  mxint8,
  parseFormat,
} from '../../src/formats/index.ts';
import { decode, encode, isValue } from '../../src/rounding/index.ts';
import { formats, values } from '../../src/testing/arbitraries/index.ts';
import { isCodeStable, numberAt, ordinalsOf } from '../../src/testing/index.ts';
import { oracleDecode, oracleEncode } from '../../src/testing/oracle/codes.ts';
import { failure, range, seeded } from '../testing/helpers.ts';
import { isScaledDown, smallFormats, sweptFormats } from './helpers.ts';

const wide = ['binary16', 'bfloat16', 'dlfloat16', 'binary16p12se', 'binary16p8sf', 'binary16p11ue', 'uint16'].map(
  (name): [string, Format] => [name, parseFormat(name)],
);

/** Decodes and encodes every code. */
function sweep(format: Format): void {
  for (let code = 0; code < format.codes; code++) {
    const value = decode(format, code);
    if (!Object.is(value, oracleDecode(format, code)))
      expect([code, value]).toEqual([code, oracleDecode(format, code)]);
    if (!isCodeStable(format, code)) expect(`code ${code}`).toBe('stable');
    if (Number.isNaN(value)) continue;
    if (encode(format, value, lossless(format)) !== code) expect([code, value]).toBe('encoded');
    if (!isValue(format, value)) expect(value).toBe('a value');
  }
}

/** What leaves an infinity an infinity. */
function lossless(format: Format) {
  return { overflow: format.kind === 'integer' ? 'saturate' : 'saturateFinite' } as const;
}

describe.each(isScaledDown ? sweptFormats : [...smallFormats, ...wide])('%s', (_, format) => {
  it('decodes every code as the oracle does, and encodes it back', () => sweep(format));

  it('numbers its values in order', () => {
    const { low, high } = ordinalsOf(format);
    const ordered = [...new Set(range(0, format.codes - 1).map((code) => decode(format, code)))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    expect(range(low, high).map((ordinal) => numberAt(format, ordinal) + 0)).toEqual(ordered.map((x) => x + 0));
  });
});

describe('wider formats', () => {
  it('encode and decode as the oracle does', () => {
    const cases = formats({ maxBits: 53 }).chain((format) => fc.tuple(fc.constant(format), values(format)));
    fc.assert(
      fc.property(cases, ([format, x]) => {
        const code = encode(format, x, lossless(format));
        expect(code).toBe(oracleEncode(format, x));
        expect(decode(format, code)).toBe(x);
      }),
      seeded(5000),
    );
  });

  it('binary16 holds the bits of @petamoriken/float16', () => {
    const view = new DataView(new ArrayBuffer(2));
    for (let code = 0; code < 65536; code += isScaledDown ? 97 : 1) {
      view.setUint16(0, code);
      const value = getFloat16(view, 0);
      if (!Object.is(decode(binary16, code), value)) expect([code, decode(binary16, code)]).toEqual([code, value]);
      if (Number.isNaN(value)) continue;
      setFloat16(view, 0, value);
      if (encode(binary16, value) !== view.getUint16(0)) expect(encode(binary16, value)).toBe(view.getUint16(0));
    }
  });

  it('binary32 holds the bits of Float32Array', () => {
    const float = new Float32Array(1);
    const bits = new Uint32Array(float.buffer);
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), (code) => {
        bits[0] = code;
        expect(decode(binary32, code)).toBe(float[0]);
        if (!Number.isNaN(float[0])) expect(encode(binary32, float[0] as number)).toBe(code);
      }),
      seeded(10_000),
    );
  });
});

describe('NaN codes', () => {
  it('keep the sign of what overflowed, and are quiet', () => {
    expect(encode(e4m3fn, 465)).toBe(0x7f);
    expect(encode(e4m3fn, -465)).toBe(0xff);
    expect(encode(binary16, Number.NaN)).toBe(0x7e00);
    expect(encode(e4m3, -1e9, { overflow: 'nan' })).toBe(0xfc);
    expect(encode(e4m3fnuz, -1e9)).toBe(0x80);
    expect(encode(e8m0fnu, 0)).toBe(0xff);
  });
});

describe('isValue', () => {
  it('knows what a format holds', () => {
    expect([1, 0.1, -0, Infinity, Number.NaN].map((x) => isValue(e4m3fn, x))).toEqual([true, false, true, false, true]);
    expect([1, -129, 0.5, -0, Number.NaN].map((x) => isValue(int8, x))).toEqual([true, false, false, false, false]);
    expect([1, -2, 0.5, 2].map((x) => isValue(mxint8, x))).toEqual([true, true, true, false]);
    expect([0, 2 ** -127, -1].map((x) => isValue(e8m0fnu, x))).toEqual([false, true, false]);
    expect(isValue(parseFormat('e2m1fn'), Number.NaN)).toBe(false);
  });
});

describe('decode and encode', () => {
  it.each([
    [-1, 'range code'],
    [256, 'range code'],
    [1.5, 'range code'],
    [Number.NaN, 'range code'],
    ['1', 'type code'],
  ])('refuse code %j', (code, expected) => {
    expect(failure(() => decode(e4m3fn, code as number))).toBe(expected);
  });

  it('refuse what is no number or no format', () => {
    expect(failure(() => encode(e4m3fn, '1' as never))).toBe('type x');
    expect(failure(() => encode(int8, Number.NaN))).toBe('value x');
    expect(failure(() => encode({} as never, 1))).toBe('type format');
    expect(failure(() => decode('e4m3fn' as never, 1))).toBe('type format');
  });
});
