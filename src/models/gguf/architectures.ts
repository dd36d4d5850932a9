/**
 * Architectures of GGUF files as data: what a family's fields and tensors are called there, and what its converter changes
 * (github.com/ggml-org/llama.cpp: gguf-py/gguf/constants.py, tensor_mapping.py, convert_hf_to_gguf.py, src/llama-model.cpp).
 *
 * @module
 */

/** How rows of some tensors lie otherwise than in the checkpoint of Hugging Face. */
export type RowOrder =
  /** Pairs of neighbours turn, where there halves of a head do. */
  | 'pairs'
  /** All queries, all keys, all values, where there each head has its three. */
  | 'parts';

/** What a file of one architecture says, and how. */
export interface Architecture {
  /** As `model_type`. */
  readonly family: string;
  /** What a layer's names begin with, and the names of tensors, without `blk.N.` and `.weight`. */
  readonly layers: string;
  readonly names: Readonly<Record<string, string>>;
  /** Keys behind the architecture's name, and the field that each is; null: it changes nothing that is computed. */
  readonly keys: Readonly<Record<string, string | null>>;
  /** Fields that no key says. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Rows of which tensors lie otherwise, and how. */
  readonly rows?: Readonly<Record<string, RowOrder>>;
  /** One is added to every γ in the file, which the family adds itself. */
  readonly isShifted?: boolean;
}

const names = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
  attn_norm: 'input_layernorm',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_down: 'mlp.down_proj',
} as const;

const separate = {
  ...names,
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
} as const;

const outer = {
  ...separate,
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
} as const;

/** What all have. */
const inert = { vocab_size: null, tensor_data_layout: null } as const;

/** Sizes by the fields that most families have. */
const sizes = {
  ...inert,
  block_count: 'num_hidden_layers',
  embedding_length: 'hidden_size',
  feed_forward_length: 'intermediate_size',
  context_length: 'max_position_embeddings',
  'attention.head_count': 'num_attention_heads',
} as const;

const keys = {
  ...sizes,
  'attention.head_count_kv': 'num_key_value_heads',
  'attention.layer_norm_rms_epsilon': 'rms_norm_eps',
  'attention.key_length': 'head_dim',
  'attention.value_length': null,
  'attention.sliding_window': 'sliding_window',
  'rope.freq_base': 'rope_theta',
  'rope.dimension_count': null,
} as const;

const like = { family: 'llama', layers: 'model.layers.', names: separate, keys } as const;

/** All of them, by `general.architecture`. */
export const architectures: Readonly<Record<string, Architecture>> = {
  llama: { ...like, rows: { attn_q: 'pairs', attn_k: 'pairs' } },
  qwen2: { ...like, family: 'qwen2' },
  qwen3: { ...like, family: 'qwen3' },
  phi3: {
    ...like,
    family: 'phi3',
    names: { ...names, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
    keys: { ...keys, 'rope.dimension_count': 'rope_dimension_count' },
  },
  gemma: { ...like, family: 'gemma', isShifted: true },
  gemma2: {
    ...like,
    family: 'gemma2',
    names: outer,
    keys: {
      ...keys,
      attn_logit_softcapping: 'attn_logit_softcapping',
      final_logit_softcapping: 'final_logit_softcapping',
    },
    // What llama.cpp takes where the file says nothing.
    fields: { attn_logit_softcapping: 50, final_logit_softcapping: 30, sliding_window: 4096 },
    isShifted: true,
  },
  gemma3: {
    ...like,
    family: 'gemma3_text',
    names: outer,
    keys: {
      ...keys,
      'rope.freq_base_swa': 'rope_local_base_freq',
      'attention.sliding_window_pattern': 'sliding_window_pattern',
      final_logit_softcapping: 'final_logit_softcapping',
    },
    fields: { rope_theta: 1e6, rope_local_base_freq: 10000, sliding_window_pattern: 6 },
    isShifted: true,
  },
  gpt2: {
    family: 'gpt2',
    layers: 'transformer.h.',
    names: {
      token_embd: 'transformer.wte',
      position_embd: 'transformer.wpe',
      output_norm: 'transformer.ln_f',
      output: 'lm_head',
      attn_norm: 'ln_1',
      attn_qkv: 'attn.c_attn',
      attn_output: 'attn.c_proj',
      ffn_norm: 'ln_2',
      ffn_up: 'mlp.c_fc',
      ffn_down: 'mlp.c_proj',
    },
    keys: {
      ...inert,
      block_count: 'n_layer',
      embedding_length: 'n_embd',
      feed_forward_length: 'n_inner',
      context_length: 'n_positions',
      'attention.head_count': 'n_head',
      'attention.layer_norm_epsilon': 'layer_norm_epsilon',
    },
    // The converter turns the matrices of Conv1D round.
    fields: { is_conv1d: false },
  },
  gptneox: {
    family: 'gpt_neox',
    layers: 'gpt_neox.layers.',
    names: {
      token_embd: 'gpt_neox.embed_in',
      output_norm: 'gpt_neox.final_layer_norm',
      output: 'embed_out',
      attn_norm: 'input_layernorm',
      attn_qkv: 'attention.query_key_value',
      attn_output: 'attention.dense',
      ffn_norm: 'post_attention_layernorm',
      ffn_up: 'mlp.dense_h_to_4h',
      ffn_down: 'mlp.dense_4h_to_h',
    },
    keys: {
      ...sizes,
      'attention.layer_norm_epsilon': 'layer_norm_eps',
      use_parallel_residual: 'use_parallel_residual',
      'rope.freq_base': 'rotary_emb_base',
      'rope.dimension_count': 'rope_dimension_count',
    },
    rows: { attn_qkv: 'parts' },
  },
};
