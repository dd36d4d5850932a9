import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/models/index.ts';
import type { ShiftReading } from '../../../src/quantization/index.ts';
import {
  applyQuantization,
  calibrateLayers,
  compareQuantizations,
  type LayerCalibration,
  logits,
  perplexity,
  type Quantization,
  type QuantizeOptions,
  quantizationMethods,
  quantizeLayer,
  quantizeModel,
  rescaleChannels,
} from '../../../src/studies/index.ts';
import { failure, loadWeights, smallConfig, smallWeights } from '../../models/helpers.ts';
import { calibration, tinyLlama, validation } from '../helpers.ts';

const tokens = [
  [1, 4, 9, 2, 7, 3, 10, 0],
  [5, 5, 8, 1, 0, 2, 6, 10],
];
const small = loadWeights(smallWeights());
const options = (method: QuantizeOptions['method'], bits = 4): QuantizeOptions => ({
  method,
  weightBits: bits,
  activationBits: bits,
  search: { intervals: 10 },
});
const error = ({ layers }: Quantization) => layers.reduce((sum, layer) => sum + layer.meanSquaredError, 0);

describe('quantizeModel', () => {
  it('fits every linear layer and the embedding, by every method', () => {
    for (const method of quantizationMethods) {
      const found = quantizeModel(small, tokens, options(method));
      expect(found.layers.map(({ name }) => name)).toEqual([
        ...[0, 1].flatMap((layer) =>
          [
            'self_attn.q_proj',
            'self_attn.k_proj',
            'self_attn.v_proj',
            'self_attn.o_proj',
            'mlp.gate_proj',
            'mlp.up_proj',
            'mlp.down_proj',
          ].map((name) => `model.layers.${layer}.${name}.weight`),
        ),
        'lm_head.weight',
      ]);
      for (const { name, weight, activation, relativeError } of found.layers) {
        const [outputs, inputs] = small.weights[name].shape;
        const kinds = { minMaxInteger: 'integer', minMaxFloat: 'float', fpqBaseline: 'float', fpq: 'shifted' };
        expect(activation?.kind).toBe(kinds[method]);
        if (activation?.kind === 'shifted') expect(activation.shifts).toHaveLength(inputs);
        if (weight?.kind === 'float') expect(weight.scales).toHaveLength(outputs);
        expect(relativeError).toBeGreaterThan(0);
        expect(relativeError).toBeLessThan(0.5);
      }
      expect(found.calibrationRows).toBe(16);
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    }
  });

  it('orders them as the paper: FPQ baseline never above MinMax FP; more bits are better', () => {
    const of = (method: QuantizeOptions['method'], bits: number) => quantizeModel(small, tokens, options(method, bits));
    for (const bits of [4, 6, 8]) {
      const minMax = of('minMaxFloat', bits).layers;
      of('fpqBaseline', bits).layers.forEach((layer, i) => {
        expect(layer.meanSquaredError).toBeLessThanOrEqual(minMax[i].meanSquaredError);
      });
    }
    expect(error(of('fpq', 8))).toBeLessThan(error(of('fpq', 6)));
    expect(error(of('fpq', 6))).toBeLessThan(error(of('fpq', 4)));
  });

  it('leaves an operand where its bits are null, and takes rows evenly spaced', () => {
    const found = quantizeModel(small, tokens, {
      method: 'fpq',
      weightBits: 4,
      activationBits: null,
      embeddingBits: null,
      calibrationRows: 5,
    });
    expect(found.bits).toEqual({ embedding: null, weight: 4, activation: null });
    expect(found.embedding).toBe(null);
    expect(found.calibrationRows).toBe(5);
    expect(found.layers.every(({ activation }) => activation === null)).toBe(true);
    const nothing = quantizeModel(small, tokens, { method: 'minMaxInteger', weightBits: null, activationBits: null });
    expect(error(nothing)).toBe(0);
    const { model, on } = applyQuantization(small, nothing);
    expect(logits(model, tokens, { on })).toEqual(logits(small, tokens));
  });

  it('takes a calibration that was made once', () => {
    const calibration = calibrateLayers(small, tokens, 5);
    expect(calibration.rows).toBe(5);
    const own = quantizeModel(small, tokens, { ...options('fpq'), calibrationRows: 5 });
    expect(quantizeModel(small, calibration, options('fpq'))).toEqual(own);
    const rows = { ...options('fpq'), calibrationRows: 6 };
    expect(failure(() => quantizeModel(small, calibration, rows))).toBe('unsupported options.calibrationRows');
    expect(failure(() => quantizeModel(tinyLlama(), calibration, options('fpq')))).toBe('shape calibration');
    expect(failure(() => calibrateLayers(small, tokens, 0))).toBe('range rows');
  });

  it('tells its progress', () => {
    const seen: number[] = [];
    quantizeModel(small, tokens, {
      ...options('minMaxFloat'),
      onProgress: ({ done, total }) => seen.push(done, total),
    });
    expect(seen.slice(-2)).toEqual([15, 15]);
    expect(seen).toHaveLength(30);
  });

  it('refuses bad options', () => {
    const quantize = (different: object) =>
      failure(() => quantizeModel(small, tokens, { ...options('fpq'), ...different }));
    expect(quantize({ method: 'gptq' })).toBe('name options.method');
    expect(quantize({ weightBits: 2 })).toBe('range options.weightBits');
    expect(quantize({ calibrationRows: 0 })).toBe('range options.calibrationRows');
    expect(failure(() => quantizeModel(small, [], options('fpq')))).toBe('shape calibration');
    const found = quantizeModel(small, tokens, options('minMaxFloat'));
    const other = { ...found, layers: [{ ...found.layers[0], name: 'nowhere' }] };
    expect(failure(() => applyQuantization(small, other))).toBe('shape quantization.layers');
  });
});

