/**
 * A run of numbers, placed: their codes, and what became of them.
 *
 * @module
 */

/** What became of a number, as bits. */
export const CLIPPED = 1;
export const TINY = 2;
export const ZERO = 4;

/** Of some numbers x: their codes, each at the place of its number, and how many of them were lost in which way. */
export interface Placed {
  codes: Uint32Array;
  /** Room for numbers on their way, likewise, and their words. */
  numbers: Float64Array;
  words: Uint32Array;
  /** The place in the tensor of x[0], by which random bits are drawn. */
  origin: number;
  /** Counts as `Blocks` has them, of all that was placed since {@link startCounts}. */
  clips: number;
  underflows: number;
  zeroed: number;
}

/**
 * Places x[from], … below `to` by the numbers that lie in `into` for them, which `isExact` tells from rounded ones; what these do not
 * decide is `ask`ed, a number at a time.
 */
export type Place = (
  x: Float64Array,
  from: number,
  to: number,
  isExact: boolean,
  into: Placed,
  ask: (i: number) => number,
) => void;

/** Room for runs; see {@link roomFor}. */
export function emptyRun(): Placed {
  return {
    codes: new Uint32Array(0),
    numbers: new Float64Array(0),
    words: new Uint32Array(0),
    origin: 0,
    clips: 0,
    underflows: 0,
    zeroed: 0,
  };
}

/** Makes room for the numbers below place `to`. */
export function roomFor(run: Placed, to: number): Placed {
  if (to > run.numbers.length) {
    const room = Math.max(to, 2 * run.numbers.length);
    run.codes = new Uint32Array(room);
    run.numbers = new Float64Array(room);
    run.words = new Uint32Array(run.numbers.buffer);
  }
  return run;
}

/** Begins to count. */
export function startCounts(run: Placed): void {
  run.clips = 0;
  run.underflows = 0;
  run.zeroed = 0;
}

/** Enters an answer, 8 · code + what became of the i-th number x. */
export function enter(into: Placed, i: number, x: number, answer: number): void {
  into.codes[i] = Math.floor(answer / 8);
  countFound(into, x, answer % 8);
}

/** Counts what became of x. */
export function countFound(run: Placed, x: number, found: number): void {
  if ((found & ZERO) !== 0) {
    if (x === 0) return;
    run.zeroed++;
    run.underflows++;
    return;
  }
  if ((found & TINY) !== 0) run.underflows++;
  if ((found & CLIPPED) !== 0) run.clips++;
}
