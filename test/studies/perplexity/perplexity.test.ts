import { describe, expect, it } from 'vitest';
import { matmul, rmsNorm } from '../../../src/kernels/index.ts';
import { byteTokens, normSites } from '../../../src/models/index.ts';
import { onNorms } from '../../../src/studies/check/normCall.ts';
import { logits, perplexity } from '../../../src/studies/index.ts';
import { onLinear } from '../../../src/studies/linearCall.ts';
import { fp16, h100 } from '../../../src/targets/index.ts';
import { transposed } from '../../../src/tensors/transposed.ts';
import { failure, loadWeights, smallWeights, tinyLlama } from '../../models/helpers.ts';

const model = loadWeights(smallWeights());

describe('perplexity', () => {
  it('is exp of the mean −log softmax of the tokens that came', () => {
    const sequences = [
      [1, 2, 3, 4],
      [5, 6],
    ];
    let total = 0;
    for (const sequence of sequences) {
      const { data } = logits(model, [sequence.slice(0, -1)]);
      for (let p = 1; p < sequence.length; p++) {
        const row = [...data.subarray((p - 1) * 11, p * 11)].map(Math.exp);
        total -= Math.log(row[sequence[p]] / row.reduce((sum, value) => sum + value, 0));
      }
    }
    const result = perplexity(model, sequences);
    expect(result.predictions).toBe(4);
    expect(result.meanNegativeLogLikelihood).toBeCloseTo(total / 4, 12);
    expect(result.perplexity).toBeCloseTo(Math.exp(total / 4), 11);
  });

  it('of equal logits is the vocabulary, of broken ones NaN', () => {
    const constant = (value: number) => ({
      on: onLinear(({ rows }) => new Float64Array(rows * 11).fill(value), ['lm_head.weight']),
    });
    expect(perplexity(model, [[1, 2]], constant(5000)).perplexity).toBeCloseTo(11, 12);
    expect(perplexity(model, [[1, 2]], constant(NaN)).perplexity).toBeNaN();
  });

  it('runs sequences of all lengths, however wide the vocabulary, with the same result', () => {
    const vocabulary = 2 ** 20;
    // The head exists only as a function.
    const head = { data: new Float64Array(0), shape: [vocabulary, 0] };
    const wide = {
      ...model,
      config: { ...model.config, vocabulary },
      plan: { ...model.plan, head: { ...model.plan.head, inputs: 0, outputs: vocabulary } },
      weights: { ...model.weights, 'lm_head.weight': head },
    };
    const on = onLinear(({ rows }) => new Float64Array(rows * vocabulary), ['lm_head.weight']);
    const texts = [
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5, 6, 7],
      [3, 4, 5, 6, 7, 8, 9],
      [3, 4],
    ];
    const told: number[] = [];
    const result = perplexity(wide, texts, { on, onProgress: ({ done }) => void told.push(done) });
    // Two sequences of one length run together.
    expect(told).toEqual([1, 3, 4]);
    expect(result.predictions).toBe(16);
    expect(result.perplexity).toBeCloseTo(vocabulary, 3);
  });

  it('refuses bad input', () => {
    expect(failure(() => perplexity(model, []))).toBe('shape sequences');
    expect(failure(() => perplexity(model, [[1]]))).toBe('shape sequences[0]');
    expect(failure(() => perplexity(model, [[1, 2], 3 as never]))).toBe('type sequences[1]');
    expect(failure(() => perplexity(model, [[1, 11]]))).toBe('range sequences[0][1]');
    expect(failure(() => perplexity(model, [[11, 1]]))).toBe('range sequences[0][0]');
    expect(failure(() => perplexity(model, [new Array(10).fill(1)]))).toBe('shape sequences[0]');
  });
});

describe('perplexity of a model with nodes on a chip', () => {
  const tiny = tinyLlama();
  const sequences = ['In the beginning God created the heaven and the earth.', 'Let there be light'].map(byteTokens);

  it('runs the linear layers on a matrix unit in one line, as calls of the kernel do', () => {
    const { reports, ...found } = perplexity(tiny, sequences, { on: 'h100:f16' });
    const on = onLinear(({ input, rows, weight }) => {
      const [n, k] = weight.shape;
      const w = transposed(weight.data as Float64Array, n, k);
      return matmul(input, w, { m: rows, k, n, target: h100, unit: 'f16' }).output as Float64Array;
    });
    const { reports: none, ...called } = perplexity(tiny, sequences, { on });
    expect(found).toEqual(called);
    expect(none).toEqual({});
    expect(found.perplexity).not.toBe(perplexity(tiny, sequences).perplexity);
    expect(Object.keys(reports).length).toBe(7 * tiny.config.layers + 1);
    expect(reports.lm_head.totals.inexact).toBeGreaterThan(0);
  });

  it('runs any node as it is told', () => {
    const sites = normSites(tiny).map(({ name }) => name);
    const on = ({ op }: { op: string }) => (op === 'RMSNormalization' ? { target: fp16 } : ('exact' as const));
    const { reports, ...found } = perplexity(tiny, sequences, { on });
    const called = onNorms(
      sites,
      ({ x, rows, width, gamma, epsilon }) =>
        rmsNorm(x, { rows, width, gamma, epsilon, target: fp16 }).output as Float64Array,
    );
    const { reports: _, ...other } = perplexity(tiny, sequences, { on: called });
    expect(found).toEqual(other);
    expect(Object.keys(reports)).toEqual(sites);
    expect(failure(() => perplexity(tiny, [[1]], { on }))).toBe('shape sequences[0]');
    expect(() => perplexity(tiny, sequences, { on: 'h1000' as 'h100' })).toThrow(/h1000/);
  });
});
