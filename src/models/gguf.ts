/**
 * A GGUF file as a model: its metadata as a config.json, its tensors by the names of Hugging Face's checkpoints
 * (github.com/ggml-org/llama.cpp, gguf-py/gguf/constants.py and tensor_mapping.py, convert_hf_to_gguf.py).
 *
 * @module
 */
import { BittrueError, nearest } from '../errors/index.ts';
import { checkCheckpoint, readTensor } from '../files/checkpoint.ts';
import type { Checkpoint, TensorEntry } from '../files/index.ts';
import { type Architecture, architectures } from './gguf/architectures.ts';
import { reordered, unshifted } from './gguf/rows.ts';

/** A model as `loadModel` takes it. */
export interface GgufModel {
  /** What a config.json would say. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly checkpoint: Checkpoint;
}

type Config = Record<string, unknown>;

/**
 * Reads what a GGUF file of a Llama, Mistral, Qwen2, Qwen3, Phi-3, Gemma 1 to 3, GPT-2 or GPT-NeoX says. What the converter changed is put
 * back: rows of queries and keys that lie in pairs, those of a fused matrix that lie by parts, γ with one added.
 *
 * @param checkpoint from `readGguf`
 * @throws {@link BittrueError} `unsupported` for another architecture, and for metadata that change what is computed and have no place
 *   here, such as experts; `file` for metadata that are missing or no numbers
 */
export function ggufModel(checkpoint: Checkpoint): GgufModel {
  const { name: file, metadata, entries, unreadable } = checkCheckpoint(checkpoint);
  const said = (key: string): string | undefined => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
  const name = said('general.architecture');
  if (name === undefined || !Object.hasOwn(architectures, name)) {
    const known = Object.keys(architectures);
    const wanted = `one of ${known.join(', ')}; any other as ONNX, or by what goes into its norms (bittrue capture)`;
    throw new BittrueError('unsupported', `${file}: general.architecture`, name, wanted, nearest(name, known));
  }
  const own = architectures[name];
  const at = (key: string): string => `${name}.${key}`;
  const config = configOf(checkpoint, name, own);
  const table = entries.get('token_embd.weight') ?? null;
  if (table === null) throw new BittrueError('file', file, 'no such tensor', 'the tensor token_embd.weight');
  config.vocab_size = table.shape[0];
  config.tie_word_embeddings = !entries.has('output.weight');
  const [hidden, heads] = [
    Number(config.hidden_size ?? config.n_embd),
    Number(config.num_attention_heads ?? config.n_head),
  ];
  const shared = Number(config.num_key_value_heads ?? heads);
  const width = Number(config.head_dim ?? hidden / heads);
  for (const key of ['rope.dimension_count', 'attention.value_length']) {
    const text = said(at(key));
    if (text === undefined || own.keys[key] !== null || Number(text) === width) continue;
    throw new BittrueError('unsupported', `${file}: ${at(key)}`, text, `the width of a head, ${width}`);
  }
  if (name === 'llama' && entries.has('blk.0.attn_q.bias')) config.attention_bias = true;
  const rope = ropeOf(checkpoint, name, Number(config.max_position_embeddings));
  finish(config, { hidden, heads, width });
  if (rope !== null) config.rope_scaling = rope.scaling;
  const headsOf: Readonly<Record<string, number>> = { attn_q: heads, attn_k: shared, attn_qkv: heads };
  const renamed = new Map<string, TensorEntry>();
  for (const [stored, entry] of entries) {
    if (rope?.read.includes(stored)) continue;
    const [renamedAs, part] = nameOf(stored, own);
    const order = own.rows?.[part];
    const rows = headsOf[part] * width * (order === 'parts' ? 3 : 1);
    const isShifted = own.isShifted === true && /norm$/.test(part);
    const made =
      order !== undefined && entry.shape[0] === rows
        ? reordered(entry, order, headsOf[part], width)
        : isShifted
          ? unshifted(checkpoint, entry)
          : entry;
    renamed.set(renamedAs, { ...made, name: renamedAs });
  }
  const held = new Map([...unreadable].map(([stored, reason]) => [nameOf(stored, own)[0], reason]));
  return { config, checkpoint: Object.freeze({ name: file, metadata, entries: renamed, unreadable: held }) };
}

/** What the keys behind the architecture's name say, but for those of stretched positions. */
function configOf(checkpoint: Checkpoint, name: string, { family, keys, fields }: Architecture): Config {
  const said = fieldsBehind(checkpoint, `${name}.`, keys, flagOrNumber, `${name}.rope.scaling.`);
  return { model_type: family, ...fields, ...said };
}

/** What keys behind a prefix say, but for those behind a longer one; a key that is not known may change the function. */
function fieldsBehind(
  { name: file, metadata }: Checkpoint,
  prefix: string,
  known: Architecture['keys'],
  read: (file: string, key: string, text: string) => unknown,
  except?: string,
): Config {
  const config: Config = {};
  for (const [key, text] of Object.entries(metadata)) {
    if (!key.startsWith(prefix) || (except !== undefined && key.startsWith(except))) continue;
    const own = key.slice(prefix.length);
    const field = Object.hasOwn(known, own) ? known[own] : undefined;
    if (field === undefined) {
      throw new BittrueError('unsupported', `${file}: ${key}`, text, 'a model without it: it may change the function');
    }
    if (field !== null) config[field] = read(file, key, text);
  }
  return config;
}

function flagOrNumber(file: string, key: string, text: string): number | boolean {
  return text === 'true' || text === 'false' ? text === 'true' : numberOf(file, key, text);
}

function numberOf(file: string, key: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new BittrueError('file', `${file}: ${key}`, text, 'a number');
  return value;
}

/**
 * How rotary positions are stretched, as `rope_scaling` says it, and the tensors that say it: `rope_freqs.weight` divides every frequency
 * (Llama 3.1); `rope_factors_short` and `rope_factors_long` are Phi-3's lists.
 */
function ropeOf(
  checkpoint: Checkpoint,
  name: string,
  context: number,
): { readonly scaling: Config | null; readonly read: readonly string[] } | null {
  const { name: file, metadata, entries } = checkpoint;
  const prefix = `${name}.rope.scaling.`;
  const known: Architecture['keys'] = {
    type: null,
    finetuned: null,
    factor: 'factor',
    original_context_length: 'original_max_position_embeddings',
    attn_factor: 'attention_factor',
    yarn_beta_fast: 'beta_fast',
    yarn_beta_slow: 'beta_slow',
  };
  const scaling = fieldsBehind(checkpoint, prefix, known, numberOf);
  const kind = Object.hasOwn(metadata, `${prefix}type`) ? metadata[`${prefix}type`] : 'none';
  const list = (tensor: string): number[] => Array.from(readTensor(checkpoint, tensor).data);
  const [short, long] = ['rope_factors_short.weight', 'rope_factors_long.weight'];
  if (entries.has(short) && entries.has(long)) {
    const lists = { rope_type: 'longrope', short_factor: list(short), long_factor: list(long) };
    return { scaling: { ...scaling, ...lists }, read: [short, long] };
  }
  const every = 'rope_freqs.weight';
  if (entries.has(every)) {
    if (kind !== 'none') {
      throw new BittrueError('unsupported', `${file}: ${prefix}type`, kind, `none beside the tensor ${every}`);
    }
    const factors = list(every);
    const lists = { short_factor: factors, long_factor: factors, original_max_position_embeddings: context };
    return { scaling: { rope_type: 'longrope', attention_factor: 1, ...lists }, read: [every] };
  }
  if (kind === 'none') return null;
  return { scaling: { rope_type: kind, ...scaling }, read: [] };
}

/** Fields that follow from others. */
function finish(config: Config, { hidden, heads, width }: { hidden: number; heads: number; width: number }): void {
  const layers = Number(config.num_hidden_layers);
  // llama.cpp knows the largest Gemma 2 and 3 by their layers: only there a query is not scaled by the width of its own head.
  const isLargest = layers === (config.model_type === 'gemma2' ? 46 : 62);
  if (config.model_type === 'gemma2' || config.model_type === 'gemma3_text') {
    config.query_pre_attn_scalar = isLargest ? hidden / heads : width;
  }
  // The converter writes 0 where Phi has no window.
  if (config.sliding_window === 0) config.sliding_window = null;
  const turning = config.rope_dimension_count;
  if (turning === undefined) return;
  delete config.rope_dimension_count;
  config[config.model_type === 'gpt_neox' ? 'rotary_pct' : 'partial_rotary_factor'] = Number(turning) / width;
}

/** A tensor's name in a checkpoint of Hugging Face, and what part it is; one that is not known stays as it is. */
function nameOf(name: string, { layers, names }: Architecture): readonly [name: string, part: string] {
  const found = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name);
  if (found === null || !Object.hasOwn(names, found[2])) return [name, ''];
  const [, layer, part, kind] = found;
  return [layer === undefined ? `${names[part]}.${kind}` : `${layers}${layer}.${names[part]}.${kind}`, part];
}
