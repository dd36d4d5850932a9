/**
 * Profiles against hand-written tables: what the documents and the programs were found to do.
 */
import { describe, expect, it } from 'vitest';
import {
  catalogue,
  defineFloat,
  defineP3109,
  e2m1fn,
  e2m3fn,
  e3m2fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e5m2fnuz,
  e8m0fnu,
  type FloatFormat,
  formatName,
  int4,
  int8,
  parseFormat,
  uint32,
} from '../../src/formats/index.ts';
import {
  decode,
  encode,
  findProfile,
  profileOutcome,
  profilePolicy,
  profiles,
  profilesFor,
  resolvePolicy,
  resolveProfile,
  round,
} from '../../src/rounding/index.ts';

const NEGATIVE_NAN = { nan: { negative: true, fraction: 0.5 } };
const code = (profile: string, format: FloatFormat, x: number, options = {}): number =>
  profileOutcome(profile, format, x, options).code;
const negativeNaN = (profile: string, format: FloatFormat): number => code(profile, format, Number.NaN, NEGATIVE_NAN);
const inf = Infinity;
const nan = Number.NaN;

describe('the profiles', () => {
  it('are the ones that are promised, with what each needs', () => {
    const promised =
      'ocp ocpSaturating ieee p3109SatFinite p3109SatPropagate p3109OvfInf onnxSaturate onnxNoSaturate mlDtypes cudaSatfinite armSaturate x86Avx512Bf16';
    expect(Object.keys(profiles)).toEqual(expect.arrayContaining(promised.split(' ')));
    for (const [name, profile] of Object.entries(profiles)) {
      expect(profile.name).toBe(name);
      expect(profile.summary).toMatch(/\.$/);
      expect(profile.source.length).toBeGreaterThan(10);
      expect(profile.cases.length).toBeGreaterThan(0);
    }
  });

  it('are plain frozen data that JSON carries', () => {
    expect(JSON.parse(JSON.stringify(profiles))).toEqual(profiles);
    expect(Object.isFrozen(profiles.mlDtypes?.cases[0]?.policy)).toBe(true);
    const copy = JSON.parse(JSON.stringify(profiles.mlDtypes));
    expect(profilePolicy(copy, e4m3fn)).toEqual(profilePolicy('mlDtypes', e4m3fn));
  });

  it('give complete policies that the format can follow', () => {
    for (const format of [...Object.values(catalogue), defineP3109({ bits: 8, precision: 3 })]) {
      for (const name of profilesFor(format)) {
        const policy = profilePolicy(name, format);
        expect(resolvePolicy(format, policy)).toEqual(policy);
      }
    }
  });

  it('cover every format by the generic ones, and only their own by the others', () => {
    expect(profilesFor(parseFormat('float:e5m4'))).toEqual([
      'ocp',
      'ocpSaturating',
      'ieee',
      'p3109SatFinite',
      'p3109SatPropagate',
      'p3109OvfInf',
      'mlDtypes',
    ]);
    expect(profilesFor(e2m1fn)).toContain('onnxSaturate');
    expect(profilesFor(e2m3fn)).not.toContain('onnxSaturate');
    expect(profilesFor(int8)).toEqual(['onnxSaturateCast', 'numpy']);
    expect(profilesFor(int4)).toEqual(['onnxSaturateCast', 'mlDtypes']);
    expect(profilesFor(uint32)).toEqual([]);
  });

  it('refuse what they say nothing about, and names that do not exist', () => {
    expect(() => profilePolicy('armSaturate', e2m1fn)).toThrow(/armSaturate for e2m1fn/);
    expect(() => profilePolicy('ocp', int8)).toThrow(/ocp for int8/);
    expect(() => findProfile('onnx')).toThrow(/onnxSaturate/);
    expect(() => findProfile('toString')).toThrow(/one of ocp/);
    expect(() => profilePolicy('ocp', e4m3fn, { rounding: 'up' as never })).toThrow(/policy.rounding/);
  });

  it('take changes, such as the rounding mode', () => {
    expect(profilePolicy('ocpSaturating', e4m3fn, { rounding: 'towardZero' })).toEqual(
      resolvePolicy(e4m3fn, { overflow: 'saturate', rounding: 'towardZero' }),
    );
    expect(profilePolicy('ocp', e4m3fn, { stochastic: { bits: 4 } }).stochastic?.bits).toBe(4);
  });

  it('ocp is what every format does by default', () => {
    for (const format of Object.values(catalogue)) {
      if (format.kind === 'float') expect(profilePolicy('ocp', format)).toEqual(resolvePolicy(format));
    }
  });
});

