/**
 * The sweep over all pairs as test cases; several files take a share each, so that workers share the time.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { smallFormats } from '../../rounding/helpers.ts';
import { pairOperations, samplePairs, sweepPairs, sweptPolicies, type Tally } from './pairs.ts';

export function describePairs(part: number, parts: number): void {
  const share = smallFormats.filter((_, i) => i % parts === part - 1);
  describe.each(share)('%s', (_, format) => {
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
}
