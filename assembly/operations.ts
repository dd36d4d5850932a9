/**
 * Single operations in binary64 lanes, as functions: for loops that have several kinds of them.
 *
 * @module
 */
import { ADD, MULTIPLY, operate } from './panel';
import { MAGIC, MIN_NORMAL, OVER, TINY, TOP } from './step';

/** One operation under a step that is given by its constants' address. */
@inline
export function rounded(op: i32, isGeneral: bool, x: v128, y: v128, z: v128, step: usize, tally: usize): v128 {
  return operate<f64>(
    op,
    isGeneral,
    x,
    y,
    z,
    step,
    tally,
    v128.load(step + MIN_NORMAL),
    v128.load(step + MAGIC),
    v128.load(step + OVER),
    v128.load(step + TINY),
    v128.load(step + TOP),
  );
}

/** x + y. */
export function sumOf(isGeneral: bool, x: v128, y: v128, step: usize, tally: usize): v128 {
  return isGeneral ? rounded(ADD, true, x, y, x, step, tally) : rounded(ADD, false, x, y, x, step, tally);
}

/** x · y. */
export function productOf(isGeneral: bool, x: v128, y: v128, step: usize, tally: usize): v128 {
  return isGeneral ? rounded(MULTIPLY, true, x, y, x, step, tally) : rounded(MULTIPLY, false, x, y, x, step, tally);
}
