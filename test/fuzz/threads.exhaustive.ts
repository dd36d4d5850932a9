import { expect, it } from 'vitest';
import { computeLong, killThreads, loseWatch } from './threads.ts';

it('150 deaths at random moments: every call ends, the next one is right', async () => {
  expect((await killThreads(150, Number.POSITIVE_INFINITY)).deaths).toBeGreaterThanOrEqual(100);
});

it('a thread that computes 120 s on one piece is not called dead', () => computeLong(120, 0));

it('a process that is stopped for 60 s has no dead threads', () => computeLong(5, 60));

it('without the watch a run ends within 30 s', loseWatch);
