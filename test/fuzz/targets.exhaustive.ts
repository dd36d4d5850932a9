import { expect, it } from 'vitest';
import { fuzzTargets } from './targets.ts';

const CASES = 75_000;

it(`mutated targets, ${CASES} of them, are refused, or compute on the engine what the specification computes`, async () => {
  const { taken, refused, runs } = await fuzzTargets({ seconds: 7200, cases: CASES });
  console.log(`targets: ${taken} taken, ${refused} refused; ${runs} runs`);
  expect(taken + refused).toBe(CASES);
  expect(Math.min(taken, runs)).toBeGreaterThan(100);
}, 7_300_000);
