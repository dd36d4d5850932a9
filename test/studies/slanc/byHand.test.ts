/**
 * SLaNC of every decoder family by hand: which norm feeds which block, which block feeds which norm, and the factor in plain loops over
 * the tensors of the file. Nothing here comes from the source.
 */
import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, writeSafetensors } from '../../../src/files/index.ts';
import { loadModel } from '../../../src/models/index.ts';
import { slancScales } from '../../../src/studies/index.ts';
import { cousins } from '../../models/families/cousins.ts';
import { D, decoders, F, L } from '../../models/families/decoders.ts';
import { seeded, type Weights } from '../../models/families/plain.ts';

type Matrix = number[][];

const matrix = (w: Weights, name: string): Matrix => {
  const { data, shape } = w[`${name}.weight`];
  const [rows, columns] = shape;
  return Array.from({ length: rows }, (_, r) => Array.from(data.slice(r * columns, (r + 1) * columns)));
};
const turned = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const length = (a: Matrix): number => Math.sqrt(a.flat().reduce((sum, x) => sum + x * x, 0));
/** The largest singular value, by a long power iteration. */
function largest(a: Matrix): number {
  let v = a[0].map((_, j) => 1 + j / 7);
  let size = 0;
  for (let i = 0; i < 3000; i++) {
    const u = a.map((row) => row.reduce((sum, x, j) => sum + x * v[j], 0));
    const back = a[0].map((_, j) => a.reduce((sum, row, k) => sum + row[j] * u[k], 0));
    size = Math.hypot(...back);
    v = back.map((x) => x / size);
  }
  return Math.sqrt(size);
}

/** Each of the heads that share keys and values reads the same rows. */
const repeated = (v: Matrix, heads: number, width: number): Matrix =>
  Array.from({ length: heads * width }, (_, i) => {
    const shared = v.length / width;
    const head = Math.floor(Math.floor(i / width) / (heads / shared));
    return v[head * width + (i % width)];
  });

/** ‖(W_O W_V + I) Γ‖, or without the I where nothing else is added. */
function attention(v: Matrix, o: Matrix, gamma: readonly number[], hasSkip = true, width = 4): number {
  const both = product(o, repeated(v, o[0].length / width, width));
  return length(both.map((row, i) => row.map((x, j) => (x + (hasSkip && i === j ? 1 : 0)) * gamma[j])));
}
const under = (a: Matrix, gamma: readonly number[]): Matrix => a.map((row) => row.map((x, j) => x * gamma[j]));
const mlp = (up: Matrix, down: Matrix, gamma: readonly number[]): number => length(under(product(down, up), gamma));
const gated = (gate: Matrix, up: Matrix, down: Matrix, gamma: readonly number[]): number =>
  mlp(up, down, gamma) * largest(under(gate, gamma));

type Line = readonly [site: string, position: string, fedBy: string | null, alpha: number];

/** How a family's layers read, beside Llama's. */
interface Layout {
  readonly plus?: number;
  /** [v, o] and the factor of the MLP, of layer l. */
  readonly attention?: (w: Weights, at: string) => readonly [Matrix, Matrix];
  readonly mlp?: (w: Weights, at: string, gamma: readonly number[]) => number;
  /** Names of files and of norms: what stands before the number, the two norms of a layer, the last one. */
  readonly names?: readonly [file: string, site: string, first: string, second: string, last: string];
  readonly scale?: number;
  readonly headNorms?: boolean;
}

const llamaAttention = (w: Weights, at: string) =>
  [matrix(w, `${at}self_attn.v_proj`), matrix(w, `${at}self_attn.o_proj`)] as const;
const llamaMlp = (w: Weights, at: string, gamma: readonly number[]) =>
  gated(matrix(w, `${at}mlp.gate_proj`), matrix(w, `${at}mlp.up_proj`), matrix(w, `${at}mlp.down_proj`), gamma);
const llamaNames = ['model.layers.', 'layers.', 'input_layernorm', 'post_attention_layernorm', 'norm'] as const;
const gammaOf = (w: Weights, name: string, plus: number): number[] =>
  Array.from(w[`${name}.weight`].data, (x) => x + plus);