/** [profile, format, input, code]: accelerators' tables, row by row; 9.2 of the notes that the project started from. */
const FP8_ROWS: [string, FloatFormat, number, number][] = [
  // E4M3FN: the tie 464 goes to 448 (even); anything above overflows.
  ...['onnxSaturate', 'onnxSaturateCast', 'cudaSatfinite', 'armSaturate', 'torch', 'ocpSaturating'].flatMap(
    (name): [string, FloatFormat, number, number][] => [
      [name, e4m3fn, 464, 0x7e],
      [name, e4m3fn, 464.0001, 0x7e],
      [name, e4m3fn, -1e9, 0xfe],
      [name, e4m3fn, inf, 0x7e],
      [name, e4m3fn, -inf, 0xfe],
    ],
  ),
  ...['onnxNoSaturate', 'mlDtypes', 'ocp'].flatMap((name): [string, FloatFormat, number, number][] => [
    [name, e4m3fn, 464, 0x7e],
    [name, e4m3fn, 464.0001, 0x7f],
    [name, e4m3fn, -464.0001, 0xff],
    [name, e4m3fn, inf, 0x7f],
    [name, e4m3fn, -inf, 0xff],
  ]),
  // E5M2: the tie 61440 goes away from 57344, which is odd.
  ...['onnxSaturate', 'cudaSatfinite', 'armSaturate', 'ocpSaturating'].flatMap(
    (name): [string, FloatFormat, number, number][] => [
      [name, e5m2, 61439, 0x7b],
      [name, e5m2, 61440, 0x7b],
      [name, e5m2, -1e9, 0xfb],
      [name, e5m2, inf, 0x7b],
      [name, e5m2, -inf, 0xfb],
    ],
  ),
  ...['onnxNoSaturate', 'mlDtypes', 'torch', 'ocp', 'ieee'].flatMap((name): [string, FloatFormat, number, number][] => [
    [name, e5m2, 61439, 0x7b],
    [name, e5m2, 61440, 0x7c],
    [name, e5m2, -1e9, 0xfc],
    [name, e5m2, inf, 0x7c],
    [name, e5m2, -inf, 0xfc],
  ]),
  // FNUZ: the tie 248 overflows, since 240 has an odd code. −0 and what underflows are the one zero.
  ...['onnxSaturate', 'onnxSaturateCast'].flatMap((name): [string, FloatFormat, number, number][] => [
    [name, e4m3fnuz, 247, 0x7f],
    [name, e4m3fnuz, 248, 0x7f],
    [name, e4m3fnuz, -1e9, 0xff],
    [name, e5m2fnuz, 1e9, 0x7f],
    [name, e5m2fnuz, nan, 0x80],
  ]),
  ...['onnxNoSaturate', 'mlDtypes', 'torch'].flatMap((name): [string, FloatFormat, number, number][] => [
    [name, e4m3fnuz, 247, 0x7f],
    [name, e4m3fnuz, 248, 0x80],
    [name, e4m3fnuz, -1e9, 0x80],
    [name, e4m3fnuz, inf, 0x80],
    [name, e5m2fnuz, -inf, 0x80],
    [name, e4m3fnuz, nan, 0x80],
    [name, e4m3fnuz, -0, 0],
    [name, e4m3fnuz, -(2 ** -12), 0],
  ]),
  ['onnxSaturate', e4m3fnuz, inf, 0x80],
  ['onnxSaturate', e4m3fnuz, -inf, 0x80],
  ['onnxSaturateCast', e4m3fnuz, inf, 0x7f],
  ['onnxSaturateCast', e4m3fnuz, -inf, 0xff],
  // E2M1.
  ...['onnxSaturate', 'onnxNoSaturate', 'mlDtypes', 'cudaSatfinite', 'ocp'].flatMap(
    (name): [string, FloatFormat, number, number][] => [
      [name, e2m1fn, 5, 6],
      [name, e2m1fn, 5.01, 7],
      [name, e2m1fn, 1000, 7],
      [name, e2m1fn, inf, 7],
      [name, e2m1fn, -inf, 0xf],
    ],
  ),
  // Underflow: up to half of the smallest, zero of the same sign; above, the smallest.
  ...['onnxSaturate', 'onnxNoSaturate', 'mlDtypes', 'cudaSatfinite', 'armSaturate', 'torch'].flatMap(
    (name): [string, FloatFormat, number, number][] => [
      [name, e4m3fn, 2 ** -10, 0],
      [name, e4m3fn, -(2 ** -10), 0x80],
      [name, e4m3fn, 2 ** -10 * 1.001, 1],
      [name, e5m2, -(2 ** -17) * 1.001, 0x81],
    ],
  ),
];

