import { expect, it } from 'vitest';
import { fuzzTargets } from './targets.ts';

it('mutated targets are refused, or compute on the engine what the specification computes', async () => {
  const { taken, refused, runs } = await fuzzTargets({ seconds: 60, cases: 160 });
  console.log(`targets: ${taken} taken, ${refused} refused; ${runs} runs`);
  expect(Math.min(taken, refused, runs)).toBeGreaterThan(3);
});