/** Norms before attention and before the MLP: each reads what the branch before it added. */
function inSequence(w: Weights, how: Layout = {}): Line[] {
  const { plus = 0, scale = 1, names = llamaNames } = how;
  const [file, site, first, second, last] = names;
  const lines: Line[] = [];
  let before: readonly [string, string | null, number] = ['first', null, 1];
  const block = how.mlp === undefined || how.mlp === phi3Mlp ? 'gatedMlp' : 'mlp';
  for (let l = 0; l < L; l++) {
    lines.push([`${site}${l}.${first}`, ...before]);
    const gamma = gammaOf(w, `${file}${l}.${first}`, plus);
    if (how.headNorms) {
      // A head of 6 is a sixth part of nothing else: the share of its rows.
      for (const [norm, part] of [
        ['q_norm', 'q_proj'],
        ['k_norm', 'k_proj'],
      ]) {
        const rows = under(matrix(w, `${file}${l}.self_attn.${part}`), gamma);
        const alpha = length(rows) * Math.sqrt(6 / rows.length);
        lines.push([`${site}${l}.self_attn.${norm}`, 'linear', `${site}${l}.${first}`, alpha]);
      }
    }
    const [v, o] = (how.attention ?? llamaAttention)(w, `${file}${l}.`);
    const width = how.headNorms || plus === 1 ? 6 : 4;
    lines.push([
      `${site}${l}.${second}`,
      'attention',
      `${site}${l}.${first}`,
      scale * attention(v, o, gamma, true, width),
    ]);
    const inner = gammaOf(w, `${file}${l}.${second}`, plus);
    before = [block, `${site}${l}.${second}`, scale * (how.mlp ?? llamaMlp)(w, `${file}${l}.`, inner)];
  }
  return [...lines, [last, ...before]];
}

/** Both branches read one norm: what the next one reads is the sum of both. */
function inParallel(
  w: Weights,
  branch: (at: string, gamma: readonly number[]) => readonly number[],
  last = 'norm',
): Line[] {
  const lines: Line[] = [['layers.0.input_layernorm', 'first', null, 1]];
  for (let l = 0; l < L; l++) {
    const gamma = gammaOf(w, `model.layers.${l}.input_layernorm`, 0);
    const alpha = Math.hypot(...branch(`model.layers.${l}.`, gamma));
    const site = l === L - 1 ? last : `layers.${l + 1}.input_layernorm`;
    lines.push([site, 'several', `layers.${l}.input_layernorm`, alpha]);
  }
  return lines;
}

/** Gemma 2 and 3: norms around the branches. A norm behind a branch reads it alone; one before it reads what that norm gave. */
function around(w: Weights, headNorms: boolean): Line[] {
  const lines: Line[] = [];
  let before: readonly [string, string | null, number] = ['first', null, 1];
  for (let l = 0; l < L; l++) {
    const [file, site] = [`model.layers.${l}.`, `layers.${l}.`];
    const gamma = (name: string) => gammaOf(w, `${file}${name}`, 1);
    const behind = (name: string) => ['norm', `${site}${name}`, length([gamma(name)])] as const;
    lines.push([`${site}input_layernorm`, ...before]);
    if (headNorms) {
      for (const one of ['q', 'k']) {
        const rows = under(matrix(w, `${file}self_attn.${one}_proj`), gamma('input_layernorm'));
        const alpha = length(rows) * Math.sqrt(6 / rows.length);
        lines.push([`${site}self_attn.${one}_norm`, 'linear', `${site}input_layernorm`, alpha]);
      }
    }
    const [v, o] = llamaAttention(w, file);
    const alone = attention(v, o, gamma('input_layernorm'), false, 6);
    lines.push([`${site}post_attention_layernorm`, 'attention', `${site}input_layernorm`, alone]);
    lines.push([`${site}pre_feedforward_layernorm`, ...behind('post_attention_layernorm')]);
    const said = llamaMlp(w, file, gamma('pre_feedforward_layernorm'));
    lines.push([`${site}post_feedforward_layernorm`, 'gatedMlp', `${site}pre_feedforward_layernorm`, said]);
    before = behind('post_feedforward_layernorm');
  }
  return [...lines, ['norm', ...before]];
}

const phi3Mlp = (w: Weights, at: string, gamma: readonly number[]) => {
  const both = matrix(w, `${at}mlp.gate_up_proj`);
  return gated(both.slice(0, F), both.slice(F), matrix(w, `${at}mlp.down_proj`), gamma);
};
const phi3 = {
  attention: (w: Weights, at: string) =>
    [matrix(w, `${at}self_attn.qkv_proj`).slice(16), matrix(w, `${at}self_attn.o_proj`)] as const,
  mlp: phi3Mlp,
};
/** GPT-2's matrices are [in, out], values the last third of the outputs. */
const gpt2 = (prefix: string): Layout => ({
  names: [`${prefix}h.`, 'h.', 'ln_1', 'ln_2', 'ln_f'],
  attention: (w, at) => [turned(matrix(w, `${at}attn.c_attn`)).slice(2 * D), turned(matrix(w, `${at}attn.c_proj`))],
  mlp: (w, at, gamma) => mlp(turned(matrix(w, `${at}mlp.c_fc`)), turned(matrix(w, `${at}mlp.c_proj`)), gamma),
});
const plainMlp =
  (up: string, down: string) =>
  (w: Weights, at: string, gamma: readonly number[]): number =>
    mlp(matrix(w, `${at}${up}`), matrix(w, `${at}${down}`), gamma);
