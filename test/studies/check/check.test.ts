import { beforeAll, describe, expect, it } from 'vitest';
import { BittrueError } from '../../../src/errors/index.ts';
import { layerNorm } from '../../../src/kernels/index.ts';
import type { Model } from '../../../src/models/index.ts';
import { checkModel, checkRows, type ModelCheck, type Progress } from '../../../src/studies/index.ts';
import { defineTarget, fp16, fp32 } from '../../../src/targets/index.ts';
import { tinyLlama, validation } from '../helpers.ts';

let model: Model;

beforeAll(() => {
  model = tinyLlama();
});

describe('checkModel on the embedded model, residual scale 8, all of the validation text', () => {
  let check: ModelCheck;
  beforeAll(() => {
    check = checkModel(model, validation(), { target: fp16, variant: 'frobenius', residualScale: 8, reference: false });
  }, 120_000);

  it('has in float64 the perplexity and the largest Σx² of the model’s README', () => {
    expect(check.float64.perplexity).toBeCloseTo(2.9025806707, 9);
    const atScale1 = check.norms.map(({ largestSquareSum }) => Math.round((largestSquareSum / 64) * 100) / 100);
    expect(atScale1).toEqual([1.91, 12.64, 501.28, 505.24, 2730.61, 2756.96, 4187.45, 4262.99, 10608.63]);
  });

  it('overflows in plain FP16, masked, and destroys the perplexity', () => {
    expect(check.plain.ok).toBe(false);
    expect(check.plain.perplexity).toBeGreaterThan(50);
    const overflows = check.norms.map(({ plain }) => plain.report.totals.overflow);
    expect(overflows.slice(0, 4)).toEqual([0, 0, 0, 0]);
    for (const count of overflows.slice(4)) expect(count).toBeGreaterThan(0);
    const { report } = check.norms[8].plain;
    expect(report.rows).toBe(2048);
    expect(report.first.overflow).toMatchObject({ stage: 'squareSum', result: Infinity, masked: true });
    expect(report.maskedRows.overflow).toBe(report.rowFlags.filter((flags) => flags & 4).length);
  });

  it('has with SLaNC no failure and a perplexity within 1 % of float64', () => {
    expect(check.ok).toBe(true);
    expect(check.scaled?.ok).toBe(true);
    for (const { scaled } of check.norms) expect(scaled?.report.totals.overflow).toBe(0);
    expect(Math.abs((check.scaled?.perplexity ?? 0) / check.float64.perplexity - 1)).toBeLessThan(0.01);
  });

  it('says what ran', () => {
    expect(check).toMatchObject({
      schema: 'check/1',
      variant: 'frobenius',
      powerOfTwo: false,
      residualScale: 8,
      model: { family: 'llama', layers: 4, hidden: 128 },
      sequences: 8,
      predictions: 2048,
    });
    expect(check.target).toBe(fp16);
    expect(check.norms.map(({ position }) => position)).toEqual([
      'first',
      ...Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 'attention' : 'gatedMlp')),
    ]);
    expect(check.norms[0]).toMatchObject({ site: 'layers.0.input_layernorm', alpha: 1, scale: 1 });
    expect(check.norms[0].plain.headroom).toBeNull();
  });
});