describe('conversion to FP8 and FP4', () => {
  it.each([...new Set(FP8_ROWS.map(([name]) => name))])('%s: every row', (profile) => {
    const rows = FP8_ROWS.filter(([name]) => name === profile);
    const found = rows.map(([name, format, x]) => [formatName(format), x, code(name, format, x)]);
    expect(found).toEqual(rows.map(([, format, x, expected]) => [formatName(format), x, expected]));
  });

  it('writes the NaN that each writes', () => {
    // name, e4m3fn NaN and −NaN, e5m2 NaN and −NaN
    const rows: [string, number, number, number, number][] = [
      ['onnxSaturate', 0x7f, 0xff, 0x7e, 0xfe],
      ['onnxNoSaturate', 0x7f, 0xff, 0x7e, 0xfe],
      ['mlDtypes', 0x7f, 0xff, 0x7e, 0xfe],
      ['cudaSatfinite', 0x7f, 0x7f, 0x7f, 0x7f],
      ['armSaturate', 0x7f, 0x7f, 0x7e, 0x7e],
      ['torch', 0x7f, 0xff, 0x7f, 0xff],
    ];
    for (const [name, a, b, c, d] of rows) {
      const found = [
        code(name, e4m3fn, nan),
        negativeNaN(name, e4m3fn),
        code(name, e5m2, nan),
        negativeNaN(name, e5m2),
      ];
      expect([name, ...found]).toEqual([name, a, b, c, d]);
    }
  });

  it('puts something in the place of NaN where there is none', () => {
    expect([code('onnxSaturate', e2m1fn, nan), negativeNaN('onnxSaturate', e2m1fn)]).toEqual([7, 7]);
    expect([code('mlDtypes', e2m1fn, nan), negativeNaN('mlDtypes', e2m1fn)]).toEqual([8, 0]);
    expect([code('mlDtypes', e2m3fn, nan), negativeNaN('mlDtypes', e3m2fn)]).toEqual([0x20, 0]);
    expect([code('cudaSatfinite', e2m1fn, nan), code('cudaSatfinite', e3m2fn, nan)]).toEqual([7, 0x1f]);
    expect(Object.is(profileOutcome('mlDtypes', e2m1fn, nan).value, -0)).toBe(true);
    expect(() => profileOutcome('ocp', e2m1fn, nan)).toThrow(/no NaN/);
  });

  it('raises the flags of the policy, and invalid for a signalling NaN', () => {
    expect(profileOutcome('cudaSatfinite', e4m3fn, 1000).flags).toEqual(['inexact', 'overflow', 'saturation']);
    expect(profileOutcome('cudaSatfinite', e4m3fn, inf).flags).toEqual(['saturation']);
    expect(profileOutcome('mlDtypes', e4m3fn, inf).flags).toEqual(['invalid']);
    const signalling = { nan: { negative: false, fraction: 0.25 } };
    expect(profileOutcome('mlDtypes', e2m1fn, nan, signalling).flags).toEqual(['invalid']);
    expect(profileOutcome('mlDtypes', e5m2, nan, signalling).flags).toEqual(['invalid']);
  });
});

