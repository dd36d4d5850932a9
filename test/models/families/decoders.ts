/**
 * Miniatures of decoder families in the Hugging Face layout: config.json, tensors by name and shape, and the family's definition in
 * plain loops, written from its published code or paper.
 */
import {
  add,
  apply,
  applyConv1d,
  attend,
  frequencies,
  gelu,
  geluTanh,
  layerNorm,
  type Rows,
  relu,
  rmsNorm,
  row,
  silu,
  split,
  turn,
  type Weights,
} from './plain.ts';

export interface Miniature {
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly run: (w: Weights, tokens: readonly number[]) => Rows;
}

export const V = 13;
export const D = 12;
export const F = 10;
export const L = 3;

export const base = {
  vocab_size: V,
  hidden_size: D,
  intermediate_size: F,
  num_hidden_layers: L,
  num_attention_heads: 3,
  num_key_value_heads: 1,
  max_position_embeddings: 32,
  torch_dtype: 'float32',
};

/** Shapes by Llama's names. */
export function llamaShapes(width = 4, heads = 3, shared = 1, tied = false): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = { 'model.embed_tokens.weight': [V, D] };
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    Object.assign(shapes, {
      [`${at}.input_layernorm.weight`]: [D],
      [`${at}.self_attn.q_proj.weight`]: [heads * width, D],
      [`${at}.self_attn.k_proj.weight`]: [shared * width, D],
      [`${at}.self_attn.v_proj.weight`]: [shared * width, D],
      [`${at}.self_attn.o_proj.weight`]: [D, heads * width],
      [`${at}.post_attention_layernorm.weight`]: [D],
      [`${at}.mlp.gate_proj.weight`]: [F, D],
      [`${at}.mlp.up_proj.weight`]: [F, D],
      [`${at}.mlp.down_proj.weight`]: [D, F],
    });
  }
  shapes['model.norm.weight'] = [D];
  if (!tied) shapes['lm_head.weight'] = [V, D];
  return shapes;
}

/** Shapes for every layer, by names with `N` for its number. */
export const perLayer = (shapes: Record<string, readonly number[]>): Record<string, readonly number[]> =>
  Object.fromEntries(
    Array.from({ length: L }, (_, l) =>
      Object.entries(shapes).map(([name, shape]) => [name.replace('N', String(l)), shape]),
    ).flat(),
  );

export const without = (
  shapes: Record<string, readonly number[]>,
  pattern: RegExp,
): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)));

/** What differs in a Llama's loops. */
interface Loops {
  readonly epsilon: number;
  readonly frequencies: readonly number[];
  readonly bias?: RegExp;
  readonly window?: number;
  readonly heads?: number;
  readonly shared?: number;
  readonly mlp?: (w: Weights, at: string, x: number[]) => number[];
  readonly headNorms?: boolean;
  readonly factor?: number;
}

function llama(w: Weights, tokens: readonly number[], how: Loops): Rows {
  const { epsilon, bias = /^$/, heads = 3, shared = 1 } = how;
  const linear = (name: string, x: number[]) => apply(w, name, x, bias.test(name));
  let stream = tokens.map((token) => row(w['model.embed_tokens.weight'], token));
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const y = stream.map((x) => rmsNorm(w, `${at}.input_layernorm`, x, epsilon));
    const heady = (name: string, count: number) =>
      y.map((x, t) =>
        split(linear(`${at}.self_attn.${name}_proj`, x), count).map((head) =>
          turn(
            how.headNorms ? rmsNorm(w, `${at}.self_attn.${name}_norm`, head, epsilon) : head,
            t,
            how.frequencies,
            how.factor,
          ),
        ),
      );
    const v = y.map((x) => split(linear(`${at}.self_attn.v_proj`, x), shared));
    const window = how.window === undefined ? {} : { window: how.window };
    const mixed = attend(heady('q', heads), heady('k', shared), v, window);
    stream = stream.map((x, t) => add(x, linear(`${at}.self_attn.o_proj`, mixed[t])));
    stream = stream.map((x) => {
      const z = rmsNorm(w, `${at}.post_attention_layernorm`, x, epsilon);
      if (how.mlp !== undefined) return add(x, how.mlp(w, at, z));
      const gate = linear(`${at}.mlp.gate_proj`, z);
      const up = linear(`${at}.mlp.up_proj`, z);
      return add(
        x,
        linear(
          `${at}.mlp.down_proj`,
          up.map((value, i) => value * silu(gate[i])),
        ),
      );
    });
  }
  return stream.map((x) => apply(w, 'lm_head', rmsNorm(w, 'model.norm', x, epsilon)));
}

