import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, writeSafetensors } from '../../src/files/index.ts';
import { loadModel } from '../../src/models/index.ts';
import { attentionSpecification } from '../../src/specification/attention/attention.ts';
import { dotSpecification } from '../../src/specification/products/dot.ts';
import type { ProductPlan } from '../../src/specification/products/plan.ts';
import { simulate } from '../../src/studies/index.ts';
import { logits } from '../../src/studies/perplexity/logits.ts';
import { openChip, simulatedOperators } from '../../src/studies/simulate/chip.ts';
import { sideBySide } from '../../src/studies/simulate/sideBySide.ts';
import { findTarget, findVectorUnit, type Target } from '../../src/targets/index.ts';
import { oracle } from '../../src/testing/index.ts';
import { generator } from '../random.ts';

const [V, D, P] = [11, 8, 8];
const at = 'transformer.h.0';
const shapes: Record<string, readonly number[]> = {
  'transformer.wte.weight': [V, D],
  'transformer.wpe.weight': [P, D],
  [`${at}.ln_1.weight`]: [D],
  [`${at}.ln_1.bias`]: [D],
  [`${at}.attn.c_attn.weight`]: [D, 3 * D],
  [`${at}.attn.c_attn.bias`]: [3 * D],
  [`${at}.attn.c_proj.weight`]: [D, D],
  [`${at}.attn.c_proj.bias`]: [D],
  [`${at}.ln_2.weight`]: [D],
  [`${at}.ln_2.bias`]: [D],
  [`${at}.mlp.c_fc.weight`]: [D, 4 * D],
  [`${at}.mlp.c_fc.bias`]: [4 * D],
  [`${at}.mlp.c_proj.weight`]: [4 * D, D],
  [`${at}.mlp.c_proj.bias`]: [D],
  'transformer.ln_f.weight': [D],
  'transformer.ln_f.bias': [D],
};
const config = { model_type: 'gpt2', vocab_size: V, n_embd: D, n_head: 1, n_layer: 1, n_positions: P };

/** What a product's plan says, as the oracle takes it. */
function unitOf({ a, b, product, reduction, addend, output, positiveZeros }: ProductPlan) {
  const zeroOperands = positiveZeros ? ('positive' as const) : ('signed' as const);
  return { k: 1, zeroOperands, scale: null, product, reduction, addend, output, loadA: a, loadB: b };
}

