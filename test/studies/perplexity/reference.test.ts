/**
 * The embedded model against the reference figures of its README.
 */
import { describe, expect, it } from 'vitest';
import { normSites, scaleResidualStream } from '../../../src/models/index.ts';
import { onNorms } from '../../../src/studies/check/normCall.ts';
import { perplexity } from '../../../src/studies/index.ts';
import { tinyLlama, validation } from '../../models/helpers.ts';

const model = tinyLlama();
const largestSquareSums = [1.91, 12.64, 501.28, 505.24, 2730.61, 2756.96, 4187.45, 4262.99, 10608.63];

const sites = normSites(model).map(({ name }) => name);

/** Only watches: the largest Σx² before each norm. */
const watch = (largest: number[]) =>
  onNorms(sites, ({ x, width, index }) => {
    for (let start = 0; start < x.length; start += width) {
      let sum = 0;
      for (let i = start; i < start + width; i++) sum += x[i] * x[i];
      largest[index] = Math.max(largest[index] ?? 0, sum);
    }
    return undefined;
  });

describe.each([1, 8, 64])('tiny-llama, residual stream × %d', (c) => {
  const largest: number[] = [];
  const result = perplexity(c === 1 ? model : scaleResidualStream(model, c), validation(), {
    on: watch(largest),
  });

  it('has the perplexity of its README', () => {
    expect(result.predictions).toBe(2048);
    expect(result.perplexity).toBeCloseTo(2.9025806707, 10);
    expect(result.meanNegativeLogLikelihood).toBeCloseTo(1.065600227736, 12);
  });

  it('has the square-sums of its README, × c²', () => {
    expect(largest.map((sum) => Number((sum / c ** 2).toFixed(2)))).toEqual(largestSquareSums);
    expect(normSites(model).length).toBe(largest.length);
  });
});
