/**
 * Miniature models as GGUF files, laid out as llama.cpp's converter does it (convert_hf_to_gguf.py, gguf-py/gguf/constants.py), from the
 * weights of the miniatures in Hugging Face's layout.
 */
import type { Tensor } from '../../src/tensors/index.ts';
import { ggufFile, type StoredGguf, text, u32 } from '../files/ggufFile.ts';
import { decoders } from './families/decoders.ts';
import { seeded } from './families/plain.ts';

const llamaNames: Record<string, string> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'self_attn.qkv_proj': 'attn_qkv',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  'mlp.gate_up_proj': 'ffn_up',
};
const outerNames = {
  ...llamaNames,
  post_attention_layernorm: 'post_attention_norm',
  pre_feedforward_layernorm: 'ffn_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
};
const gpt2Names: Record<string, string> = {
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};
const neoxNames: Record<string, string> = {
  'gpt_neox.embed_in': 'token_embd',
  'gpt_neox.final_layer_norm': 'output_norm',
  embed_out: 'output',
  input_layernorm: 'attn_norm',
  'attention.query_key_value': 'attn_qkv',
  'attention.dense': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.dense_h_to_4h': 'ffn_up',
  'mlp.dense_4h_to_h': 'ffn_down',
};

/** A tensor's name as llama.cpp has it. */
function ggufName(name: string, names: Record<string, string>): string {
  const [, layer, part, kind] =
    /^(?:(?:model\.layers|transformer\.h|gpt_neox\.layers)\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(
      name,
    ) as RegExpExecArray;
  return `${layer === undefined ? '' : `blk.${layer}.`}${names[part]}.${kind}`;
}

/** Rows in another order: `to` is where row r goes. */
function moved({ data, shape }: Tensor, to: (r: number) => number): Float32Array {
  const [rows, columns = 1] = shape;
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[to(r) * columns + c] = data[r * columns + c];
  }
  return out;
}

/** What a converter makes of a tensor's numbers. */
type Convert = (name: string, one: Tensor) => { readonly data: Float32Array; readonly shape: readonly number[] };

const same: Convert = (_, { data, shape }) => ({ data: Float32Array.from(data), shape });
/** As llama.cpp's converter lays out a Llama: (head, half, place) becomes (head, place, half). */
export const pairs: Convert = (name, one) =>
  /[qk]_proj/.test(name)
    ? { data: moved(one, (r) => 4 * Math.floor(r / 4) + 2 * (r % 2) + (Math.floor(r / 2) % 2)), shape: one.shape }
    : same(name, one);
const plusOne: Convert = (name, one) =>
  /norm\.weight$/.test(name) ? { data: Float32Array.from(one.data, (x) => x + 1), shape: one.shape } : same(name, one);
/** The matrices of Conv1D the other way round. */
const turned: Convert = (name, one) => {
  if (!/\.c_.*weight$/.test(name)) return same(name, one);
  const [inputs, outputs] = one.shape;
  const data = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) data[o * inputs + i] = one.data[i * outputs + o];
  return { data, shape: [outputs, inputs] };
};
/** Each of two heads has query, key and value of 8: all queries come first, then all keys, then all values. */
const parts: Convert = (name, one) => {
  const to = (r: number) => {
    const [head, part, place] = [Math.floor(r / 24), Math.floor((r % 24) / 8), r % 8];
    return 16 * part + 8 * head + place;
  };
  return /query_key_value/.test(name) ? { data: moved(one, to), shape: one.shape } : same(name, one);
};

export const float = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];
export type Entry = readonly [key: string, type: number, bytes: readonly number[]];

export function ggufModelFile(
  architecture: string,
  weights: Record<string, Tensor>,
  entries: readonly Entry[],
  how: {
    readonly names?: Record<string, string>;
    readonly convert?: Convert;
    readonly more?: StoredGguf['tensors'];
  } = {},
): Uint8Array {
  const { names = llamaNames, convert = same, more = [] } = how;
  const tensors: StoredGguf['tensors'] = Object.entries(weights).map(([name, one]) => {
    const { data, shape } = convert(name, one);
    return { name: ggufName(name, names), dims: [...shape].reverse(), type: 0, data: new Uint8Array(data.buffer) };
  });
  const metadata = entries.map(([key, type, bytes]) => [`${architecture}.${key}`, type, bytes] as const);
  return ggufFile({
    metadata: [['general.architecture', 8, text(architecture)], ['general.name', 8, text('tiny')], ...metadata],
    tensors: [...tensors, ...more],
  });
}

const basic = (hidden: number, intermediate: number, context: number, heads: number): Entry[] => [
  ['block_count', 4, u32(3)],
  ['embedding_length', 4, u32(hidden)],
  ['feed_forward_length', 4, u32(intermediate)],
  ['context_length', 4, u32(context)],
  ['attention.head_count', 4, u32(heads)],
];
export const sizes: Entry[] = [
  ...basic(12, 10, 32, 3),
  ['attention.head_count_kv', 4, u32(1)],
  ['attention.layer_norm_rms_epsilon', 6, float(1e-6)],
];
const wide: Entry[] = [
  ['attention.key_length', 4, u32(6)],
  ['attention.value_length', 4, u32(6)],
];
const layerEpsilon: Entry = ['attention.layer_norm_epsilon', 6, float(1e-5)];

export interface GgufCase {
  readonly architecture: string;
  readonly of: string;
  readonly metadata: readonly Entry[];
  readonly how?: Parameters<typeof ggufModelFile>[3];
  /** Fields of config.json that the file does not say, or says in binary32. */
  readonly config?: object;
  readonly without?: RegExp;
}

