import fc from 'fast-check';
import { describe, it } from 'vitest';
import { seeded } from '../testing/helpers.ts';
import { agreeOnForms, formCases } from './normForms.ts';

describe('norms in the forms of single kernels, at length', () => {
  it('equal the naive model, bit for bit and event for event', () => {
    fc.assert(fc.property(formCases(), agreeOnForms), seeded(8000));
  });
});