describe('conversion to E8M0', () => {
  const x = [0, 1.5, 1.4999, 2 ** -127, 1.5 * 2 ** -127, 2 ** -128, 1.75 * 2 ** 127, inf, nan, -1.5];
  const codes = (name: string, rounding?: 'tiesToEven' | 'towardZero'): number[] =>
    x.map((one) => code(name, e8m0fnu, one, rounding ? { policy: { rounding } } : {}));

  it('is ONNX Cast in its three rounding modes', () => {
    expect(codes('onnxSaturate')).toEqual([0, 0x80, 0x80, 1, 1, 1, 0xfe, 0xff, 0xff, 0x80]);
    expect(codes('onnxSaturate', 'towardZero')).toEqual([0, 0x7f, 0x7f, 0, 0, 0, 0xfe, 0xff, 0xff, 0x7f]);
    expect(codes('onnxSaturate', 'tiesToEven')).toEqual([0, 0x80, 0x7f, 0, 1, 0, 0xfe, 0xff, 0xff, 0x80]);
    expect(codes('onnxNoSaturate')[6]).toBe(0xff);
    expect(codes('onnxNoSaturate', 'tiesToEven')[6]).toBe(0xff);
    expect(codes('onnxNoSaturate', 'towardZero')[6]).toBe(0xfe);
    expect(codes('onnxNoSaturate')[0]).toBe(0);
  });

  it('is ml_dtypes, where zero and negative numbers are NaN', () => {
    expect(codes('mlDtypes')).toEqual([0xff, 0x80, 0x7f, 0, 1, 0, 0xff, 0xff, 0xff, 0xff]);
  });

  it('is torch, where zero is the smallest and the sign is dropped', () => {
    expect(codes('torch')).toEqual([0, 0x80, 0x7f, 0, 1, 0, 0xff, 0xff, 0xff, 0x80]);
  });

  it('is TransformerEngine, which rounds up and has no trouble at 2^-127', () => {
    expect(codes('cudaSatfinite')).toEqual([0, 0x80, 0x80, 0, 1, 0, 0xfe, 0xfe, 0xff, 0x80]);
  });

  it('says what was lost', () => {
    const flags = (name: string, one: number) => profileOutcome(name, e8m0fnu, one).flags;
    expect(flags('onnxSaturate', -2)).toEqual(['invalid']);
    expect(flags('onnxNoSaturate', 0)).toEqual(['saturation']);
    expect(flags('onnxSaturate', 2 ** -126)).toEqual([]);
    expect(flags('onnxSaturate', 2 ** -127)).toEqual(['inexact']);
    expect(flags('onnxSaturate', 2 ** -128)).toEqual(['inexact', 'underflow']);
  });
});

