/**
 * GPT-2, GPT-NeoX (Pythia) and OPT: LayerNorm, MLPs without gates, biases.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { BranchPlan, DecoderPlan, LinearPlan } from '../plan.ts';
import { readRope } from '../rope.ts';
import {
  activationNames,
  checkHeads,
  dense,
  embeddingOf,
  type Family,
  layer,
  plainAttention,
  postNorm,
  preNorm,
  ungated,
} from './family.ts';

const gpt2: Family = {
  kind: 'decoder',
  name: 'gpt2',
  title: 'GPT-2',
  classes: /^gpt2/i,
  prefixes: ['transformer.', ''],
  probe: 'wte.weight',
  buffers: /^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$/,
  read(fields) {
    const hidden = fields.count('n_embd', 768);
    const heads = fields.count('n_head', 12);
    const headWidth = checkHeads('n_head', heads, 'n_embd', hidden);
    const context = fields.count('n_positions', 1024);
    const intermediate = fields.count('n_inner', 4 * hidden);
    fields.only('n_ctx', [context], `n_positions, ${context}`);
    fields.only('add_cross_attention', [false], 'a model of text alone');
    const isScaled = fields.flag('scale_attn_weights', true);
    // Matrices of `Conv1D` are [inputs, outputs]. GGUF files have them the usual way round; no config.json says so.
    const isInOut = fields.flag('is_conv1d', true);
    const conv1d = (name: string, inputs: number, outputs: number): LinearPlan => ({
      ...dense(name, inputs, outputs, true),
      isInOut,
    });
    const isByLayer = fields.flag('scale_attn_by_inverse_layer_idx', false);
    fields.ignore(
      'attn_pdrop reorder_and_upcast_attn summary_activation summary_first_dropout summary_proj_to_labels summary_type ' +
        'summary_use_proj predict_special_tokens gradient_checkpointing',
    );
    const config = {
      vocabulary: fields.count('vocab_size', 50257),
      hidden,
      intermediate,
      layers: fields.count('n_layer', 12),
      heads,
      keyValueHeads: heads,
      headWidth,
      context,
      epsilon: fields.positive('layer_norm_epsilon', 1e-5),
      tied: fields.flag('tie_word_embeddings', true),
    };
    const activation = fields.choice('activation_function', activationNames, 'gelu_new');
    const { vocabulary, epsilon, layers, tied } = config;
    const plan = (prefix: string): DecoderPlan => ({
      kind: 'decoder',
      embedding: {
        ...embeddingOf(`${prefix}wte.weight`, vocabulary, hidden),
        positions: { weight: `${prefix}wpe.weight`, rows: context, width: hidden, offset: 0 },
      },
      stack: {
        layers,
        layer: (index) => {
          const at = `${prefix}h.${index}.`;
          return {
            attention: preNorm(layer(`${at}ln_1`, hidden, epsilon), {
              ...plainAttention(heads, headWidth, true),
              projections: { kind: 'fused', all: conv1d(`${at}attn.c_attn`, hidden, 3 * hidden), byHead: false },
              output: conv1d(`${at}attn.c_proj`, hidden, hidden),
              scale: (isScaled ? 1 / Math.sqrt(headWidth) : 1) / (isByLayer ? index + 1 : 1),
            }),
            mlp: preNorm(
              layer(`${at}ln_2`, hidden, epsilon),
              ungated(
                conv1d(`${at}mlp.c_fc`, hidden, intermediate),
                conv1d(`${at}mlp.c_proj`, intermediate, hidden),
                activation,
              ),
            ),
            isParallel: false,
          };
        },
        finalNorm: layer(`${prefix}ln_f`, hidden, epsilon),
      },
      project: null,
      head: { ...dense('lm_head', hidden, vocabulary), tiedTo: tied ? `${prefix}wte.weight` : null },
      logitScale: 1,
      softcap: 0,
    });
    return { config, plan };
  },
};

const gptNeoX: Family = {
  kind: 'decoder',
  name: 'gpt_neox',
  title: 'GPT-NeoX, Pythia',
  classes: /^gptneox/i,
  prefixes: ['gpt_neox.'],
  probe: 'embed_in.weight',
  buffers: /^gpt_neox\.layers\.\d+\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/,
  read(fields) {
    const hidden = fields.count('hidden_size');
    const heads = fields.count('num_attention_heads');
    const headWidth = checkHeads('num_attention_heads', heads, 'hidden_size', hidden);
    fields.ignore('classifier_dropout');
    const context = fields.count('max_position_embeddings', 2048);
    const rotary = readRope(fields, {
      theta: 10000,
      base: 'rotary_emb_base',
      share: { field: 'rotary_pct', usual: 0.25 },
      headWidth,
      context,
    });
    const config = {
      vocabulary: fields.count('vocab_size'),
      hidden,
      intermediate: fields.count('intermediate_size'),
      layers: fields.count('num_hidden_layers'),
      heads,
      keyValueHeads: heads,
      headWidth,
      context,
      epsilon: fields.positive('layer_norm_eps', 1e-5),
      tied: fields.flag('tie_word_embeddings', false),
    };
    const isParallel = fields.flag('use_parallel_residual', true);
    const bias = fields.flag('attention_bias', true);
    const activation = fields.choice('hidden_act', activationNames, 'gelu');
    const { vocabulary, epsilon, layers, intermediate, tied } = config;
    const plan = (prefix: string): DecoderPlan => ({
      kind: 'decoder',
      embedding: embeddingOf(`${prefix}embed_in.weight`, vocabulary, hidden),
      stack: {
        layers,
        layer: (index) => {
          const at = `${prefix}layers.${index}.`;
          return {
            attention: preNorm(layer(`${at}input_layernorm`, hidden, epsilon), {
              ...plainAttention(heads, headWidth, true),
              rotary,
              projections: {
                kind: 'fused',
                all: dense(`${at}attention.query_key_value`, hidden, 3 * hidden, bias),
                byHead: true,
              },
              output: dense(`${at}attention.dense`, hidden, hidden, bias),
            }),
            mlp: preNorm(
              layer(`${at}post_attention_layernorm`, hidden, epsilon),
              ungated(
                dense(`${at}mlp.dense_h_to_4h`, hidden, intermediate, true),
                dense(`${at}mlp.dense_4h_to_h`, intermediate, hidden, true),
                activation,
              ),
            ),
            isParallel,
          };
        },
        finalNorm: layer(`${prefix}final_layer_norm`, hidden, epsilon),
      },
      project: null,
      head: { ...dense('embed_out', hidden, vocabulary), tiedTo: tied ? `${prefix}embed_in.weight` : null },
      logitScale: 1,
      softcap: 0,
    });
    return { config, plan };
  },
};

/** ε of `nn.LayerNorm`, which OPT's config does not name. */
const EPSILON = 1e-5;

