/** Twenty random formats: biased random cases, five thousand an operation and mode with all runs. */
import { expect, it } from 'vitest';
import { runsOf } from '../testing/helpers.ts';
import { describeRandom, twentyFormats } from './sweeps/describeRandom.ts';

it('draws twenty formats', () => {
  expect(twentyFormats).toHaveLength(20);
});

describeRandom(twentyFormats, runsOf(5000), runsOf(1250));
