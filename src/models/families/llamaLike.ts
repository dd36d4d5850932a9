/**
 * Families that are laid out as Llama's checkpoints: RMSNorm, rotary grouped-query attention, gated MLP. What a family has
 * otherwise is data.
 *
 * @module
 */
import type { Fields } from '../fields.ts';
import type { ActivationPlan, BranchPlan, DecoderPlan, ExpertsPlan, LayerPlan, MlpPlan, RotaryPlan } from '../plan.ts';
import { dense, type ModelConfig, readHeads, rms } from './family.ts';

/** What differs between families. */
export interface LlamaLike {
  readonly config: ModelConfig;
  readonly activation: ActivationPlan;
  /** Of layer `index`; equal tables have equal names. */
  readonly rotary: (index: number) => RotaryPlan;
  readonly window: (index: number) => number | null;
  readonly projectionBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** Norms of every head's queries and keys. */
  readonly hasHeadNorms: boolean;
  /** What is added to every γ. */
  readonly offset: number;
  /** Norms behind the branches, too, by Gemma's names. */
  readonly hasOuterNorms: boolean;
  /** One matrix of queries, keys and values, and one of gate and up. */
  readonly isFused: boolean;
  readonly embeddingScale: number;
  /** What scores are multiplied by. */
  readonly scale: number;
  readonly scoreCap: number;
  readonly logitCap: number;
  readonly experts: { readonly count: number; readonly chosen: number } | null;
}

/** Sizes by the keys of Llama's config.json. */
export function llamaSizes(
  fields: Fields,
  usual: {
    readonly epsilon?: number;
    readonly tied?: boolean;
    readonly context?: number;
    readonly headWidth?: number;
  } = {},
): ModelConfig {
  const hidden = fields.count('hidden_size');
  return {
    vocabulary: fields.count('vocab_size'),
    hidden,
    intermediate: fields.count('intermediate_size'),
    layers: fields.count('num_hidden_layers'),
    ...readHeads(fields, hidden, usual.headWidth === undefined ? {} : { headWidth: usual.headWidth }),
    context: fields.count('max_position_embeddings', usual.context ?? 2048),
    epsilon: fields.positive('rms_norm_eps', usual.epsilon ?? 1e-6),
    tied: fields.flag('tie_word_embeddings', usual.tied ?? false),
  };
}

/** All as Llama has it. */
export function plainLlama(config: ModelConfig, rotary: RotaryPlan): LlamaLike {
  return {
    config,
    activation: 'silu',
    rotary: () => rotary,
    window: () => null,
    projectionBias: false,
    outputBias: false,
    mlpBias: false,
    hasHeadNorms: false,
    offset: 0,
    hasOuterNorms: false,
    isFused: false,
    embeddingScale: 1,
    scale: 1 / Math.sqrt(config.headWidth),
    scoreCap: 0,
    logitCap: 0,
    experts: null,
  };
}

/** The plan of such a family. */
export function llamaLike(like: LlamaLike): (prefix: string) => DecoderPlan {
  const { vocabulary, hidden, layers, epsilon, tied } = like.config;
  return (prefix) => ({
    kind: 'decoder',
    embedding: {
      weight: `${prefix}embed_tokens.weight`,
      vocabulary,
      width: hidden,
      scale: like.embeddingScale,
      positions: null,
      types: null,
      norm: null,
      project: null,
    },
    stack: {
      layers,
      layer: (index) => layerPlan(like, `${prefix}layers.${index}.`, index),
      finalNorm: rms(`${prefix}norm`, hidden, epsilon, like.offset),
    },
    project: null,
    head: { ...dense('lm_head', hidden, vocabulary), tiedTo: tied ? `${prefix}embed_tokens.weight` : null },
    softcap: like.logitCap,
  });
}

function layerPlan(like: LlamaLike, at: string, index: number): LayerPlan {
  const { config, offset, hasOuterNorms } = like;
  const { hidden, heads, keyValueHeads, headWidth, epsilon } = config;
  const norm = (name: string) => rms(`${at}${name}`, hidden, epsilon, offset);
  const [queries, shared] = [heads * headWidth, keyValueHeads * headWidth];
  const own = `${at}self_attn.`;
  const head = (name: string) => (like.hasHeadNorms ? rms(`${own}${name}`, headWidth, epsilon, offset) : null);
  const attention: BranchPlan = {
    norm: norm('input_layernorm'),
    body: {
      kind: 'attention',
      projections: like.isFused
        ? {
            kind: 'fused',
            all: dense(`${own}qkv_proj`, hidden, queries + 2 * shared, like.projectionBias),
            byHead: false,
          }
        : {
            kind: 'separate',
            query: dense(`${own}q_proj`, hidden, queries, like.projectionBias),
            key: dense(`${own}k_proj`, hidden, shared, like.projectionBias),
            value: dense(`${own}v_proj`, hidden, shared, like.projectionBias),
          },
      output: dense(`${own}o_proj`, queries, hidden, like.outputBias),
      heads,
      keyValueHeads,
      headWidth,
      queryNorm: head('q_norm'),
      keyNorm: head('k_norm'),
      rotary: like.rotary(index),
      isCausal: true,
      window: like.window(index),
      softcap: like.scoreCap,
      scale: like.scale,
    },
    after: hasOuterNorms ? norm('post_attention_layernorm') : null,
    joined: null,
  };
  const mlp: BranchPlan = {
    norm: norm(hasOuterNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'),
    body: like.experts === null ? gatedMlp(like, `${at}mlp.`) : expertsPlan(like, at, like.experts),
    after: hasOuterNorms ? norm('post_feedforward_layernorm') : null,
    joined: null,
  };
  return { attention, mlp, isParallel: false };
}

function gatedMlp({ config, isFused, mlpBias, activation }: LlamaLike, at: string): MlpPlan {
  const { hidden, intermediate } = config;
  return {
    kind: 'mlp',
    gate: isFused ? null : dense(`${at}gate_proj`, hidden, intermediate, mlpBias),
    up: isFused
      ? dense(`${at}gate_up_proj`, hidden, 2 * intermediate, mlpBias)
      : dense(`${at}up_proj`, hidden, intermediate, mlpBias),
    isFused,
    down: dense(`${at}down_proj`, intermediate, hidden, mlpBias),
    activation,
  };
}

/** Mixtral's names: w1 opens, w3 is the way up, w2 the way down. */
function expertsPlan(
  { config, activation }: LlamaLike,
  at: string,
  experts: { count: number; chosen: number },
): ExpertsPlan {
  const { hidden, intermediate } = config;
  const own = `${at}block_sparse_moe.`;
  return {
    kind: 'experts',
    router: dense(`${own}gate`, hidden, experts.count),
    experts: Array.from({ length: experts.count }, (_, e) => ({
      kind: 'mlp',
      gate: dense(`${own}experts.${e}.w1`, hidden, intermediate),
      up: dense(`${own}experts.${e}.w3`, hidden, intermediate),
      isFused: false,
      down: dense(`${own}experts.${e}.w2`, intermediate, hidden),
      activation,
    })),
    chosen: experts.chosen,
    isNormalized: true,
  };
}