describe('P3109 projections', () => {
  const se = defineP3109({ bits: 8, precision: 4 });
  const sf = defineP3109({ bits: 8, precision: 4, extended: false });
  const ue = defineP3109({ bits: 8, precision: 4, signed: false });
  const uf = defineP3109({ bits: 8, precision: 4, signed: false, extended: false });
  const value = (
    name: string,
    format: FloatFormat,
    x: number,
    rounding: 'tiesToEven' | 'toOdd' | 'towardZero' = 'tiesToEven',
  ) => profileOutcome(name, format, x, { policy: { rounding } }).value;

  it('SatFinite clamps everything', () => {
    expect([1e9, -1e9, inf, -inf].map((x) => value('p3109SatFinite', se, x))).toEqual([224, -224, 224, -224]);
    expect([1e9, inf].map((x) => value('p3109SatFinite', sf, x))).toEqual([240, 240]);
    expect([-5, -inf].map((x) => value('p3109SatFinite', ue, x))).toEqual([0, 0]);
  });

  it('SatPropagate keeps infinities where there are some', () => {
    expect([1e9, -1e9, inf, -inf].map((x) => value('p3109SatPropagate', se, x))).toEqual([224, -224, inf, -inf]);
    expect([1e9, inf].map((x) => value('p3109SatPropagate', sf, x))).toEqual([240, 240]);
    expect(value('p3109SatPropagate', ue, inf)).toBe(inf);
  });

  it('OvfInf goes by the mode in extended formats, and to the largest number in finite ones', () => {
    expect([1e9, -1e9].map((x) => value('p3109OvfInf', se, x))).toEqual([inf, -inf]);
    expect(value('p3109OvfInf', se, 1e9, 'towardZero')).toBe(224);
    expect(value('p3109OvfInf', se, 1e9, 'toOdd')).toBe(inf);
    expect(value('p3109OvfInf', ue, 1e9, 'toOdd')).toBe(ue.max);
    expect([1e9, inf, -inf].map((x) => value('p3109OvfInf', sf, x))).toEqual([240, 240, -240]);
    expect([inf, 1e99].map((x) => value('p3109OvfInf', uf, x))).toEqual([uf.max, uf.max]);
  });

  it('rounds before it saturates: a small negative number is zero in unsigned formats', () => {
    const tiny = ue.minSubnormal as number;
    for (const format of [ue, uf]) {
      for (const name of ['p3109SatFinite', 'p3109SatPropagate', 'p3109OvfInf']) {
        // Half of the smallest number ties to the even zero; above half it stays below zero, and is saturated.
        for (const x of [-(2 ** -300), -tiny / 4, -tiny / 2]) {
          expect(profileOutcome(name, format, x)).toEqual({ value: 0, code: 0, flags: ['inexact', 'underflow'] });
        }
        expect(value(name, format, -tiny / 2, 'towardZero')).toBe(0);
        expect(Object.is(profileOutcome(name, format, -0).value, 0)).toBe(true);
      }
      expect(profileOutcome('p3109OvfInf', format, -tiny * 0.75).flags).toEqual(['invalid']);
      expect(value('p3109OvfInf', format, -tiny * 0.75)).toBeNaN();
      expect(value('p3109OvfInf', format, -tiny / 4, 'toOdd')).toBeNaN();
      expect(
        profileOutcome('p3109OvfInf', format, -tiny / 4, { policy: { rounding: 'towardNegative' } }).value,
      ).toBeNaN();
      expect(profileOutcome('p3109OvfInf', format, -5, { policy: { rounding: 'towardPositive' } }).value).toBe(0);
      expect(profileOutcome('p3109SatFinite', format, -tiny * 0.75)).toEqual({
        value: 0,
        code: 0,
        flags: ['saturation'],
      });
    }
  });

  it('SatPropagate turns −∞ into the lowest number of every unsigned format with infinity', () => {
    let formats = 0;
    for (let bits = 3; bits <= 8; bits++) {
      for (let precision = 1; precision <= bits; precision++) {
        const format = defineP3109({ bits, precision, signed: false });
        formats++;
        expect(profileOutcome('p3109SatPropagate', format, -inf)).toEqual({ value: 0, code: 0, flags: ['saturation'] });
        expect(profileOutcome('p3109SatPropagate', format, inf).value).toBe(inf);
        expect(profileOutcome('p3109OvfInf', format, -inf).value).toBeNaN();
      }
    }
    expect(formats).toBe(33);
    expect(code('p3109SatPropagate', defineP3109({ bits: 8, precision: 3, signed: false }), -inf)).toBe(0x00);
  });

  it('OvfInf makes negative numbers NaN in unsigned formats, but toward zero', () => {
    for (const format of [ue, uf]) {
      expect(value('p3109OvfInf', format, -5)).toBeNaN();
      expect(value('p3109OvfInf', format, -5, 'towardZero')).toBe(0);
      expect(value('p3109OvfInf', format, -inf, 'towardZero')).toBeNaN();
    }
  });

  it('takes the even code, where the significand would say the larger magnitude', () => {
    const p1 = defineP3109({ bits: 6, precision: 1 });
    const tie = 1.5;
    const even = [1, 2].find((x) => encode(p1, x) % 2 === 0);
    expect(profileOutcome('p3109SatFinite', p1, tie).value).toBe(even);
    expect(profileOutcome('p3109SatFinite', p1, 2 * tie).value).toBe(even === 1 ? 4 : 2);
    expect(profileOutcome('ocp', p1, tie).value).toBe(2);
  });

  it('writes the one NaN', () => {
    expect([code('p3109SatFinite', se, nan), negativeNaN('p3109OvfInf', se), code('p3109OvfInf', ue, nan)]).toEqual([
      0x80, 0x80, 0xff,
    ]);
  });
});

