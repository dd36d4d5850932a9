/**
 * Gemma 1, 2 and 3 (text): γ + 1, embeddings times √d, norms behind the branches, caps, windows in a pattern.
 *
 * @module
 */
import type { Fields } from '../fields.ts';
import type { RotaryPlan } from '../plan.ts';
import { readRope, ropeOf } from '../rope.ts';
import {
  activationNames,
  type Described,
  type Family,
  type ModelConfig,
  readWindow,
  readWindows,
  rms,
} from './family.ts';
import { attentionBias, type LlamaLike, llamaLike, llamaSizes, plainLlama } from './llamaLike.ts';

const common = { prefixes: ['model.', ''], probe: 'embed_tokens.weight', buffers: /rotary_emb\.inv_freq$/ } as const;

function sizes(fields: Fields): ModelConfig {
  return llamaSizes(fields, { tied: true, context: 8192, headWidth: 256 });
}

/** What all three have. */
function gemma(fields: Fields, config: ModelConfig, rotary: RotaryPlan, others: Partial<LlamaLike>): Described {
  // The first files said `hidden_act: gelu` and meant the one by tanh, as the published code of Gemma has it.
  fields.only('hidden_act', ['gelu', 'gelu_pytorch_tanh'], 'gelu_pytorch_tanh');
  const bias = attentionBias(fields);
  return {
    config,
    plan: llamaLike({
      ...plainLlama(config, rotary),
      activation: fields.choice('hidden_activation', activationNames, 'gelu_pytorch_tanh'),
      ...bias,
      norm: (name, width, epsilon) => rms(name, width, epsilon, 1),
      embeddingScale: Math.sqrt(config.hidden),
      ...others,
    }),
  };
}

const gemma1: Family = {
  kind: 'decoder',
  name: 'gemma',
  title: 'Gemma',
  classes: /^gemma(?!\d)/i,
  ...common,
  read(fields) {
    const config = sizes(fields);
    fields.only('use_bidirectional_attention', [false], 'causal attention');
    return gemma(fields, config, readRope(fields, { theta: 10000, ...config }), {});
  },
};

/** What Gemma 2 and 3 add: norms behind the branches, caps, a scale of their own. */
function outer(fields: Fields): Partial<LlamaLike> {
  const cap = (name: string): number => (fields.any(name) === undefined ? 0 : fields.positive(name));
  return {
    norms: 'around',
    scale: 1 / Math.sqrt(fields.positive('query_pre_attn_scalar', 256)),
    scoreCap: cap('attn_logit_softcapping'),
    logitCap: cap('final_logit_softcapping'),
  };
}

const gemma2: Family = {
  kind: 'decoder',
  name: 'gemma2',
  title: 'Gemma 2',
  classes: /^gemma2/i,
  ...common,
  read(fields) {
    const config = sizes(fields);
    fields.ignore('cache_implementation sliding_window_size');
    fields.only('use_bidirectional_attention', [false], 'causal attention');
    const window = readWindows(fields, config.layers, readWindow(fields, 4096), (index) => index % 2 === 0);
    return gemma(fields, config, readRope(fields, { theta: 10000, ...config }), { ...outer(fields), window });
  },
};

/** Layers with a window have rotary positions of their own. */
const gemma3: Family = {
  kind: 'decoder',
  name: 'gemma3_text',
  title: 'Gemma 3 (text)',
  classes: /^gemma3/i,
  ...common,
  read(fields) {
    const config = sizes(fields);
    fields.ignore('cache_implementation');
    fields.only('use_bidirectional_attention', [false], 'causal attention');
    const every = fields.count('sliding_window_pattern', fields.count('_sliding_window_pattern', 6));
    const window = readWindows(fields, config.layers, readWindow(fields, 4096), (index) => (index + 1) % every !== 0);
    const [near, far] = ropes(fields, config);
    return gemma(fields, config, far, {
      ...outer(fields),
      headNorms: 'each',
      window,
      rotary: (index) => (window(index) === null ? far : near),
    });
  },
};

/** The rotary positions of layers with a window, and of the others. */
function ropes(fields: Fields, { headWidth, context }: ModelConfig): readonly [RotaryPlan, RotaryPlan] {
  const shape = { portion: 1, headWidth, context };
  const local = { theta: fields.positive('rope_local_base_freq', 10000), ...shape };
  const global = { theta: fields.positive('rope_theta', 1e6), ...shape };
  const both = fields.record('rope_parameters');
  const near = ropeOf(both?.record('sliding_attention') ?? null, local);
  const far = ropeOf(both === null ? fields.record('rope_scaling') : both.record('full_attention'), global);
  return [{ ...near, name: 'rotary_local' }, far];
}

/** The families of this file. */
export const gemmaFamilies: readonly Family[] = [gemma1, gemma2, gemma3];
