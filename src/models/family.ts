/**
 * Families of checkpoints as data: what the tensors are called, which block follows which norm.
 * The names are those of Hugging Face checkpoints; `{layer}` stands for the layer's number.
 *
 * @module
 */

/** A family of decoder-only, pre-norm transformers. */
export interface Family {
  /** As `model_type` in config.json. */
  readonly name: string;
  /** [vocabulary, hidden] */
  readonly embedding: string;
  /** [vocabulary, hidden]; absent from the file when it is tied to the embedding. */
  readonly head: string;
  /** [hidden] */
  readonly finalNorm: string;
  /** The first half of a layer: norm, attention, addition to the residual stream. */
  readonly attention: {
    /** `[hidden]`: the norm that feeds the block. */
    readonly norm: string;
    /** [heads · head width, hidden] */
    readonly query: string;
    /** [key-value heads · head width, hidden] */
    readonly key: string;
    /** [key-value heads · head width, hidden] */
    readonly value: string;
    /** `[hidden, heads · head width]`: writes to the residual stream. */
    readonly output: string;
  };
  /** The second half: norm, gated MLP, addition to the residual stream. */
  readonly mlp: {
    /** `[hidden]`: the norm that feeds the block. */
    readonly norm: string;
    /** [intermediate, hidden] */
    readonly gate: string;
    /** [intermediate, hidden] */
    readonly up: string;
    /** `[hidden, intermediate]`: writes to the residual stream. */
    readonly down: string;
  };
}

/** Llama: RMSNorm, rotary grouped-query attention, SiLU-gated MLP. */
export const llamaFamily: Family = /* @__PURE__ */ Object.freeze({
  name: 'llama',
  embedding: 'model.embed_tokens.weight',
  head: 'lm_head.weight',
  finalNorm: 'model.norm.weight',
  attention: /* @__PURE__ */ Object.freeze({
    norm: 'model.layers.{layer}.input_layernorm.weight',
    query: 'model.layers.{layer}.self_attn.q_proj.weight',
    key: 'model.layers.{layer}.self_attn.k_proj.weight',
    value: 'model.layers.{layer}.self_attn.v_proj.weight',
    output: 'model.layers.{layer}.self_attn.o_proj.weight',
  }),
  mlp: /* @__PURE__ */ Object.freeze({
    norm: 'model.layers.{layer}.post_attention_layernorm.weight',
    gate: 'model.layers.{layer}.mlp.gate_proj.weight',
    up: 'model.layers.{layer}.mlp.up_proj.weight',
    down: 'model.layers.{layer}.mlp.down_proj.weight',
  }),
});

/** The names of one layer's half, `{layer}` filled in. */
export function layerNames<T extends Readonly<Record<string, string>>>(names: T, layer: number): T {
  const filled = Object.entries(names).map(([role, name]) => [role, name.replace('{layer}', String(layer))]);
  return Object.fromEntries(filled) as T;
}
