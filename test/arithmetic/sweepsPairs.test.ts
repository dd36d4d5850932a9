/** Every pair of values of formats of at most 8 bits, in every mode, as the oracle has it. */
import { describe, expect, it } from 'vitest';
import { smallFormats, sweptFormats } from '../rounding/helpers.ts';
import { pairOperations, samplePairs, sweepPairs, sweptPolicies, type Tally } from './sweeps/pairs.ts';

describe.each(sweptFormats)('%s', (_, format) => {
  it('adds, subtracts, multiplies and divides every pair as the oracle does', () => {
    const tally: Tally = { cases: 0, wrong: [] };
    const policies = sweptPolicies(
      format,
      smallFormats.findIndex(([, other]) => other === format),
    );
    sweepPairs(format, pairOperations, policies, tally);
    samplePairs(format, policies, 40, tally);
    expect(tally.wrong).toEqual([]);
    expect(tally.cases).toBeGreaterThan(0);
  });
});