describe('checkModel', () => {
  const short = () => [validation()[0].subarray(0, 65)];

  it('finds the headroom of the square-sum from the true activations', () => {
    const { norms } = checkModel(model, short(), { target: fp16, variant: 'residual', residualScale: 8 });
    for (const { largestSquareSum, plain, scaled, scale } of norms) {
      expect(plain.headroom?.squareSum).toBeCloseTo(Math.log2(65504 / largestSquareSum), 1);
      const wanted = Math.log2(65504 / (largestSquareSum * (scale ?? 0) ** 2));
      // The scale itself is rounded to binary16, the loads too: two parts in a thousand.
      expect(scaled?.headroom?.squareSum).toBeCloseTo(wanted, 1);
    }
  });

  it('leaves the scaled run out where no variant is asked for', () => {
    const check = checkModel(model, short(), { target: fp32, reference: false });
    expect(check.scaled).toBeNull();
    expect(check.norms[3]).toMatchObject({ scaled: null, alpha: null, scale: null });
    expect(check.ok).toBe(check.plain.ok);
    expect(Math.abs(check.plain.perplexity / check.float64.perplexity - 1)).toBeLessThan(1e-5);
  });

  it('uses powers of two when told', () => {
    const { norms } = checkModel(model, short(), {
      target: fp16,
      variant: 'residual',
      powerOfTwo: true,
      reference: false,
    });
    for (const { scale } of norms) expect(Number.isInteger(Math.log2(scale ?? 0))).toBe(true);
  });

  it('survives at residual scale 256 with `residual` only', () => {
    const run = (variant: 'frobenius' | 'residual') =>
      checkModel(model, short(), { target: fp16, variant, residualScale: 256, reference: false });
    const residual = run('residual');
    const frobenius = run('frobenius');
    expect(residual.scaled?.ok).toBe(true);
    expect(residual.ok).toBe(true);
    expect(frobenius.ok).toBe(false);
    const failing = frobenius.norms.filter(({ scaled }) => !scaled?.report.ok).map(({ site }) => site);
    expect(failing).toEqual(['layers.0.input_layernorm']);
  });

  it('counts its progress up to the end', () => {
    const told: Progress[] = [];
    checkModel(model, short(), {
      target: fp16,
      variant: 'frobenius',
      reference: false,
      onProgress: (progress) => told.push(progress),
    });
    expect(told.map(({ done }) => done)).toEqual(told.map((_, i) => (i + 1) * 64));
    expect(told.at(-1)).toEqual({ phase: 'fp16 + SLaNC', done: 3 * 9 * 64, total: 3 * 9 * 64 });
  });

  it.each([
    ['an unknown variant', { target: fp16, variant: 'slanc' }, 'options.variant'],
    ['an unknown option', { target: fp16, varaint: 'dmx' }, 'options.varaint'],
    ['a NaN scale', { target: fp16, residualScale: Number.NaN }, 'options.residualScale'],
    ['a scale of 0', { target: fp16, residualScale: 0 }, 'options.residualScale'],
    ['a target by name', { target: 'fp16' }, 'options.target'],
    ['gqa without dmx', { target: fp16, variant: 'residual', gqa: 'tile' }, 'options.gqa'],
    ['powerOfTwo that is no boolean', { target: fp16, powerOfTwo: 1 }, 'options.powerOfTwo'],
    ['progress that is no function', { target: fp16, onProgress: 'log' }, 'options.onProgress'],
  ])('refuses %s', (_, options, argument) => {
    expect(() => checkModel(model, [[1, 2, 3]], options as never)).toThrow(
      expect.objectContaining({ name: 'BittrueError', argument }),
    );
  });

  it('refuses sequences that do not fit the model', () => {
    for (const sequences of ['text', [[1]], [[1, 500]], [], [null]]) {
      expect(() => checkModel(model, sequences as never, { target: fp16 })).toThrow(BittrueError);
    }
  });
});

describe('a target whose registers have no NaN', () => {
  const int = (format: string, policy = {}) => ({ format, policy });
  const registers = defineTarget({
    name: 'registers',
    vectorUnits: {
      vector: {
        load: int('int8:fraction=7'),
        compute: int('int8:fraction=7'),
        normalize: int('int8:fraction=4'),
        accumulate: int('int16:fraction=14'),
        statistics: int('binary16'),
        store: int('int8:fraction=4'),
        reduction: { kind: 'sequential', accumulator: { kind: 'fixed', rounding: int('int16:fraction=14') } },
      },
    },
  });

  it('has events where a NaN reaches them, and its run goes on', () => {
    // The first rows of an embedding round to zeros in steps of 1/128, ε to 0 with them: 0 · ∞.
    const options = { target: registers, residualScale: 2 ** -10, reference: false };
    const { norms, plain } = checkModel(model, validation().slice(0, 1), options);
    const { report } = norms[0].plain;
    expect(report.first.invalid).toMatchObject({
      stage: 'normalize',
      operation: 'multiply',
      operands: [0, Infinity],
      result: 0,
    });
    expect(report.maskedRows.invalid).toBe(report.rows);
    expect(plain.ok).toBe(false);
    expect(norms[8].plain.report.rows).toBe(report.rows);
    const rows = { rows: 1, width: 2, epsilon: 0 };
    expect(checkRows([0, 0], { ...rows, target: registers }).plain.totals.invalid).toBe(2);
    expect(() => layerNorm([0, 0], { ...rows, target: registers })).toThrow(BittrueError);
  });
});