/** Llama 3.1: long waves are stretched by the factor, short ones stay, between them a blend. */
const stretched = frequencies(4, 10000).map((f) => {
  const wave = (2 * Math.PI) / f;
  const [factor, low, high, before] = [8, 1, 4, 16];
  if (wave < before / high) return f;
  if (wave > before / low) return f / factor;
  const smooth = (before / wave - low) / (high - low);
  return (1 - smooth) * (f / factor) + smooth * f;
});

/** YaRN's frequencies for a width of 4, by arXiv 2309.00071. */
function yarn(): number[] {
  const [width, factor, before] = [4, 4, 8];
  const dimension = (turns: number) => (width * Math.log(before / (turns * 2 * Math.PI))) / (2 * Math.log(10000));
  const low = Math.max(Math.floor(dimension(32)), 0);
  const high = Math.min(Math.ceil(dimension(1)), width - 1);
  return frequencies(4, 10000).map((f, i) => {
    const ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
    return (f / factor) * ramp + f * (1 - ramp);
  });
}

const biases = (pattern: string, width = 12, shared = 4): Record<string, readonly number[]> => {
  const sizes: Record<string, number> = { q: width, k: shared, v: shared, o: D };
  return perLayer(
    Object.fromEntries([...pattern].map((name) => [`model.layers.N.self_attn.${name}_proj.bias`, [sizes[name]]])),
  );
};

function gemmaShapes(names: readonly string[], headNorms = false): Record<string, readonly number[]> {
  return {
    ...llamaShapes(6, 3, 1, true),
    ...perLayer(Object.fromEntries(names.map((name) => [`model.layers.N.${name}.weight`, [D]]))),
    ...(headNorms
      ? perLayer({ 'model.layers.N.self_attn.q_norm.weight': [6], 'model.layers.N.self_attn.k_norm.weight': [6] })
      : {}),
  };
}

interface GemmaLoops {
  readonly outer: boolean;
  readonly headNorms?: boolean;
  readonly theta: (l: number) => number;
  readonly stretch?: (l: number) => number;
  readonly window: (l: number) => number;
  readonly scale: number;
  readonly scoreCap?: number;
  readonly logitCap?: number;
}

function gemma(w: Weights, tokens: readonly number[], how: GemmaLoops): Rows {
  const norm = (name: string, x: number[]) => rmsNorm(w, name, x, 1e-6, 1);
  const after = (name: string, x: number[]) => (how.outer ? norm(name, x) : x);
  let stream = tokens.map((token) => row(w['model.embed_tokens.weight'], token).map((x) => x * Math.sqrt(D)));
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const turns = frequencies(6, how.theta(l)).map((f) => f / (how.stretch?.(l) ?? 1));
    const y = stream.map((x) => norm(`${at}.input_layernorm`, x));
    const heady = (name: string, count: number) =>
      y.map((x, t) =>
        split(apply(w, `${at}.self_attn.${name}_proj`, x), count).map((head) =>
          turn(how.headNorms ? norm(`${at}.self_attn.${name}_norm`, head) : head, t, turns),
        ),
      );
    const v = y.map((x) => split(apply(w, `${at}.self_attn.v_proj`, x), 1));
    const { scale, scoreCap: softcap = 0 } = how;
    const mixed = attend(heady('q', 3), heady('k', 1), v, { scale, softcap, window: how.window(l) });
    stream = stream.map((x, t) =>
      add(x, after(`${at}.post_attention_layernorm`, apply(w, `${at}.self_attn.o_proj`, mixed[t]))),
    );
    const before = how.outer ? 'pre_feedforward_layernorm' : 'post_attention_layernorm';
    stream = stream.map((x) => {
      const z = norm(`${at}.${before}`, x);
      const gate = apply(w, `${at}.mlp.gate_proj`, z);
      const inner = apply(w, `${at}.mlp.up_proj`, z).map((value, i) => value * geluTanh(gate[i]));
      return add(x, after(`${at}.post_feedforward_layernorm`, apply(w, `${at}.mlp.down_proj`, inner)));
    });
  }
  return stream.map((x) => {
    const said = apply({ 'h.weight': w['model.embed_tokens.weight'] }, 'h', norm('model.norm', x));
    return how.logitCap === undefined
      ? said
      : said.map((y) => (how.logitCap as number) * Math.tanh(y / (how.logitCap as number)));
  });
}

