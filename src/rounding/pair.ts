/**
 * An exact value beside binary64.
 *
 * @module
 */

/**
 * An exact value as a binary64 number next to it and the rest. The rest, where it is no binary64 number, is rounded to
 * odd: then it equals no midpoint and no coarser grid point unless the exact value does, so every later rounding to
 * fewer than 105 bits comes out as if from the exact value (Boldo & Melquiond 2008).
 */
export interface Pair {
  readonly x: number;
  readonly residual: number;
}
