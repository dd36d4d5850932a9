/**
 * The fields of a config.json, read by name: a field that nobody has read, and that is not known to change nothing, is an error.
 *
 * @module
 */
import { BittrueError, checkInteger, checkPositive, checkRecord } from '../errors/index.ts';

/** Reads fields and remembers which. An absent field is null or undefined. */
export interface Fields {
  /** What errors call the record: `config`. */
  readonly path: string;
  /** Whatever it is. */
  any(name: string): unknown;
  /** An integer from 1 on. */
  count(name: string, otherwise?: number | null): number;
  /** A number above 0. */
  positive(name: string, otherwise?: number): number;
  /** True or false. */
  flag(name: string, otherwise: boolean): boolean;
  /** One of the values, by the name in a table. */
  choice<T>(name: string, table: Readonly<Record<string, T>>, otherwise: string): T;
  /** A field that is computed at these values alone. */
  only(name: string, accepted: readonly unknown[], expected: string): void;
  /** Fields that change nothing that is computed. */
  ignore(names: string): void;
  /** A record in the record; null where it is absent. */
  record(name: string): Fields | null;
  /** Refuses fields that nobody has read. */
  finish(what: string): void;
}

/** What is left to do with a model that is not read here. */
export const WAYS_ON =
  '; any other model as ONNX (bittrue check model.onnx), or by what goes into its norms (bittrue capture)';

/** Fields that do not change what a forward pass computes, in any family. */
const inert: ReadonlySet<string> = /* @__PURE__ */ new Set(
  `_name_or_path _attn_implementation_autoset attn_implementation bos_token_id eos_token_id pad_token_id
  unk_token_id sep_token_id initializer_range torch_dtype dtype transformers_version use_cache pretraining_tp
  attention_dropout hidden_dropout resid_pdrop embd_pdrop auto_map id2label label2id num_labels finetuning_task
  task_specific_params tokenizer_class prefix max_length return_dict output_attentions output_hidden_states
  problem_type architectures model_type quantization_config cls_token_id decoder_start_token_id
  bad_words_ids chunk_size_feed_forward cross_attention_hidden_size diversity_penalty do_sample early_stopping
  encoder_no_repeat_ngram_size exponential_decay_length_penalty forced_bos_token_id forced_eos_token_id length_penalty
  min_length no_repeat_ngram_size num_beam_groups num_beams num_return_sequences output_scores remove_invalid_values
  repetition_penalty return_dict_in_generate temperature tf_legacy_loss top_k top_p torchscript typical_p use_bfloat16`.split(
    /\s+/,
  ),
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

/** The fields of a record, such as a parsed config.json. */
export function fieldsOf(json: unknown, path = 'config', expected = 'the object of a config.json'): Fields {
  const fields = checkRecord(path, json as Record<string, unknown>, expected);
  const read = new Set<string>();
  const inner: Fields[] = [];
  const any = (name: string): unknown => {
    read.add(name);
    return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
  };
  const at = (name: string): string => `${path}.${name}`;
  return {
    path,
    any,
    count: (name, otherwise) => checkInteger(at(name), any(name) ?? otherwise ?? undefined, 1, 2 ** 31),
    positive: (name, otherwise) => checkPositive(at(name), any(name) ?? otherwise),
    flag: (name, otherwise) => {
      const value = any(name) ?? otherwise;
      if (typeof value !== 'boolean') throw new BittrueError('type', at(name), value, 'true or false');
      return value;
    },
    choice: (name, table, otherwise) => {
      const value = any(name) ?? otherwise;
      if (typeof value === 'string' && Object.hasOwn(table, value)) return table[value];
      throw new BittrueError('unsupported', at(name), value, `${Object.keys(table).join(', ')}${WAYS_ON}`);
    },
    only: (name, accepted, expected) => {
      const value = any(name);
      if (value === undefined || accepted.includes(value)) return;
      throw new BittrueError('unsupported', at(name), value, `${expected}${WAYS_ON}`);
    },
    ignore: (names) => {
      for (const name of names.split(/\s+/)) read.add(name);
    },
    record: (name) => {
      const value = any(name);
      if (value === undefined) return null;
      const found = fieldsOf(value, at(name), 'an object');
      inner.push(found);
      return found;
    },
    finish: (what) => {
      for (const [name, value] of Object.entries(fields)) {
        if (read.has(name) || inert.has(name) || value === null || value === false) continue;
        if (Object.hasOwn(neutral, name) && neutral[name] === value) continue;
        // An empty list or record, such as that of the heads which were cut out.
        if (typeof value === 'object' && Object.keys(value as object).length === 0) continue;
        throw new BittrueError(
          'unsupported',
          at(name),
          value,
          `${what} without it, since it may change the function${WAYS_ON}`,
        );
      }
      for (const one of inner) one.finish(what);
    },
  };
}