export const rms = { rms_norm_eps: Math.fround(1e-6) };
/** Every architecture, and variants. */
export const ggufCases: Readonly<Record<string, GgufCase>> = {
  llama: {
    architecture: 'llama',
    of: 'llama with biases, positions divided',
    metadata: [
      ...sizes,
      ['rope.freq_base', 6, float(1e4)],
      ['vocab_size', 4, u32(13)],
      ['rope.dimension_count', 4, u32(4)],
    ],
    how: { convert: pairs },
    // Biases of an MLP have no name that llama.cpp gives Llamas.
    config: { ...rms, mlp_bias: false, rope_scaling: null },
    without: /mlp.*bias/,
  },
  'llama, positions divided': {
    architecture: 'llama',
    of: 'llama with biases, positions divided',
    metadata: [...sizes, ['rope.scaling.type', 8, text('linear')], ['rope.scaling.factor', 6, float(4)]],
    how: { convert: pairs },
    config: { ...rms, mlp_bias: false },
    without: /mlp.*bias/,
  },
  'llama by yarn': {
    architecture: 'llama',
    of: 'llama by yarn',
    metadata: [
      ...sizes,
      ['rope.scaling.type', 8, text('yarn')],
      ['rope.scaling.factor', 6, float(4)],
      ['rope.scaling.original_context_length', 4, u32(8)],
      ['rope.scaling.finetuned', 7, [1]],
    ],
    how: { convert: pairs },
    config: rms,
  },
  qwen2: {
    architecture: 'qwen2',
    of: 'qwen2',
    metadata: [...sizes, ['rope.freq_base', 6, float(1e6)]],
    config: rms,
  },
  qwen3: {
    architecture: 'qwen3',
    of: 'qwen3',
    metadata: [...sizes, ...wide, ['rope.freq_base', 6, float(1e4)]],
    config: rms,
  },
  phi3: {
    architecture: 'phi3',
    of: 'phi3',
    metadata: [...sizes, ['attention.sliding_window', 4, u32(4)], ['rope.dimension_count', 4, u32(4)]],
    config: rms,
  },
  'phi3 without a window': {
    architecture: 'phi3',
    of: 'phi3',
    metadata: [...sizes, ['attention.sliding_window', 4, u32(0)]],
    config: { ...rms, sliding_window: null },
  },
  gemma: {
    architecture: 'gemma',
    of: 'gemma',
    metadata: [...sizes, ...wide],
    how: { convert: plusOne },
    config: rms,
  },
  gemma2: {
    architecture: 'gemma2',
    of: 'gemma2',
    metadata: [
      ...sizes,
      ...wide,
      ['attention.sliding_window', 4, u32(3)],
      ['attn_logit_softcapping', 6, float(2)],
      ['final_logit_softcapping', 6, float(3)],
    ],
    how: { convert: plusOne, names: outerNames },
    // A query is scaled by the width of its head, but in the largest model.
    config: { ...rms, query_pre_attn_scalar: 6 },
  },
  'gemma2, by what llama.cpp takes': {
    architecture: 'gemma2',
    of: 'gemma2',
    metadata: [...sizes, ...wide],
    how: { convert: plusOne, names: outerNames },
    config: {
      ...rms,
      query_pre_attn_scalar: 6,
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      sliding_window: 4096,
    },
  },
  gemma3: {
    architecture: 'gemma3',
    of: 'gemma3',
    metadata: [
      ...sizes,
      ...wide,
      ['attention.sliding_window', 4, u32(3)],
      ['attention.sliding_window_pattern', 4, u32(2)],
      ['rope.freq_base', 6, float(1e6)],
      ['rope.freq_base_swa', 6, float(100)],
      ['rope.scaling.type', 8, text('linear')],
      ['rope.scaling.factor', 6, float(8)],
    ],
    how: { convert: plusOne, names: outerNames },
    config: { ...rms, query_pre_attn_scalar: 6 },
  },
  gpt2: {
    architecture: 'gpt2',
    of: 'gpt2',
    metadata: [...basic(12, 48, 16, 3), layerEpsilon],
    how: { convert: turned, names: gpt2Names },
    config: { layer_norm_epsilon: Math.fround(1e-5) },
  },
  gptneox: {
    architecture: 'gptneox',
    of: 'gpt-neox',
    metadata: [
      ...basic(16, 10, 32, 2),
      layerEpsilon,
      ['use_parallel_residual', 7, [1]],
      ['rope.dimension_count', 4, u32(2)],
    ],
    how: { convert: parts, names: neoxNames },
    config: { layer_norm_eps: Math.fround(1e-5) },
  },
  'gptneox in sequence': {
    architecture: 'gptneox',
    of: 'gpt-neox in sequence',
    metadata: [
      ...basic(16, 10, 32, 2),
      layerEpsilon,
      ['use_parallel_residual', 7, [0]],
      ['rope.dimension_count', 4, u32(2)],
    ],
    how: { convert: parts, names: neoxNames },
    config: { layer_norm_eps: Math.fround(1e-5) },
  },
};

/** γ − 1 and γ are both numbers of binary32, so that either file holds the same. */
export function ggufWeights(name: string, without: RegExp = /^$/): Record<string, Tensor> {
  const kept = Object.fromEntries(Object.entries(decoders[name].shapes).filter(([one]) => !without.test(one)));
  return Object.fromEntries(
    Object.entries(seeded(name, kept)).map(([one, { data, shape }]) => [
      one,
      /norm\.weight$/.test(one)
        ? { data: Float32Array.from(data, (x) => Math.round(x * 4096) / 4096), shape }
        : { data, shape },
    ]),
  );
}

/** The file of a case. */
export function ggufOf({ architecture, of, metadata, how, without }: GgufCase): Uint8Array {
  return ggufModelFile(architecture, ggufWeights(of, without), metadata, how);
}