describe('applyQuantization', () => {
  it('puts quantized weights into the model and quantizes activations on the way', () => {
    const quantization = quantizeModel(small, tokens, options('fpq', 8));
    const { model, on } = applyQuantization(small, quantization);
    expect(model.weights['lm_head.weight'].data).not.toEqual(small.weights['lm_head.weight'].data);
    expect(model.weights['model.norm.weight']).toBe(small.weights['model.norm.weight']);
    const exact = logits(small, tokens).data;
    const both = logits(model, tokens, { on }).data;
    const weightsOnly = logits(model, tokens).data;
    const distance = (a: ArrayLike<number>) =>
      Math.hypot(...Array.from(a, (value, i) => value - exact[i])) / Math.hypot(...exact);
    expect(both).not.toEqual(weightsOnly);
    expect(distance(both)).toBeLessThan(0.2);
    expect(distance(both)).toBeGreaterThan(0);
  });
});

describe('the reading of Eq. 15', () => {
  it('is `rounded` by default, which at 8/8 keeps FPQ at its baseline where `difference` clips channels', () => {
    const model = tinyLlama();
    const { layers } = calibrateLayers(model, calibration(), 32);
    const names = [0, 2].map((layer) => `model.layers.${layer}.self_attn.k_proj.weight`);
    const errors = (method: 'fpq' | 'fpqBaseline', preShift?: ShiftReading) =>
      names.map((name) => {
        const { x, maxima } = layers.get(name) as LayerCalibration;
        const search = { intervals: 100, rounds: 1, ...(preShift === undefined ? {} : { preShift }) };
        const told = { method, weightBits: 8, activationBits: 8, maxima, search };
        return quantizeLayer(x, model.weights[name], told).relativeError as number;
      });
    const usual = errors('fpq');
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(usual)).toBeLessThan(1.1 * mean(errors('fpqBaseline')));
    expect(mean(errors('fpq', 'difference'))).toBeGreaterThan(1.5 * mean(usual));
  });
});

describe('rescaleChannels', () => {
  const factors = [1, 8, 0.25, 2, 1, 16];

  it('leaves the function as it is, bit for bit, for powers of two', () => {
    const rescaled = rescaleChannels(small, factors);
    expect(logits(rescaled, tokens).data).toEqual(logits(small, tokens).data);
    expect(rescaled.weights['model.norm.weight'].data).not.toEqual(small.weights['model.norm.weight'].data);
    expect(failure(() => rescaleChannels(small, [1, 2]))).toBe('shape factors');
    expect(failure(() => rescaleChannels(small, [1, 2, 3, 4, 5, 0]))).toBe('range factors[5]');
  });

  it('keeps a tied head apart from the embedding', () => {
    const tied = loadWeights(smallWeights(true), { ...smallConfig, tie_word_embeddings: true });
    const rescaled = rescaleChannels(tied, factors);
    expect(rescaled.weights[tied.plan.embedding.weight]).toBe(tied.weights[tied.plan.embedding.weight]);
    expect(logits(rescaled, tokens).data).toEqual(logits(tied, tokens).data);
  });
});

describe('compareQuantizations on the embedded model', () => {
  const model: Model = tinyLlama();
  const text = validation().map((sequence) => sequence.subarray(0, 40));

  it('shows MinMax at 4 and 8 bits beside the model without rounding', () => {
    const rows = compareQuantizations(model, text.slice(0, 1), text.slice(2, 4), [
      { method: 'minMaxFloat', weightBits: 8, activationBits: 8 },
      { method: 'minMaxFloat', weightBits: 4, activationBits: 8 },
      { method: 'minMaxFloat', weightBits: 4, activationBits: 4 },
      { method: 'minMaxInteger', weightBits: 4, activationBits: 4, embeddingBits: null },
    ]);
    expect(rows.map(({ method, bits }) => `${method} ${bits}`)).toEqual([
      'float64 64/64/64',
      'minMaxFloat 8/8/8',
      'minMaxFloat 4/4/8',
      'minMaxFloat 4/4/4',
      'minMaxInteger 64/4/4',
    ]);
    expect(rows[0].perplexity).toBe(perplexity(model, text.slice(2, 4)).perplexity);
    const errors = rows.map(({ meanRelativeError }) => meanRelativeError);
    expect([...errors].sort((a, b) => a - b)).toEqual(errors);
    for (const { perplexity: value } of rows.slice(0, 3)) expect(value).toBeLessThan(rows[3].perplexity);
  });
});
