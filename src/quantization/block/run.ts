/**
 * A run of numbers, placed: their codes, and what became of them.
 *
 * @module
 */

/** Of the numbers of a run, the first one first: their codes, and what became of them. */
export interface Placed {
  codes: Uint32Array;
  found: Uint8Array;
  /** Room for numbers on their way, and their words. */
  numbers: Float64Array;
  words: Uint32Array;
}

/** Room for runs; see {@link roomFor}. */
export function emptyRun(): Placed {
  return {
    codes: new Uint32Array(0),
    found: new Uint8Array(0),
    numbers: new Float64Array(0),
    words: new Uint32Array(0),
  };
}

/** Makes room for so many numbers. */
export function roomFor(run: Placed, count: number): Placed {
  if (count > run.codes.length) {
    run.codes = new Uint32Array(count);
    run.found = new Uint8Array(count);
    run.numbers = new Float64Array(count);
    run.words = new Uint32Array(run.numbers.buffer);
  }
  return run;
}
