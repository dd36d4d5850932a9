/** Operations, quantizers and codecs of others, right ones and sick ones, by the one engine. */
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../../src/arithmetic/index.ts';
import { bfloat16, binary16, e4m3fn, parseFormat } from '../../../src/formats/index.ts';
import { decode, encode, round } from '../../../src/rounding/index.ts';
import { type Check, checkCodec, checkOperation, checkQuantizer } from '../../../src/testing/check/index.ts';
import { failure } from '../helpers.ts';

const said = (check: Check): string => check.diagnosis?.behaviours.map(({ name }) => name).join('+') ?? 'nothing';

describe('checkOperation', () => {
  it('finds nothing where binary64 and one rounding suffice', () => {
    const add = (a: number, b: number): number => round(binary16, a + b);
    expect(checkOperation(add, { operation: 'add', format: 'binary16', runs: 3000 }).ok).toBe(true);
    const divide = (a: number, b: number): number => Math.fround(a / b);
    expect(checkOperation(divide, { operation: 'div', format: 'binary32', runs: 3000 }).ok).toBe(true);
    const root = (a: number): number => Math.fround(Math.sqrt(a));
    expect(checkOperation(root, { operation: 'sqrt', format: 'binary32', runs: 3000 }).ok).toBe(true);
    const unit = createUnit({ format: e4m3fn });
    const product = (a: number, b: number): number => unit.codes.multiply(a, b);
    const all = checkOperation(product, { operation: 'mul', format: e4m3fn, takes: 'codes', gives: 'codes' });
    expect(all).toMatchObject({ ok: true, cases: 65536, exhaustive: true });
  });

  const sick: [string, (a: number, b: number, c: number) => number, Parameters<typeof checkOperation>[1], string][] = [
    [
      'unfused',
      (a, b, c) => round(bfloat16, round(bfloat16, a * b) + c),
      { operation: 'mulAdd', format: 'bfloat16' },
      'unfused',
    ],
    [
      'via binary32',
      (a, b, c) => round(bfloat16, Math.fround(a * b + c)),
      { operation: 'mulAdd', format: 'bfloat16' },
      'via binary32',
    ],
    [
      'saturating',
      (a, b) => round(e4m3fn, a * b, { overflow: 'saturate' }),
      { operation: 'mul', format: 'e4m3fn' },
      'saturate',
    ],
    [
      'truncating',
      (a, b) => round(binary16, a + b, { rounding: 'towardZero', overflow: 'infinity' }),
      { operation: 'add', format: 'binary16' },
      'towardZero+infinity',
    ],
    [
      'flushing',
      (a, b) => round(binary16, a * b, { subnormals: 'flushOutputs' }),
      { operation: 'mul', format: 'binary16' },
      'flushOutputs',
    ],
  ];

  it.each(sick)('names %s', (_, implementation, options, name) => {
    const check = checkOperation(implementation, { ...options, runs: options.format === 'e4m3fn' ? 65536 : 3000 });
    expect(said(check)).toBe(name);
    expect(check.diagnosis?.explained).toBe(check.wrong);
    expect(check.counterexample?.words).toMatch(/right is .*, the implementation gives/);
  });

  it('refuses bad input', () => {
    const add = (a: number, b: number): number => a + b;
    expect(failure(() => checkOperation(add, { operation: 'plus', format: 'binary16' } as never))).toBe(
      'name options.operation',
    );
    expect(failure(() => checkOperation(add, { operation: 'add', format: 'int8' }))).toBe('unsupported format');
  });
});

