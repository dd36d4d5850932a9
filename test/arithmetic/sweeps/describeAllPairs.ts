/**
 * Outside CI, as test cases: all pairs of the formats of at most 8 bits, in every mode through the oracle whole, and
 * under a fifth of all policies, which rotates from format to format, by the oracle's cells; fused multiply-adds likewise.
 *
 * @module
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Unit } from '../../../src/arithmetic/unit.ts';
import type { Format } from '../../../src/formats/index.ts';
import { type Policy, roundTo } from '../../../src/rounding/index.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { allPolicies, modePolicies, smallFormats } from '../../rounding/helpers.ts';
import { difference, distinctValues, pairOperations, sweepPairs, type Tally } from './pairs.ts';
import { allTriples, randomTriples, sweepTriples } from './triples.ts';

/** In every mode a fifth of the choices of overflow, subnormals and tininess: another fifth from format to format. */
function policiesOf(format: Format): Policy[] {
  const ordinal = smallFormats.findIndex(([, other]) => other === format);
  // Wrapping knows no last cell: it goes through the oracle whole.
  return allPolicies(format).filter(
    ({ overflow }, k) => overflow !== 'wrap' && (k + Math.floor(k / 8) + ordinal) % 5 === 0,
  );
}

/** One of `parts` shares of the formats, a file each, so that workers share the time. */
export function describeAllPairs(part: number, parts: number): void {
  const share = smallFormats.filter((_, i) => i % parts === part - 1);
  const done = { cells: 0, whole: 0, fused: 0 };
  describe.each(share)('%s', (_, format) => {
    it('every pair under a fifth of all policies, by cells', () => {
      const tally: Tally = { cases: 0, wrong: [] };
      const policies = policiesOf(format);
      sweepPairs(format, pairOperations, policies, tally);
      done.cells += tally.cases;
      expect(tally.wrong).toEqual([]);
    });

    it('every pair in every mode, through the oracle whole', () => {
      const wrong: string[] = [];
      const values = distinctValues(format);
      const wraps = allPolicies(format).filter(({ overflow, subnormals, tininess }) => {
        return overflow === 'wrap' && subnormals === 'gradual' && tininess === 'afterRounding';
      });
      for (const policy of [...modePolicies(format), ...wraps]) {
        const unit = new Unit(format, policy);
        const at = roundTo(format, policy);
        for (const operation of pairOperations) {
          for (const a of values) {
            for (const b of values) {
              done.whole += 1;
              const found = unit[operation](a, b);
              const wanted = oracleOperation(operation, at, [a, b]);
              const text = difference('', found, unit.flags, wanted.value, wanted.flags);
              if (text !== null && wrong.length < 5) {
                wrong.push(`${JSON.stringify(policy)} ${operation} ${a} ${b}${text}`);
              }
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    });

    it('fused multiply-adds, by cells', () => {
      const tally: Tally = { cases: 0, wrong: [] };
      const triples = format.bits <= 5 ? allTriples(format) : randomTriples(format, 20_000);
      sweepTriples(format, triples, policiesOf(format), tally);
      done.fused += tally.cases;
      expect(tally.wrong).toEqual([]);
    });
  });

  afterAll(() => {
    const results = `${done.cells} results by cells, ${done.whole} through the oracle whole`;
    console.log(`pairs of ${share.length} formats: ${results}; ${done.fused} fused multiply-adds`);
  });
}
