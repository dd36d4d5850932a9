import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/models/index.ts';
import { type NormCall, onNorms } from '../../../src/studies/check/normCall.ts';
import { logits } from '../../../src/studies/index.ts';
import { type LinearCall, onLinear } from '../../../src/studies/linearCall.ts';
import { failure, loadWeights, smallWeights, tinyLlama, validation } from '../../models/helpers.ts';

const model = loadWeights(smallWeights());
const sequences = [[1, 2, 3, 4, 5], [10], [0, 9, 8]];

/** One sequence, one token and head at a time, written from the definition and sharing nothing with the source. */
function naiveLogits({ config, weights }: Model, tokens: number[], ropeTheta = 10000): number[][] {
  const { hidden, heads, keyValueHeads, headWidth, epsilon, layers } = config;
  const w = (name: string) => weights[`${name}.weight`];
  const apply = (name: string, x: number[]): number[] => {
    const { data, shape } = w(name);
    return Array.from({ length: shape[0] }, (_, o) =>
      x.reduce((sum, value, i) => sum + value * data[o * shape[1] + i], 0),
    );
  };
  const normalize = (name: string, x: number[]): number[] => {
    const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / hidden + epsilon);
    return x.map((value, i) => (value / root) * w(name).data[i]);
  };
  const turn = (x: number[], position: number): number[] =>
    x.map((_, at) => {
      const i = at % headWidth;
      const pair = i % (headWidth / 2);
      const angle = position / ropeTheta ** ((2 * pair) / headWidth);
      const other = i < headWidth / 2 ? -x[at + headWidth / 2] : x[at - headWidth / 2];
      return x[at] * Math.cos(angle) + other * Math.sin(angle);
    });
  let stream = tokens.map((token) => [...w('model.embed_tokens').data.subarray(token * hidden, (token + 1) * hidden)]);
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    const y = stream.map((x) => normalize(`${at}.input_layernorm`, x));
    const q = y.map((x, p) => turn(apply(`${at}.self_attn.q_proj`, x), p));
    const k = y.map((x, p) => turn(apply(`${at}.self_attn.k_proj`, x), p));
    const v = y.map((x) => apply(`${at}.self_attn.v_proj`, x));
    stream = stream.map((x, p) => {
      const mixed: number[] = [];
      for (let h = 0; h < heads; h++) {
        const kv = Math.floor(h / (heads / keyValueHeads)) * headWidth;
        const weigh = Array.from({ length: p + 1 }, (_, t) => {
          let score = 0;
          for (let i = 0; i < headWidth; i++) score += q[p][h * headWidth + i] * k[t][kv + i];
          return Math.exp(score / Math.sqrt(headWidth));
        });
        const total = weigh.reduce((sum, value) => sum + value, 0);
        for (let i = 0; i < headWidth; i++) {
          mixed.push(weigh.reduce((sum, value, t) => sum + (value / total) * v[t][kv + i], 0));
        }
      }
      const branch = apply(`${at}.self_attn.o_proj`, mixed);
      return x.map((value, i) => value + branch[i]);
    });
    stream = stream.map((x) => {
      const z = normalize(`${at}.post_attention_layernorm`, x);
      const gate = apply(`${at}.mlp.gate_proj`, z);
      const inner = apply(`${at}.mlp.up_proj`, z).map((value, i) => (value * gate[i]) / (1 + Math.exp(-gate[i])));
      const branch = apply(`${at}.mlp.down_proj`, inner);
      return x.map((value, i) => value + branch[i]);
    });
  }
  return stream.map((x) => apply('lm_head', normalize('model.norm', x)));
}

function expectNear(actual: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    expect(Math.abs(actual[i] - wanted[i])).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(wanted[i])));
  }
}

