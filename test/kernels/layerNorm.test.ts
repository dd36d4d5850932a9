import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReports, lostSquares, mergeReports } from '../../src/events/index.ts';
import { type LayerNormOptions, layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { defineTarget, findVectorUnit, fp16, fp16Fp32Compute, fp32, type Target } from '../../src/targets/index.ts';
import { targets } from '../../src/testing/arbitraries/index.ts';
import { failure, outcome, runsOf, seeded } from '../testing/helpers.ts';
import { type NormCase, normCases, runKernel } from './helpers.ts';

describe('layerNorm', () => {
  it('is the real function where formats are wide', () => {
    const x = [1, 2, 3, 6];
    const { output, report } = layerNorm(x, {
      rows: 1,
      width: 4,
      target: fp32,
      epsilon: 0,
      gamma: [1, 1, 2, 2],
      beta: [0, 0, 0, 1],
    });
    const deviation = Math.sqrt(3.5);
    for (const [i, y] of [-2 / deviation, -1 / deviation, 0, 6 / deviation + 1].entries())
      expect(output[i]).toBeCloseTo(y, 6);
    expect(report.ok).toBe(true);
    expect(report.stages).toEqual([
      'constants',
      'load',
      'sum',
      'mean',
      'center',
      'square',
      'squareSum',
      'variance',
      'epsilon',
      'reciprocalSqrt',
      'normalize',
      'gamma',
      'beta',
      'store',
    ]);
  });

  it('has the stages that the options ask for', () => {
    const base = { rows: 1, width: 2, target: fp16 } as const;
    const stages = (options: Partial<LayerNormOptions>) => layerNorm([1, 2], { ...base, ...options }).report.stages;
    expect(stages({ scale: 0.5, residual: [0, 0] }).slice(0, 4)).toEqual(['constants', 'residualAdd', 'load', 'scale']);
    expect(stages({ variance: 'welford' })).toEqual([
      'constants',
      'load',
      'welford',
      'center',
      'variance',
      'epsilon',
      'reciprocalSqrt',
      'normalize',
      'store',
    ]);
    expect(stages({ gamma: [1, 1], beta: [0, 0], affine: 'fused' }).slice(-2)).toEqual(['affine', 'store']);
  });

  it('tells of the post-mortem: an Inf variance behind a finite output, width 768', () => {
    const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));
    const { output, report } = layerNorm(x, { rows: 1, width: 768, target: fp16 });
    expect(output.every((y) => Math.abs(y) === 0)).toBe(true);
    expect(report.ok).toBe(false);
    expect(report.counts.square?.overflow).toBe(768);
    expect(report.first.overflow).toMatchObject({ stage: 'square', row: 0, index: 0, masked: true, exact: '632025' });
    expect(report.maskedRows.overflow).toBe(1);
    // The same row with binary32 inside is what it should be.
    const sound = layerNorm(x, { rows: 1, width: 768, target: fp16Fp32Compute });
    expect([...sound.output.slice(0, 2)]).toEqual([-1, 1]);
    expect(sound.report.ok).toBe(true);
  });

  it('runs on int8 data in integer registers, in two passes', () => {
    const on = (accumulator: object, normalize = 'int8:fraction=5') =>
      defineTarget({
        name: 'int8',
        vectorUnits: {
          vector: {
            load: { format: 'int8' },
            compute: { format: 'int16' },
            center: { format: 'int8' },
            normalize: { format: normalize },
            accumulate: { format: 'int32' },
            statistics: { format: 'binary32' },
            store: { format: normalize },
            reduction: { kind: 'sequential', accumulator },
          },
        },
      });
    const register = (bits: number, overflow: 'saturate' | 'wrap') => ({ kind: 'integer', bits, overflow });
    const of = (x: number[], target: Target) =>
      layerNorm(x, { rows: 1, width: x.length, target, epsilon: 0, reference: true });
    for (const accumulator of [
      ...[16, 24, 32].flatMap((bits) => [register(bits, 'saturate'), register(bits, 'wrap')]),
      { kind: 'fixed', rounding: { format: 'int32:fraction=8' } },
    ]) {
      // Mean 3, centred −2 −1 0 3, variance 3.5, 1/√3.5 = 0.5345…: −34.2, −17.1, 0 and 51.3 thirty-seconds.
      const { output, report } = of([1, 2, 3, 6], on(accumulator));
      expect([...output]).toEqual([-34 / 32, -17 / 32, 0, 51 / 32]);
      expect(report.ok).toBe(true);
    }
    // The mean of 1, 2 and 2 is no integer; its differences are rounded: −1, 0, 0.
    expect([...of([1, 2, 2], on(register(16, 'saturate'))).output]).toEqual([-1.71875, 0, 0]);
    const x = [127, -127, 127, -127];
    const clamped = of(x, on(register(16, 'saturate'))).report;
    expect(clamped.first.saturation).toMatchObject({ stage: 'squareSum', index: 2, result: 32767, exact: '48387' });
    expect(clamped.headroom?.squareSum).toBeCloseTo(Math.log2(32767 / (4 * 127 ** 2)), 12);
    // 64516 wraps to −1020, and a negative number has no root.
    const wrapped = of(x, on(register(16, 'wrap'), 'binary16')).report;
    expect(wrapped.first.invalid).toMatchObject({ stage: 'reciprocalSqrt', operands: [-255] });
    expect(wrapped.first.wrap).toMatchObject({ stage: 'squareSum', index: 2, result: 48387 - 65536 });
    expect(of(x, on(register(24, 'saturate'))).report.ok).toBe(true);
    // 0 · ∞ has no value, and int8 no NaN: an error, unless the policy says that it is an event.
    expect(failure(() => of([5, 5], on(register(16, 'saturate'))))).toBe('value x');
  });

  it('tells of the squares that underflow, not of a rounded ε', () => {
    const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 1.8e-4 : -1.8e-4));
    const options = { rows: 1, width: 768, target: fp16, epsilon: 1e-12, reference: true } as const;
    const { output, report } = layerNorm(x, options);
    expect(output[0]).toBeCloseTo(-0.737, 3);
    expect(report.error?.sqnr).toBeCloseTo(11.6, 1);
    expect(report.ok).toBe(true);
    expect(lostSquares(report)).toBe(1);
    expect(report.first.underflow).toMatchObject({ stage: 'square', row: 0, index: 0, result: 2 ** -24 });
    expect(report.constants.first.underflow).toMatchObject({ stage: 'constants', row: -1, result: 0 });
    // A scale saves them; what it leaves is a sequential sum in binary16.
    const scaled = layerNorm(x, { ...options, scale: 1024 }).report;
    expect(lostSquares(scaled)).toBe(0);
    expect(scaled.error?.sqnr).toBeCloseTo(31.26, 2);
    // The specification tells the same, and so do two batches joined.
    expect(layerNorm(x, { ...options, engine: null }).report).toEqual(report);
    const joined = mergeReports([report, report]);
    expect(joined.first.underflow).toMatchObject({ stage: 'square', row: 0 });
    expect(joined.constants.first.underflow).toMatchObject({ row: -1, index: null });
    expect(lostSquares(joined)).toBe(1);
    const { firstFailureBefore } = compareReports(
      layerNorm(x, { ...options, gamma: new Float64Array(768).fill(1e6) }).report,
      report,
    );
    expect(firstFailureBefore).toMatchObject({ stage: 'constants', kind: 'overflow', index: 0 });
    // Squares of an operand that is flushed, and squares that a fused accumulator takes.
    const half = (policy: object) => ({ format: 'binary16', policy });
    const on = (policy: object, fused: boolean) =>
      defineTarget({
        ...fp16,
        vectorUnits: {
          vector: {
            ...fp16.vectorUnits.vector,
            compute: half(policy),
            reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: half(policy), fused } },
          },
        },
      });
    const tiny = [2 ** -16, -(2 ** -16), 1, -1];
    const of = (policy: object, fused: boolean) =>
      rmsNorm(tiny, { rows: 1, width: 4, target: on(policy, fused) }).report;
    expect(lostSquares(of({ subnormals: 'flushInputs' }, false))).toBe(0.5);
    expect(lostSquares(of({}, true))).toBe(0.5);
    expect(lostSquares(layerNorm(tiny, { rows: 1, width: 4, target: fp32, record: 'off' }).report)).toBeNull();
    expect(lostSquares(layerNorm(tiny, { rows: 1, width: 4, target: fp32, variance: 'welford' }).report)).toBeNull();
  });

  it('tells of a variance that one pass leaves negative', () => {
    const x = [4097, 4097, 4098];
    const options = { rows: 1, width: 3, target: fp32, variance: 'onePass', epsilon: 1e-5 } as const;
    for (const engine of [undefined, null]) {
      const clamped = layerNorm(x, { ...options, ...(engine === null ? { engine } : {}) });
      // The variance is 2/9; the mean of the squares and the square of the mean differ in their last place.
      expect(clamped.report.first.negativeVariance).toMatchObject({
        stage: 'variance',
        row: 0,
        index: null,
        step: 2,
        operation: 'subtract',
        operands: [16788140, 16788142],
        result: -2,
        exact: '-2',
      });
      expect(clamped.report.counts.variance?.negativeVariance).toBe(1);
      expect(clamped.report.ok).toBe(false);
      expect(clamped.output.every(Number.isFinite)).toBe(true);
      const kept = layerNorm(x, { ...options, negativeVariance: 'keep', ...(engine === null ? { engine } : {}) });
      expect(kept.output.every(Number.isNaN)).toBe(true);
      expect(kept.report.first.invalid).toMatchObject({ stage: 'reciprocalSqrt', masked: false });
      expect(kept.report.first.negativeVariance).toEqual(clamped.report.first.negativeVariance);
    }
    expect(layerNorm(x, { ...options, variance: 'twoPass' }).report.ok).toBe(true);
    for (const variance of ['twoPass', 'welford'] as const) {
      expect(failure(() => layerNorm(x, { ...options, variance, negativeVariance: 'keep' }))).toBe(
        'unsupported options.negativeVariance',
      );
    }
    // −0 is no negative variance.
    const zeros = layerNorm([0, 0], { ...options, width: 2, target: fp32, negativeVariance: 'keep' });
    expect(zeros.report.totals.negativeVariance).toBe(0);
  });

  it('is invariant under a scale that is a power of two, bit for bit, while nothing over- or underflows', () => {
    let held = 0;
    const hasOneBit = ({ options: { target } }: NormCase): boolean =>
      Object.values(findVectorUnit(target) as object).some(
        (step) => step?.format?.kind === 'float' && step.format.mantissaBits === 0,
      ) || JSON.stringify(findVectorUnit(target).reduction).includes('"mantissaBits":0,');
    const calm = (given: NormCase) => {
      const result = outcome(() => runKernel(given));
      if (result === 'refused') return null;
      const { ok, totals } = result.report;
      return ok && totals.underflow === 0 && totals.flush === 0 ? result : null;
    };
    // Newton's first guess reads the code of a subnormal number as if it were normal.
    const cases = normCases(
      targets({ kinds: ['float', 'generic', 'generic'], maxBits: 24, nanInputs: ['zero'] }),
    ).filter((given) => findVectorUnit(given.options.target).reciprocalSqrt.kind !== 'newton' && !hasOneBit(given));
    fc.assert(
      fc.property(cases, fc.integer({ min: -8, max: 8 }), (given, power) => {
        const at = (scale: number): NormCase => ({
          ...given,
          options: { ...given.options, scale, epsilonScaled: true },
        });
        const plain = calm(at(1));
        const scaled = plain && calm(at(2 ** power));
        if (plain === null || scaled === null) return;
        held += power === 0 ? 0 : 1;
        expect([...scaled.output]).toEqual([...plain.output]);
      }),
      seeded(2500),
    );
    expect(held).toBeGreaterThan(runsOf(2500) / 100);
  });

  const base = { rows: 2, width: 3, target: fp16 };
  const x = new Float64Array(6);
  const bad: [x: unknown, change: object, expected: string][] = [
    [x, { rows: undefined }, 'type options.rows'],
    [x, { rows: Number.NaN }, 'range options.rows'],
    [x, { rows: 2.5 }, 'range options.rows'],
    [x, { width: 0 }, 'range options.width'],
    [x, { width: 4 }, 'shape x'],
    [x.slice(1), {}, 'shape x'],
    [null, {}, 'type x'],
    [[1, 2, 3, 4, 5, null], {}, 'type x[5]'],
    [x, { target: 'fp17' }, 'name options.target'],
    [x, { target: {} }, 'type options.target.name'],
    [x, { gamma: [1, 2] }, 'shape options.gamma'],
    [x, { gamma: 'abc' }, 'type options.gamma'],
    [x, { gamma: [1, 2, '3'] }, 'type options.gamma[2]'],
    [x, { beta: [1, 2, 3, 4] }, 'shape options.beta'],
    [x, { residual: [1, 2, 3] }, 'shape options.residual'],
    [x, { epsilon: Number.NaN }, 'range options.epsilon'],
    [x, { epsilon: -1e-5 }, 'range options.epsilon'],
    [x, { epsilon: '1e-5' }, 'type options.epsilon'],
    [x, { scale: 0 }, 'range options.scale'],
    [x, { scale: -1 }, 'range options.scale'],
    [x, { scale: Infinity }, 'range options.scale'],
    [x, { scale: Number.NaN }, 'range options.scale'],
    [x, { epsilonScaled: 0 }, 'type options.epsilonScaled'],
    [x, { variance: 'threePass' }, 'name options.variance'],
    [x, { affine: 'both' }, 'name options.affine'],
    [x, { affine: 'fused' }, 'unsupported options.affine'],
    [x, { affine: 'fused', gamma: [1, 1, 1] }, 'unsupported options.affine'],
    [x, { record: 'none' }, 'name options.record'],
    [x, { eps: 1e-5 }, 'name options.eps'],
  ];
  it.each(bad)('refuses %o with %o: %s', (given, change, expected) => {
    expect(failure(() => layerNorm(given as never, { ...base, ...change } as never))).toBe(expected);
  });

  it('refuses to run without options', () => {
    expect(failure(() => layerNorm(x, undefined as never))).toBe('type options');
  });

  it('refuses Welford where the sum is no chain', () => {
    const { vector } = fp16.vectorUnits;
    const reduction = { ...vector.reduction, kind: 'pairwise' };
    const tree = { ...fp16, vectorUnits: { vector: { ...vector, reduction } } };
    expect(failure(() => layerNorm(x, { ...base, target: tree as never, variance: 'welford' }))).toBe(
      'unsupported options.variance',
    );
  });
});