const opt: Layout = {
  names: ['model.decoder.layers.', 'layers.', 'self_attn_layer_norm', 'final_layer_norm', 'final_layer_norm'],
  attention: (w, at) => [matrix(w, `${at}self_attn.v_proj`), matrix(w, `${at}self_attn.out_proj`)],
  mlp: plainMlp('fc1', 'fc2'),
};
const both =
  (w: Weights, output: string, second: (at: string, gamma: readonly number[]) => number) =>
  (at: string, gamma: readonly number[]) => [
    attention(matrix(w, `${at}self_attn.v_proj`), matrix(w, `${at}self_attn.${output}`), gamma),
    second(at, gamma),
  ];

/** The mean of the squares of a table's rows. */
const meanSquare = (table: Matrix): number => length(table) ** 2 / table.length;

/** Mixtral: of the experts the one that says most. */
const mixtral: Layout = {
  mlp: (w, at, gamma) =>
    Math.max(
      ...[0, 1, 2, 3].map((e) => {
        const [gate, up, down] = ['w1', 'w3', 'w2'].map((one) =>
          matrix(w, `${at}block_sparse_moe.experts.${e}.${one}`),
        );
        return gated(gate, up, down, gamma);
      }),
    ),
};

/** GPT-NeoX: query, key and value of a head follow each other, head by head. */
const neox = {
  names: ['gpt_neox.layers.', 'layers.', 'input_layernorm', 'post_attention_layernorm', 'final_layer_norm'] as const,
  attention: (w: Weights, at: string) =>
    [
      matrix(w, `${at}attention.query_key_value`).filter((_, i) => Math.floor(i / 8) % 3 === 2),
      matrix(w, `${at}attention.dense`),
    ] as const,
  mlp: plainMlp('mlp.dense_h_to_4h', 'mlp.dense_4h_to_h'),
};

/** Both norms of a layer read the stream; the next ones read what both branches added. */
function neoxInParallel(w: Weights): Line[] {
  const lines: Line[] = [];
  let before: readonly [string, string | null, number] = ['first', null, 1];
  for (let l = 0; l < L; l++) {
    const [file, site] = [`gpt_neox.layers.${l}.`, `layers.${l}.`];
    const [first, second] = ['input_layernorm', 'post_attention_layernorm'];
    lines.push([`${site}${first}`, ...before], [`${site}${second}`, ...before]);
    const [v, o] = neox.attention(w, file);
    const said = neox.mlp(w, file, gammaOf(w, `${file}${second}`, 0));
    const alpha = Math.hypot(attention(v, o, gammaOf(w, `${file}${first}`, 0)), said);
    before = ['several', `${site}${first}`, alpha];
  }
  return [...lines, ['final_layer_norm', ...before]];
}

/** OLMo 2: no norm stands before a branch, one behind it. A branch sees a row as long as the embedding and all norms so far make it. */
function behind(w: Weights): Line[] {
  const lines: Line[] = [];
  const ones = new Array<number>(D).fill(1);
  let square = meanSquare(matrix(w, 'model.embed_tokens'));
  let last = '';
  for (let l = 0; l < L; l++) {
    const [file, site] = [`model.layers.${l}.`, `layers.${l}.`];
    const add = (name: string): void => {
      last = `${site}${name}`;
      square += length([gammaOf(w, `${file}${name}`, 0)]) ** 2;
    };
    const gain = Math.sqrt(square / D);
    for (const one of ['q', 'k'])
      lines.push([
        `${site}self_attn.${one}_norm`,
        'linear',
        null,
        gain * length(matrix(w, `${file}self_attn.${one}_proj`)),
      ]);
    const [v, o] = llamaAttention(w, file);
    lines.push([`${site}post_attention_layernorm`, 'attention', null, gain * attention(v, o, ones, false)]);
    add('post_attention_layernorm');
    lines.push([`${site}post_feedforward_layernorm`, 'gatedMlp', null, (square / D) * llamaMlp(w, file, ones)]);
    add('post_feedforward_layernorm');
  }
  return [...lines, ['norm', 'norm', last, Math.sqrt(square)]];
}

