/**
 * Llama, Mistral, Mixtral, Qwen2, Qwen3 and Phi-3: one layout of checkpoints with small differences.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { Fields } from '../fields.ts';
import { readRope } from '../rope.ts';
import { activationNames, type Described, type Family, type ModelConfig, readWindow, readWindows } from './family.ts';
import { attentionBias, type LlamaLike, llamaLike, llamaSizes, plainLlama } from './llamaLike.ts';

export const common = {
  // Without a word before them: saved without the head, which must then be the embedding.
  prefixes: ['model.', ''],
  probe: 'embed_tokens.weight',
  buffers: /^(model\.)?(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/,
} as const;

/** What all of these read, and what one has otherwise. */
export function described(
  fields: Fields,
  whole: ModelConfig,
  {
    theta,
    share,
    original,
    activation: usual = 'silu',
  }: { readonly theta: number; readonly share?: number; readonly original?: number; readonly activation?: string },
  others: (plain: LlamaLike) => Partial<LlamaLike>,
): Described {
  const { headWidth, context } = whole;
  const rotary = readRope(fields, {
    theta,
    headWidth,
    context,
    ...(share === undefined ? {} : { share: { field: 'partial_rotary_factor', usual: share } }),
    ...(original === undefined ? {} : { original }),
  });
  const config = { ...whole, context: Math.min(context, rotary.longest ?? context) };
  const plain = plainLlama(config, rotary);
  const activation = fields.choice('hidden_act', activationNames, usual);
  return { config, plan: llamaLike({ ...plain, activation, ...others(plain) }) };
}

/** Llama 1, 2, 3, 3.1 and later ones of text. */
const llama: Family = {
  kind: 'decoder',
  name: 'llama',
  title: 'Llama 2, 3, 3.1',
  classes: /^llama/i,
  ...common,
  read(fields) {
    const bias = attentionBias(fields);
    return described(fields, llamaSizes(fields), { theta: 10000 }, () => ({
      ...bias,
      mlpBias: fields.flag('mlp_bias', false),
    }));
  },
};

/** Mistral: Llama with a window of positions. */
const mistral: Family = {
  kind: 'decoder',
  name: 'mistral',
  title: 'Mistral',
  classes: /^mistral/i,
  ...common,
  read(fields) {
    const config = llamaSizes(fields, { context: 4096 * 32 });
    const window = readWindow(fields);
    return described(fields, config, { theta: 10000 }, () => ({
      window: readWindows(fields, config.layers, window, () => true),
    }));
  },
};

/** Mixtral: several MLPs, of which a router chooses some for each token. */
const mixtral: Family = {
  kind: 'decoder',
  name: 'mixtral',
  title: 'Mixtral',
  classes: /^mixtral/i,
  ...common,
  read(fields) {
    const config = llamaSizes(fields, { epsilon: 1e-5, context: 4096 * 32 });
    const window = readWindow(fields);
    const count = fields.count('num_local_experts', 8);
    const chosen = fields.count('num_experts_per_tok', 2);
    if (chosen > count)
      throw new BittrueError('range', 'config.num_experts_per_tok', chosen, `at most ${count} experts`);
    fields.ignore('router_aux_loss_coef router_jitter_noise output_router_logits');
    return described(fields, config, { theta: 1e6 }, () => ({ window: () => window, experts: { count, chosen } }));
  },
};

/** Qwen2 and 2.5: biases of queries, keys and values; later layers may see a window. */
const qwen2: Family = {
  kind: 'decoder',
  name: 'qwen2',
  title: 'Qwen2, Qwen2.5',
  classes: /^qwen2/i,
  ...common,
  read: (fields) => qwen(fields, { context: 32768 }, () => ({ projectionBias: true })),
};

/** Qwen3: norms of every head's queries and keys. */
const qwen3: Family = {
  kind: 'decoder',
  name: 'qwen3',
  title: 'Qwen3',
  classes: /^qwen3/i,
  ...common,
  read: (fields) =>
    qwen(fields, { context: 32768, headWidth: 128 }, () => ({ ...attentionBias(fields), headNorms: 'each' })),
};

function qwen(
  fields: Fields,
  usual: { readonly context: number; readonly headWidth?: number },
  others: () => Partial<LlamaLike>,
): Described {
  const config = llamaSizes(fields, usual);
  const slides = fields.flag('use_sliding_window', false);
  const window = slides ? readWindow(fields, 4096) : null;
  if (!slides) fields.ignore('sliding_window');
  const from = slides ? fields.count('max_window_layers', 28) : 0;
  fields.ignore('max_window_layers');
  const windows = readWindows(fields, config.layers, window, (index) => slides && index >= from);
  return described(fields, config, { theta: 10000 }, () => ({ window: windows, ...others() }));
}

/** Phi-3 and those of Phi-4 that are laid out so: fused matrices. */
const phi3: Family = {
  kind: 'decoder',
  name: 'phi3',
  title: 'Phi-3, Phi-4-mini',
  classes: /^phi3/i,
  ...common,
  read(fields) {
    const config = llamaSizes(fields, { epsilon: 1e-5, context: 4096 });
    const window = readWindow(fields);
    const original = fields.count('original_max_position_embeddings', config.context);
    fields.only('attention_bias', [false], 'no bias');
    const base = { theta: 10000, share: 1, original };
    return described(fields, config, base, () => ({ isFused: true, window: () => window }));
  },
};

/** The families of this file. */
export const llamaFamilies: readonly Family[] = [llama, mistral, mixtral, qwen2, qwen3, phi3];
