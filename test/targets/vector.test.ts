import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerNorm } from '../../src/kernels/index.ts';
import {
  armFp16,
  avx10Bf16,
  avx512Fp16,
  neuralEngineFp16,
  nvidiaFp16,
  type Target,
  tpuBf16,
} from '../../src/targets/index.ts';
import { agree, normCases } from '../kernels/helpers.ts';
import { seeded } from '../testing/helpers.ts';

const chips: Target[] = [nvidiaFp16, armFp16, avx512Fp16, avx10Bf16, tpuBf16, neuralEngineFp16];

describe('vector units of chips', () => {
  it.each(chips)('$name runs layerNorm and rmsNorm as the oracle does', (chip) => {
    expect([chip.vendor, chip.source, chip.summary]).not.toContain('');
    fc.assert(fc.property(normCases(fc.constant(chip)), agree), seeded(25));
  });

  const tiny = (target: Target, x: number): number =>
    layerNorm([x, -x], { rows: 1, width: 2, target, epsilon: 0 }).output[0] as number;

  it('keep subnormal numbers or not', () => {
    // ±2^-20 is subnormal in binary16; its square is zero there, so a divisor of zero tells that it was read.
    expect(layerNorm([2 ** -20, -(2 ** -20)], { rows: 1, width: 2, target: nvidiaFp16 }).output[0]).toBeGreaterThan(0);
    expect(layerNorm([2 ** -130, -(2 ** -130)], { rows: 1, width: 2, target: avx10Bf16 }).output[0]).toBe(0);
    expect(
      layerNorm([2 ** -130, -(2 ** -130)], { rows: 1, width: 2, target: avx10Bf16 }).report.counts.load?.flush,
    ).toBe(2);
    expect(tiny(nvidiaFp16, 2 ** -20)).toBe(Infinity);
  });

  it('take roots in one rounding or two', () => {
    const stages = (target: Target) =>
      layerNorm([1, 4, 9], { rows: 1, width: 3, target }).report.counts.reciprocalSqrt?.inexact;
    expect(stages(nvidiaFp16)).toBe(1);
    expect(stages(avx512Fp16)).toBe(2);
  });
});
