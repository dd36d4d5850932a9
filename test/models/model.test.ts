import { describe, expect, it } from 'vitest';
import { failure, loadWeights, smallConfig, smallWeights, tinyLlama } from './helpers.ts';

describe('loadModel', () => {
  it('holds every weight in binary64 under its own name', () => {
    const weights = smallWeights();
    const model = loadWeights(weights);
    expect(Object.keys(model.weights).sort()).toEqual(Object.keys(weights).sort());
    for (const [name, { data, shape }] of Object.entries(weights)) {
      expect(model.weights[name]).toEqual({ data, shape });
    }
    const parameters = Object.values(tinyLlama().weights).reduce((sum, { data }) => sum + data.length, 0);
    expect(parameters).toBe(758_912);
  });

  it('takes the embedding for a tied head, and refuses a file whose head holds other numbers', () => {
    const config = { ...smallConfig, tie_word_embeddings: true };
    const tied = smallWeights(true);
    for (const weights of [tied, { ...tied, 'lm_head.weight': tied['model.embed_tokens.weight'] }]) {
      const model = loadWeights(weights, config);
      expect(model.weights['lm_head.weight']).toBe(model.weights['model.embed_tokens.weight']);
    }
    expect(failure(() => loadWeights(smallWeights(), config))).toBe('unsupported lm_head.weight');
  });

  it('refuses a file that lacks a tensor or contradicts the config', () => {
    const { 'model.norm.weight': _, ...short } = smallWeights();
    expect(failure(() => loadWeights(short))).toBe('file weights');
    expect(failure(() => loadWeights(smallWeights(true)))).toBe('file weights');
    expect(failure(() => loadWeights(smallWeights(), { ...smallConfig, vocab_size: 12 }))).toBe(
      'shape model.embed_tokens.weight',
    );
    expect(failure(() => loadWeights(smallWeights(), { ...smallConfig, num_key_value_heads: 3 }))).toBe(
      'shape model.layers.0.self_attn.k_proj.weight',
    );
  });

  it('looks for every tensor before it reads one: layers without end are refused at once', () => {
    const started = performance.now();
    expect(failure(() => loadWeights(smallWeights(), { ...smallConfig, num_hidden_layers: 1e9 }))).toBe('file weights');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
