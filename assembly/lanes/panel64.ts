/**
 * Panels in binary64 lanes, for roundings of every mode and policy.
 *
 * @module
 */
import { ADD, DIVIDE, FUSED, MULTIPLY, ROUND, chain, each, largest } from './panel';
import { drainTally } from './tally';

export function drainTally64(
  tally: usize,
  overflowAccounting: i32,
  lanes: usize,
  totals: usize,
  flags: usize,
  flagStride: usize,
  finite: usize,
): void {
  drainTally<f64>(tally, overflowAccounting, lanes, totals, flags, flagStride, finite);
}

export function round64(isGeneral: bool, x: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  if (isGeneral) each<f64>(ROUND, true, x, 16, x, 0, x, 0, out, n, rounding, tally);
  else each<f64>(ROUND, false, x, 16, x, 0, x, 0, out, n, rounding, tally);
}

export function add64(isGeneral: bool, x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  if (isGeneral) each<f64>(ADD, true, x, 16, y, yStride, x, 0, out, n, rounding, tally);
  else each<f64>(ADD, false, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}

export function multiply64(isGeneral: bool, x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  if (isGeneral) each<f64>(MULTIPLY, true, x, 16, y, yStride, x, 0, out, n, rounding, tally);
  else each<f64>(MULTIPLY, false, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}

export function divide64(x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f64>(DIVIDE, false, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}

export function fused64(isGeneral: bool, x: usize, y: usize, z: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  if (isGeneral) each<f64>(FUSED, true, x, 16, y, 16, z, 16, out, n, rounding, tally);
  else each<f64>(FUSED, false, x, 16, y, 16, z, 16, out, n, rounding, tally);
}

export function chain64(
  isGeneral: bool,
  x: usize,
  panel: usize,
  stride: usize,
  n: usize,
  acc: usize,
  rounding: usize,
  tally: usize,
  tallyStride: usize,
): void {
  if (isGeneral) chain<f64>(ADD, true, x, x, panel, stride, n, acc, rounding, tally, tallyStride);
  else chain<f64>(ADD, false, x, x, panel, stride, n, acc, rounding, tally, tallyStride);
}

export function fusedChain64(
  isGeneral: bool,
  x: usize,
  y: usize,
  panel: usize,
  stride: usize,
  n: usize,
  acc: usize,
  rounding: usize,
  tally: usize,
  tallyStride: usize,
): void {
  if (isGeneral) chain<f64>(FUSED, true, x, y, panel, stride, n, acc, rounding, tally, tallyStride);
  else chain<f64>(FUSED, false, x, y, panel, stride, n, acc, rounding, tally, tallyStride);
}

export function largest64(x: usize, panel: usize, n: usize, out: usize): void {
  largest<f64>(x, panel, n, out);
}

/** out_i = x_i + y_i for columns any number of bytes apart: the joins of a tree. */
export function join64(
  isGeneral: bool,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  out: usize,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  if (isGeneral) each<f64>(ADD, true, x, xStride, y, yStride, x, 0, out, n, rounding, tally);
  else each<f64>(ADD, false, x, xStride, y, yStride, x, 0, out, n, rounding, tally);
}

/** out_i = x_i · y_i + 0, the leaves of a tree of products. */
export function fusedLeaf64(
  isGeneral: bool,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  zero: usize,
  out: usize,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  if (isGeneral) each<f64>(FUSED, true, x, xStride, y, yStride, zero, 0, out, n, rounding, tally);
  else each<f64>(FUSED, false, x, xStride, y, yStride, zero, 0, out, n, rounding, tally);
}
