/**
 * A GGUF file as a model: its metadata as a config.json, its tensors by the names of Hugging Face's checkpoints
 * (github.com/ggml-org/llama.cpp, gguf-py/gguf/constants.py and tensor_mapping.py, convert_hf_to_gguf.py).
 *
 * @module
 */
import { BittrueError, nearest } from '../errors/index.ts';
import { checkCheckpoint } from '../files/checkpoint.ts';
import type { ByteSource, Checkpoint, TensorEntry } from '../files/index.ts';
import { checkRange } from '../files/source.ts';

/** A model as `loadModel` takes it. */
export interface GgufModel {
  /** What a config.json would say. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly checkpoint: Checkpoint;
}

/** Names that all of these share. */
const shared: Readonly<Record<string, string>> = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
  attn_norm: 'input_layernorm',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_down: 'mlp.down_proj',
};

const separate: Readonly<Record<string, string>> = {
  ...shared,
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
};

/** What an architecture's tensors are called, and whether rows of Q and K are those of interleaved pairs. */
const architectures: Readonly<
  Record<string, { readonly names: Readonly<Record<string, string>>; readonly isPaired: boolean }>
> = {
  llama: { names: separate, isPaired: true },
  qwen2: { names: separate, isPaired: false },
  qwen3: { names: separate, isPaired: false },
  phi3: { names: { ...shared, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' }, isPaired: false },
};

/** Keys behind the architecture's name, and the field that each is; null: it changes nothing that is computed here. */
const keys: Readonly<Record<string, string | null>> = {
  block_count: 'num_hidden_layers',
  embedding_length: 'hidden_size',
  feed_forward_length: 'intermediate_size',
  context_length: 'max_position_embeddings',
  'attention.head_count': 'num_attention_heads',
  'attention.head_count_kv': 'num_key_value_heads',
  'attention.layer_norm_rms_epsilon': 'rms_norm_eps',
  'attention.key_length': 'head_dim',
  'attention.sliding_window': 'sliding_window',
  'rope.freq_base': 'rope_theta',
  'rope.scaling.original_context_length': 'original_max_position_embeddings',
  'rope.dimension_count': null,
  'attention.value_length': null,
  vocab_size: null,
};

/**
 * Reads what a GGUF file of a Llama, Mistral, Qwen2, Qwen3 or Phi-3 says. Queries and keys of the architecture `llama` are stored for pairs
 * of neighbours; their rows are put back.
 *
 * @param checkpoint from `readGguf`
 * @throws {@link BittrueError} `unsupported` for another architecture, and for metadata that change what is computed and have no place
 *   here: experts, scaled rotary positions; `file` for metadata that are missing or no numbers
 */
export function ggufModel(checkpoint: Checkpoint): GgufModel {
  const { name: file, metadata, entries, unreadable } = checkCheckpoint(checkpoint);
  const said = (key: string): string | undefined => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
  const architecture = said('general.architecture');
  if (architecture === undefined || !Object.hasOwn(architectures, architecture)) {
    const known = Object.keys(architectures);
    const wanted = `one of ${known.join(', ')}; any other as ONNX, or by what goes into its norms (bittrue capture)`;
    throw new BittrueError(
      'unsupported',
      `${file}: general.architecture`,
      architecture,
      wanted,
      nearest(architecture, known),
    );
  }
  const { names, isPaired } = architectures[architecture];
  const config: Record<string, unknown> = { model_type: architecture };
  for (const [key, text] of Object.entries(metadata)) {
    if (!key.startsWith(`${architecture}.`)) continue;
    const field = Object.hasOwn(keys, key.slice(architecture.length + 1))
      ? keys[key.slice(architecture.length + 1)]
      : undefined;
    if (field === undefined) {
      throw new BittrueError('unsupported', `${file}: ${key}`, text, 'a model without it: it may change the function');
    }
    const value = Number(text);
    if (!Number.isFinite(value)) throw new BittrueError('file', `${file}: ${key}`, text, 'a number');
    if (field !== null) config[field] = value;
  }
  const table = entries.get('token_embd.weight') ?? null;
  if (table === null) throw new BittrueError('file', file, 'no such tensor', 'the tensor token_embd.weight');
  config.vocab_size = table.shape[0];
  config.tie_word_embeddings = !entries.has('output.weight');
  const heads = Number(config.num_attention_heads);
  const headsOf: Readonly<Record<string, number>> = {
    attn_q: heads,
    attn_k: Number(config.num_key_value_heads ?? heads),
  };
  const width = Number(config.head_dim ?? Number(config.hidden_size) / heads);
  for (const key of ['rope.dimension_count', 'attention.value_length']) {
    const text = said(`${architecture}.${key}`);
    if (text !== undefined && Number(text) !== width) {
      throw new BittrueError('unsupported', `${file}: ${architecture}.${key}`, text, `the width of a head, ${width}`);
    }
  }
  if (architecture === 'llama' && entries.has('blk.0.attn_q.bias')) config.attention_bias = true;
  const renamed = new Map<string, TensorEntry>();
  for (const [name, entry] of entries) {
    const own = nameOf(name, names);
    const part = /^blk\.\d+\.(attn_[qk])\.(?:weight|bias)$/.exec(name)?.[1];
    const isTurned = isPaired && part !== undefined && entry.shape[0] === headsOf[part] * width;
    renamed.set(own, isTurned ? { ...halvesOf(entry, headsOf[part], width), name: own } : { ...entry, name: own });
  }
  const held = new Map([...unreadable].map(([name, reason]) => [nameOf(name, names), reason]));
  return { config, checkpoint: Object.freeze({ name: file, metadata, entries: renamed, unreadable: held }) };
}

/** A tensor's name in a checkpoint of Hugging Face; one that is not known stays as it is. */
function nameOf(name: string, names: Readonly<Record<string, string>>): string {
  const found = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name);
  if (found === null || !Object.hasOwn(names, found[2])) return name;
  const [, layer, part, kind] = found;
  return layer === undefined ? `${names[part]}.${kind}` : `model.layers.${layer}.${names[part]}.${kind}`;
}

/** Rows of pairs (0, 1, 2, …) as rows of halves: 0, 2, … then 1, 3, … of each head. */
function halvesOf(entry: TensorEntry, heads: number, width: number): TensorEntry {
  const row = entry.length / (heads * width);
  const { source, offset } = entry;
  const stored = (r: number): number => {
    const [head, i] = [Math.floor(r / width), r % width];
    return head * width + (i < width / 2 ? 2 * i : 2 * (i - width / 2) + 1);
  };
  const turned: ByteSource = {
    name: source.name,
    size: entry.length,
    read(from, length) {
      checkRange(source.name, entry.length, from, length);
      const first = Math.floor(from / row);
      const last = Math.ceil((from + length) / row);
      const bytes = new Uint8Array((last - first) * row);
      for (let r = first; r < last; r++) bytes.set(source.read(offset + stored(r) * row, row), (r - first) * row);
      return bytes.subarray(from - first * row, from - first * row + length);
    },
  };
  return { ...entry, source: turned, offset: 0 };
}