/** Mixtral's router: softmax over all, the best two, their shares divided by the sum. */
function experts(w: Weights, at: string, x: number[]): number[] {
  const scores = apply(w, `${at}.block_sparse_moe.gate`, x);
  const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  const best = scores.map((score, e) => ({ e, share: Math.exp(score) / total })).sort((a, b) => b.share - a.share);
  const [first, second] = best;
  let out = new Array<number>(D).fill(0);
  for (const { e, share } of [first, second]) {
    const own = `${at}.block_sparse_moe.experts.${e}`;
    const gate = apply(w, `${own}.w1`, x);
    const y = apply(
      w,
      `${own}.w2`,
      apply(w, `${own}.w3`, x).map((value, i) => value * silu(gate[i])),
    );
    out = add(
      out,
      y.map((value) => (value * share) / (first.share + second.share)),
    );
  }
  return out;
}

const outerNorms = ['pre_feedforward_layernorm', 'post_feedforward_layernorm'];

function gpt2(w: Weights, tokens: readonly number[], prefix: string): Rows {
  const eps = 1e-5;
  let stream = tokens.map((token, t) => add(row(w[`${prefix}wte.weight`], token), row(w[`${prefix}wpe.weight`], t)));
  for (let l = 0; l < L; l++) {
    const at = `${prefix}h.${l}`;
    const all = stream.map((x) => applyConv1d(w, `${at}.attn.c_attn`, layerNorm(w, `${at}.ln_1`, x, eps)));
    const part = (n: number) => all.map((x) => split(x.slice(n * D, (n + 1) * D), 3));
    const mixed = attend(part(0), part(1), part(2));
    stream = stream.map((x, t) => add(x, applyConv1d(w, `${at}.attn.c_proj`, mixed[t])));
    stream = stream.map((x) => {
      const inner = applyConv1d(w, `${at}.mlp.c_fc`, layerNorm(w, `${at}.ln_2`, x, eps)).map(geluTanh);
      return add(x, applyConv1d(w, `${at}.mlp.c_proj`, inner));
    });
  }
  return stream.map((x) => apply({ 'h.weight': w[`${prefix}wte.weight`] }, 'h', layerNorm(w, `${prefix}ln_f`, x, eps)));
}

const gpt2Shapes = (prefix: string): Record<string, readonly number[]> => ({
  [`${prefix}wte.weight`]: [V, D],
  [`${prefix}wpe.weight`]: [16, D],
  ...perLayer({
    [`${prefix}h.N.ln_1.weight`]: [D],
    [`${prefix}h.N.ln_1.bias`]: [D],
    [`${prefix}h.N.attn.c_attn.weight`]: [D, 3 * D],
    [`${prefix}h.N.attn.c_attn.bias`]: [3 * D],
    [`${prefix}h.N.attn.c_proj.weight`]: [D, D],
    [`${prefix}h.N.attn.c_proj.bias`]: [D],
    [`${prefix}h.N.ln_2.weight`]: [D],
    [`${prefix}h.N.ln_2.bias`]: [D],
    [`${prefix}h.N.mlp.c_fc.weight`]: [D, 4 * D],
    [`${prefix}h.N.mlp.c_fc.bias`]: [4 * D],
    [`${prefix}h.N.mlp.c_proj.weight`]: [4 * D, D],
    [`${prefix}h.N.mlp.c_proj.bias`]: [D],
  }),
  [`${prefix}ln_f.weight`]: [D],
  [`${prefix}ln_f.bias`]: [D],
});

