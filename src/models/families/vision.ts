/**
 * ViT, CLIP (text and image) and Whisper's encoder: norms before the blocks, attention in both directions but for CLIP's texts.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { type Fields, fieldsOf } from '../fields.ts';
import type { ActivationPlan, LayerPlan, LinearPlan, NormPlan, OutputPlan, PixelsPlan, TowerPlan } from '../plan.ts';
import {
  activationNames,
  checkHeads,
  dense,
  type EncoderFamily,
  embeddingOf,
  layer,
  type ModelConfig,
  plainAttention,
  preNorm,
  ungated,
} from './family.ts';

/** The names of a layer's parts. */
interface Names {
  readonly query: LinearPlan;
  readonly key: LinearPlan;
  readonly value: LinearPlan;
  readonly output: LinearPlan;
  readonly before: NormPlan;
  readonly between: NormPlan;
  readonly up: LinearPlan;
  readonly down: LinearPlan;
}

function encoderLayer(
  names: Names,
  heads: number,
  headWidth: number,
  activation: ActivationPlan,
  isCausal = false,
): LayerPlan {
  const { query, key, value, output, before, between, up, down } = names;
  return {
    attention: preNorm(before, {
      ...plainAttention(heads, headWidth, isCausal),
      projections: { kind: 'separate', query, key, value },
      output,
    }),
    mlp: preNorm(between, ungated(up, down, activation)),
    isParallel: false,
  };
}

