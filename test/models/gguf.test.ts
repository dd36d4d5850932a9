import { memorySource, readGguf, readSafetensors, writeSafetensors } from 'bittrue/files';
import { ggufModel, loadModel } from 'bittrue/models';
import { logits } from 'bittrue/studies';
import { describe, expect, it } from 'vitest';
import { ggufFile, text, u32 } from '../files/ggufFile.ts';
import { decoders } from './families/decoders.ts';
import { distance } from './families/plain.ts';
import { type Entry, float, ggufCases, ggufModelFile, ggufWeights, pairs, rms, sizes } from './ggufModels.ts';
import { failure } from './helpers.ts';

const open = (file: Uint8Array) => {
  const { config, checkpoint } = ggufModel(readGguf(memorySource(file, 'model.gguf')));
  return loadModel(config, checkpoint);
};

const tokens = [[3, 1, 4, 1, 5, 9, 2, 6]];

describe('a GGUF file as a model', () => {
  it.each(Object.entries(ggufCases))('gives the logits of the same weights in safetensors: %s', (_, one) => {
    const { architecture, of, metadata, how = {}, config = {}, without } = one;
    const weights = ggufWeights(of, without);
    const model = open(ggufModelFile(architecture, weights, metadata, how));
    const plain = loadModel(
      { ...decoders[of].config, ...config },
      readSafetensors(memorySource(writeSafetensors(weights))),
    );
    expect(logits(model, tokens).data).toEqual(logits(plain, tokens).data);
    if (how.convert === undefined) return;
    // The test can fail: without what the converter changes the file is of another model, or of none.
    const { convert: __, ...unchanged } = how;
    const other = failure(() => {
      const found = logits(open(ggufModelFile(architecture, weights, metadata, unchanged)), tokens).data;
      expect(distance(found, logits(plain, tokens).data)).toBeGreaterThan(1e-3);
    });
    expect(other).toMatch(/^(no error|shape .*)$/);
  });

  it('divides the frequencies of a Llama 3.1 by the tensor that it has for them', () => {
    const weights = ggufWeights('llama 3.1');
    // As the converter writes them: long waves by the factor, short ones by 1, between them a blend.
    const factors = [1, 1e4 ** -0.5].map((f) => {
      const wave = (2 * Math.PI) / f;
      if (wave < 16 / 4) return 1;
      if (wave > 16 / 1) return 8;
      const smooth = (16 / wave - 1) / (4 - 1);
      return 1 / ((1 - smooth) / 8 + smooth);
    });
    const data = Float32Array.from(factors);
    const more = [{ name: 'rope_freqs.weight', dims: [2], type: 0, data: new Uint8Array(data.buffer) }];
    const metadata: Entry[] = [...sizes.slice(0, -1), ['attention.layer_norm_rms_epsilon', 6, float(1e-5)]];
    const model = open(ggufModelFile('llama', weights, metadata, { convert: pairs, more }));
    const config = { ...decoders['llama 3.1'].config, rms_norm_eps: Math.fround(1e-5) };
    const plain = loadModel(config, readSafetensors(memorySource(writeSafetensors(weights))));
    expect(factors.some((one) => one > 1)).toBe(true);
    // The factors are binary32 in the file.
    expect(distance(logits(model, tokens).data, logits(plain, tokens).data)).toBeLessThan(1e-7);
    const without = open(ggufModelFile('llama', weights, metadata, { convert: pairs }));
    expect(distance(logits(without, tokens).data, logits(plain, tokens).data)).toBeGreaterThan(1e-4);
  });

  it('takes the lists of a Phi-3 for long texts', () => {
    const weights = ggufWeights('phi3');
    const lists = (factors: readonly number[]) => new Uint8Array(Float32Array.from(factors).buffer);
    const more = [
      { name: 'rope_factors_short.weight', dims: [2], type: 0, data: lists([1.25, 2]) },
      { name: 'rope_factors_long.weight', dims: [2], type: 0, data: lists([4, 8]) },
    ];
    const metadata: Entry[] = [
      ...sizes,
      ['attention.sliding_window', 4, u32(4)],
      ['rope.scaling.original_context_length', 4, u32(8)],
      ['rope.scaling.attn_factor', 6, float(1.5)],
    ];
    const model = open(ggufModelFile('phi3', weights, metadata, { more }));
    const rope_scaling = { type: 'longrope', short_factor: [1.25, 2], long_factor: [4, 8], attention_factor: 1.5 };
    const config = { ...decoders.phi3.config, ...rms, rope_scaling, original_max_position_embeddings: 8 };
    const plain = loadModel(config, readSafetensors(memorySource(writeSafetensors(weights))));
    expect(logits(model, tokens).data).toEqual(logits(plain, tokens).data);
    expect(model.config.context).toBe(8);
  });

  it('refuses what it does not compute, by name', () => {
    const weights = ggufWeights('qwen2');
    const with_ = (architecture: string, ...more: Entry[]) =>
      failure(() => open(ggufModelFile(architecture, weights, [...sizes, ...more])));
    expect(with_('mamba')).toBe('unsupported model.gguf: general.architecture');
    expect(with_('qwen2', ['expert_count', 4, u32(8)])).toBe('unsupported model.gguf: qwen2.expert_count');
    expect(with_('qwen2', ['constructor', 4, u32(8)])).toBe('unsupported model.gguf: qwen2.constructor');
    expect(with_('qwen2', ['rope.scaling.other', 4, u32(8)])).toBe('unsupported model.gguf: qwen2.rope.scaling.other');
    expect(with_('qwen2', ['rope.scaling.type', 8, text('spiral')])).toBe('unsupported config.rope_scaling.rope_type');
    expect(with_('qwen2', ['rope.freq_base', 8, text('many')])).toBe('file model.gguf: qwen2.rope.freq_base');
    expect(with_('qwen2', ['rope.dimension_count', 4, u32(2)])).toBe(
      'unsupported model.gguf: qwen2.rope.dimension_count',
    );
    const { 'model.norm.weight': _, ...short } = weights;
    expect(failure(() => open(ggufModelFile('qwen2', short, sizes)))).toBe('file model.gguf');
    expect(failure(() => open(ggufFile({ metadata: [], tensors: [] })))).toBe(
      'unsupported model.gguf: general.architecture',
    );
  });
});