/** OPT with norms behind: each branch reads the norm before it and is added to it; the first reads tokens and places. */
function optBehind(w: Weights): Line[] {
  const at = (l: number) => `model.decoder.layers.${l}.`;
  const skipped = (l: number, name: string): number => {
    const gamma = gammaOf(w, `${at(l)}${name}`, 0);
    const both = product(matrix(w, `${at(l)}fc2`), matrix(w, `${at(l)}fc1`));
    return length(
      under(
        both.map((row, i) => row.map((x, j) => x + (i === j ? 1 : 0))),
        gamma,
      ),
    );
  };
  const attended = (l: number) => opt.attention?.(w, at(l)) as readonly [Matrix, Matrix];
  const lines: Line[] = [];
  for (let l = 0; l < L; l++) {
    const [v, o] = attended(l);
    if (l === 0) {
      const wide = matrix(w, 'model.decoder.project_in');
      const inner = wide[0].length;
      const tokens = (length(wide) ** 2 * meanSquare(matrix(w, 'model.decoder.embed_tokens'))) / inner;
      const square = tokens + meanSquare(matrix(w, 'model.decoder.embed_positions'));
      const said = attention(v, o, new Array<number>(D).fill(1), false) * Math.sqrt(square / D);
      lines.push(['layers.0.self_attn_layer_norm', 'several', null, Math.sqrt(square + said ** 2)]);
    } else {
      const gamma = gammaOf(w, `${at(l - 1)}final_layer_norm`, 0);
      lines.push([
        `layers.${l}.self_attn_layer_norm`,
        'attention',
        `layers.${l - 1}.final_layer_norm`,
        attention(v, o, gamma),
      ]);
    }
    lines.push([
      `layers.${l}.final_layer_norm`,
      'mlp',
      `layers.${l}.self_attn_layer_norm`,
      skipped(l, 'self_attn_layer_norm'),
    ]);
  }
  return lines;
}

const hands: Readonly<Record<string, (w: Weights) => Line[]>> = {
  'llama 3.1': inSequence,
  'llama with biases, positions divided': inSequence,
  'llama by yarn': inSequence,
  mistral: inSequence,
  qwen2: inSequence,
  qwen3: (w) => inSequence(w, { headNorms: true }),
  gemma: (w) => inSequence(w, { plus: 1 }),
  gemma2: (w) => around(w, false),
  gemma3: (w) => around(w, true),
  phi3: (w) => inSequence(w, phi3),
  'phi3 for long texts': (w) => inSequence(w, phi3),
  gpt2: (w) => inSequence(w, gpt2('transformer.')),
  'gpt2 as first published': (w) => inSequence(w, gpt2('')),
  opt: (w) => inSequence(w, opt),
  granite: (w) => inSequence(w, { scale: 0.5 }),
  stablelm: inSequence,
  starcoder2: (w) => inSequence(w, { mlp: plainMlp('mlp.c_fc', 'mlp.c_proj') }),
  'stablelm in parallel': (w) =>
    inParallel(
      w,
      both(w, 'o_proj', (at, gamma) => llamaMlp(w, at, gamma)),
    ),
  phi: (w) =>
    inParallel(
      w,
      both(w, 'dense', (at, gamma) => plainMlp('mlp.fc1', 'mlp.fc2')(w, at, gamma)),
      'final_layernorm',
    ),
  mixtral: (w) =>
    inSequence(w, mixtral).map(([site, position, ...rest]) => [
      site,
      position === 'mlp' ? 'experts' : position,
      ...rest,
    ]),
  'gpt-neox': neoxInParallel,
  'gpt-neox in sequence': (w) => inSequence(w, neox),
  'opt with norms behind': optBehind,
  olmo2: behind,
  cohere: (w) =>
    inParallel(
      w,
      both(w, 'o_proj', (at, gamma) => llamaMlp(w, at, gamma)),
    ),
};

const all = { ...decoders, ...cousins };

describe.each(Object.entries(all))('%s', (name, { config, shapes }) => {
  const weights = seeded(name, shapes);
  const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(weights))));
  const { norms, unscaled } = slancScales(model);

  it('has the blocks and the factors that a hand finds', () => {
    const hand = hands[name] as (w: Weights) => Line[];
    expect(unscaled).toEqual([]);
    const wanted = hand(weights);
    const order = new Map(wanted.map(([site], i) => [site, i]));
    const found = [...norms].sort((a, b) => (order.get(a.site) ?? -1) - (order.get(b.site) ?? -1));
    expect(found.map(({ site, position, fedBy }) => [site, position, fedBy])).toEqual(
      wanted.map(([site, position, fedBy]) => [site, position, fedBy]),
    );
    for (const [i, { alpha }] of found.entries()) expect(alpha / wanted[i][3], wanted[i][0]).toBeCloseTo(1, 9);
  });
});
