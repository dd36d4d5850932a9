import { describe, expect, it } from 'vitest';
import { computeLong, dieAtStart, isBuilt, killThreads } from './threads.ts';

describe.skipIf(!isBuilt)('threads', () => {
  it('may die at any moment: the call ends in an error, the next one is right', async () => {
    expect((await killThreads(8, 20)).deaths).toBeGreaterThan(0);
  }, 180_000);

  it('may die before they are ready', dieAtStart, 180_000);

  it('may compute long, and be stopped: that is no death', () => computeLong(1, 3), 180_000);
});