/** Sizes by the keys that most encoders have. */
function sizes(fields: Fields, usual: { readonly epsilon: number; readonly context: number }): ModelConfig {
  const hidden = fields.count('hidden_size');
  const heads = fields.count('num_attention_heads');
  return {
    vocabulary: 0,
    hidden,
    intermediate: fields.count('intermediate_size'),
    layers: fields.count('num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headWidth: checkHeads('num_attention_heads', heads, 'hidden_size', hidden),
    context: usual.context,
    epsilon: fields.positive('layer_norm_eps', usual.epsilon),
    tied: false,
  };
}

/** The sides of an image and of its squares. */
function readSquares(fields: Fields): Pick<PixelsPlan, 'image' | 'square'> & { readonly count: number } {
  const pair = (name: string): readonly [number, number] => {
    const value = fields.any(name);
    if (!Array.isArray(value)) return [fields.count(name), fields.count(name)];
    const both = fieldsOf(Object.fromEntries(value.entries()), `config.${name}`, 'two sides');
    return [both.count('0'), both.count('1')];
  };
  const [image, square] = [pair('image_size'), pair('patch_size')];
  if (image[0] % square[0] !== 0 || image[1] % square[1] !== 0) {
    throw new BittrueError('shape', 'config.patch_size', square.join('×'), `sides that divide ${image.join('×')}`);
  }
  return { image, square, count: (image[0] / square[0]) * (image[1] / square[1]) };
}

const vit: EncoderFamily = {
  kind: 'encoder',
  name: 'vit',
  title: 'ViT',
  classes: /^vit/i,
  prefixes: ['vit.', ''],
  probe: 'embeddings.cls_token',
  buffers: null,
  leftOut: /embeddings\.mask_token$/,
  read(fields) {
    const { image, square, count } = readSquares(fields);
    const config = sizes(fields, { epsilon: 1e-12, context: count + 1 });
    const { hidden, intermediate, layers, heads, headWidth, epsilon } = config;
    const channels = fields.count('num_channels', 3);
    const bias = fields.flag('qkv_bias', true);
    const activation = fields.choice('hidden_act', activationNames, 'gelu');
    fields.only('pooler_act', ['tanh'], 'tanh');
    fields.only('pooler_output_size', [hidden], `hidden_size, ${hidden}`);
    fields.ignore('encoder_stride attention_probs_dropout_prob hidden_dropout_prob');
    return {
      config,
      plan: (prefix, shapeOf) => {
        const outputs: OutputPlan[] = [{ name: 'last_hidden_state', rows: 'all', steps: [], width: hidden }];
        if (shapeOf(`${prefix}pooler.dense.weight`) !== undefined) {
          const steps = [
            { linear: dense(`${prefix}pooler.dense`, hidden, hidden, true) },
            { activation: 'tanh' as const },
          ];
          outputs.push({ name: 'pooler_output', rows: 'first', steps, width: hidden });
        }
        const labels = shapeOf('classifier.weight')?.[0];
        if (labels !== undefined) {
          const steps = [{ linear: dense('classifier', hidden, labels, true) }];
          outputs.push({ name: 'logits', rows: 'first', steps, width: labels });
        }
        const at = `${prefix}embeddings.`;
        const own = (index: number, name: string) => `${prefix}encoder.layer.${index}.${name}`;
        const layerOf = (index: number): LayerPlan => {
          const self = (name: string) => dense(own(index, `attention.attention.${name}`), hidden, hidden, bias);
          const names: Names = {
            query: self('query'),
            key: self('key'),
            value: self('value'),
            output: dense(own(index, 'attention.output.dense'), hidden, hidden, true),
            before: layer(own(index, 'layernorm_before'), hidden, epsilon),
            between: layer(own(index, 'layernorm_after'), hidden, epsilon),
            up: dense(own(index, 'intermediate.dense'), hidden, intermediate, true),
            down: dense(own(index, 'output.dense'), intermediate, hidden, true),
          };
          return encoderLayer(names, heads, headWidth, activation);
        };
        const input: PixelsPlan = {
          kind: 'pixels',
          channels,
          image,
          square,
          width: hidden,
          weight: `${at}patch_embeddings.projection.weight`,
          bias: `${at}patch_embeddings.projection.bias`,
          first: { weight: `${at}cls_token`, shape: [1, 1, hidden] },
          positions: { weight: `${at}position_embeddings`, shape: [1, count + 1, hidden] },
          norm: null,
        };
        const stack = { layers, layer: layerOf, finalNorm: layer(`${prefix}layernorm`, hidden, epsilon) };
        return { kind: 'encoder', towers: [{ input, at: 'layers.', stack, outputs }], contrast: null };
      },
    };
  },
};

/** Layers by the names that CLIP and Whisper have. */
function clipLayer(
  at: string,
  { hidden, intermediate, heads, headWidth, epsilon }: ModelConfig,
  how: { readonly activation: ActivationPlan; readonly isCausal: boolean; readonly keyBias: boolean },
  norms: readonly [string, string],
  mlp: string,
): LayerPlan {
  const self = (name: string, hasBias = true) => dense(`${at}self_attn.${name}_proj`, hidden, hidden, hasBias);
  const names: Names = {
    query: self('q'),
    key: self('k', how.keyBias),
    value: self('v'),
    output: self('out'),
    before: layer(`${at}${norms[0]}`, hidden, epsilon),
    between: layer(`${at}${norms[1]}`, hidden, epsilon),
    up: dense(`${at}${mlp}fc1`, hidden, intermediate, true),
    down: dense(`${at}${mlp}fc2`, intermediate, hidden, true),
  };
  return encoderLayer(names, heads, headWidth, how.activation, how.isCausal);
}

/** A part of CLIP's config, without what old files say of generating text. */
function part(fields: Fields, name: string): Fields {
  const own = fields.record(name);
  if (own === null) throw new BittrueError('type', `config.${name}`, undefined, 'an object');
  own.ignore('dropout projection_dim initializer_factor model_type');
  return own;
}

const clip: EncoderFamily = {
  kind: 'encoder',
  name: 'clip',
  title: 'CLIP',
  classes: /^clipmodel/i,
  prefixes: [''],
  probe: 'text_model.embeddings.token_embedding.weight',
  buffers: /^(text|vision)_model\.embeddings\.position_ids$/,
  leftOut: null,
  read(fields) {
    fields.ignore('logit_scale_init_value initializer_factor text_config_dict vision_config_dict');
    const projected = fields.count('projection_dim', 512);
    const texts = part(fields, 'text_config');
    const images = part(fields, 'vision_config');
    const context = texts.count('max_position_embeddings', 77);
    const vocabulary = texts.count('vocab_size', 49408);
    const end = texts.any('eos_token_id') ?? vocabulary - 1;
    // 2 is what old files say; the end of a text is the largest id all the same.
    if (end !== 2 && end !== vocabulary - 1) {
      throw new BittrueError(
        'unsupported',
        'config.text_config.eos_token_id',
        end,
        `the largest id, ${vocabulary - 1}`,
      );
    }
    const text = { ...sizes(texts, { epsilon: 1e-5, context }), vocabulary };
    const { image, square, count } = readSquares(images);
    const vision = sizes(images, { epsilon: 1e-5, context: count + 1 });
    const channels = images.count('num_channels', 3);
    const activations = [texts, images].map((one) => one.choice('hidden_act', activationNames, 'quick_gelu'));
    const tower = (of: ModelConfig, at: string, n: number): TowerPlan['stack'] => ({
      layers: of.layers,
      layer: (index) => {
        const how = { activation: activations[n], isCausal: n === 0, keyBias: true };
        return clipLayer(`${at}encoder.layers.${index}.`, of, how, ['layer_norm1', 'layer_norm2'], 'mlp.');
      },
      finalNorm: n === 0 ? layer(`${at}final_layer_norm`, of.hidden, of.epsilon) : null,
    });
    return {
      config: text,
      plan: () => {
        const inText = 'text_model.embeddings.';
        const inVision = 'vision_model.embeddings.';
        const post = layer('vision_model.post_layernorm', vision.hidden, vision.epsilon);
        return {
          kind: 'encoder',
          towers: [
            {
              input: {
                kind: 'tokens',
                embedding: {
                  ...embeddingOf(`${inText}token_embedding.weight`, vocabulary, text.hidden),
                  positions: {
                    weight: `${inText}position_embedding.weight`,
                    rows: context,
                    width: text.hidden,
                    offset: 0,
                  },
                },
              },
              at: 'text.layers.',
              stack: tower(text, 'text_model.', 0),
              outputs: [
                {
                  name: 'text_features',
                  rows: 'largestId',
                  steps: [{ linear: dense('text_projection', text.hidden, projected) }],
                  width: projected,
                },
              ],
            },
            {
              input: {
                kind: 'pixels',
                channels,
                image,
                square,
                width: vision.hidden,
                weight: `${inVision}patch_embedding.weight`,
                bias: null,
                first: { weight: `${inVision}class_embedding`, shape: [vision.hidden] },
                positions: { weight: `${inVision}position_embedding.weight`, shape: [count + 1, vision.hidden] },
                norm: layer('vision_model.pre_layrnorm', vision.hidden, vision.epsilon),
              },
              at: 'vision.layers.',
              stack: tower(vision, 'vision_model.', 1),
              outputs: [
                {
                  name: 'image_features',
                  rows: 'first',
                  steps: [{ norm: post }, { linear: dense('visual_projection', vision.hidden, projected) }],
                  width: projected,
                },
              ],
            },
          ],
          contrast: {
            text: { of: 'text_features', as: 'text_embeds' },
            image: { of: 'image_features', as: 'image_embeds' },
            scale: 'logit_scale',
          },
        };
      },
    };
  },
};

/** ε of `nn.LayerNorm`, which Whisper's config does not name. */
const EPSILON = 1e-5;

const whisper: EncoderFamily = {
  kind: 'encoder',
  name: 'whisper',
  title: "Whisper's encoder",
  classes: /^whisper/i,
  prefixes: ['model.encoder.', 'encoder.'],
  probe: 'conv1.weight',
  buffers: null,
  leftOut: /^((model\.)?decoder\.|proj_out\.weight$)/,
  read(fields) {
    const hidden = fields.count('d_model');
    const heads = fields.count('encoder_attention_heads');
    const headWidth = checkHeads('encoder_attention_heads', heads, 'd_model', hidden);
    const rows = fields.count('max_source_positions', 1500);
    const bins = fields.count('num_mel_bins', 80);
    fields.only('scale_embedding', [false], 'no scale of embeddings');
    const activation = fields.choice('activation_function', activationNames, 'gelu');
    fields.ignore(
      'vocab_size num_hidden_layers decoder_attention_heads decoder_ffn_dim decoder_layerdrop decoder_layers encoder_layerdrop dropout ' +
        'activation_dropout init_std is_encoder_decoder max_target_positions suppress_tokens begin_suppress_tokens ' +
        'forced_decoder_ids use_weighted_layer_sum classifier_proj_size apply_spec_augment mask_feature_length ' +
        'mask_feature_min_masks mask_feature_prob mask_time_length mask_time_min_masks mask_time_prob median_filter_width ' +
        'tie_word_embeddings',
    );
    const config: ModelConfig = {
      vocabulary: 0,
      hidden,
      intermediate: fields.count('encoder_ffn_dim'),
      layers: fields.count('encoder_layers'),
      heads,
      keyValueHeads: heads,
      headWidth,
      context: rows,
      epsilon: EPSILON,
      tied: false,
    };
    return {
      config,
      plan: (prefix) => ({
        kind: 'encoder',
        towers: [
          {
            input: {
              kind: 'frames',
              bins,
              width: hidden,
              convolutions: [
                { name: `${prefix}conv1`, inputs: bins, stride: 1 },
                { name: `${prefix}conv2`, inputs: hidden, stride: 2 },
              ],
              positions: { weight: `${prefix}embed_positions.weight`, rows },
            },
            at: 'layers.',
            stack: {
              layers: config.layers,
              layer: (index) => {
                const how = { activation, isCausal: false, keyBias: false };
                const norms = ['self_attn_layer_norm', 'final_layer_norm'] as const;
                return clipLayer(`${prefix}layers.${index}.`, config, how, norms, '');
              },
              finalNorm: layer(`${prefix}layer_norm`, hidden, EPSILON),
            },
            outputs: [{ name: 'last_hidden_state', rows: 'all', steps: [], width: hidden }],
          },
        ],
        contrast: null,
      }),
    };
  },
};

/** The families of this file. */
export const visionFamilies: readonly EncoderFamily[] = [vit, clip, whisper];
