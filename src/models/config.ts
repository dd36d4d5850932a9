/**
 * A Llama's config.json, checked: anything that would change the function and is not computed here is refused.
 *
 * @module
 */
import { BittrueError, checkInteger, checkList, checkPositive, checkRecord } from '../errors/index.ts';

/** The shape of a Llama, as plain data. */
export interface LlamaConfig {
  readonly vocabulary: number;
  /** Width of the residual stream. */
  readonly hidden: number;
  /** Width between the MLP's up and down projections. */
  readonly intermediate: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Heads of keys and values; query head h reads number ⌊h · keyValueHeads / heads⌋. */
  readonly keyValueHeads: number;
  /** Width of one head. */
  readonly headWidth: number;
  /** The longest sequence, in tokens. */
  readonly context: number;
  /** Added to the mean square in every norm. */
  readonly epsilon: number;
  /** Base of the rotary angles. */
  readonly ropeTheta: number;
  /** Whether lm_head was the embedding's own matrix when the checkpoint was loaded. */
  readonly tied: boolean;
}

/**
 * Reads the parsed config.json of a Hugging Face Llama.
 *
 * @throws {@link BittrueError} `type` or `range` for a field that is missing or impossible, `shape` for head counts
 * that do not fit, `unsupported` for another architecture (the error names the ways on), rope scaling, biases, another activation
 * and every field that is not known to change nothing
 * @example
 * import { parseLlamaConfig } from 'bittrue/models';
 * const config = parseLlamaConfig({
 *   model_type: 'llama', vocab_size: 128, hidden_size: 128, intermediate_size: 344, num_hidden_layers: 4,
 *   num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 256, rms_norm_eps: 1e-5,
 * });
 * config.headWidth; // 32
 * config.ropeTheta; // 10000
 */
export function parseLlamaConfig(json: unknown): LlamaConfig {
  const fields = checkRecord('config', json as Record<string, unknown>, 'the object of a config.json');
  const count = (name: string, otherwise?: number): number =>
    checkInteger(`config.${name}`, fields[name] ?? otherwise, 1, 2 ** 31);
  const only = (name: string, accepted: readonly unknown[], expected: string): void => {
    if (!accepted.includes(fields[name]))
      throw new BittrueError('unsupported', `config.${name}`, fields[name], expected);
  };
  only('model_type', ['llama'], otherFamilies);
  checkArchitectures(fields.architectures);
  only('hidden_act', [undefined, 'silu'], 'silu');
  only('attention_bias', [undefined, null, false], 'no bias');
  only('mlp_bias', [undefined, null, false], 'no bias');
  only('quantization_config', [undefined, null], 'weights stored as floating-point numbers');
  only('rope_scaling', [undefined, null], 'no rope scaling');
  for (const [name, value] of Object.entries(fields)) {
    if (computed.has(name) || inert.has(name) || value === null || value === false) continue;
    if (neutral[name] === value) continue;
    throw new BittrueError('unsupported', `config.${name}`, value, 'a Llama without it: it may change the function');
  }

  const hidden = count('hidden_size');
  const heads = count('num_attention_heads');
  const keyValueHeads = count('num_key_value_heads', heads);
  if (heads % keyValueHeads !== 0) {
    throw new BittrueError('shape', 'config.num_key_value_heads', keyValueHeads, `a divisor of ${heads} heads`);
  }
  if (fields.head_dim == null && hidden % heads !== 0) {
    throw new BittrueError('shape', 'config.num_attention_heads', heads, `a divisor of hidden_size ${hidden}`);
  }
  const headWidth = count('head_dim', hidden / heads);
  if (headWidth % 2 !== 0) {
    throw new BittrueError('shape', 'config.head_dim', headWidth, 'an even width: rotary embeddings turn pairs');
  }
  const tied = fields.tie_word_embeddings ?? false;
  if (typeof tied !== 'boolean') throw new BittrueError('type', 'config.tie_word_embeddings', tied, 'true or false');
  return Object.freeze({
    vocabulary: count('vocab_size'),
    hidden,
    intermediate: count('intermediate_size'),
    layers: count('num_hidden_layers'),
    heads,
    keyValueHeads,
    headWidth,
    context: count('max_position_embeddings', 2048),
    epsilon: checkPositive('config.rms_norm_eps', fields.rms_norm_eps ?? 1e-6),
    ropeTheta: ropeTheta(fields),
    tied,
  });
}

/** What is wanted of `model_type`: the families that run here, and the ways on for all others. */
const otherFamilies =
  'llama, the family that runs here; any other as ONNX (bittrue check model.onnx) or by what goes into its norms (bittrue capture)';

/** Fields that {@link parseLlamaConfig} reads. */
const computed: ReadonlySet<string> = /* @__PURE__ */ new Set(
  `model_type architectures hidden_act attention_bias mlp_bias quantization_config rope_scaling hidden_size num_attention_heads
  num_key_value_heads head_dim tie_word_embeddings vocab_size intermediate_size num_hidden_layers
  max_position_embeddings rms_norm_eps rope_parameters rope_theta`.split(/\s+/),
);

/** The classes that the checkpoint was written from: LlamaForCausalLM, LlamaModel. */
function checkArchitectures(value: unknown): void {
  if (value === undefined || value === null) return;
  for (const one of checkList('config.architectures', value)) {
    if (typeof one !== 'string' || !/^llama/i.test(one)) {
      throw new BittrueError('unsupported', 'config.architectures', one, 'a Llama, such as LlamaForCausalLM');
    }
  }
}

/** Fields that do not change what a forward pass computes. */
const inert: ReadonlySet<string> = /* @__PURE__ */ new Set(
  `_name_or_path _attn_implementation_autoset attn_implementation bos_token_id eos_token_id pad_token_id
  unk_token_id sep_token_id initializer_range torch_dtype dtype transformers_version use_cache pretraining_tp
  attention_dropout hidden_dropout resid_pdrop embd_pdrop auto_map id2label label2id num_labels finetuning_task
  task_specific_params tokenizer_class prefix max_length return_dict output_attentions output_hidden_states
  problem_type`.split(/\s+/),
);

/** Fields that change nothing at one value. */
const neutral: Readonly<Record<string, unknown>> = {
  partial_rotary_factor: 1,
  rope_interleaved: false,
  embedding_multiplier: 1,
  residual_multiplier: 1,
  logits_scaling: 1,
  is_decoder: true,
};

/** The angle base, which newer files keep under `rope_parameters`. */
function ropeTheta(fields: Record<string, unknown>): number {
  const rope = (fields.rope_parameters ?? {}) as Record<string, unknown>;
  if (typeof rope !== 'object') throw new BittrueError('type', 'config.rope_parameters', rope, 'an object');
  for (const [name, value] of Object.entries(rope)) {
    const known = name === 'rope_type' || name === 'rope_theta' || (name === 'partial_rotary_factor' && value === 1);
    if (known || value === null) continue;
    throw new BittrueError('unsupported', `config.rope_parameters.${name}`, value, 'rope_type and rope_theta alone');
  }
  const kind = rope.rope_type ?? 'default';
  if (kind !== 'default') throw new BittrueError('unsupported', 'config.rope_parameters.rope_type', kind, 'default');
  return checkPositive('config.rope_theta', rope.rope_theta ?? fields.rope_theta ?? 10000);
}
