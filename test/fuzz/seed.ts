/**
 * What the fuzzers draw from: `FUZZ_SEED`, or else the commit's hash, so that every commit tries other cases and any run
 * can be repeated. The seed is printed once a file.
 */
import { execFileSync } from 'node:child_process';
import type { Parameters } from 'fast-check';

/** Eight hexadecimal digits, as `git log` shows them and `FUZZ_SEED` takes them. */
export const seedText: string = process.env.FUZZ_SEED ?? commit();

/** The same as a 32-bit integer: fast-check's seed. */
export const seed: number = Number.parseInt(seedText, 16) | 0;

if (!/^[0-9a-f]{1,8}$/i.test(seedText)) throw new Error(`FUZZ_SEED is ${seedText}: up to eight hexadecimal digits`);
console.log(`fuzz: repeat with FUZZ_SEED=${seedText}`);

/**
 * Parameters of `fc.assert`: as many cases as fit in so many seconds, all drawn from the seed.
 *
 * @param cases at most so many; the time decides otherwise
 */
export function within<T>(seconds: number, cases = 1e9): Parameters<T> {
  return { seed, numRuns: cases, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false };
}

/** A copy of the sources without their history draws from a constant. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '20261129';
  }
}
