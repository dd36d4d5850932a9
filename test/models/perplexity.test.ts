import { describe, expect, it } from 'vitest';
import { logits, perplexity } from '../../src/models/index.ts';
import { failure, loadWeights, smallWeights } from './helpers.ts';

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
      linear: ({ name, rows }: { name: string; rows: number }) =>
        name === 'lm_head.weight' ? new Float64Array(rows * 11).fill(value) : undefined,
    });
    expect(perplexity(model, [[1, 2]], constant(5000)).perplexity).toBeCloseTo(11, 12);
    expect(perplexity(model, [[1, 2]], constant(NaN)).perplexity).toBeNaN();
  });

  it('runs long inputs in batches with the same result, rows numbered on', () => {
    // A batch holds 2^24 logits: 16 rows of a vocabulary of 2^20, whose head exists only as a hook.
    const vocabulary = 2 ** 20;
    const head = { data: new Float64Array(0), shape: [vocabulary, 6] };
    const wide = {
      ...model,
      config: { ...model.config, vocabulary },
      weights: { ...model.weights, 'lm_head.weight': head },
    };
    const first: number[] = [];
    const result = perplexity(
      wide,
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4, 5, 6, 7],
        [3, 4, 5, 6, 7, 8, 9],
        [3, 4],
      ],
      {
        norm: ({ index, firstRow }) => {
          if (index === 0) first.push(firstRow);
          return undefined;
        },
        linear: ({ name, rows }) => (name === 'lm_head.weight' ? new Float64Array(rows * vocabulary) : undefined),
      },
    );
    expect(first).toEqual([0, 9]);
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