function neox(w: Weights, tokens: readonly number[], isParallel: boolean): Rows {
  const eps = 1e-5;
  let stream = tokens.map((token) => row(w['gpt_neox.embed_in.weight'], token));
  for (let l = 0; l < L; l++) {
    const at = `gpt_neox.layers.${l}`;
    const all = stream.map((x) =>
      apply(w, `${at}.attention.query_key_value`, layerNorm(w, `${at}.input_layernorm`, x, eps), true),
    );
    // Query, key and value of one head stand together; a quarter of each head turns (2 of 8 numbers).
    const part = (n: number, turns: boolean) =>
      all.map((x, t) =>
        split(x, 2).map((head) => {
          const own = split(head, 3)[n];
          return turns ? [...turn(own.slice(0, 2), t, frequencies(2, 10000)), ...own.slice(2)] : own;
        }),
      );
    const mixed = attend(part(0, true), part(1, true), part(2, false));
    const attended = mixed.map((x) => apply(w, `${at}.attention.dense`, x, true));
    const feed = (x: number[]) => {
      const inner = apply(
        w,
        `${at}.mlp.dense_h_to_4h`,
        layerNorm(w, `${at}.post_attention_layernorm`, x, eps),
        true,
      ).map(gelu);
      return apply(w, `${at}.mlp.dense_4h_to_h`, inner, true);
    };
    stream = stream.map((x, t) => {
      const sum = add(x, attended[t]);
      return add(sum, feed(isParallel ? x : sum));
    });
  }
  return stream.map((x) => apply(w, 'embed_out', layerNorm(w, 'gpt_neox.final_layer_norm', x, eps)));
}

const W = 16;
const neoxShapes: Record<string, readonly number[]> = {
  'gpt_neox.embed_in.weight': [V, W],
  ...perLayer({
    'gpt_neox.layers.N.input_layernorm.weight': [W],
    'gpt_neox.layers.N.input_layernorm.bias': [W],
    'gpt_neox.layers.N.attention.query_key_value.weight': [3 * W, W],
    'gpt_neox.layers.N.attention.query_key_value.bias': [3 * W],
    'gpt_neox.layers.N.attention.dense.weight': [W, W],
    'gpt_neox.layers.N.attention.dense.bias': [W],
    'gpt_neox.layers.N.post_attention_layernorm.weight': [W],
    'gpt_neox.layers.N.post_attention_layernorm.bias': [W],
    'gpt_neox.layers.N.mlp.dense_h_to_4h.weight': [F, W],
    'gpt_neox.layers.N.mlp.dense_h_to_4h.bias': [F],
    'gpt_neox.layers.N.mlp.dense_4h_to_h.weight': [W, F],
    'gpt_neox.layers.N.mlp.dense_4h_to_h.bias': [W],
  }),
  'gpt_neox.final_layer_norm.weight': [W],
  'gpt_neox.final_layer_norm.bias': [W],
  'embed_out.weight': [V, W],
};

const neoxConfig = {
  model_type: 'gpt_neox',
  architectures: ['GPTNeoXForCausalLM'],
  vocab_size: V,
  hidden_size: W,
  intermediate_size: F,
  num_hidden_layers: L,
  num_attention_heads: 2,
  max_position_embeddings: 32,
};