describe('logits', () => {
  it('equal a naive model, sequence by sequence', () => {
    const { data, shape } = logits(model, sequences);
    expect(shape).toEqual([9, 11]);
    expectNear(data, sequences.flatMap((tokens) => naiveLogits(model, tokens)).flat());
  });

  it('equal it with as many key-value heads as heads, a tied head, a wide head and another θ', () => {
    const config = {
      model_type: 'llama',
      hidden_size: 4,
      intermediate_size: 3,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      head_dim: 4,
      vocab_size: 5,
      tie_word_embeddings: true,
      rope_parameters: { rope_type: 'default', rope_theta: 50 },
    };
    const shapes: [string, number[]][] = [
      ['model.embed_tokens', [5, 4]],
      ['model.layers.0.input_layernorm', [4]],
      ['model.layers.0.self_attn.q_proj', [8, 4]],
      ['model.layers.0.self_attn.k_proj', [8, 4]],
      ['model.layers.0.self_attn.v_proj', [8, 4]],
      ['model.layers.0.self_attn.o_proj', [4, 8]],
      ['model.layers.0.post_attention_layernorm', [4]],
      ['model.layers.0.mlp.gate_proj', [3, 4]],
      ['model.layers.0.mlp.up_proj', [3, 4]],
      ['model.layers.0.mlp.down_proj', [4, 3]],
      ['model.norm', [4]],
    ];
    const entries = shapes.map(([name, shape], n) => {
      const size = shape.reduce((product, axis) => product * axis, 1);
      return [
        `${name}.weight`,
        { data: Float64Array.from({ length: size }, (_, i) => Math.sin(n + i * 1.7)), shape },
      ] as const;
    });
    const tied = loadWeights(Object.fromEntries(entries), config);
    expect(tied.config).toMatchObject({ keyValueHeads: 2, headWidth: 4, epsilon: 1e-6, tied: true });
    expectNear(logits(tied, [[4, 0, 2, 2]]).data, naiveLogits(tied, [4, 0, 2, 2], 50).flat());
  });

  it('of a batch are those of its sequences, bit for bit', () => {
    const tiny = tinyLlama();
    const some = validation()
      .slice(0, 3)
      .map((sequence, i) => sequence.subarray(0, 30 + i));
    const batch = logits(tiny, some).data;
    const alone = some.map((sequence) => logits(tiny, [sequence]).data);
    expect(batch).toEqual(Float64Array.from(alone.flatMap((data) => [...data])));
  });

  it('do not look ahead', () => {
    const short = logits(model, [[1, 2, 3]]).data;
    expect(logits(model, [[1, 2, 3, 7]]).data.subarray(0, short.length)).toEqual(short);
  });

  it('of no sequence are none', () => {
    expect(logits(model, []).shape).toEqual([0, 11]);
  });
});

const sites = [
  'layers.0.input_layernorm',
  'layers.0.post_attention_layernorm',
  'layers.1.input_layernorm',
  'layers.1.post_attention_layernorm',
  'norm',
];

describe('on', () => {
  it('sees every norm and linear layer in order, batch by batch', () => {
    const norms: NormCall[] = [];
    const linears: LinearCall[] = [];
    const watchNorms = onNorms(sites, (call) => void norms.push(call));
    const watchLinears = onLinear((call) => void linears.push(call));
    const plain = logits(model, sequences);
    const watched = logits(model, sequences, { on: (n) => (n.op === 'Gemm' ? watchLinears(n) : watchNorms(n)) });
    expect(watched).toEqual(plain);
    expect(norms.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    expect(norms.map(({ rows }) => rows).filter((_, i) => i % 5 === 0)).toEqual([5, 1, 3]);
    for (const { rows, width, epsilon, x, gamma } of norms) {
      expect([width, epsilon, x.length, gamma.length]).toEqual([6, 1e-3, 6 * rows, 6]);
    }
    expect(linears.length).toBe(3 * 15);
    expect(linears[14]).toMatchObject({ name: 'lm_head.weight', rows: 5 });
    const two: number[] = [];
    logits(model, [[1, 2], [3, 4], [5]], { on: onLinear(({ rows }) => void two.push(rows), ['lm_head.weight']) });
    expect(two).toEqual([4, 1]);
  });

  it('replaces what a function returns', () => {
    const last = onNorms(sites, ({ x, index }) => (index === 4 ? new Float64Array(x.length) : undefined));
    expect([...logits(model, [[1, 2]], { on: last }).data].every((value) => value === 0)).toBe(true);
    // Nothing is written to the stream: the last norm sees the embedding.
    const seen: Float64Array[] = [];
    const still = onLinear(
      ({ rows, weight }) => new Float64Array(rows * weight.shape[0]),
      [0, 1].flatMap((l) => [`model.layers.${l}.self_attn.o_proj.weight`, `model.layers.${l}.mlp.down_proj.weight`]),
    );
    const norm = onNorms(sites, ({ x }) => void seen.push(x));
    logits(model, [[1, 2]], { on: (node) => (node.op === 'Gemm' ? still(node) : norm(node)) });
    expect(seen[4]).toEqual(model.weights['model.embed_tokens.weight'].data.subarray(6, 18));
  });

  it('is asked for arrays of the right size, at once', () => {
    const on = onNorms(sites, () => new Float64Array(5));
    expect(failure(() => logits(model, [[1]], { on }))).toBe('shape layers.0.input_layernorm');
    expect(failure(() => logits(model, [[1]], { on: () => async () => [] }))).toMatch(/^unsupported /);
    expect(failure(() => logits(model, [[1]], { on: 5 as never }))).toMatch(/^type options.on/);
  });
});

describe('bad input', () => {
  it.each([
    ['type sequences', 5],
    ['type sequences[0]', [3]],
    ['shape sequences[1]', [[1], []]],
    ['shape sequences[0]', [[1, 2, 3, 4, 5, 6, 7, 8, 9]]],
    ['range sequences[0][1]', [[1, 11]]],
    ['range sequences[0][0]', [[-1]]],
    ['range sequences[0][0]', [[0.5]]],
    ['range sequences[0][0]', [[NaN]]],
  ])('%s', (wanted, tokens) => {
    expect(failure(() => logits(model, tokens as never))).toBe(wanted);
  });
});
