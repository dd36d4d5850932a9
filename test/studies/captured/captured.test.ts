import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
import { encoderGraph, loadEncoder, modelGraph } from 'bittrue/models';
import {
  calibrateCommunication,
  communicateCaptured,
  communicateModel,
  quantizeCaptured,
  quantizeModel,
  slancCaptured,
  slancGraph,
} from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';
import { type LinearCall, onLinear } from '../../../src/studies/linearCall.ts';
import { logits } from '../../../src/studies/perplexity/logits.ts';
import type { Tensor } from '../../../src/tensors/index.ts';
import { encoders } from '../../models/families/encoders.ts';
import { seeded } from '../../models/families/plain.ts';
import { failure, tinyLlama, validation } from '../../models/helpers.ts';

const model = tinyLlama();
const tokens = validation()[0].subarray(0, 24);

/** What went into every linear layer of the model, as a capture in memory. */
function captured(change: (calls: Record<string, Tensor>) => void = () => {}) {
  const calls: Record<string, Tensor> = {};
  const watch = ({ name, input, rows, weight }: LinearCall): undefined => {
    const layer = name.replace(/\.weight$/, '');
    calls[`${layer}.input`] = { data: input.slice(), shape: [1, rows, weight.shape[1]] };
    calls[name] = weight;
  };
  logits(model, [tokens], { on: onLinear(watch) });
  change(calls);
  return readSafetensors(memorySource(writeSafetensors(calls), 'acts'));
}
const rules = [{ pattern: '*.input', kernel: 'linear' }] as const;

describe('captured linear layers', () => {
  it.each(['minMaxInteger', 'minMaxFloat', 'fpq'] as const)(
    'are quantized as those of the model that was run: %s',
    (method) => {
      const options = { method, weightBits: 4, activationBits: 8, search: { intervals: 3, rounds: 1 } } as const;
      const wanted = quantizeModel(model, [tokens], { ...options, calibrationRows: 16 }).layers;
      const { layers, meanRelativeError } = quantizeCaptured(captured(), {
        ...options,
        kernel: rules,
        calibrationRows: 16,
      });
      expect(layers.map(({ name }) => `${name}.weight`)).toEqual(wanted.map(({ name }) => name));
      // The model's errors are those of the sixteen rows, these of all: the quantizers are the same.
      const again = quantizeCaptured(captured(), { ...options, kernel: rules, calibrationRows: 24 }).layers;
      const all = quantizeModel(model, [tokens], { ...options, calibrationRows: 24 }).layers;
      expect(again.map(({ meanSquaredError }) => meanSquaredError)).toEqual(
        all.map(({ meanSquaredError }) => meanSquaredError),
      );
      expect(layers.every(({ rows }) => rows === 24)).toBe(true);
      const errors = layers.map(({ relativeError }) => relativeError as number);
      expect(meanRelativeError).toBeCloseTo(errors.reduce((sum, one) => sum + one, 0) / 29, 14);
    },
  );

  it('put the rows of several calls one behind the other, and turn what is [in, out]', () => {
    const half = (x: Float64Array, from: number) => ({ data: x.slice(from, from + 6), shape: [2, 3] });
    const x = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i) * 3);
    const w = { data: Float64Array.from({ length: 6 }, (_, i) => Math.cos(i)), shape: [2, 3] };
    const turned = { data: Float64Array.from([0, 3, 1, 4, 2, 5], (i) => w.data[i]), shape: [3, 2] };
    const one = readSafetensors(
      memorySource(writeSafetensors({ 'a.input': { data: x, shape: [4, 3] }, 'a.weight': w })),
    );
    const two = readSafetensors(
      memorySource(writeSafetensors({ 'a.input': half(x, 0), 'a.input#2': half(x, 6), 'a.weight': turned })),
    );
    const options = { method: 'minMaxInteger', weightBits: 4, activationBits: 4, kernel: 'linear' } as const;
    expect(quantizeCaptured(two, options)).toEqual(quantizeCaptured(one, options));
    expect(quantizeCaptured(one, options).layers[0].rows).toBe(4);
  });

  it('are sent as the first layer of the model is, whose input nothing has changed', () => {
    const codecs = ['bf16', 'int4', 'hybrid', 'fp8'] as const;
    const calibration = calibrateCommunication(model, [tokens], { devices: 4 });
    const wanted = communicateModel(model, calibration, [tokens], { codecs });
    // A perplexity predicts one token less: all rows but the last run.
    const cut = captured((calls) => {
      const name = 'model.layers.0.self_attn.o_proj.input';
      const { data, shape } = calls[name];
      calls[name] = { data: data.subarray(0, 23 * shape[2]), shape: [1, 23, shape[2]] };
    });
    const found = communicateCaptured(cut, { kernel: rules, devices: 4, codecs });
    expect(found.layers.map(({ name }) => `${name}.weight`).sort()).toEqual(
      wanted.sites.map(({ name }) => name).sort(),
    );
    const first = found.layers.findIndex(({ name }) => name === 'model.layers.0.self_attn.o_proj');
    found.runs.forEach((run, i) => {
      if (run.codec === 'bf16') expect(run.siteErrors[first]).toEqual(wanted.runs[i].siteErrors[0]);
      expect(run.siteErrors[first].rmse).toBeGreaterThan(0);
      expect(run.messageBits).toBe(wanted.runs[i].messageBits);
      expect(run.trafficBits).toBe(wanted.runs[i].trafficBits);
    });
    expect(found.runs[0].error.rmse).toBeLessThan(found.runs[1].error.rmse);
  });

  it('are refused by name where something is missing or no number', () => {
    const options = { method: 'minMaxInteger', weightBits: 4, activationBits: 4, kernel: rules } as const;
    const file = (tensors: Record<string, Tensor>) => readSafetensors(memorySource(writeSafetensors(tensors), 'acts'));
    const x = { data: Float64Array.of(1, 2, Number.NaN, 4), shape: [2, 2] };
    const w = { data: Float64Array.of(1, 2), shape: [1, 2] };
    expect(failure(() => quantizeCaptured(file({ 'a.input': x, 'a.weight': w }), options))).toBe(
      'value acts: a.input[2]',
    );
    expect(failure(() => quantizeCaptured(file({ 'a.input': x }), options))).toBe('file acts: a.input');
    const wide = { data: new Float64Array(3), shape: [1, 3] };
    const fine = { data: Float64Array.of(1, 2), shape: [1, 2] };
    expect(failure(() => quantizeCaptured(file({ 'a.input': fine, 'a.weight': wide }), options))).toBe(
      'shape a.weight',
    );
    expect(
      failure(() => quantizeCaptured(file({ 'a.input': fine, 'a.weight': w }), { ...options, rows: 3 } as never)),
    ).toMatch(/options.rows$/);
    const other = { kernel: rules, devices: 2 } as const;
    expect(failure(() => communicateCaptured(file({ 'a.input': fine, 'a.weight': w }), other))).toBe('name acts');
    expect(
      failure(() => communicateCaptured(file({ 'fc2.input': fine, 'fc2.weight': w }), { ...other, devices: 1 })),
    ).toBe('range options.devices');
  });
});