describe('checkQuantizer', () => {
  const even = (x: number): number => {
    const low = Math.floor(x);
    const rest = x - low;
    return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
  };
  const clamp = (q: number, low = -128, high = 127): number => Math.max(low, Math.min(high, q));
  const options = { to: 'int8', scale: 0.25, zeroPoint: 3 } as const;

  it('finds nothing in right ones', () => {
    const right: ((x: number) => number)[] = [
      (x) => clamp(even(x / 0.25) + 3),
      (x) => clamp(even(x * 4) + 3),
      (x) => round(parseFormat('int8'), even(Math.max(-1e6, Math.min(1e6, x)) * 4) + 3),
    ];
    for (const quantize of right) {
      expect(checkQuantizer(quantize, { ...options, runs: 2000 })).toMatchObject({ ok: true, wrong: 0 });
      expect(checkQuantizer(quantize, { ...options, from: 'binary16' })).toMatchObject({ ok: true, exhaustive: true });
    }
    const double = (x: number): number => clamp(even(x / 0.1) + 3);
    expect(checkQuantizer(double, { ...options, scale: 0.1, quotient: 'binary64' }).ok).toBe(true);
    expect(said(checkQuantizer(double, { ...options, scale: 0.1 }))).toBe('quotient in binary64');
  });

  const sick: [string, (x: number) => number][] = [
    ['tiesUp', (x) => clamp(Math.round(x / 0.25) + 3)],
    ['towardZero', (x) => clamp(Math.trunc(x / 0.25) + 3)],
    ['towardNegative', (x) => clamp(Math.floor(x / 0.25) + 3)],
    ['tiesToAway', (x) => clamp(Math.sign(x) * Math.round(Math.abs(x / 0.25)) + 3)],
    ['zeroPointFirst', (x) => clamp(even(x / 0.25 + 3))],
    ['zeroPointNegated', (x) => clamp(even(x / 0.25) - 3)],
    ['zeroPointLost', (x) => clamp(even(x / 0.25))],
    ['clampsFirst', (x) => clamp(clamp(even(x / 0.25)) + 3)],
    ['clampsFirstOnly', (x) => clamp(even(x / 0.25)) + 3],
    ['clampsSymmetrically', (x) => clamp(even(x / 0.25) + 3, -127)],
    ['unsignedRange', (x) => clamp(even(x / 0.25) + 3, 0, 255)],
    ['highLong', (x) => clamp(even(x / 0.25) + 3, -128, 128)],
    ['multiplies', (x) => clamp(even(x * 0.25) + 3)],
    ['scaleDoubled', (x) => clamp(even(x / 0.5) + 3)],
    ['noClamp', (x) => even(x / 0.25) + 3],
  ];

  it.each(sick)('names %s', (name, quantize) => {
    const check = checkQuantizer(quantize, { ...options, runs: 1500 });
    expect(said(check)).toBe(name);
    expect(check.diagnosis).toMatchObject({ verdict: 'all', explained: check.wrong });
    expect(check.counterexample?.inputs).toHaveLength(1);
  });

  it('needs a hundred cases for most of them', () => {
    const named = sick.filter(([name, quantize]) => said(checkQuantizer(quantize, { ...options, runs: 100 })) === name);
    expect(named.length).toBeGreaterThanOrEqual(sick.length - 2);
  });

  it('tells a reciprocal in binary32 from a division', () => {
    const reciprocal = Math.fround(1 / Math.fround(0.1));
    const quantize = (x: number): number => clamp(even(Math.fround(x * reciprocal)));
    const check = checkQuantizer(quantize, { to: 'int8', scale: Math.fround(0.1), quotient: 'binary32' });
    expect(said(check)).toBe('reciprocal in binary32');
  });

  it('refuses bad input', () => {
    expect(failure(() => checkQuantizer(even, { to: 'e4m3fn', scale: 1 }))).toBe('unsupported options.to');
    expect(failure(() => checkQuantizer(even, { to: 'int8', scale: 0 }))).toBe('range options.scale');
    expect(failure(() => checkQuantizer(even, { to: 'int8', scale: 1, zeroPoint: 200 }))).toBe(
      'range options.zeroPoint',
    );
  });
});

describe('checkCodec', () => {
  it('checks both halves', () => {
    const codec = { encode: (x: number) => encode(e4m3fn, x), decode: (code: number) => decode(e4m3fn, code) };
    expect(checkCodec(codec, { format: 'e4m3fn' })).toMatchObject({
      ok: true,
      decode: { exhaustive: true, cases: 256 },
    });
    const asIeee = (code: number): number =>
      (code >> 3) % 16 === 15
        ? code % 8 === 0
          ? code > 127
            ? -Infinity
            : Infinity
          : Number.NaN
        : decode(e4m3fn, code);
    const check = checkCodec({ ...codec, decode: asIeee }, { format: 'e4m3fn', runs: 500 });
    expect(check).toMatchObject({ ok: false, encode: { ok: true } });
    expect(said(check.decode)).toMatch(/topAsSpecial|reads as e4m3/);
  });
});
