/**
 * The property of every reader: a result or a BittrueError, in time and memory that grow with the input's size.
 */
import { getHeapStatistics } from 'node:v8';
import { Script } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { within } from './seed.ts';

/** What a call may use: some for itself, and some for each byte of input. */
const MILLISECONDS = 1000;
const MILLISECONDS_A_MIB = 3000;
const MIB = 2 ** 20;
const BYTES_A_BYTE = 256;
/** A call that has not ended by then never will. */
const HANG = 30_000;

const key = Symbol.for('bittrue.fuzz');
/** Runs what stands under the key; only its timeout ends a loop. */
const script = new Script("globalThis[Symbol.for('bittrue.fuzz')]()");

/** How long a fuzzer goes on: so many seconds, or so many cases if they come first. */
export interface Bound {
  readonly seconds: number;
  readonly cases?: number;
}

/** Cases of a property within a bound, all drawn from the seed; a case without end is told. Calls do not nest. */
export function fuzz<T>(
  bound: number | Bound,
  drawn: fc.Arbitrary<T>,
  property: (given: T) => void,
  hang = HANG,
): void {
  const { seconds, cases }: Bound = typeof bound === 'number' ? { seconds: bound } : bound;
  let last: T | undefined;
  const checked = fc.property(drawn, (given) => {
    last = given;
    property(given);
  });
  Object.assign(globalThis, { [key]: () => fc.assert(checked, within<[T]>(seconds, cases)) });
  try {
    script.runInThisContext({ timeout: seconds * 1000 + hang });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Error(`no end: ${fc.stringify(last)}`);
  }
}

/** Whether the call, on so many bytes of input, gave a result; false for a BittrueError, and a fault for all else. */
export function isTaken(body: () => void, size: number): boolean {
  const limit = MILLISECONDS + (MILLISECONDS_A_MIB * size) / MIB;
  let isResult = false;
  // A busy machine is slow once, or twice; the process's own time counts other threads, the clock other processes.
  let quickest = Infinity;
  for (let attempt = 0; attempt < 4 && quickest > limit; attempt++) {
    const before = memory();
    const start = performance.now();
    const used = process.cpuUsage();
    isResult = ended(body);
    const { user, system } = process.cpuUsage(used);
    quickest = Math.min(quickest, performance.now() - start, (user + system) / 1000);
    expect(memory() - before, 'bytes of memory').toBeLessThan(64 * MIB + BYTES_A_BYTE * size);
  }
  expect(quickest, `milliseconds for ${size} bytes`).toBeLessThan(limit);
  return isResult;
}

function ended(body: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    // One line for a terminal.
    expect(error.message).toMatch(/^[^\p{Cc}]{1,2000}$/u);
    return false;
  }
}

function memory(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
