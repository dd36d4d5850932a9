/** Miniatures of encoder families in the Hugging Face layout, and their definitions in plain loops. */
import { add, apply, attend, gelu, layerNorm, quickGelu, type Rows, row, split, type Weights } from './plain.ts';

export interface MiniatureEncoder {
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** What goes in beside tokens: its name and shape. */
  readonly input?: readonly [name: string, shape: readonly number[]];
  readonly run: (w: Weights, tokens: readonly number[], x: Float64Array) => Readonly<Record<string, readonly number[]>>;
}

const V = 13;
const D = 12;
const F = 10;
const L = 2;

const perLayer = (shapes: Record<string, readonly number[]>): Record<string, readonly number[]> =>
  Object.fromEntries(
    Array.from({ length: L }, (_, l) =>
      Object.entries(shapes).map(([name, shape]) => [name.replace('N', String(l)), shape]),
    ).flat(),
  );
const linear = (name: string, outputs: number, inputs: number): Record<string, readonly number[]> => ({
  [`${name}.weight`]: [outputs, inputs],
  [`${name}.bias`]: [outputs],
});
const norm = (name: string, width = D): Record<string, readonly number[]> => ({
  [`${name}.weight`]: [width],
  [`${name}.bias`]: [width],
});

/** Attention in both directions, or causal, of rows, by the names of its four matrices. */
function selfAttention(w: Weights, rows: Rows, names: readonly string[], keyBias = true, isCausal = false): Rows {
  const [q, k, v] = names.map((name, n) => rows.map((x) => split(apply(w, name, x, n !== 1 || keyBias), 3)));
  return attend(q, k, v, { isCausal }).map((x) => apply(w, names[3], x, true));
}

const bertShapes = (prefix: string, positions: number): Record<string, readonly number[]> => ({
  [`${prefix}embeddings.word_embeddings.weight`]: [V, D],
  [`${prefix}embeddings.position_embeddings.weight`]: [positions, D],
  [`${prefix}embeddings.token_type_embeddings.weight`]: [2, D],
  ...norm(`${prefix}embeddings.LayerNorm`),
  ...perLayer({
    ...linear(`${prefix}encoder.layer.N.attention.self.query`, D, D),
    ...linear(`${prefix}encoder.layer.N.attention.self.key`, D, D),
    ...linear(`${prefix}encoder.layer.N.attention.self.value`, D, D),
    ...linear(`${prefix}encoder.layer.N.attention.output.dense`, D, D),
    ...norm(`${prefix}encoder.layer.N.attention.output.LayerNorm`),
    ...linear(`${prefix}encoder.layer.N.intermediate.dense`, F, D),
    ...linear(`${prefix}encoder.layer.N.output.dense`, D, F),
    ...norm(`${prefix}encoder.layer.N.output.LayerNorm`),
  }),
});

function bert(w: Weights, tokens: readonly number[], prefix: string, offset: number, eps: number): Rows {
  const at = `${prefix}embeddings`;
  let stream = tokens.map((token, t) => {
    const sum = add(
      add(row(w[`${at}.word_embeddings.weight`], token), row(w[`${at}.token_type_embeddings.weight`], 0)),
      row(w[`${at}.position_embeddings.weight`], t + offset),
    );
    return layerNorm(w, `${at}.LayerNorm`, sum, eps);
  });
  for (let l = 0; l < L; l++) {
    const own = `${prefix}encoder.layer.${l}`;
    const self = ['query', 'key', 'value'].map((name) => `${own}.attention.self.${name}`);
    const mixed = selfAttention(w, stream, [...self, `${own}.attention.output.dense`]);
    stream = stream.map((x, t) => layerNorm(w, `${own}.attention.output.LayerNorm`, add(x, mixed[t]), eps));
    stream = stream.map((x) => {
      const inner = apply(w, `${own}.intermediate.dense`, x, true).map(gelu);
      return layerNorm(w, `${own}.output.LayerNorm`, add(x, apply(w, `${own}.output.dense`, inner, true)), eps);
    });
  }
  return stream;
}

const tanh = (x: number[]): number[] => x.map(Math.tanh);

/** Squares of a [1, C, H, W] image through the kernel [D, C, p, p]. */
function squares(
  w: Weights,
  name: string,
  x: Float64Array,
  sides: readonly [number, number, number, number],
  hasBias: boolean,
): Rows {
  const [channels, height, width, p] = sides;
  const { data } = w[`${name}.weight`];
  const rows: Rows = [];
  for (let top = 0; top < height; top += p) {
    for (let left = 0; left < width; left += p) {
      const out: number[] = [];
      for (let o = 0; o < D; o++) {
        let sum = hasBias ? w[`${name}.bias`].data[o] : 0;
        for (let c = 0; c < channels; c++) {
          for (let i = 0; i < p; i++) {
            for (let j = 0; j < p; j++) {
              sum += data[((o * channels + c) * p + i) * p + j] * x[(c * height + top + i) * width + left + j];
            }
          }
        }
        out.push(sum);
      }
      rows.push(out);
    }
  }
  return rows;
}