const opt: Family = {
  kind: 'decoder',
  name: 'opt',
  title: 'OPT',
  classes: /^opt/i,
  prefixes: ['model.decoder.', 'decoder.'],
  probe: 'embed_tokens.weight',
  buffers: null,
  read(fields) {
    const hidden = fields.count('hidden_size');
    const heads = fields.count('num_attention_heads');
    const headWidth = checkHeads('num_attention_heads', heads, 'hidden_size', hidden);
    const width = fields.count('word_embed_proj_dim', hidden);
    fields.ignore('layerdrop dropout activation_dropout init_std');
    fields.only('layer_norm_elementwise_affine', [true], 'norms with γ and β');
    const bias = fields.flag('enable_bias', true);
    const isBefore = fields.flag('do_layer_norm_before', true);
    const hasFinal = isBefore && !fields.flag('_remove_final_layer_norm', false);
    const config = {
      vocabulary: fields.count('vocab_size', 50272),
      hidden,
      intermediate: fields.count('ffn_dim'),
      layers: fields.count('num_hidden_layers'),
      heads,
      keyValueHeads: heads,
      headWidth,
      context: fields.count('max_position_embeddings', 2048),
      epsilon: EPSILON,
      tied: fields.flag('tie_word_embeddings', true),
    };
    if (width > hidden) {
      throw new BittrueError('shape', 'config.word_embed_proj_dim', width, `at most hidden_size, ${hidden}`);
    }
    const activation = fields.choice('activation_function', activationNames, 'relu');
    const { vocabulary, intermediate, layers, context, tied } = config;
    const around = (name: string, body: BranchPlan['body']): BranchPlan => {
      const norm = layer(name, hidden, EPSILON);
      return isBefore ? preNorm(norm, body) : postNorm(body, norm);
    };
    const plan = (prefix: string): DecoderPlan => ({
      kind: 'decoder',
      embedding: {
        ...embeddingOf(`${prefix}embed_tokens.weight`, vocabulary, width),
        positions: { weight: `${prefix}embed_positions.weight`, rows: context + 2, width: hidden, offset: 2 },
        project: width === hidden ? null : dense(`${prefix}project_in`, width, hidden),
      },
      stack: {
        layers,
        layer: (index) => {
          const at = `${prefix}layers.${index}.`;
          const own = (name: string) => dense(`${at}self_attn.${name}_proj`, hidden, hidden, bias);
          return {
            attention: around(`${at}self_attn_layer_norm`, {
              ...plainAttention(heads, headWidth, true),
              projections: { kind: 'separate', query: own('q'), key: own('k'), value: own('v') },
              output: own('out'),
            }),
            mlp: around(
              `${at}final_layer_norm`,
              ungated(
                dense(`${at}fc1`, hidden, intermediate, bias),
                dense(`${at}fc2`, intermediate, hidden, bias),
                activation,
              ),
            ),
            isParallel: false,
          };
        },
        finalNorm: hasFinal ? layer(`${prefix}final_layer_norm`, hidden, EPSILON) : null,
      },
      project: width === hidden ? null : dense(`${prefix}project_out`, hidden, width),
      head: { ...dense('lm_head', width, vocabulary), tiedTo: tied ? `${prefix}embed_tokens.weight` : null },
      logitScale: 1,
      softcap: 0,
    });
    return { config, plan };
  },
};

/** The families of this file. */
export const gptFamilies: readonly Family[] = [gpt2, gptNeoX, opt];
