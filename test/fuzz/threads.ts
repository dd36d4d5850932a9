/**
 * Threads that die at random moments, and threads that only seem dead: programs of their own, since a caller that waits
 * forever could not be tested otherwise.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { seedText } from './seed.ts';

const program = join(import.meta.dirname, 'threads.mjs');
const preload = new URL('dying.mjs', import.meta.url).href;

/** Threads run what was built: `npm test` builds first. */
export const isBuilt = existsSync(new URL('../../dist/kernels/threads/worker.js', import.meta.url));
if (!isBuilt) console.warn('threads: skipped, dist/ is absent (npm run build)');

/** What a case of `threads.mjs` found; `onLine` is given the process at each line that it prints before. */
async function play(args: readonly string[], onLine: (pid: number) => void = () => {}): Promise<unknown> {
  // Little memory, so that a thread soon runs out of it.
  const flags = ['--max-old-space-size=100', '--import', preload];
  const child = spawn(process.execPath, [...flags, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
    onLine(child.pid as number);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, text.trim()]).toEqual([0, expect.stringContaining('{')]);
  return JSON.parse(text.trim().split('\n').at(-1) as string);
}

/**
 * So many deaths, or those of so many seconds: a call ends in an error or right, the next is right, and so is one with the
 * successor; never waits.
 */
export async function killThreads(times: number, seconds: number): Promise<{ deaths: number }> {
  const result = (await play(['deaths', `${times}`, seedText, `${seconds}`])) as {
    found: Record<string, Record<string, number>>;
    longest: Record<string, number[]>;
    memory: [number, number];
  };
  console.log(JSON.stringify(result));
  let deaths = 0;
  let calls = 0;
  for (const counts of Object.values(result.found)) {
    for (const [outcome, count] of Object.entries(counts)) {
      expect(outcome).toMatch(/^(thread|right), right, right$/);
      if (outcome.startsWith('thread')) deaths += count;
      calls += count;
    }
  }
  if (seconds === Number.POSITIVE_INFINITY) expect(calls).toBe(times);
  for (const seconds of Object.values(result.longest)) expect(Math.max(...seconds)).toBeLessThan(30);
  // A successor has the memory of the one that died.
  expect(result.memory[1]).toBeLessThan(32);
  return { deaths };
}

/** A thread that computes so long on one piece, in a process that is stopped for so long: the run is right. */
export async function computeLong(computing: number, stopped: number): Promise<void> {
  let isStopped = false;
  const found = await play(['slow', `${computing}`], (pid) => {
    if (isStopped || stopped === 0) return;
    isStopped = true;
    setTimeout(() => process.kill(pid, 'SIGSTOP'), 400);
    setTimeout(() => process.kill(pid, 'SIGCONT'), 400 + stopped * 1000);
  });
  expect(found).toEqual({ what: 'right', seconds: expect.any(Number) });
  expect((found as { seconds: number }).seconds).toBeGreaterThanOrEqual(Math.max(computing, stopped));
}

/** The thread that watches the others is gone. */
export async function loseWatch(): Promise<void> {
  const { what, seconds } = (await play(['unwatched'])) as { what: string[]; seconds: number };
  expect(what).toEqual(['thread', 'right', 'right']);
  expect(seconds).toBeLessThan(30);
}

/** Threads die before they are ready: the engine is refused, nothing keeps the process, and the next engine is well. */
export async function dieAtStart(): Promise<void> {
  expect(await play(['start'])).toEqual({ code: 'unsupported', next: 'right' });
}