/** The model on a chip, one operation of the oracle after the other. */
function naive(w: Readonly<Record<string, Float32Array>>, tokens: readonly number[], target: Target, name: string) {
  const vector = findVectorUnit(target);
  const rows = tokens.length;
  const of = (key: string): number[] => [...(w[key] as Float32Array)];
  const rowsOf = (key: string, places: readonly number[]): number[] =>
    places.flatMap((place) => of(key).slice(place * D, (place + 1) * D));
  const round = ({ format, policy }: typeof vector.load, x: number): number => oracle.round(format, policy, x).value;
  const add = (x: readonly number[], y: readonly number[]): number[] =>
    x.map((a, i) => {
      const operands = [round(vector.load, a), round(vector.load, y[i] as number)];
      return round(vector.store, oracle.operation('add', vector.compute, operands).value);
    });
  const norm = (x: readonly number[], key: string): number[] =>
    oracle.layerNorm({
      ...{ rows, width: D, x, epsilon: 1e-5, unit: vector },
      ...{ gamma: of(`${key}.weight`), beta: of(`${key}.bias`) },
    }).output;
  const unit = unitOf(dotSpecification.plan({ target, unit: name, rows: 1, width: D }));
  const linear = (x: readonly number[], weight: readonly number[], inputs: number, bias: readonly number[] | null) => {
    const outputs = weight.length / inputs;
    const pairs = Array.from({ length: rows * outputs }, (_, i) => [Math.floor(i / outputs), i % outputs] as const);
    const c = bias && pairs.map(([, j]) => bias[j] as number);
    return oracle.dot({ unit, width: inputs, a: x, b: weight, c, pairs }).output;
  };
  const conv = (x: readonly number[], key: string, inputs: number): number[] => {
    const given = of(`${key}.weight`);
    const outputs = given.length / inputs;
    const turned = Array.from(
      { length: given.length },
      (_, i) => given[(i % inputs) * outputs + Math.floor(i / inputs)],
    );
    return linear(x, turned as number[], inputs, of(`${key}.bias`));
  };
  const attend = (all: readonly number[]): number[] => {
    const part = (n: number): number[] =>
      Array.from({ length: rows * D }, (_, i) => all[Math.floor(i / D) * 3 * D + n * D + (i % D)] as number);
    const shape = { heads: 1, sharedHeads: 1, queries: rows, keys: rows, width: D, valueWidth: D };
    const plan = attentionSpecification.plan({ ...shape, target, unit: name, vectorUnit: vector.name, causal: true });
    return oracle.attention({
      ...shape,
      ...{ q: part(0), k: part(1), v: part(2), unit: vector, roundings: plan.roundings, scale: 1 / Math.sqrt(D) },
      ...{ scoring: unitOf(plan.scoring), valuing: unitOf(plan.valuing), causal: true, tile: null, divide: 'before' },
      ...{ exponential: 'exp', maximumOffset: 0, sumOf: 'computed', normalize: 'divide', emptyRow: 'nan' },
      wantsLogSumExp: false,
    }).output;
  };
  let stream = add(rowsOf('transformer.wte.weight', [...tokens]), rowsOf('transformer.wpe.weight', [...tokens.keys()]));
  const mixed = attend(conv(norm(stream, `${at}.ln_1`), `${at}.attn.c_attn`, D));
  stream = add(stream, conv(mixed, `${at}.attn.c_proj`, D));
  const inner = conv(norm(stream, `${at}.ln_2`), `${at}.mlp.c_fc`, D);
  const open = oracle.unary({ rows, width: 4 * D, x: inner, function: 'geluTanh', unit: vector }).output;
  stream = add(stream, conv(open, `${at}.mlp.c_proj`, 4 * D));
  return linear(norm(stream, 'transformer.ln_f'), of('transformer.wte.weight'), D, null);
}

describe('simulate', () => {
  it('gives every logit of a model of one block the bits of a naive model on the oracle', () => {
    const random = generator(22);
    for (const name of ['fp16', 'bf16', 'h100:f16', 'h100:bf16', 'a100:f16', 'mi300x:f16']) {
      const w = Object.fromEntries(
        Object.entries(shapes).map(([key, shape]) => {
          const length = shape.reduce((a, b) => a * b, 1);
          const data = Float32Array.from(
            { length },
            () => (random() + random() - 1) * 2 + (key.includes('ln_') ? 1 : 0),
          );
          return [key, data];
        }),
      );
      const tensors = Object.fromEntries(
        Object.entries(w).map(([key, data]) => [key, { data, shape: shapes[key] as number[] }]),
      );
      const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(tensors), 'weights')));
      const tokens = Array.from({ length: 6 }, () => Math.floor(random() * V));
      const target = findTarget(name);
      const chip = openChip(name, target, { weights: null, cache: null, headroom: false });
      const found = logits(model, [tokens], {
        on: ({ op }) =>
          simulatedOperators.has(op) ? (call) => sideBySide(call, [chip], new Set(), () => undefined) : 'exact',
      });
      const wanted = naive(w, tokens, target, chip.unit);
      expect([name, ...found.data]).toEqual([name, ...wanted]);
      // What `simulate` tells is of these very logits.
      const { targets, predictions } = simulate(model, [tokens], { targets: [name], headroom: true });
      const mean = wanted.slice(0, -V).reduce((sum, _, i) => {
        if (i % V !== 0) return sum;
        const row = wanted.slice(i, i + V);
        const largest = Math.max(...row);
        const total = row.reduce((all, x) => all + Math.exp(x - largest), 0);
        return sum + (largest - (row[tokens[i / V + 1] as number] as number) + Math.log(total));
      }, 0);
      expect(targets[0]?.perplexity).toBe(Math.exp(mean / predictions));
      expect(targets[0]?.nodes.every(({ headroom }) => headroom !== null && headroom.bits > 0)).toBe(true);
      expect(targets[0]?.logits?.sameToken).toBeGreaterThan(0.3);
      expect(targets[0]?.logits?.largest).toBeGreaterThanOrEqual(targets[0]?.logits?.mean as number);
    }
  });
});
