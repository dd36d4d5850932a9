/** Ten of the twenty random formats: twenty thousand biased random cases an operation and mode. */
import { expect, it } from 'vitest';
import { describeRandom, twentyFormats } from './sweeps/describeRandom.ts';

it('draws twenty formats', () => {
  expect(twentyFormats).toHaveLength(20);
});

describeRandom(twentyFormats.slice(0, 10), 20_000, 5_000);
