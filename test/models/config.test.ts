import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/models/index.ts';
import { failure, smallConfig } from './helpers.ts';

describe('parseConfig', () => {
  it('reads what there is and fills in what Llama assumes', () => {
    expect(parseConfig(smallConfig).config).toEqual({
      vocabulary: 11,
      hidden: 6,
      intermediate: 5,
      layers: 2,
      heads: 3,
      keyValueHeads: 1,
      headWidth: 2,
      context: 8,
      epsilon: 1e-3,
      tied: false,
    });
    const { num_key_value_heads: _, rms_norm_eps: __, ...older } = smallConfig;
    expect(parseConfig({ ...older, rope_theta: 500 }).config).toMatchObject({
      keyValueHeads: 3,
      epsilon: 1e-6,
    });
  });

  const { hidden_size: _, ...headless } = smallConfig;
  it.each([
    ['type config', null],
    ['type config', [smallConfig]],
    ['type config.hidden_size', headless],
    ['unsupported config.model_type', { ...smallConfig, model_type: 'mamba' }],
    ['unsupported config.hidden_act', { ...smallConfig, hidden_act: 'xielu' }],
    ['type config.attention_bias', { ...smallConfig, attention_bias: 'yes' }],
    ['type config.rope_scaling.short_factor', { ...smallConfig, rope_scaling: { type: 'longrope', factor: 2 } }],
    ['unsupported config.rope_scaling.rope_type', { ...smallConfig, rope_scaling: { type: 'spiral', factor: 2 } }],
    ['type config.rope_scaling.low_freq_factor', { ...smallConfig, rope_scaling: { rope_type: 'llama3', factor: 8 } }],
    ['unsupported config.rope_scaling.beta', { ...smallConfig, rope_scaling: { type: 'linear', factor: 2, beta: 3 } }],
    ['unsupported config.rope_parameters.rope_type', { ...smallConfig, rope_parameters: { rope_type: 'spiral' } }],
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
    expect(failure(() => parseConfig(config))).toBe(wanted);
  });

  it('names the ways on for another family', () => {
    const said = (name: string) => {
      try {
        parseConfig({ ...smallConfig, model_type: name });
      } catch (error) {
        return (error as Error).message;
      }
      return 'none';
    };
    expect(said('mamba')).toMatch(/one of llama, mistral, .*gpt2.*ONNX.*bittrue capture.*mamba/s);
    expect(said('qwen4')).toMatch(/qwen[23]/);
    expect(said('gemma3')).toMatch(/gemma3_text, .*gemma2 are near.*ONNX.*received gemma3/s);
  });
});