describe('x86 and IEEE', () => {
  const bf16 = parseFormat('bfloat16') as FloatFormat;

  it('VCVTNEPS2BF16: a NaN is (x >> 16) | 0x40, subnormals are zero of their sign', () => {
    const operand = (bits: number) => ({ nan: { negative: bits >>> 31 === 1, fraction: (bits & 0x7fffff) / 2 ** 23 } });
    for (const bits of [0x7f800001, 0x7fc00000, 0xffc00000, 0x7fabcdef, 0xff812345, 0x7fffffff]) {
      expect(code('x86Avx512Bf16', bf16, nan, operand(bits))).toBe((bits >>> 16) | 0x40);
      expect(code('ieee', bf16, nan, operand(bits))).toBe((bits >>> 16) | 0x40);
    }
    expect(code('x86Avx512Bf16', bf16, -(2 ** -127))).toBe(0x8000);
    expect(profileOutcome('x86Avx512Bf16', bf16, 2 ** -127).flags).toEqual(['flush']);
    expect(code('x86Avx512Bf16', bf16, 2 ** -126)).toBe(0x80);
    expect(code('x86Avx512Bf16', bf16, 3.4e38)).toBe(0x7f80);
    expect(code('ieee', bf16, 2 ** -127)).toBe(0x40);
  });

  it('ieee overflows by rounding mode, also where NaN stands in for infinity', () => {
    const up = (rounding: 'towardZero' | 'towardPositive' | 'tiesToEven') =>
      [e5m2, e4m3fn, e2m1fn].map((format) => profileOutcome('ieee', format, 1e9, { policy: { rounding } }).value);
    expect(up('tiesToEven')).toEqual([inf, nan, 6]);
    expect(up('towardZero')).toEqual([57344, 448, 6]);
    expect(up('towardPositive')).toEqual([inf, nan, 6]);
  });
});

describe('policy and outcome', () => {
  it('agree on every finite number of signed formats: rules only add what a policy cannot say', () => {
    const xs = [0, -0, 0.3, -1, 3.7, 100, 463, 465, 1e6, -1e6, 2 ** -9, 2 ** -10, 1e-9, -1e-9];
    for (const format of Object.values(catalogue)) {
      // binary64 has policies, and no codes that are numbers.
      if (format.kind !== 'float' || !format.signed || format.bits > 53) continue;
      for (const name of profilesFor(format)) {
        const policy = profilePolicy(name, format);
        for (const x of xs) {
          const told = profileOutcome(name, format, x);
          expect(told.value, `${name} ${x}`).toBe(round(format, x, policy));
          if (!Number.isNaN(told.value)) expect(told.code).toBe(encode(format, x, policy));
          expect(decode(format, told.code)).toBe(told.value);
        }
      }
    }
  });

  it('write NaN codes that are NaN, in every format that has them', () => {
    const formats = [...Object.values(catalogue), defineFloat({ exponentBits: 3, mantissaBits: 1 })];
    for (const format of formats) {
      if (format.kind !== 'float' || format.nan === 'none' || format.bits > 53) continue;
      for (const name of profilesFor(format)) {
        for (const fraction of [2 ** -40, 0.25, 0.5, 1 - 2 ** -40]) {
          const told = profileOutcome(name, format, nan, { nan: { negative: true, fraction } });
          expect(decode(format, told.code)).toBeNaN();
        }
      }
    }
  });

  it('resolves rules for one mode only in that mode', () => {
    const se = defineP3109({ bits: 8, precision: 3 });
    expect(resolveProfile('p3109OvfInf', se).policy.overflow).toBe('ieee');
    expect(resolveProfile('p3109OvfInf', se, { rounding: 'toOdd' }).policy.overflow).toBe('infinity');
  });
});
