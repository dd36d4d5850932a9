/** A run takes no more memory than its inputs, its outputs (the report's flags among them), and 64 MiB. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { share } from '../testing/helpers.ts';

const program = fileURLToPath(new URL('memory.mjs', import.meta.url));
const isBuilt = existsSync(new URL('../../dist/index.js', import.meta.url));
if (!isBuilt) console.warn('memory: skipped, dist/ is absent (npm run build)');

/** Without a name, the names of all cases. */
function run(...args: string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' }));
}

const cases = (isBuilt ? (run() as string[]) : []).map((name, i) => ({ name, i }));

// Each case is a process of seconds: `npm test` takes ordinary arrays and tensors in turn.
describe.skipIf(!isBuilt).each(cases)('$name', ({ name, i }) => {
  it.each(['ordinary', 'tensor'].filter((_, j) => share >= 1 || (i + j) % 2 === 0))('%s arrays', (place) => {
    const { grown, kept } = run(name, place) as { grown: number; kept: number };
    expect((grown - kept) / 2 ** 20).toBeLessThanOrEqual(64);
  });
});
