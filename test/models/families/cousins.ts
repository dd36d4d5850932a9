/** Miniatures of OLMo 2, Granite, StableLM, StarCoder2, Phi and Cohere, each with its definition in plain loops. */
import { base, D, F, L, llamaShapes, type Miniature, perLayer, V, without } from './decoders.ts';
import {
  add,
  apply,
  attend,
  frequencies,
  geluTanh,
  layerNorm,
  type Rows,
  rmsNorm,
  row,
  silu,
  split,
  turn,
  type Weights,
} from './plain.ts';

type Vector = number[];
type Norm = (w: Weights, name: string, x: Vector) => Vector;

const rms =
  (epsilon: number): Norm =>
  (w, name, x) =>
    rmsNorm(w, name, x, epsilon);
const full: Norm = (w, name, x) => layerNorm(w, name, x, 1e-5);

/** LayerNorm without β. */
const bare: Norm = (w, name, x) => {
  const zeros = { data: new Float64Array(x.length), shape: [x.length] };
  return layerNorm({ ...w, [`${name}.bias`]: zeros }, name, x, 1e-5);
};

/** Neighbours (0, 1), (2, 3), … turn. */
function turnPairs(head: readonly number[], position: number, angles: readonly number[]): Vector {
  const out = [...head];
  angles.forEach((frequency, i) => {
    const [c, s] = [Math.cos(position * frequency), Math.sin(position * frequency)];
    out[2 * i] = head[2 * i] * c - head[2 * i + 1] * s;
    out[2 * i + 1] = head[2 * i + 1] * c + head[2 * i] * s;
  });
  return out;
}

interface Attention {
  readonly bias?: RegExp;
  readonly output?: string;
  readonly turned: (head: Vector, position: number) => Vector;
  readonly normed?: (w: Weights, name: string, x: Vector) => Vector;
  readonly scale?: number;
  readonly window?: number;
}

/** Attention of rows, three heads of 4 that share one of keys and values. */
function attention(w: Weights, at: string, y: Rows, how: Attention): Rows {
  const { bias = /^$/, output = 'o_proj', normed = (_, __, x) => x } = how;
  const part = (name: string) => y.map((x) => apply(w, `${at}.${name}_proj`, x, bias.test(name)));
  const q = part('q').map((x, t) => split(normed(w, `${at}.q_norm`, x), 3).map((head) => how.turned(head, t)));
  const k = part('k').map((x, t) => split(normed(w, `${at}.k_norm`, x), 1).map((head) => how.turned(head, t)));
  const v = part('v').map((x) => split(x, 1));
  const { scale, window } = how;
  const mixed = attend(q, k, v, {
    ...(scale === undefined ? {} : { scale }),
    ...(window === undefined ? {} : { window }),
  });
  return mixed.map((x) => apply(w, `${at}.${output}`, x, bias.test('o')));
}

function gated(w: Weights, at: string, x: Vector): Vector {
  const gate = apply(w, `${at}.gate_proj`, x);
  return apply(
    w,
    `${at}.down_proj`,
    apply(w, `${at}.up_proj`, x).map((value, i) => value * silu(gate[i])),
  );
}

const embedded = (w: Weights, tokens: readonly number[]): Rows =>
  tokens.map((token) => row(w['model.embed_tokens.weight'], token));
const scaled = (x: Vector, c: number): Vector => x.map((value) => value * c);
const whole = frequencies(4, 10000);
/** Half of a head of 4 turns. */
const half = (head: Vector, t: number): Vector => [
  ...turn(head.slice(0, 2), t, frequencies(2, 10000)),
  ...head.slice(2),
];

function olmo2(w: Weights, tokens: readonly number[]): Rows {
  const norm = rms(1e-5);
  let stream = embedded(w, tokens);
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const how = { turned: (head: Vector, t: number) => turn(head, t, whole), normed: norm };
    const attended = attention(w, `${at}.self_attn`, stream, how);
    stream = stream.map((x, t) => add(x, norm(w, `${at}.post_attention_layernorm`, attended[t])));
    stream = stream.map((x) => add(x, norm(w, `${at}.post_feedforward_layernorm`, gated(w, `${at}.mlp`, x))));
  }
  return stream.map((x) => apply(w, 'lm_head', norm(w, 'model.norm', x)));
}