describe('captured norms', () => {
  it('say whether the scales of the weights hold, by hand', async () => {
    const scales = await slancGraph(modelGraph(model, { positions: 1 }));
    const width = model.config.hidden;
    // Two rows: the second is as long as 30 √d.
    const data = Float64Array.from({ length: 2 * width }, (_, i) => (i < width ? 1 : i % 2 ? 30 : -30));
    const capture = readSafetensors(
      memorySource(writeSafetensors({ 'wrapped.model.layers.1.input_layernorm.input': { data, shape: [2, width] } })),
    );
    const found = slancCaptured(scales, capture, { target: fp16, kernel: 'rmsNorm' });
    const [norm] = found.norms;
    const own = scales.norms.find(({ site }) => site === 'layers.1.input_layernorm');
    expect(found.norms).toHaveLength(1);
    expect(found.notCaptured).toHaveLength(8);
    expect(norm).toMatchObject({ ...own, rows: 2, inputs: ['wrapped.model.layers.1.input_layernorm.input'] });
    expect(norm.length).toBeCloseTo(30 * Math.sqrt(width), 9);
    expect(norm.scaledSquareSum / (norm.length / norm.alpha) ** 2).toBeCloseTo(1, 12);
    // 30² · 128 is beyond 65504: the sum of the second row.
    expect(norm.overflows.plain).toBe(1);
    expect(norm.overflows.scaled).toBe(0);
    expect(norm.ok).toBe(true);
  });

  it('are those of a BERT, too', async () => {
    const { config, shapes } = encoders['bert with both of its heads'];
    const weights = seeded('captured', shapes as never);
    const encoder = loadEncoder(config, readSafetensors(memorySource(writeSafetensors(weights))));
    const scales = await slancGraph(encoderGraph(encoder));
    const [, { site, width = scales.width }] = scales.norms;
    const x = { data: Float64Array.from({ length: width }, (_, i) => i - 3), shape: [1, width] };
    const capture = readSafetensors(memorySource(writeSafetensors({ [`bert.${site}.input`]: x })));
    const { norms, notCaptured } = slancCaptured(scales, capture, { target: fp16, kernel: 'layerNorm' });
    expect(norms.map((one) => one.site)).toEqual([site]);
    expect(notCaptured).toHaveLength(scales.norms.length - 1);
    const other = readSafetensors(memorySource(writeSafetensors({ [`layers.9.${site}.input`]: x })));
    expect(failure(() => slancCaptured(scales, other, { target: fp16, kernel: 'layerNorm' }))).toMatch(/^name /);
  });
});
