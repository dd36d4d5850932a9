/** Laws of quantizers, sums, kernels and collectives: right implementations obey, sick ones break the law of their disease. */
import { describe, expect, it } from 'vitest';
import { binary16 } from '../../../src/formats/index.ts';
import { layerNorm, softmax } from '../../../src/kernels/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { fp16 } from '../../../src/targets/index.ts';
import {
  allReduceLaws,
  checkLaws,
  layerNormLaws,
  quantizerLaws,
  softmaxLaws,
  sumLaws,
} from '../../../src/testing/laws/index.ts';
import { failure } from '../helpers.ts';

describe('quantizerLaws', () => {
  const clamp = (q: number): number => Math.max(-128, Math.min(127, q));
  const pair = { quantize: (x: number) => clamp(Math.round(x / 0.1) + 5), dequantize: (q: number) => (q - 5) * 0.1 };
  const laws = quantizerLaws({ scale: 0.1, zeroPoint: 5, low: -128, high: 127 });
  it('hold for a right pair', () => {
    expect(checkLaws(pair, laws).broken).toEqual([]);
  });
  it.each([
    ['halfStep', { ...pair, quantize: (x: number) => clamp(Math.floor(x / 0.1) + 5) }],
    ['zero', { ...pair, quantize: (x: number) => clamp(Math.round(x / 0.1)) }],
    ['roundTrip', { ...pair, dequantize: (q: number) => q * 0.1 }],
    ['saturates', { ...pair, quantize: (x: number) => ((Math.round(x / 0.1) + 5) << 24) >> 24 }],
    ['codes', { ...pair, quantize: (x: number) => x / 0.1 + 5 }],
    ['monotone', { ...pair, quantize: (x: number) => clamp(Math.round(x / 0.1) + 5) * (x > 3 ? -1 : 1) }],
  ] as const)('%s is broken by what breaks it', (law, sick) => {
    expect(checkLaws(sick, laws).broken).toContain(law);
  });
});

describe('sumLaws', () => {
  const chain = (xs: readonly number[]): number => xs.reduce((sum, x) => round(binary16, sum + x), 0);
  const exact = (xs: readonly number[]): number =>
    round(
      binary16,
      xs.reduce((sum, x) => sum + x, 0),
    );
  it('hold for right sums', () => {
    expect(checkLaws(chain, sumLaws('binary16', { order: 'sequential' })).broken).toEqual([]);
    expect(checkLaws(exact, sumLaws(binary16, { permutable: true, order: 'sequential' })).broken).toEqual([]);
  });
  it.each([
    ['permutation', chain, { permutable: true }],
    ['representable', (xs: readonly number[]) => xs.reduce((sum, x) => sum + x * (1 + 2 ** -20), 0), {}],
    ['single', (xs: readonly number[]) => xs.slice(1).reduce((sum, x) => sum + x, 0), {}],
    ['interval', (xs: readonly number[]) => chain(xs.slice(0, 7)), { order: 'sequential' }],
    [
      'sign',
      (xs: readonly number[]) => xs.reduce((sum, x) => round(binary16, sum + x, { rounding: 'towardNegative' }), 0),
      {},
    ],
    ['doubling', (xs: readonly number[]) => chain(xs) + (xs[0]! > 0 ? 1 : -1), {}],
    ['zeros', (xs: readonly number[]) => chain(xs) / Math.max(1, xs.length - 1), { order: 'sequential' }],
  ] as const)('%s is broken by what breaks it', (law, sum, options) => {
    expect(checkLaws(sum, sumLaws(binary16, options), { runs: 500 }).broken).toContain(law);
  });
});

describe('kernel laws', () => {
  const shares = (row: readonly number[]) =>
    softmax(Float64Array.from(row), { rows: 1, width: row.length, target: fp16 }).output;
  const normed = (row: readonly number[]) =>
    layerNorm(Float64Array.from(row), { rows: 1, width: row.length, target: fp16 }).output;
  it('hold for the kernels', () => {
    expect(checkLaws(shares, softmaxLaws({ ulp: 2 ** -11 }), { runs: 60 }).broken).toEqual([]);
    expect(checkLaws(normed, layerNormLaws({ bound: 64 }), { runs: 60 }).broken).toEqual([]);
    const free = (row: readonly number[]) =>
      layerNorm(Float64Array.from(row), { rows: 1, width: row.length, target: fp16, epsilon: 0 }).output;
    expect(
      checkLaws(
        free,
        layerNormLaws({ epsilonIsZero: true }).filter(({ name }) => name !== 'constant'),
        { runs: 60 },
      ).broken,
    ).toEqual([]);
  });
  it('are broken by what breaks them', () => {
    const unshifted = (row: readonly number[]) => {
      const e = row.map((x) => round(binary16, Math.exp(x)));
      const total = e.reduce((sum, x) => round(binary16, sum + x), 0);
      return e.map((x) => round(binary16, x / total));
    };
    expect(checkLaws(unshifted, softmaxLaws({ ulp: 2 ** -11 })).broken).toContain('shift');
    expect(checkLaws((row: readonly number[]) => row.map(() => 0), softmaxLaws({ ulp: 2 ** -11 })).broken).toContain(
      'total',
    );
    expect(checkLaws(normed, layerNormLaws({ bound: 2 ** 15 }), { runs: 60 }).broken).toEqual(['bounded']);
    expect(checkLaws((row: readonly number[]) => row.map((x) => x + 1), layerNormLaws()).broken).toEqual([
      'sign',
      'constant',
      'bounded',
    ]);
  });
});

describe('allReduceLaws', () => {
  const exact = (sent: readonly (readonly number[])[]) => {
    const total = sent[0]!.map((_, i) => sent.reduce((sum, row) => sum + row[i]!, 0));
    return sent.map(() => total);
  };
  it('hold, and are broken', () => {
    expect(checkLaws(exact, allReduceLaws({ permutable: true })).broken).toEqual([]);
    const own = (sent: readonly (readonly number[])[]) => exact(sent).map((row, i) => row.map((x) => x + i));
    expect(checkLaws(own, allReduceLaws()).broken).toContain('agreement');
    const first = (sent: readonly (readonly number[])[]) => sent.map(() => [...sent[0]!]);
    expect(checkLaws(first, allReduceLaws({ permutable: true })).broken).toEqual(['zeros', 'permutation']);
  });
  it('refuse bad options', () => {
    expect(failure(() => allReduceLaws({ device: 2 } as never))).toBe('name options.device');
    expect(failure(() => softmaxLaws({ ulp: 0 }))).toBe('range options.ulp');
    expect(failure(() => quantizerLaws({ scale: 1, low: 3, high: 2 }))).toBe('range options.high');
    expect(failure(() => sumLaws('binary17' as never))).toBe('name format');
  });
});