function granite(w: Weights, tokens: readonly number[]): Rows {
  const norm = rms(1e-6);
  let stream = embedded(w, tokens).map((x) => scaled(x, 3));
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const y = stream.map((x) => norm(w, `${at}.input_layernorm`, x));
    const attended = attention(w, `${at}.self_attn`, y, { turned: (head, t) => turn(head, t, whole), scale: 0.25 });
    stream = stream.map((x, t) => add(x, scaled(attended[t], 0.5)));
    stream = stream.map((x) =>
      add(x, scaled(gated(w, `${at}.mlp`, norm(w, `${at}.post_attention_layernorm`, x)), 0.5)),
    );
  }
  return stream.map((x) => scaled(apply(w, 'lm_head', norm(w, 'model.norm', x)), 1 / 8));
}

/** StableLM: one behind the other, or both branches at once from one norm. */
function stablelm(w: Weights, tokens: readonly number[], isParallel: boolean): Rows {
  let stream = embedded(w, tokens);
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const y = stream.map((x) => full(w, `${at}.input_layernorm`, x));
    const attended = attention(w, `${at}.self_attn`, y, { turned: half, bias: isParallel ? /^$/ : /[qkv]/ });
    stream = stream.map((x, t) => {
      const sum = add(x, attended[t]);
      const z = isParallel ? y[t] : full(w, `${at}.post_attention_layernorm`, sum);
      return add(sum, gated(w, `${at}.mlp`, z));
    });
  }
  return stream.map((x) => apply(w, 'lm_head', full(w, 'model.norm', x)));
}

function starcoder2(w: Weights, tokens: readonly number[]): Rows {
  let stream = embedded(w, tokens);
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const y = stream.map((x) => full(w, `${at}.input_layernorm`, x));
    const how = { turned: (head: Vector, t: number) => turn(head, t, whole), bias: /./, window: 3 };
    const attended = attention(w, `${at}.self_attn`, y, how);
    stream = stream.map((x, t) => add(x, attended[t]));
    stream = stream.map((x) => {
      const inner = apply(w, `${at}.mlp.c_fc`, full(w, `${at}.post_attention_layernorm`, x), true).map(geluTanh);
      return add(x, apply(w, `${at}.mlp.c_proj`, inner, true));
    });
  }
  return stream.map((x) => apply({ 'h.weight': w['model.embed_tokens.weight'] }, 'h', full(w, 'model.norm', x)));
}

function phi(w: Weights, tokens: readonly number[]): Rows {
  let stream = embedded(w, tokens);
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const y = stream.map((x) => full(w, `${at}.input_layernorm`, x));
    const attended = attention(w, `${at}.self_attn`, y, { turned: half, bias: /./, output: 'dense' });
    stream = stream.map((x, t) => {
      const inner = apply(w, `${at}.mlp.fc1`, y[t], true).map(geluTanh);
      return add(add(x, attended[t]), apply(w, `${at}.mlp.fc2`, inner, true));
    });
  }
  return stream.map((x) => apply(w, 'lm_head', full(w, 'model.final_layernorm', x), true));
}

function cohere(w: Weights, tokens: readonly number[]): Rows {
  let stream = embedded(w, tokens);
  for (let l = 0; l < L; l++) {
    const at = `model.layers.${l}`;
    const y = stream.map((x) => bare(w, `${at}.input_layernorm`, x));
    const attended = attention(w, `${at}.self_attn`, y, { turned: (head, t) => turnPairs(head, t, whole) });
    stream = stream.map((x, t) => add(add(x, attended[t]), gated(w, `${at}.mlp`, y[t])));
  }
  return stream.map((x) =>
    scaled(apply({ 'h.weight': w['model.embed_tokens.weight'] }, 'h', bare(w, 'model.norm', x)), 0.25),
  );
}

const betas = (...names: readonly string[]): Record<string, readonly number[]> =>
  perLayer(Object.fromEntries(names.map((name) => [`model.layers.N.${name}.bias`, [D]])));
