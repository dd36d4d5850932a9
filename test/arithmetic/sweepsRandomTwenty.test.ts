/** Twenty random formats: five thousand biased random cases an operation and mode. */
import { expect, it } from 'vitest';
import { describeRandom, twentyFormats } from './sweeps/describeRandom.ts';

it('draws twenty formats', () => {
  expect(twentyFormats).toHaveLength(20);
});

describeRandom(twentyFormats, 5000, 1250);
