import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, readTensor, writeSafetensors } from '../../../src/files/index.ts';
import { type FloatFormat, parseFormat } from '../../../src/formats/index.ts';
import { loadModel } from '../../../src/models/index.ts';
import { gridFormat } from '../../../src/quantization/index.ts';
import { decode } from '../../../src/rounding/index.ts';
import {
  applyQuantization,
  dequantizedCheckpoint,
  dequantizedWeights,
  type FloatGridLayout,
  type LayerQuantization,
  loadQuantizedLlama,
  perplexity,
  type Quantization,
  type QuantizationLayout,
  quantizationMethods,
  quantizationReport,
  quantizationTensors,
  quantizeModel,
} from '../../../src/studies/index.ts';
import { describeGrid } from '../../../src/studies/quantize/layout.ts';
import { failure, loadWeights, smallConfig, smallWeights } from '../../models/helpers.ts';

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
      const names = [small.plan.embedding.weight, ...quantization.layers.map(({ name }) => name)];
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

  it('take 4-bit codes two a byte; what is not quantized stands there as it is', () => {
    const quantization = quantize('minMaxFloat', 4, null);
    const { tensors } = quantizationTensors(small, quantization);
    const written = stored(quantization);
    const [outputs, inputs] = small.weights['lm_head.weight'].shape;
    expect(tensors['lm_head.weight.codes'].shape).toEqual([outputs, Math.ceil(inputs / 2)]);
    for (const name of [small.plan.embedding.weight, 'model.norm.weight', 'model.layers.0.input_layernorm.weight']) {
      expect(tensors[name].shape).toEqual(small.weights[name].shape);
      expect(bitsOf(readTensor(written, name).data)).toEqual(bitsOf(small.weights[name].data));
      expect(tensors[`${name}.codes`]).toBeUndefined();
    }
  });

  it.each([...quantizationMethods])('are a model again, run as it was measured: %s', (method) => {
    const quantization = quantize(method, 4);
    const checkpoint = stored(quantization);
    const { model, on } = loadQuantizedLlama(smallConfig, checkpoint);
    const wanted = applyQuantization(small, quantization);
    expect(perplexity(model, tokens, { on })).toEqual(perplexity(wanted.model, tokens, { on: wanted.on }));
    const plain = loadModel(smallConfig, dequantizedCheckpoint(checkpoint));
    expect(perplexity(plain, tokens)).toEqual(perplexity(wanted.model, tokens));
    expect(plain.weights['model.norm.weight']).toEqual(small.weights['model.norm.weight']);
    // Codes are no weights: whoever loads them as such is told what to do.
    expect(failure(() => loadModel(smallConfig, checkpoint))).toBe('unsupported q.safetensors');
  });

  it('keep a tied head apart from the embedding', () => {
    const tied = loadWeights(smallWeights(true), { ...smallConfig, tie_word_embeddings: true });
    const options = { method: 'minMaxFloat', weightBits: null, activationBits: 4, embeddingBits: 6 } as const;
    const quantization = quantizeModel(tied, tokens, options);
    const { tensors, metadata } = quantizationTensors(tied, quantization);
    const file = readSafetensors(memorySource(writeSafetensors(tensors, { metadata })));
    const { model, on } = loadQuantizedLlama({ ...smallConfig, tie_word_embeddings: false }, file);
    const wanted = applyQuantization(tied, quantization);
    expect(perplexity(model, tokens, { on })).toEqual(perplexity(wanted.model, tokens, { on: wanted.on }));
  });

  it('say what a code is: bit order, bias, largest value, and OCP’s format beside it', () => {
    const layout = (quantization: Quantization) => JSON.parse(stored(quantization).metadata.layout);
    const search = { weightGrids: ['e2m1'], activationGrids: ['e4m3'], intervals: 3, rounds: 1 };
    const float = layout(quantizeModel(small, tokens, { method: 'fpq', weightBits: 4, activationBits: 8, search }));
    expect(float).toMatchObject({ bitOrder: 'leastSignificantFirst', weight: 'value of code * scale' });
    const { e2m1, e4m3 } = float.grids;
    expect(e2m1).toEqual({
      kind: 'float',
      bits: 4,
      exponentBits: 2,
      mantissaBits: 1,
      bias: 0,
      max: 12,
      ocp: { format: 'e2m1fn', max: 6, times: 2 },
    });
    // All codes of E4M3 are numbers here; OCP's top one is a NaN, so that no factor makes one the other.
    expect(e4m3).toMatchObject({ max: 1.875 * 2 ** 15, ocp: null });
    expect(float.codes['lm_head.weight']).toEqual({ grid: 'e2m1', shape: [11, 6] });
    expect(float.inputs['lm_head.weight']).toBe('e4m3');
    expect(layout(quantize('minMaxInteger', 4)).grids).toEqual({ int4: { kind: 'integer', bits: 4, min: -7, max: 7 } });
    for (const name of ['e2m1', 'e2m3', 'e3m2'] as const) {
      const { ocp } = describeGrid(name) as FloatGridLayout;
      const theirs = parseFormat(`${name}fn`) as FloatFormat;
      for (let code = 0; code < theirs.codes; code++) {
        expect(decode(gridFormat(name), code)).toBe(decode(theirs, code) * (ocp?.times as number));
      }
    }
  });

  it('hold scales in binary32 where that is exact, else in binary64', () => {
    // The largest values of 4-bit grids are 1, 3 or 7 times a power of two: 84 is a multiple of each.
    const weights = Object.fromEntries(
      Object.entries(smallWeights()).map(([name, { data, shape }]) => [
        name,
        { data: data.map((value) => (value < 0 ? -84 : 84)) as Float64Array, shape },
      ]),
    );
    const whole = loadWeights(weights);
    const quantization = quantizeModel(whole, tokens, { method: 'minMaxFloat', weightBits: 4, activationBits: null });
    const { tensors } = quantizationTensors(whole, quantization);
    expect(tensors['lm_head.weight.scales'].data).toBeInstanceOf(Float32Array);
    expect(tensors['model.norm.weight'].data).toBeInstanceOf(Float32Array);
    expect(quantizationTensors(small, quantize('fpq', 4)).tensors['lm_head.weight.scales'].data).toBeInstanceOf(
      Float64Array,
    );
  });

  it('refuse quantizers that they have no place for', () => {
    const quantization = quantize('minMaxInteger', 4);
    const [first] = quantization.layers;
    const stray = (change: object) => {
      const weight = { ...first.weight, ...change } as LayerQuantization['weight'];
      return failure(() => quantizationTensors(small, { ...quantization, layers: [{ ...first, weight }] }));
    };
    expect(stray({ symmetric: false })).toBe(`unsupported quantization: ${first.name}`);
    expect(stray({ granularity: 'group', groupSize: 2 })).toBe(`unsupported quantization: ${first.name}`);
    expect(stray({ kind: 'shifted', grid: 'e2m1' })).toBe(`unsupported quantization: ${first.name}`);
  });

  it('refuse another model, and other files', () => {
    const quantization = quantize('minMaxFloat', 4);
    const other = { ...quantization, layers: [{ ...quantization.layers[0], name: 'nowhere' }] };
    expect(failure(() => quantizationTensors(small, other))).toBe('shape quantization.layers');
    const plain = readSafetensors(memorySource(writeSafetensors({}), 'plain'));
    expect(failure(() => dequantizedWeights(plain))).toBe('file plain');
    expect(dequantizedCheckpoint(plain)).toBe(plain);
    const { tensors, metadata } = quantizationTensors(small, quantization);
    const broken = writeSafetensors(tensors, { metadata: { ...metadata, layout: '{}' } });
    expect(failure(() => dequantizedCheckpoint(readSafetensors(memorySource(broken, 'broken'))))).toBe(
      'file broken: layout.bitOrder',
    );
  });

  it.each<[string, string, (layout: QuantizationLayout) => unknown]>([
    ['a grid that is not there', 'layout.inputs.lm_head.weight', (l) => ({ ...l, inputs: { 'lm_head.weight': 'e9' } })],
    [
      'a grid of another width',
      'layout.grids.int4.bits',
      (l) => ({ ...l, grids: { int4: { ...l.grids.int4, bits: 40 } } }),
    ],
    ['a grid of a name without meaning', 'layout.grids.int99', (l) => ({ ...l, grids: { ...l.grids, int99: {} } })],
    ['a width of 0', 'norm: shape', (l) => ({ ...l, codes: { norm: { grid: 'int4', shape: [2, 0] } } })],
    ['codes that are not there', 'norm.codes', (l) => ({ ...l, codes: { norm: { grid: 'int4', shape: [2, 2] } } })],
    ['no scale of an input', 'norm.input.scale', (l) => ({ ...l, inputs: { norm: 'int4' } })],
    ['a list of codes', 'layout.codes', (l) => ({ ...l, codes: [] })],
  ])('refuse %s', (_, argument, change) => {
    const { tensors, metadata } = quantizationTensors(small, quantize('minMaxInteger', 4));
    const layout = JSON.stringify(change(JSON.parse(metadata.layout)));
    const file = readSafetensors(memorySource(writeSafetensors(tensors, { metadata: { ...metadata, layout } }), 'm'));
    expect(failure(() => dequantizedWeights(file))).toBe(`file m: ${argument}`);
    expect(failure(() => loadQuantizedLlama(smallConfig, file))).toBe(`file m: ${argument}`);
  });
});

describe('quantizationReport', () => {
  it('tells perplexities, grids and errors', () => {
    const quantization = quantize('fpq', 4);
    const report = quantizationReport(small, quantization, tokens);
    const { model, on } = applyQuantization(small, quantization);
    expect(report.perplexity).toEqual({
      exact: perplexity(small, tokens).perplexity,
      quantized: perplexity(model, tokens, { on }).perplexity,
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
