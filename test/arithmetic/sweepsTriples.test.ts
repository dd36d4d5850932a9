/** Fused multiply-adds: every triple of formats of at most 5 bits, and random triples of those of 8: a million with all runs. */
import { describe, expect, it } from 'vitest';
import { modePolicies, smallFormats, sweptFormats } from '../rounding/helpers.ts';
import { runsOf } from '../testing/helpers.ts';
import { sweptPolicies, type Tally } from './sweeps/pairs.ts';
import { allTriples, randomTriples, sweepTriples } from './sweeps/triples.ts';

const tiny = sweptFormats.filter(([, format]) => format.bits <= 5);
const eightBits = smallFormats.filter(([, format]) => format.bits === 8);
const RANDOM_TRIPLES = runsOf(1_000_000);

describe.each(tiny)('%s', (_, format) => {
  it('multiplies and adds every triple as the oracle does', () => {
    const tally: Tally = { cases: 0, wrong: [] };
    sweepTriples(
      format,
      allTriples(format),
      sweptPolicies(
        format,
        smallFormats.findIndex(([, other]) => other === format),
      ),
      tally,
    );
    expect(tally.wrong).toEqual([]);
  });
});

describe.each(eightBits)('%s', (_, format) => {
  it('multiplies and adds its share of random triples as the oracle does, in every mode', () => {
    const tally: Tally = { cases: 0, wrong: [] };
    const count = Math.ceil(RANDOM_TRIPLES / eightBits.length);
    const policies = modePolicies(format);
    sweepTriples(format, randomTriples(format, count), policies, tally);
    expect(tally.wrong).toEqual([]);
    expect(tally.cases).toBe(count * policies.length);
  });
});
