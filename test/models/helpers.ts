import { readFileSync } from 'node:fs';
import { memorySource, readSafetensors, writeSafetensors } from '../../src/files/index.ts';
import { byteTokens, loadModel, type Model, splitTokens } from '../../src/models/index.ts';
import { embeddedModel, openModel } from '../../src/node/index.ts';
import type { Tensor } from '../../src/tensors/index.ts';
import { generator } from '../random.ts';

/** The model that ships with the package. */
export function tinyLlama(): Model {
  const { config, checkpoint } = openModel(embeddedModel());
  return loadModel(config, checkpoint);
}

/** Its 8 validation sequences of 257 tokens. */
export function validation(): Uint8Array[] {
  return splitTokens(byteTokens(readFileSync(`${embeddedModel()}/validation.txt`)), 257);
}

/** A config.json of a very small Llama. */
export const smallConfig = {
  model_type: 'llama',
  hidden_size: 6,
  intermediate_size: 5,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  num_key_value_heads: 1,
  vocab_size: 11,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-3,
  hidden_act: 'silu',
};

/** Its weights, fixed pseudo-random numbers; tied: without lm_head. */
export function smallWeights(tied = false): Record<string, Tensor> {
  const next = generator(12345);
  const random = (...shape: number[]): Tensor => ({
    data: Float64Array.from({ length: shape.reduce((product, axis) => product * axis, 1) }, () => 2 * next() - 1),
    shape,
  });
  const weights: Record<string, Tensor> = { 'model.embed_tokens.weight': random(11, 6) };
  for (const layer of ['model.layers.0', 'model.layers.1']) {
    weights[`${layer}.input_layernorm.weight`] = random(6);
    weights[`${layer}.self_attn.q_proj.weight`] = random(6, 6);
    weights[`${layer}.self_attn.k_proj.weight`] = random(2, 6);
    weights[`${layer}.self_attn.v_proj.weight`] = random(2, 6);
    weights[`${layer}.self_attn.o_proj.weight`] = random(6, 6);
    weights[`${layer}.post_attention_layernorm.weight`] = random(6);
    weights[`${layer}.mlp.gate_proj.weight`] = random(5, 6);
    weights[`${layer}.mlp.up_proj.weight`] = random(5, 6);
    weights[`${layer}.mlp.down_proj.weight`] = random(6, 5);
  }
  weights['model.norm.weight'] = random(6);
  if (!tied) weights['lm_head.weight'] = random(11, 6);
  return weights;
}

/** A Llama from weights in memory. */
export function loadWeights(weights: Record<string, Tensor>, config: object = smallConfig): Model {
  return loadModel(config, readSafetensors(memorySource(writeSafetensors(weights), 'weights')));
}

/** The code and argument of the error that a call throws. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument } = error as { code?: string; argument?: string };
    return `${code} ${argument}`;
  }
  return 'no error';
}
