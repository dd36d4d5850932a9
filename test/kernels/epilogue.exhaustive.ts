import fc from 'fast-check';
import { describe, it } from 'vitest';
import { seeded } from '../testing/helpers.ts';
import { agree, cases } from './epilogues.ts';

describe('an epilogue, at length', () => {
  it('equals the naive model, bit for bit and event for event', () => {
    fc.assert(fc.property(cases({ min: 0, max: 4 }), agree), seeded(12_000));
  });
});