function opt(w: Weights, tokens: readonly number[], isBefore: boolean): Rows {
  const eps = 1e-5;
  const at = 'model.decoder';
  const around = (name: string, stream: Rows, body: (rows: Rows) => Rows): Rows => {
    const said = body(isBefore ? stream.map((x) => layerNorm(w, name, x, eps)) : stream);
    const sums = stream.map((x, t) => add(x, said[t]));
    return isBefore ? sums : sums.map((x) => layerNorm(w, name, x, eps));
  };
  let stream = tokens.map((token, t) => {
    const x = row(w[`${at}.embed_tokens.weight`], token);
    return add(isBefore ? x : apply(w, `${at}.project_in`, x), row(w[`${at}.embed_positions.weight`], t + 2));
  });
  for (let l = 0; l < L; l++) {
    const own = `${at}.layers.${l}`;
    stream = around(`${own}.self_attn_layer_norm`, stream, (rows) => {
      const part = (name: string) => rows.map((x) => split(apply(w, `${own}.self_attn.${name}_proj`, x, true), 3));
      return attend(part('q'), part('k'), part('v')).map((x) => apply(w, `${own}.self_attn.out_proj`, x, true));
    });
    stream = around(`${own}.final_layer_norm`, stream, (rows) =>
      rows.map((x) => apply(w, `${own}.fc2`, apply(w, `${own}.fc1`, x, true).map(relu), true)),
    );
  }
  return stream.map((x) => {
    const last = isBefore ? layerNorm(w, `${at}.final_layer_norm`, x, eps) : apply(w, `${at}.project_out`, x);
    return apply({ 'h.weight': w[`${at}.embed_tokens.weight`] }, 'h', last);
  });
}

function optShapes(isBefore: boolean): Record<string, readonly number[]> {
  const at = 'model.decoder';
  const linear = (name: string, outputs: number, inputs: number) => ({
    [`${at}.layers.N.${name}.weight`]: [outputs, inputs],
    [`${at}.layers.N.${name}.bias`]: [outputs],
  });
  const norm = (name: string) => ({ [`${name}.weight`]: [D], [`${name}.bias`]: [D] });
  return {
    [`${at}.embed_tokens.weight`]: [V, isBefore ? D : 5],
    [`${at}.embed_positions.weight`]: [34, D],
    ...(isBefore
      ? norm(`${at}.final_layer_norm`)
      : { [`${at}.project_in.weight`]: [D, 5], [`${at}.project_out.weight`]: [5, D] }),
    ...perLayer({
      ...Object.assign({}, ...['q', 'k', 'v', 'out'].map((name) => linear(`self_attn.${name}_proj`, D, D))),
      ...norm(`${at}.layers.N.self_attn_layer_norm`),
      ...linear('fc1', F, D),
      ...linear('fc2', D, F),
      ...norm(`${at}.layers.N.final_layer_norm`),
    }),
  };
}

const optConfig = {
  model_type: 'opt',
  architectures: ['OPTForCausalLM'],
  vocab_size: V,
  hidden_size: D,
  ffn_dim: F,
  num_hidden_layers: L,
  num_attention_heads: 3,
  max_position_embeddings: 32,
};

const phi3Shapes = {
  ...without(llamaShapes(), /[qkv]_proj|gate_proj|up_proj/),
  ...perLayer({
    'model.layers.N.self_attn.qkv_proj.weight': [20, D],
    'model.layers.N.mlp.gate_up_proj.weight': [2 * F, D],
  }),
};

/** Phi-3's fused matrices taken apart. */
function phi3(w: Weights, tokens: readonly number[], how: Partial<Loops> = {}): Rows {
  const apart: Record<string, Weights[string]> = { ...w };
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const rows = (name: string, from: number, to: number) => ({
      data: w[name].data.slice(from * D, to * D),
      shape: [to - from, D],
    });
    const own = `${at}.self_attn.qkv_proj.weight`;
    apart[`${at}.self_attn.q_proj.weight`] = rows(own, 0, 12);
    apart[`${at}.self_attn.k_proj.weight`] = rows(own, 12, 16);
    apart[`${at}.self_attn.v_proj.weight`] = rows(own, 16, 20);
    apart[`${at}.mlp.gate_proj.weight`] = rows(`${at}.mlp.gate_up_proj.weight`, 0, F);
    apart[`${at}.mlp.up_proj.weight`] = rows(`${at}.mlp.gate_up_proj.weight`, F, 2 * F);
  }
  return llama(apart, tokens, { epsilon: 1e-5, frequencies: frequencies(4, 10000), window: 4, ...how });
}

