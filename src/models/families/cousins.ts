/**
 * Further models laid out nearly as Llama: OLMo 2, Granite, StableLM, StarCoder2, Phi (1, 1.5, 2), Cohere.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { bareLayer, type Family, layer, readWindow } from './family.ts';
import { common, described } from './llama.ts';
import { attentionBias, llamaSizes } from './llamaLike.ts';

/** OLMo 2: norms behind the branches alone, and of all queries and all keys of a token. */
const olmo2: Family = {
  kind: 'decoder',
  name: 'olmo2',
  title: 'OLMo 2',
  classes: /^olmo2/i,
  ...common,
  read(fields) {
    const bias = attentionBias(fields);
    const config = llamaSizes(fields, { epsilon: 1e-5 });
    return described(fields, config, { theta: 10000 }, () => ({
      ...bias,
      headNorms: 'all',
      norms: 'behind',
    }));
  },
};

/** Granite 3: Llama with four multipliers. */
const granite: Family = {
  kind: 'decoder',
  name: 'granite',
  title: 'Granite',
  classes: /^granite(?!moe)/i,
  ...common,
  read(fields) {
    const bias = attentionBias(fields);
    const config = llamaSizes(fields);
    return described(fields, config, { theta: 10000 }, () => ({
      ...bias,
      mlpBias: fields.flag('mlp_bias', false),
      embeddingScale: fields.positive('embedding_multiplier', 1),
      scale: fields.positive('attention_multiplier', 1),
      branchScale: fields.positive('residual_multiplier', 1),
      logitScale: 1 / fields.positive('logits_scaling', 1),
    }));
  },
};

/** StableLM: LayerNorm, part of a head turned. */
const stablelm: Family = {
  kind: 'decoder',
  name: 'stablelm',
  title: 'StableLM',
  classes: /^stablelm/i,
  ...common,
  read(fields) {
    const config = llamaSizes(fields, { epsilon: 1e-5, epsilonField: 'layer_norm_eps', context: 4096 });
    fields.only('qk_layernorm', [false], 'no norms of heads');
    const isParallel = fields.flag('use_parallel_residual', false);
    return described(fields, config, { theta: 10000, share: 0.25 }, () => ({
      norm: layer,
      norms: isParallel ? 'shared' : 'before',
      projectionBias: fields.flag('use_qkv_bias', false),
    }));
  },
};

/** StarCoder2: LayerNorm, biases, an MLP without a gate, a window. */
const starcoder2: Family = {
  kind: 'decoder',
  name: 'starcoder2',
  title: 'StarCoder2',
  classes: /^starcoder2/i,
  ...common,
  read(fields) {
    const config = llamaSizes(fields, { epsilon: 1e-5, epsilonField: 'norm_epsilon', context: 4096, tied: true });
    const window = readWindow(fields);
    const bias = fields.flag('use_bias', true);
    fields.only('mlp_type', ['default'], 'an MLP without a gate');
    fields.only('norm_type', ['layer_norm'], 'LayerNorm');
    fields.ignore('residual_dropout embedding_dropout');
    return described(fields, config, { theta: 10000, activation: 'gelu_pytorch_tanh' }, () => ({
      norm: layer,
      names: { last: 'norm', output: 'o_proj', mlp: ['c_fc', 'c_proj'] },
      projectionBias: bias,
      outputBias: bias,
      mlpBias: bias,
      window: () => window,
    }));
  },
};

/** Phi-1, Phi-1.5, Phi-2: one LayerNorm before attention and MLP, which run in parallel; biases everywhere. */
const phi: Family = {
  kind: 'decoder',
  name: 'phi',
  title: 'Phi-1, Phi-1.5, Phi-2',
  classes: /^phi(?!\d|moe)/i,
  ...common,
  read(fields) {
    const config = llamaSizes(fields, { epsilon: 1e-5, epsilonField: 'layer_norm_eps', context: 2048 });
    fields.only('qk_layernorm', [false], 'no norms of heads');
    return described(fields, config, { theta: 10000, share: 0.5, activation: 'gelu_new' }, () => ({
      norm: layer,
      norms: 'shared',
      names: { last: 'final_layernorm', output: 'dense', mlp: ['fc1', 'fc2'] },
      projectionBias: true,
      outputBias: true,
      mlpBias: true,
      headBias: true,
    }));
  },
};

/** Command R: a LayerNorm without β before both branches, pairs of neighbours turn, logits are scaled. */
const cohere: Family = {
  kind: 'decoder',
  name: 'cohere',
  title: 'Cohere Command R',
  classes: /^cohere(?!\d)/i,
  ...common,
  read(fields) {
    const usual = { epsilon: 1e-5, epsilonField: 'layer_norm_eps', context: 8192, tied: true };
    const config = llamaSizes(fields, usual);
    fields.only('use_qk_norm', [false], 'no norms of heads');
    fields.ignore('model_max_length');
    const bias = attentionBias(fields);
    if (!config.tied) {
      throw new BittrueError('unsupported', 'config.tie_word_embeddings', false, 'true: the head is the embedding');
    }
    return described(fields, config, { theta: 10000 }, (plain) => ({
      norm: bareLayer,
      norms: 'shared',
      ...bias,
      rotary: (index) => ({ ...plain.rotary(index), isInterleaved: true }),
      logitScale: fields.positive('logit_scale', 0.0625),
    }));
  },
};

/** The families of this file. */
export const cousinFamilies: readonly Family[] = [olmo2, granite, stablelm, starcoder2, phi, cohere];
