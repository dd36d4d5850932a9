/**
 * The bar of computations that tell nothing on their way, drawn while the main thread is kept.
 */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** A process that computes for some milliseconds under a bar that waits for 100. */
function shown(milliseconds: number): string {
  const script = `
    import { busyLine } from ${JSON.stringify(new URL('../../dist/cli/busy.js', import.meta.url).href)};
    const stop = busyLine('bounds', 100, 24);
    for (const end = Date.now() + ${milliseconds}; Date.now() < end; );
    stop();
    process.stderr.write('done');`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stderr;
}

it('moves while the main thread computes, and is wiped away before what follows', () => {
  const text = shown(2500);
  const frames = text.split('\r\u001b[K').filter((frame) => frame.includes('█'));
  expect(frames.length).toBeGreaterThan(1);
  expect(new Set(frames).size).toBeGreaterThan(1);
  for (const frame of frames) expect(frame).toMatch(/^░*████░* +\d s {2}bounds$/);
  expect(text.endsWith('\r\u001b[Kdone')).toBe(true);
});

it('says nothing of what is done at once', () => {
  expect(shown(0)).toBe('done');
});
