import { expect, it } from 'vitest';
import { fuzzTargets } from './targets.ts';

it('mutated targets, 20 minutes of them, are refused, or compute on the engine what the specification computes', async () => {
  const { taken, refused, runs } = await fuzzTargets(1200);
  console.log(`targets: ${taken} taken, ${refused} refused; ${runs} runs`);
  expect(Math.min(taken, refused, runs)).toBeGreaterThan(100);
});
