import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, readTensor, writeSafetensors } from '../../src/files/index.ts';
import { perplexity } from '../../src/models/index.ts';
import {
  applyQuantization,
  dequantizedWeights,
  type Quantization,
  quantizationMethods,
  quantizationReport,
  quantizationTensors,
  quantizeModel,
} from '../../src/studies/index.ts';
import { failure, loadWeights, smallWeights } from '../models/helpers.ts';

const tokens = [
  [1, 4, 9, 2, 7, 3, 10, 0],
  [5, 5, 8, 1, 0, 2, 6, 10],
];
const small = loadWeights(smallWeights());
const quantize = (method: Quantization['method'], bits: number, embeddingBits: number | null = bits) =>
  quantizeModel(small, tokens, {
    method,
    weightBits: bits,
    activationBits: bits,
    embeddingBits,
    search: { intervals: 6, rounds: 1 },
  });
const stored = (quantization: Quantization) => {
  const { tensors, metadata } = quantizationTensors(small, quantization);
  return readSafetensors(memorySource(writeSafetensors(tensors, { metadata }), 'q.safetensors'));
};
/** The bits of binary64 numbers, so that −0 and 0 differ. */
const bitsOf = (data: ArrayLike<number>) => [...new BigUint64Array(Float64Array.from(data).buffer)];

describe('quantizationTensors', () => {
  it.each(quantizationMethods.flatMap((method) => [3, 4, 6, 8, 11].map((bits) => [method, bits] as const)))(
    'give back the quantized weights bit for bit: %s, %d bits',
    (method, bits) => {
      const quantization = quantize(method, bits);
      const checkpoint = stored(quantization);
      const found = dequantizedWeights(checkpoint);
      const { model } = applyQuantization(small, quantization);
      const names = [small.family.embedding, ...quantization.layers.map(({ name }) => name)];
      expect(Object.keys(found).sort()).toEqual([...names].sort());
      for (const name of names) {
        expect(found[name].shape).toEqual(model.weights[name].shape);
        expect(bitsOf(found[name].data)).toEqual(bitsOf(model.weights[name].data));
      }
    },
  );

  it('hold the scales and integer biases of activations', () => {
    const quantization = quantize('fpq', 4);
    const checkpoint = stored(quantization);
    for (const { name, activation } of quantization.layers) {
      if (activation?.kind !== 'shifted') throw new Error('fpq shifts');
      expect([...readTensor(checkpoint, `${name}.input.scale`).data]).toEqual([activation.scale]);
      const entry = checkpoint.entries.get(`${name}.input.shifts`);
      expect(entry).toMatchObject({ dtype: 'I32', shape: [activation.shifts.length] });
      const bytes = entry?.source.read(entry.offset, entry.length) as Uint8Array;
      expect([...new Int32Array(bytes.slice().buffer)]).toEqual([...activation.shifts]);
    }
    expect(JSON.parse(checkpoint.metadata.layout).inputs['lm_head.weight']).toMatch(/^e[123]m[012]$/);
  });

  it('take 4-bit codes two a byte, and leave out what is not quantized', () => {
    const quantization = quantize('minMaxFloat', 4, null);
    const { tensors } = quantizationTensors(small, quantization);
    const [outputs, inputs] = small.weights['lm_head.weight'].shape;
    expect(tensors['lm_head.weight.codes'].shape).toEqual([outputs, Math.ceil(inputs / 2)]);
    expect(Object.keys(tensors).some((name) => name.startsWith(small.family.embedding))).toBe(false);
    expect(Object.keys(tensors).some((name) => name.includes('norm'))).toBe(false);
  });

  it('refuse another model, and other files', () => {
    const quantization = quantize('minMaxFloat', 4);
    const other = { ...quantization, layers: [{ ...quantization.layers[0], name: 'nowhere' }] };
    expect(failure(() => quantizationTensors(small, other))).toBe('shape quantization.layers');
    const plain = readSafetensors(memorySource(writeSafetensors({}), 'plain'));
    expect(failure(() => dequantizedWeights(plain))).toBe('file plain');
  });
});

describe('quantizationReport', () => {
  it('tells perplexities, grids and errors', () => {
    const quantization = quantize('fpq', 4);
    const report = quantizationReport(small, quantization, tokens);
    const { model, hooks } = applyQuantization(small, quantization);
    expect(report.perplexity).toEqual({
      exact: perplexity(small, tokens).perplexity,
      quantized: perplexity(model, tokens, hooks).perplexity,
    });
    expect(report.predictions).toBe(14);
    expect(report.layers).toHaveLength(15);
    const [first] = quantization.layers;
    expect(report.layers[0]).toEqual({
      name: first.name,
      weight: first.weight?.kind === 'float' ? first.weight.grid : '',
      activation: first.activation?.kind === 'shifted' ? first.activation.grid : '',
      largestShift: first.activation?.kind === 'shifted' ? Math.max(...first.activation.shifts) : -1,
      meanSquaredError: first.meanSquaredError,
      relativeError: first.relativeError,
    });
    const integers = quantizationReport(small, quantize('minMaxInteger', 8), tokens);
    expect(integers.layers[0]).toMatchObject({ weight: 'int8', activation: 'int8', largestShift: null });
    expect(integers.embedding).toBe('int8');
  });
});
