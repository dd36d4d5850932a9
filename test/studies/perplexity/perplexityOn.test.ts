import { evaluate } from 'bittrue/evaluation';
import { matmul, rmsNorm } from 'bittrue/kernels';
import { byteTokens, llamaGraph, loadLlama, logits, normSites, perplexity, splitTokens } from 'bittrue/models';
import { embeddedModel, openFile, openModel } from 'bittrue/node';
import { perplexityOn } from 'bittrue/studies';
import { fp16, h100 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';
import { transposed } from '../../../src/tensors/transposed.ts';

const opened = openModel(embeddedModel());
const model = loadLlama(opened.config, opened.checkpoint);
const sequences = ['In the beginning God created the heaven and the earth.', 'Let there be light'].map(byteTokens);

describe('llamaGraph', () => {
  it('gives the bits of the forward pass', async () => {
    const graph = llamaGraph(model, { positions: 64 });
    for (const tokens of sequences) {
      const data = BigInt64Array.from(tokens, BigInt);
      const { outputs } = await evaluate(graph, { input_ids: { type: 'int64', shape: [data.length], data } });
      const expected = logits(model, [tokens]);
      expect(outputs.logits.shape).toEqual(expected.shape);
      const [ours, theirs] = [outputs.logits.data as Float64Array, expected.data as Float64Array];
      expect(ours.every((value, i) => Object.is(value, theirs[i]))).toBe(true);
    }
  });

  it('calls its norms as their sites and its linear layers as their weights', () => {
    const { nodes } = llamaGraph(model);
    const named = (op: string) => nodes.filter((node) => node.op === op).map(({ name }) => name);
    expect(named('RMSNormalization')).toEqual(normSites(model).map(({ name }) => name));
    expect(named('Gemm').length).toBe(7 * model.config.layers + 1);
    expect(named('Gemm').slice(0, 2)).toEqual(['model.layers.0.self_attn.q_proj', 'model.layers.0.self_attn.k_proj']);
    expect(() => llamaGraph(model, { positions: 0 })).toThrow(/options.positions/);
    expect(() => llamaGraph(model, { positions: 2 ** 31 })).toThrow(/^options.positions: expected .* numbers/);
  });
});

describe('perplexityOn', () => {
  it('is the perplexity to the last digit where every node is exact, on the text that comes with the model', async () => {
    const text = splitTokens(openFile(`${embeddedModel()}/validation.txt`).read(0, 600), 200);
    const { reports, ...exact } = await perplexityOn(model, text, { on: () => 'exact' });
    expect(exact).toEqual(perplexity(model, text));
    expect(reports).toEqual({});
  });

  it('runs the linear layers on a matrix unit in one line, as hooks with the kernel do', async () => {
    const { reports, ...found } = await perplexityOn(model, sequences, { on: 'h100:f16' });
    const hooked = perplexity(model, sequences, {
      linear: ({ input, rows, weight }) => {
        const [n, k] = weight.shape;
        return matmul(input, transposed(weight.data as Float64Array, n, k), {
          m: rows,
          k,
          n,
          target: h100,
          unit: 'f16',
        }).output;
      },
    });
    expect(found).toEqual(hooked);
    expect(found.perplexity).not.toBe(perplexity(model, sequences).perplexity);
    expect(Object.keys(reports).length).toBe(7 * model.config.layers + 1);
    expect(reports.lm_head.totals.inexact).toBeGreaterThan(0);
  });

  it('runs any node as it is told', async () => {
    const on = ({ op }: { op: string }) => (op === 'RMSNormalization' ? { target: fp16 } : ('exact' as const));
    const { reports, ...found } = await perplexityOn(model, sequences, { on });
    const hooked = perplexity(model, sequences, {
      norm: ({ x, rows, width, gamma, epsilon }) => rmsNorm(x, { rows, width, gamma, epsilon, target: fp16 }).output,
    });
    expect(found).toEqual(hooked);
    expect(Object.keys(reports)).toEqual(normSites(model).map(({ name }) => name));
    await expect(perplexityOn(model, [[1]], { on })).rejects.toThrow(/sequences\[0\]/);
    await expect(perplexityOn(model, sequences, { on: 'h1000' as 'h100' })).rejects.toThrow(/h1000/);
  });
});
