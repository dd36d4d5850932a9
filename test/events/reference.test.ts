import { describe, expect, it } from 'vitest';
import { binary16 } from '../../src/formats/index.ts';
import { cast, layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { fp16, fp16Fp32Compute } from '../../src/targets/index.ts';

describe('headroom and footroom', () => {
  it('are bits between the ideal values and the limits', () => {
    const { report } = cast([16, -0.25, 0], { format: binary16, reference: true });
    expect(report.headroom?.cast).toBeCloseTo(Math.log2(65504 / 16), 12);
    expect(report.footroom?.cast).toBe(Math.log2(0.25 / 2 ** -14));
    expect(report.flushed?.cast).toBe(0);
    const empty = cast([0, -0], { format: binary16, reference: true }).report;
    expect([empty.headroom?.cast, empty.footroom?.cast, empty.flushed?.cast]).toEqual([null, null, 0]);
  });

  it('are negative where a stage overflows or underflows, and count what becomes zero', () => {
    const { report } = cast([2 ** 17, 2 ** -20, 2 ** -30, 2 ** -30], { format: binary16, reference: true });
    expect(report.headroom?.cast).toBeCloseTo(Math.log2(65504 / 2 ** 17), 12);
    expect(report.footroom?.cast).toBe(-16);
    expect(report.flushed?.cast).toBe(0.5);
  });

  it('come from the kernel without rounding, stage by stage', () => {
    const x = new Float64Array(8).fill(1000);
    const { report } = rmsNorm(x, { rows: 1, width: 8, target: fp16, reference: true, epsilon: 0 });
    expect(report.headroom?.square).toBeCloseTo(Math.log2(65504 / 1e6), 12);
    // The sum passes through 1 to 8 million.
    expect(report.headroom?.squareSum).toBeCloseTo(Math.log2(65504 / 8e6), 12);
    expect(report.footroom?.squareSum).toBeCloseTo(Math.log2(1e6 / 2 ** -14), 12);
    expect(report.headroom?.variance).toBeCloseTo(Math.log2(65504 / 1e6), 12);
    expect(report.headroom?.normalize).toBeCloseTo(Math.log2(65504), 12);
    expect(Object.keys(report.headroom ?? {})).not.toContain('load');
    expect(Object.keys(report.headroom ?? {})).not.toContain('constants');
  });

  it('say −Infinity where an ideal value is infinite', () => {
    const { report } = rmsNorm([Infinity, 1], { rows: 1, width: 2, target: fp16, reference: true });
    expect(report.headroom?.square).toBe(-Infinity);
  });
});

describe('error', () => {
  it('is zero with an infinite ratio for an exact output', () => {
    const { error } = cast([1, 2, -0.5], { format: binary16, reference: true }).report;
    expect(error).toEqual({ maxUlp: 0, meanUlp: 0, maxRelative: 0, sqnr: Infinity, nonFinite: 0 });
  });

  it('counts units in the last place of the store format', () => {
    const { error } = cast([1 + 2 ** -12, 2], { format: binary16, reference: true }).report;
    expect(error?.maxUlp).toBe(0.25);
    expect(error?.meanUlp).toBe(0.125);
    expect(error?.maxRelative).toBeCloseTo(2 ** -12, 6);
  });

  it('tells lost outputs apart', () => {
    const { error } = cast([1e9, 1], { format: binary16, reference: true }).report;
    expect(error).toMatchObject({ nonFinite: 1, maxUlp: 0 });
    expect(cast([Number.NaN], { format: binary16, reference: true }).report.error?.sqnr).toBeNull();
  });

  it('measures a normalisation against the real function on the given inputs', () => {
    const x = Float64Array.from({ length: 64 }, (_, i) => (i % 2 ? 1.5 : -1.5) + (i % 8) / 16);
    const narrow = layerNorm(x, { rows: 1, width: 64, target: fp16, reference: true }).report.error;
    const wide = layerNorm(x, { rows: 1, width: 64, target: fp16Fp32Compute, reference: true }).report.error;
    // The inputs are binary16 numbers: what is left is the half ulp of storing.
    expect(wide?.maxUlp).toBeLessThan(0.51);
    expect(wide?.maxUlp).toBeGreaterThan(0.3);
    expect(narrow?.maxUlp).toBeGreaterThan(0.51);
    expect(wide?.sqnr).toBeGreaterThan(60);
    expect(wide?.sqnr).toBeGreaterThan(narrow?.sqnr as number);
  });
});
