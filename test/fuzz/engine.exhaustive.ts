import { expect, it } from 'vitest';
import { fuzzGuards, fuzzThreads, fuzzTwins } from './engine.ts';
import { isBuilt } from './threads.ts';

it.each([
  ['twins', 600, fuzzTwins],
  ['guards', 200, fuzzGuards],
  ...(isBuilt ? ([['threads', 200, fuzzThreads]] as const) : []),
] as const)('random calls, minutes of them: %s', async (what, seconds, compare) => {
  const { calls, refused } = await compare(seconds);
  console.log(`${what}: ${calls} calls, ${refused} of them refused`);
  expect(calls - refused).toBeGreaterThan(100);
});
