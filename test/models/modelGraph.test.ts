import { evaluate } from 'bittrue/evaluation';
import { byteTokens, loadModel, modelGraph, normSites } from 'bittrue/models';
import { embeddedModel, openModel } from 'bittrue/node';
import { logits } from 'bittrue/studies';
import { describe, expect, it } from 'vitest';

const opened = openModel(embeddedModel());
const model = loadModel(opened.config, opened.checkpoint);
const sequences = ['In the beginning God created the heaven and the earth.', 'Let there be light'].map(byteTokens);

describe('modelGraph', () => {
  it('gives of one sequence, and of several together, the bits that `logits` has', async () => {
    const graph = modelGraph(model, { positions: 64 });
    for (const tokens of sequences) {
      const data = BigInt64Array.from(tokens, BigInt);
      const { outputs } = await evaluate(graph, { input_ids: { type: 'int64', shape: [data.length], data } });
      const expected = logits(model, [tokens]);
      expect(outputs.logits.shape).toEqual(expected.shape);
      const [ours, theirs] = [outputs.logits.data as Float64Array, expected.data as Float64Array];
      expect(ours.every((value, i) => Object.is(value, theirs[i]))).toBe(true);
    }
    const short = sequences.map((tokens) => tokens.subarray(0, 12));
    const data = BigInt64Array.from(
      short.flatMap((tokens) => [...tokens]),
      BigInt,
    );
    const batched = modelGraph(model, { positions: 12, batched: true });
    const { outputs } = await evaluate(batched, { input_ids: { type: 'int64', shape: [2, 12], data } });
    expect(outputs.logits.shape).toEqual([2, 12, 128]);
    expect(outputs.logits.data).toEqual(logits(model, short).data);
  });

  it('calls its norms as their sites and its linear layers as their weights', () => {
    const { nodes } = modelGraph(model);
    const named = (op: string) => nodes.filter((node) => node.op === op).map(({ name }) => name);
    expect(named('RMSNormalization')).toEqual(normSites(model).map(({ name }) => name));
    expect(named('Gemm').length).toBe(7 * model.config.layers + 1);
    expect(named('Gemm').slice(0, 2)).toEqual(['model.layers.0.self_attn.q_proj', 'model.layers.0.self_attn.k_proj']);
    expect(() => modelGraph(model, { batched: 1 as never })).toThrow(/options.batched/);
    expect(() => modelGraph(model, { positions: 0 })).toThrow(/options.positions/);
    expect(() => modelGraph(model, { positions: 2 ** 31 })).toThrow(/^options.positions: expected .* numbers/);
  });
});
