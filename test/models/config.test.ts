import { describe, expect, it } from 'vitest';
import { parseLlamaConfig } from '../../src/models/index.ts';
import { failure, smallConfig } from './helpers.ts';

describe('parseLlamaConfig', () => {
  it('reads what there is and fills in what Llama assumes', () => {
    expect(parseLlamaConfig(smallConfig)).toEqual({
      vocabulary: 11,
      hidden: 6,
      intermediate: 5,
      layers: 2,
      heads: 3,
      keyValueHeads: 1,
      headWidth: 2,
      context: 8,
      epsilon: 1e-3,
      ropeTheta: 10000,
      tied: false,
    });
    const { num_key_value_heads: _, rms_norm_eps: __, ...older } = smallConfig;
    expect(parseLlamaConfig({ ...older, rope_theta: 500 })).toMatchObject({
      keyValueHeads: 3,
      epsilon: 1e-6,
      ropeTheta: 500,
    });
  });

  const { hidden_size: _, ...headless } = smallConfig;
  it.each([
    ['type config', null],
    ['type config', [smallConfig]],
    ['type config.hidden_size', headless],
    ['unsupported config.model_type', { ...smallConfig, model_type: 'gpt2' }],
    ['unsupported config.hidden_act', { ...smallConfig, hidden_act: 'gelu' }],
    ['unsupported config.attention_bias', { ...smallConfig, attention_bias: true }],
    ['unsupported config.mlp_bias', { ...smallConfig, mlp_bias: true }],
    ['unsupported config.rope_scaling', { ...smallConfig, rope_scaling: { type: 'linear', factor: 2 } }],
    ['unsupported config.rope_parameters.rope_type', { ...smallConfig, rope_parameters: { rope_type: 'yarn' } }],
    ['unsupported config.quantization_config', { ...smallConfig, quantization_config: { bits: 4 } }],
    ['shape config.num_key_value_heads', { ...smallConfig, num_key_value_heads: 2 }],
    ['shape config.num_attention_heads', { ...smallConfig, num_attention_heads: 4, num_key_value_heads: 4 }],
    ['shape config.head_dim', { ...smallConfig, head_dim: 3 }],
    ['range config.num_hidden_layers', { ...smallConfig, num_hidden_layers: 0 }],
    ['range config.vocab_size', { ...smallConfig, vocab_size: 1.5 }],
    ['type config.vocab_size', { ...smallConfig, vocab_size: '11' }],
    ['range config.rms_norm_eps', { ...smallConfig, rms_norm_eps: -1 }],
    ['range config.rope_theta', { ...smallConfig, rope_theta: NaN }],
    ['type config.tie_word_embeddings', { ...smallConfig, tie_word_embeddings: 'yes' }],
  ])('%s', (wanted, config) => {
    expect(failure(() => parseLlamaConfig(config))).toBe(wanted);
  });

  it('names the ways on for another family', () => {
    expect(() => parseLlamaConfig({ ...smallConfig, model_type: 'mistral' })).toThrow(/ONNX.*bittrue capture.*mistral/);
  });
});
