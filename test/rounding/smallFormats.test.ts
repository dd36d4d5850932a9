import { describe, expect, it } from 'vitest';
import { ordinalsOf } from '../../src/testing/index.ts';
import { edgesOf, shareOf } from '../testing/helpers.ts';
import { allPolicies, cornerOrdinals, firstDifference, modePolicies, smallFormats } from './helpers.ts';

describe.each(smallFormats.map(([name, format], i) => [name, format, i] as const))('%s', (_, format, ordinal) => {
  const isTiny = format.bits <= 6;

  it('rounds every value, midpoint and neighbour as the oracle does, in every mode', () => {
    const xs = edgesOf(format);
    for (const policy of modePolicies(format)) expect(firstDifference(format, policy, xs)).toBeNull();
  });

  it(`follows every policy${isTiny ? '' : ' at the corners'}`, () => {
    const xs = edgesOf(format, isTiny ? undefined : cornerOrdinals(ordinalsOf(format)));
    for (const policy of shareOf(allPolicies(format), ordinal)) expect(firstDifference(format, policy, xs)).toBeNull();
  });
});
