/**
 * What several rooms' tests share: fixed seeds, numbers to try, failures in words.
 *
 * @module
 */
import type fc from 'fast-check';
import type { Format } from '../../src/formats/index.ts';
import { nextNumber, numberAt, ordinalsOf } from '../../src/testing/index.ts';

/** The part of a large property's runs that `npm test` makes. `npm run test:exhaustive` makes all of them. */
export const share = Number(process.env.PROPERTY_RUNS ?? 0.0625);

/** How many runs a property has that has so many in the exhaustive suite: no less than 50, unless a mutant is tested. */
export function runsOf(all: number): number {
  return Math.ceil(share < 0.0625 ? all * share : Math.max(Math.min(all, 50), all * share));
}

/** The part of a list of large cases that `npm test` runs: a sixteenth and at least one, evenly spread, from the first or another. */
export function shareOf<T>(all: readonly T[], first = 0): T[] {
  const every = Math.min(16, all.length);
  return share >= 1 ? [...all] : all.filter((_, i) => i % every === first % every);
}

/**
 * Property tests are the same in every run: a failure is a fact, not luck. `PROPERTY_RUNS=50 npx vitest run test/kernels`
 * makes fifty times as many as the exhaustive suite.
 */
export const seeded = (numRuns: number, seed = 20261122): fc.Parameters<unknown> => ({
  seed,
  numRuns: runsOf(numRuns),
});

/** The code and argument of the error that a call throws, `no error`, or the name of another error. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument, name } = error as { code?: string; argument?: string; name: string };
    return code === undefined ? name : `${code} ${argument}`;
  }
  return 'no error';
}

/** A result, or the fact that there is none: two implementations must agree on both. */
export function outcome<T>(call: () => T): T | 'refused' {
  try {
    return call();
  } catch (error) {
    if ((error as Error).name !== 'BittrueError') throw error;
    return 'refused';
  }
}

/** Every value of a format, every midpoint, both with their binary64 neighbours, some way beyond the ends, specials. */
export function edgesOf(format: Format, ordinals?: Iterable<number>): number[] {
  const { low, high } = ordinalsOf(format);
  const found: number[] = [
    0,
    -0,
    Infinity,
    -Infinity,
    Number.NaN,
    5e-324,
    -5e-324,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
  ];
  for (const ordinal of ordinals ?? range(low - 3, high + 3)) {
    const value = numberAt(format, ordinal);
    const midpoint = value + (numberAt(format, ordinal + 1) - value) / 2;
    for (const x of [value, midpoint]) found.push(nextNumber(x, -1), x, nextNumber(x, 1));
  }
  return found;
}

/** low, low + 1, …, high. */
export function range(low: number, high: number): number[] {
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => low + i);
}
