import { describe, expect, it } from 'vitest';
import { normSites, scaleResidualStream } from '../../src/models/index.ts';
import { onNorms } from '../../src/studies/check/normCall.ts';
import { logits } from '../../src/studies/index.ts';
import { failure, loadWeights, smallConfig, smallWeights } from './helpers.ts';

describe.each([
  ['untied', smallWeights(), smallConfig],
  ['tied', smallWeights(true), { ...smallConfig, tie_word_embeddings: true }],
])('scaleResidualStream, %s', (_, weights, config) => {
  const model = loadWeights(weights, config);
  const inputs = (c: number): Float64Array[] => {
    const seen: Float64Array[] = [];
    const sites = normSites(model).map(({ name }) => name);
    logits(scaleResidualStream(model, c), [[1, 2, 3]], { on: onNorms(sites, ({ x }) => void seen.push(x.slice())) });
    return seen;
  };

  it('keeps every logit, bit for bit when c is a power of two', () => {
    const plain = logits(model, [[1, 2, 3]]);
    expect(logits(scaleResidualStream(model, 16), [[1, 2, 3]])).toEqual(plain);
    const odd = logits(scaleResidualStream(model, 3.3), [[1, 2, 3]]).data;
    for (let i = 0; i < odd.length; i++) expect(odd[i]).toBeCloseTo(plain.data[i], 11);
  });

  it('multiplies the input of every norm by c', () => {
    expect(inputs(8)).toEqual(inputs(1).map((x) => x.map((value) => 8 * value)));
  });

  it('leaves the model alone and refuses other numbers', () => {
    const before = structuredClone(model.weights);
    scaleResidualStream(model, 8);
    expect(model.weights).toEqual(before);
    for (const c of [0, -1, NaN, Infinity]) expect(failure(() => scaleResidualStream(model, c))).toBe('range c');
    expect(failure(() => scaleResidualStream(model, '8' as never))).toBe('type c');
  });
});
