import { describe, expect, it } from 'vitest';
import { type Calls, fuzzGuards, fuzzThreads, fuzzTwins } from './engine.ts';
import { isBuilt } from './threads.ts';

function expectCalls(what: string, { calls, refused }: Calls): void {
  console.log(`${what}: ${calls} calls, ${refused} of them refused`);
  expect(calls - refused).toBeGreaterThan(3);
}

describe('random calls', () => {
  it('give on the engine what the specification gives', async () => {
    expectCalls('twins', await fuzzTwins(2));
  });

  it('write no byte outside their output, and none of their inputs', async () => {
    expectCalls('guards', await fuzzGuards(1.5));
  });

  it.skipIf(!isBuilt)('give on one to four threads what the specification gives', async () => {
    expectCalls('threads', await fuzzThreads(2));
  });
});
