/** Right converters as libraries write them raise no alarm: of `mutants.test.ts`'s ten ways none is theirs. */
import { describe, expect, it } from 'vitest';
import { checkQuantizer, checkRounding } from '../../../src/testing/check/index.ts';
import { wellKnown, wellKnownQuantizers } from './wellKnown.ts';

/** `right.exhaustive.ts` has two hundred. */
const SEEDS = 2;

describe('a right converter', () => {
  it.each(wellKnown)('that $name raises no alarm', ({ implementation, options }) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const check = checkRounding(implementation, { ...options, runs: 4000, seed });
      expect(check.counterexample?.words).toBeUndefined();
      expect(check).toMatchObject({ ok: true, wrong: 0 });
    }
  });
});

describe('a right quantizer', () => {
  it.each(wellKnownQuantizers)('that $name raises no alarm', ({ implementation, options }) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const check = checkQuantizer(implementation, { ...options, runs: 4000, seed });
      expect(check.counterexample?.words).toBeUndefined();
      expect(check).toMatchObject({ ok: true, wrong: 0 });
    }
  });
});