interface Names {
  readonly before: string;
  readonly between: string;
  readonly self: readonly string[];
  readonly up: string;
  readonly down: string;
}

/** Norms before the blocks. */
function preNorm(
  w: Weights,
  start: Rows,
  names: (l: number) => Names,
  eps: number,
  act: (x: number) => number,
  keyBias = true,
  isCausal = false,
): Rows {
  let stream = start;
  for (let l = 0; l < L; l++) {
    const { before, between, self, up, down } = names(l);
    const mixed = selfAttention(
      w,
      stream.map((x) => layerNorm(w, before, x, eps)),
      self,
      keyBias,
      isCausal,
    );
    stream = stream.map((x, t) => add(x, mixed[t]));
    stream = stream.map((x) =>
      add(x, apply(w, down, apply(w, up, layerNorm(w, between, x, eps), true).map(act), true)),
    );
  }
  return stream;
}

const vitNames = (l: number): Names => {
  const at = `vit.encoder.layer.${l}`;
  return {
    before: `${at}.layernorm_before`,
    between: `${at}.layernorm_after`,
    self: [
      ...['query', 'key', 'value'].map((name) => `${at}.attention.attention.${name}`),
      `${at}.attention.output.dense`,
    ],
    up: `${at}.intermediate.dense`,
    down: `${at}.output.dense`,
  };
};

const clipNames =
  (prefix: string) =>
  (l: number): Names => {
    const at = `${prefix}.encoder.layers.${l}`;
    return {
      before: `${at}.layer_norm1`,
      between: `${at}.layer_norm2`,
      self: ['q', 'k', 'v', 'out'].map((name) => `${at}.self_attn.${name}_proj`),
      up: `${at}.mlp.fc1`,
      down: `${at}.mlp.fc2`,
    };
  };

const clipShapes = (prefix: string): Record<string, readonly number[]> =>
  perLayer({
    ...norm(`${prefix}.encoder.layers.N.layer_norm1`),
    ...norm(`${prefix}.encoder.layers.N.layer_norm2`),
    ...Object.assign(
      {},
      ...['q', 'k', 'v', 'out'].map((name) => linear(`${prefix}.encoder.layers.N.self_attn.${name}_proj`, D, D)),
    ),
    ...linear(`${prefix}.encoder.layers.N.mlp.fc1`, F, D),
    ...linear(`${prefix}.encoder.layers.N.mlp.fc2`, D, F),
  });

const part = { hidden_size: D, intermediate_size: F, num_hidden_layers: L, num_attention_heads: 3 };

/** A convolution of three frames over [bins, frames], padded by one, followed by a GELU. */
function convolution(w: Weights, name: string, x: Rows, stride: number): Rows {
  const { data, shape } = w[`${name}.weight`];
  const frames = Math.floor((x[0].length - 1) / stride) + 1;
  return Array.from({ length: shape[0] }, (_, o) =>
    Array.from({ length: frames }, (_, t) => {
      let sum = w[`${name}.bias`].data[o];
      for (let c = 0; c < shape[1]; c++) {
        for (let k = 0; k < 3; k++) sum += data[(o * shape[1] + c) * 3 + k] * (x[c][t * stride + k - 1] ?? 0);
      }
      return gelu(sum);
    }),
  );
}

const bertConfig = { vocab_size: V, ...part, type_vocab_size: 2 };