const plain = frequencies(4, 10000);

/** The first decoder families, and their variants. */
export const decoders: Readonly<Record<string, Miniature>> = {
  'llama 3.1': {
    config: {
      model_type: 'llama',
      architectures: ['LlamaForCausalLM'],
      ...base,
      rms_norm_eps: 1e-5,
      rope_scaling: {
        rope_type: 'llama3',
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 16,
      },
    },
    shapes: llamaShapes(),
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-5, frequencies: stretched }),
  },
  'llama with biases, positions divided': {
    config: {
      model_type: 'llama',
      ...base,
      attention_bias: true,
      mlp_bias: true,
      rope_scaling: { type: 'linear', factor: 4 },
    },
    shapes: {
      ...llamaShapes(),
      ...biases('qkvo'),
      ...perLayer({
        'model.layers.N.mlp.gate_proj.bias': [F],
        'model.layers.N.mlp.up_proj.bias': [F],
        'model.layers.N.mlp.down_proj.bias': [D],
      }),
    },
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-6, frequencies: plain.map((f) => f / 4), bias: /proj$/ }),
  },
  'llama by yarn': {
    config: {
      model_type: 'llama',
      ...base,
      rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 8 },
    },
    shapes: llamaShapes(),
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-6, frequencies: yarn(), factor: 0.1 * Math.log(4) + 1 }),
  },
  mistral: {
    config: { model_type: 'mistral', architectures: ['MistralForCausalLM'], ...base, sliding_window: 3 },
    shapes: llamaShapes(),
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-6, frequencies: plain, window: 3 }),
  },
  mixtral: {
    config: {
      model_type: 'mixtral',
      architectures: ['MixtralForCausalLM'],
      ...base,
      num_local_experts: 4,
      num_experts_per_tok: 2,
      rope_theta: 1e6,
      sliding_window: null,
    },
    shapes: {
      ...without(llamaShapes(), /mlp/),
      ...perLayer({
        'model.layers.N.block_sparse_moe.gate.weight': [4, D],
        ...Object.assign(
          {},
          ...[0, 1, 2, 3].map((e) => ({
            [`model.layers.N.block_sparse_moe.experts.${e}.w1.weight`]: [F, D],
            [`model.layers.N.block_sparse_moe.experts.${e}.w2.weight`]: [D, F],
            [`model.layers.N.block_sparse_moe.experts.${e}.w3.weight`]: [F, D],
          })),
        ),
      }),
    },
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-5, frequencies: frequencies(4, 1e6), mlp: experts }),
  },
  qwen2: {
    config: {
      model_type: 'qwen2',
      architectures: ['Qwen2ForCausalLM'],
      ...base,
      rope_theta: 1e6,
      use_sliding_window: false,
      sliding_window: 4096,
      max_window_layers: 28,
    },
    shapes: { ...llamaShapes(), ...biases('qkv') },
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-6, frequencies: frequencies(4, 1e6), bias: /[qkv]_proj$/ }),
  },
  qwen3: {
    config: { model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'], ...base, head_dim: 6, attention_bias: false },
    shapes: {
      ...llamaShapes(6),
      ...perLayer({ 'model.layers.N.self_attn.q_norm.weight': [6], 'model.layers.N.self_attn.k_norm.weight': [6] }),
    },
    run: (w, tokens) => llama(w, tokens, { epsilon: 1e-6, frequencies: frequencies(6, 10000), headNorms: true }),
  },
  gemma: {
    config: { model_type: 'gemma', architectures: ['GemmaForCausalLM'], ...base, head_dim: 6, hidden_act: 'gelu' },
    shapes: gemmaShapes([]),
    run: (w, tokens) =>
      gemma(w, tokens, { outer: false, theta: () => 10000, window: () => Infinity, scale: 1 / Math.sqrt(6) }),
  },
  gemma2: {
    config: {
      model_type: 'gemma2',
      architectures: ['Gemma2ForCausalLM'],
      ...base,
      head_dim: 6,
      sliding_window: 3,
      query_pre_attn_scalar: 9,
      attn_logit_softcapping: 2,
      final_logit_softcapping: 3,
      hidden_activation: 'gelu_pytorch_tanh',
    },
    shapes: gemmaShapes(outerNorms),
    run: (w, tokens) =>
      gemma(w, tokens, {
        outer: true,
        theta: () => 10000,
        window: (l) => (l % 2 === 0 ? 3 : Infinity),
        scale: 1 / 3,
        scoreCap: 2,
        logitCap: 3,
      }),
  },
  gemma3: {
    config: {
      model_type: 'gemma3_text',
      architectures: ['Gemma3ForCausalLM'],
      ...base,
      head_dim: 6,
      sliding_window: 3,
      sliding_window_pattern: 2,
      query_pre_attn_scalar: 9,
      rope_local_base_freq: 100,
      rope_theta: 1e6,
      rope_scaling: { rope_type: 'linear', factor: 8 },
    },
    shapes: gemmaShapes(outerNorms, true),
    run: (w, tokens) =>
      gemma(w, tokens, {
        outer: true,
        headNorms: true,
        theta: (l) => (l === 1 ? 1e6 : 100),
        stretch: (l) => (l === 1 ? 8 : 1),
        window: (l) => (l === 1 ? Infinity : 3),
        scale: 1 / 3,
      }),
  },
  phi3: {
    config: { model_type: 'phi3', architectures: ['Phi3ForCausalLM'], ...base, sliding_window: 4 },
    shapes: phi3Shapes,
    run: phi3,
  },
  // Every frequency has its divisor; the factor is √(1 + ln(32 / 16) / ln 16), by arXiv 2402.13753.
  'phi3 for long texts': {
    config: {
      model_type: 'phi3',
      ...base,
      sliding_window: 4,
      original_max_position_embeddings: 16,
      rope_scaling: { type: 'longrope', short_factor: [1.5, 3], long_factor: [2, 8] },
    },
    shapes: phi3Shapes,
    run: (w, tokens) =>
      phi3(w, tokens, {
        frequencies: [1 / 1.5, 1 / 100 / 3],
        factor: Math.sqrt(1 + Math.log(2) / Math.log(16)),
      }),
  },
  gpt2: {
    config: {
      model_type: 'gpt2',
      architectures: ['GPT2LMHeadModel'],
      vocab_size: V,
      n_embd: D,
      n_head: 3,
      n_layer: L,
      n_positions: 16,
    },
    shapes: gpt2Shapes('transformer.'),
    run: (w, tokens) => gpt2(w, tokens, 'transformer.'),
  },
  'gpt2 as first published': {
    config: { model_type: 'gpt2', vocab_size: V, n_embd: D, n_head: 3, n_layer: L, n_positions: 16, n_ctx: 16 },
    shapes: { ...gpt2Shapes(''), 'h.0.attn.bias': [1, 1, 16, 16] },
    run: (w, tokens) => gpt2(w, tokens, ''),
  },
  'gpt-neox': { config: neoxConfig, shapes: neoxShapes, run: (w, tokens) => neox(w, tokens, true) },
  'gpt-neox in sequence': {
    config: { ...neoxConfig, use_parallel_residual: false },
    shapes: neoxShapes,
    run: (w, tokens) => neox(w, tokens, false),
  },
  opt: { config: optConfig, shapes: optShapes(true), run: (w, tokens) => opt(w, tokens, true) },
  'opt with norms behind': {
    config: { ...optConfig, do_layer_norm_before: false, word_embed_proj_dim: 5 },
    shapes: optShapes(false),
    run: (w, tokens) => opt(w, tokens, false),
  },
};