const attentionBiases = (names: string, output = 'o_proj'): Record<string, readonly number[]> => {
  const sizes: Record<string, readonly number[]> = { q: [12], k: [4], v: [4] };
  return perLayer({
    ...Object.fromEntries(
      [...names].filter((one) => one !== 'o').map((one) => [`model.layers.N.self_attn.${one}_proj.bias`, sizes[one]]),
    ),
    ...(names.includes('o') ? { [`model.layers.N.self_attn.${output}.bias`]: [D] } : {}),
  });
};
const plainMlp = (up: string, down: string): Record<string, readonly number[]> =>
  perLayer({
    [`model.layers.N.mlp.${up}.weight`]: [F, D],
    [`model.layers.N.mlp.${up}.bias`]: [F],
    [`model.layers.N.mlp.${down}.weight`]: [D, F],
    [`model.layers.N.mlp.${down}.bias`]: [D],
  });

/** The further decoder families, and their variants. */
export const cousins: Readonly<Record<string, Miniature>> = {
  olmo2: {
    config: { model_type: 'olmo2', architectures: ['Olmo2ForCausalLM'], ...base },
    shapes: {
      ...without(llamaShapes(), /input_layernorm/),
      ...perLayer({
        'model.layers.N.self_attn.q_norm.weight': [12],
        'model.layers.N.self_attn.k_norm.weight': [4],
        'model.layers.N.post_feedforward_layernorm.weight': [D],
      }),
    },
    run: olmo2,
  },
  granite: {
    config: {
      model_type: 'granite',
      architectures: ['GraniteForCausalLM'],
      ...base,
      embedding_multiplier: 3,
      attention_multiplier: 0.25,
      residual_multiplier: 0.5,
      logits_scaling: 8,
    },
    shapes: llamaShapes(),
    run: granite,
  },
  stablelm: {
    config: {
      model_type: 'stablelm',
      architectures: ['StableLmForCausalLM'],
      ...base,
      partial_rotary_factor: 0.5,
      use_qkv_bias: true,
    },
    shapes: {
      ...llamaShapes(),
      ...betas('input_layernorm', 'post_attention_layernorm'),
      ...attentionBiases('qkv'),
      'model.norm.bias': [D],
    },
    run: (w, tokens) => stablelm(w, tokens, false),
  },
  'stablelm in parallel': {
    config: { model_type: 'stablelm', ...base, partial_rotary_factor: 0.5, use_parallel_residual: true },
    shapes: {
      ...without(llamaShapes(), /post_attention_layernorm/),
      ...betas('input_layernorm'),
      'model.norm.bias': [D],
    },
    run: (w, tokens) => stablelm(w, tokens, true),
  },
  starcoder2: {
    config: { model_type: 'starcoder2', architectures: ['Starcoder2ForCausalLM'], ...base, sliding_window: 3 },
    shapes: {
      ...without(llamaShapes(4, 3, 1, true), /mlp/),
      ...betas('input_layernorm', 'post_attention_layernorm'),
      ...attentionBiases('qkvo'),
      ...plainMlp('c_fc', 'c_proj'),
      'model.norm.bias': [D],
    },
    run: starcoder2,
  },
  phi: {
    config: { model_type: 'phi', architectures: ['PhiForCausalLM'], ...base },
    shapes: {
      ...without(llamaShapes(), /mlp|post_attention|o_proj|model\.norm/),
      ...perLayer({ 'model.layers.N.self_attn.dense.weight': [D, 12] }),
      ...betas('input_layernorm'),
      ...attentionBiases('qkvo', 'dense'),
      ...plainMlp('fc1', 'fc2'),
      'model.final_layernorm.weight': [D],
      'model.final_layernorm.bias': [D],
      'lm_head.bias': [V],
    },
    run: phi,
  },
  cohere: {
    config: { model_type: 'cohere', architectures: ['CohereForCausalLM'], ...base, logit_scale: 0.25 },
    shapes: without(llamaShapes(4, 3, 1, true), /post_attention_layernorm/),
    run: cohere,
  },
};
