/**
 * Panels in binary32 lanes, for roundings to nearest, ties to even.
 *
 * @module
 */
import { ADD, FUSED, MULTIPLY, ROUND, chain, each, largest } from './panel';
import { drainTally } from './tally';

export function drainTally32(
  tally: usize,
  overflowAccounting: i32,
  lanes: usize,
  totals: usize,
  flags: usize,
  flagStride: usize,
  finite: usize,
): void {
  drainTally<f32>(tally, overflowAccounting, lanes, totals, flags, flagStride, finite);
}

export function round32(x: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f32>(ROUND, false, x, 16, x, 0, x, 0, out, n, rounding, tally);
}

export function add32(x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f32>(ADD, false, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}

export function multiply32(x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f32>(MULTIPLY, false, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}

export function fused32(x: usize, y: usize, z: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f32>(FUSED, false, x, 16, y, 16, z, 16, out, n, rounding, tally);
}

export function chain32(
  x: usize,
  panel: usize,
  stride: usize,
  n: usize,
  acc: usize,
  rounding: usize,
  tally: usize,
  tallyStride: usize,
): void {
  chain<f32>(ADD, false, x, x, panel, stride, n, acc, rounding, tally, tallyStride);
}

export function fusedChain32(
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
  chain<f32>(FUSED, false, x, y, panel, stride, n, acc, rounding, tally, tallyStride);
}

export function largest32(x: usize, panel: usize, n: usize, out: usize): void {
  largest<f32>(x, panel, n, out);
}

/** out_i = x_i + y_i for columns any number of bytes apart: the joins of a tree. */
export function join32(
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  out: usize,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  each<f32>(ADD, false, x, xStride, y, yStride, x, 0, out, n, rounding, tally);
}

/** out_i = x_i · y_i + 0, the leaves of a tree of products. */
export function fusedLeaf32(
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
  each<f32>(FUSED, false, x, xStride, y, yStride, zero, 0, out, n, rounding, tally);
}