/** Every encoder family. */
export const encoders: Readonly<Record<string, MiniatureEncoder>> = {
  'bert with both of its heads': {
    config: {
      model_type: 'bert',
      architectures: ['BertForPreTraining'],
      ...bertConfig,
      max_position_embeddings: 16,
      pruned_heads: {},
    },
    shapes: {
      ...bertShapes('bert.', 16),
      ...linear('bert.pooler.dense', D, D),
      ...linear('cls.predictions.transform.dense', D, D),
      ...norm('cls.predictions.transform.LayerNorm'),
      'cls.predictions.bias': [V],
      ...linear('cls.seq_relationship', 2, D),
    },
    run: (w, tokens) => {
      const stream = bert(w, tokens, 'bert.', 0, 1e-12);
      const pooled = tanh(apply(w, 'bert.pooler.dense', stream[0], true));
      const words = { 'h.weight': w['bert.embeddings.word_embeddings.weight'], 'h.bias': w['cls.predictions.bias'] };
      const predicted = stream.map((x) => {
        const y = apply(w, 'cls.predictions.transform.dense', x, true).map(gelu);
        return apply(words, 'h', layerNorm(w, 'cls.predictions.transform.LayerNorm', y, 1e-12), true);
      });
      return {
        last_hidden_state: stream.flat(),
        logits: apply(w, 'cls.seq_relationship', pooled, true),
        prediction_logits: predicted.flat(),
      };
    },
  },
  'bert as first published': {
    config: { model_type: 'bert', ...bertConfig, max_position_embeddings: 16 },
    shapes: Object.fromEntries(
      Object.entries(bertShapes('', 16)).map(([name, shape]) => [
        name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
        shape,
      ]),
    ),
    run: (w, tokens) => {
      const renamed = Object.fromEntries(
        Object.entries(w).map(([name, one]) => [name.replace('.gamma', '.weight').replace('.beta', '.bias'), one]),
      );
      return { last_hidden_state: bert(renamed, tokens, '', 0, 1e-12).flat() };
    },
  },
  roberta: {
    config: {
      model_type: 'roberta',
      architectures: ['RobertaForSequenceClassification'],
      ...bertConfig,
      type_vocab_size: 1,
      max_position_embeddings: 18,
      pad_token_id: 1,
      layer_norm_eps: 1e-5,
    },
    shapes: {
      ...bertShapes('roberta.', 18),
      'roberta.embeddings.token_type_embeddings.weight': [1, D],
      ...linear('classifier.dense', D, D),
      ...linear('classifier.out_proj', 5, D),
    },
    run: (w, tokens) => {
      const stream = bert(w, tokens, 'roberta.', 2, 1e-5);
      const first = tanh(apply(w, 'classifier.dense', stream[0], true));
      return { last_hidden_state: stream.flat(), logits: apply(w, 'classifier.out_proj', first, true) };
    },
  },
  vit: {
    config: {
      model_type: 'vit',
      architectures: ['ViTForImageClassification'],
      ...part,
      image_size: [4, 6],
      patch_size: 2,
      num_channels: 3,
    },
    shapes: {
      'vit.embeddings.cls_token': [1, 1, D],
      'vit.embeddings.position_embeddings': [1, 7, D],
      'vit.embeddings.patch_embeddings.projection.weight': [D, 3, 2, 2],
      'vit.embeddings.patch_embeddings.projection.bias': [D],
      ...perLayer({
        ...norm('vit.encoder.layer.N.layernorm_before'),
        ...norm('vit.encoder.layer.N.layernorm_after'),
        ...Object.assign(
          {},
          ...['query', 'key', 'value'].map((name) => linear(`vit.encoder.layer.N.attention.attention.${name}`, D, D)),
        ),
        ...linear('vit.encoder.layer.N.attention.output.dense', D, D),
        ...linear('vit.encoder.layer.N.intermediate.dense', F, D),
        ...linear('vit.encoder.layer.N.output.dense', D, F),
      }),
      ...norm('vit.layernorm'),
      ...linear('classifier', 5, D),
    },
    input: ['pixel_values', [1, 3, 4, 6]],
    run: (w, _, x) => {
      const found = squares(w, 'vit.embeddings.patch_embeddings.projection', x, [3, 4, 6, 2], true);
      const places = { data: w['vit.embeddings.position_embeddings'].data, shape: [7, D] };
      const start = [Array.from(w['vit.embeddings.cls_token'].data), ...found].map((one, t) =>
        add(one, row(places, t)),
      );
      const stream = preNorm(w, start, vitNames, 1e-12, gelu).map((one) => layerNorm(w, 'vit.layernorm', one, 1e-12));
      return { last_hidden_state: stream.flat(), logits: apply(w, 'classifier', stream[0], true) };
    },
  },
  clip: {
    config: {
      model_type: 'clip',
      architectures: ['CLIPModel'],
      projection_dim: 6,
      logit_scale_init_value: 2.6592,
      text_config: { ...part, vocab_size: V, max_position_embeddings: 16, eos_token_id: 2, num_beams: 1, top_k: 50 },
      vision_config: { ...part, image_size: 4, patch_size: 2 },
    },
    shapes: {
      'text_model.embeddings.token_embedding.weight': [V, D],
      'text_model.embeddings.position_embedding.weight': [16, D],
      ...clipShapes('text_model'),
      ...norm('text_model.final_layer_norm'),
      'text_projection.weight': [6, D],
      'vision_model.embeddings.class_embedding': [D],
      'vision_model.embeddings.patch_embedding.weight': [D, 3, 2, 2],
      'vision_model.embeddings.position_embedding.weight': [5, D],
      ...norm('vision_model.pre_layrnorm'),
      ...clipShapes('vision_model'),
      ...norm('vision_model.post_layernorm'),
      'visual_projection.weight': [6, D],
      logit_scale: [],
    },
    input: ['pixel_values', [1, 3, 4, 4]],
    run: (w, tokens, x) => {
      const texts = tokens.map((token, t) =>
        add(
          row(w['text_model.embeddings.token_embedding.weight'], token),
          row(w['text_model.embeddings.position_embedding.weight'], t),
        ),
      );
      const said = preNorm(w, texts, clipNames('text_model'), 1e-5, quickGelu, true, true);
      const end = tokens.indexOf(Math.max(...tokens));
      const text = apply(w, 'text_projection', layerNorm(w, 'text_model.final_layer_norm', said[end], 1e-5));
      const found = squares(w, 'vision_model.embeddings.patch_embedding', x, [3, 4, 4, 2], false);
      const start = [Array.from(w['vision_model.embeddings.class_embedding'].data), ...found].map((one, t) =>
        layerNorm(
          w,
          'vision_model.pre_layrnorm',
          add(one, row(w['vision_model.embeddings.position_embedding.weight'], t)),
          1e-5,
        ),
      );
      const seen = preNorm(w, start, clipNames('vision_model'), 1e-5, quickGelu);
      const image = apply(w, 'visual_projection', layerNorm(w, 'vision_model.post_layernorm', seen[0], 1e-5));
      const length = (v: number[]) => Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
      const product = text.reduce((sum, value, i) => sum + value * image[i], 0);
      const cosine = product / (length(text) * length(image));
      return {
        text_features: text,
        image_features: image,
        text_embeds: text.map((value) => value / length(text)),
        image_embeds: image.map((value) => value / length(image)),
        logits_per_image: [Math.exp(w.logit_scale.data[0]) * cosine],
      };
    },
  },
  whisper: {
    config: {
      model_type: 'whisper',
      architectures: ['WhisperForConditionalGeneration'],
      d_model: D,
      encoder_attention_heads: 3,
      encoder_layers: L,
      encoder_ffn_dim: F,
      num_mel_bins: 4,
      max_source_positions: 5,
      vocab_size: V,
      decoder_layers: 1,
    },
    shapes: {
      'model.encoder.conv1.weight': [D, 4, 3],
      'model.encoder.conv1.bias': [D],
      'model.encoder.conv2.weight': [D, D, 3],
      'model.encoder.conv2.bias': [D],
      'model.encoder.embed_positions.weight': [5, D],
      ...perLayer({
        ...norm('model.encoder.layers.N.self_attn_layer_norm'),
        ...norm('model.encoder.layers.N.final_layer_norm'),
        ...linear('model.encoder.layers.N.self_attn.q_proj', D, D),
        'model.encoder.layers.N.self_attn.k_proj.weight': [D, D],
        ...linear('model.encoder.layers.N.self_attn.v_proj', D, D),
        ...linear('model.encoder.layers.N.self_attn.out_proj', D, D),
        ...linear('model.encoder.layers.N.fc1', F, D),
        ...linear('model.encoder.layers.N.fc2', D, F),
      }),
      ...norm('model.encoder.layer_norm'),
      'model.decoder.embed_tokens.weight': [V, D],
    },
    input: ['input_features', [1, 4, 10]],
    run: (w, _, x) => {
      const bins = Array.from({ length: 4 }, (_, c) => Array.from(x.subarray(c * 10, (c + 1) * 10)));
      const two = convolution(w, 'model.encoder.conv2', convolution(w, 'model.encoder.conv1', bins, 1), 2);
      const start = two[0].map((_, t) =>
        add(
          two.map((channel) => channel[t]),
          row(w['model.encoder.embed_positions.weight'], t),
        ),
      );
      const names = (l: number): Names => {
        const at = `model.encoder.layers.${l}`;
        return {
          before: `${at}.self_attn_layer_norm`,
          between: `${at}.final_layer_norm`,
          self: ['q', 'k', 'v', 'out'].map((name) => `${at}.self_attn.${name}_proj`),
          up: `${at}.fc1`,
          down: `${at}.fc2`,
        };
      };
      const stream = preNorm(w, start, names, 1e-5, gelu, false);
      return { last_hidden_state: stream.flatMap((one) => layerNorm(w, 'model.encoder.layer_norm', one, 1e-5)) };
    },
  },
};
