/**
 * Families that are laid out as Llama's checkpoints: RMSNorm, rotary grouped-query attention, gated MLP. What a family has
 * otherwise is data.
 *
 * @module
 */
import type { Fields } from '../fields.ts';
import type {
  ActivationPlan,
  AttentionPlan,
  BranchPlan,
  DecoderPlan,
  ExpertsPlan,
  LayerPlan,
  MlpPlan,
  NormPlan,
  RotaryPlan,
} from '../plan.ts';
import { dense, embeddingOf, type ModelConfig, readHeads, rms, ungated } from './family.ts';

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
  /** Norms of every head's queries and keys, or of all of a token's at once. */
  readonly headNorms: 'none' | 'each' | 'all';
  readonly norm: (name: string, width: number, epsilon: number) => NormPlan;
  /**
   * Where norms stand: before the branches; behind, before they are added, too, by Gemma's names; there alone (OLMo 2); or one
   * before both branches, which run in parallel.
   */
  readonly norms: 'before' | 'around' | 'behind' | 'shared';
  /** The last norm, the matrix behind attention, and those of an MLP: with a gate by Llama's names, or the way up and down alone. */
  readonly names: {
    readonly last: string;
    readonly output: string;
    readonly mlp: 'gated' | readonly [up: string, down: string];
  };
  /** One matrix of queries, keys and values, and one of gate and up. */
  readonly isFused: boolean;
  readonly embeddingScale: number;
  /** What a branch gives, times this, is added. */
  readonly branchScale: number;
  readonly headBias: boolean;
  readonly logitScale: number;
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
    /** The field of ε. */
    readonly epsilonField?: string;
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
    epsilon: fields.positive(usual.epsilonField ?? 'rms_norm_eps', usual.epsilon ?? 1e-6),
    tied: fields.flag('tie_word_embeddings', usual.tied ?? false),
  };
}

/** `attention_bias`: of all four matrices of attention. */
export function attentionBias(fields: Fields): Pick<LlamaLike, 'projectionBias' | 'outputBias'> {
  const bias = fields.flag('attention_bias', false);
  return { projectionBias: bias, outputBias: bias };
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
    headNorms: 'none',
    norm: rms,
    norms: 'before',
    names: { last: 'norm', output: 'o_proj', mlp: 'gated' },
    isFused: false,
    embeddingScale: 1,
    branchScale: 1,
    headBias: false,
    logitScale: 1,
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
    embedding: { ...embeddingOf(`${prefix}embed_tokens.weight`, vocabulary, hidden), scale: like.embeddingScale },
    stack: {
      layers,
      layer: (index) => layerPlan(like, `${prefix}layers.${index}.`, index),
      finalNorm: like.norm(`${prefix}${like.names.last}`, hidden, epsilon),
    },
    project: null,
    head: {
      ...dense('lm_head', hidden, vocabulary, like.headBias),
      tiedTo: tied ? `${prefix}embed_tokens.weight` : null,
    },
    logitScale: like.logitScale,
    softcap: like.logitCap,
  });
}

function layerPlan(like: LlamaLike, at: string, index: number): LayerPlan {
  const { config, norms, branchScale: scale } = like;
  const { hidden, epsilon } = config;
  const norm = (name: string) => like.norm(`${at}${name}`, hidden, epsilon);
  const attention = attentionPlan(like, `${at}self_attn.`, index);
  const mlp = like.experts === null ? mlpPlan(like, `${at}mlp.`) : expertsPlan(like, at, like.experts);
  const [input, middle] = ['input_layernorm', 'post_attention_layernorm'];
  const [before, behind] = ['pre_feedforward_layernorm', 'post_feedforward_layernorm'];
  const branch = (body: BranchPlan['body'], first: string | null, after: string | null): BranchPlan => ({
    norm: first === null ? null : norm(first),
    body,
    after: after === null ? null : norm(after),
    scale,
    joined: null,
  });
  const places: Readonly<Record<LlamaLike['norms'], readonly [...(string | null)[]]>> = {
    before: [input, null, middle, null],
    around: [input, middle, before, behind],
    behind: [null, middle, null, behind],
    shared: [input, null, input, null],
  };
  const [p, q, r, s] = places[norms];
  return { attention: branch(attention, p, q), mlp: branch(mlp, r, s), isParallel: norms === 'shared' };
}

function attentionPlan(like: LlamaLike, own: string, index: number): AttentionPlan {
  const { hidden, heads, keyValueHeads, headWidth, epsilon } = like.config;
  const [queries, shared] = [heads * headWidth, keyValueHeads * headWidth];
  const head = (name: string, all: number): NormPlan | null =>
    like.headNorms === 'none' ? null : like.norm(`${own}${name}`, like.headNorms === 'each' ? headWidth : all, epsilon);
  return {
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
    output: dense(`${own}${like.names.output}`, queries, hidden, like.outputBias),
    heads,
    keyValueHeads,
    headWidth,
    queryNorm: head('q_norm', queries),
    keyNorm: head('k_norm', shared),
    rotary: like.rotary(index),
    isCausal: true,
    window: like.window(index),
    softcap: like.scoreCap,
    scale: like.scale,
  };
}

function mlpPlan({ config, isFused, mlpBias, activation, names }: LlamaLike, at: string): MlpPlan {
  const { hidden, intermediate } = config;
  if (names.mlp !== 'gated') {
    const [way, back] = names.mlp;
    const up = dense(`${at}${way}`, hidden, intermediate, mlpBias);
    return ungated(up, dense(`${at}${back}`, intermediate, hidden, mlpBias), activation);
  }
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
