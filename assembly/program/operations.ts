/**
 * Single operations in binary64 lanes, as functions: for loops that have several kinds of them.
 *
 * @module
 */
import { Rounding } from '../lanes/layouts';
import { ADD, MULTIPLY, operate } from '../lanes/panel';

/** One operation under a rounding that is given by its constants' address. */
@inline
export function rounded(op: i32, isGeneral: bool, x: v128, y: v128, z: v128, rounding: usize, tally: usize): v128 {
  return operate<f64>(
    op,
    isGeneral,
    x,
    y,
    z,
    rounding,
    tally,
    v128.load(rounding + Rounding.MIN_NORMAL),
    v128.load(rounding + Rounding.ROUNDING_CONSTANT),
    v128.load(rounding + Rounding.OVER),
    v128.load(rounding + Rounding.TINY),
    v128.load(rounding + Rounding.TOP),
  );
}

/** x + y. */
export function sumOf(isGeneral: bool, x: v128, y: v128, rounding: usize, tally: usize): v128 {
  return isGeneral ? rounded(ADD, true, x, y, x, rounding, tally) : rounded(ADD, false, x, y, x, rounding, tally);
}

/** x · y. */
export function productOf(isGeneral: bool, x: v128, y: v128, rounding: usize, tally: usize): v128 {
  return isGeneral ? rounded(MULTIPLY, true, x, y, x, rounding, tally) : rounded(MULTIPLY, false, x, y, x, rounding, tally);
}
