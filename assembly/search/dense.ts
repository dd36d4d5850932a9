/**
 * Products of whole matrices and what FPQ's search adds up, in binary64: every sum one ascending chain of multiply, then
 * add, so that its bits are those of a plain loop. Columns lie in blocks of sixteen lanes, [index][lane]; a block's
 * sums are eight vectors, which stay in registers.
 *
 * @module
 */
import { infinity, signBit } from '../lanes/rounding';

/** Bytes of a block's lanes at one index. */
const WIDTH: usize = 128;
/** Indices whose lanes fit a first-level cache together with the rows that meet them. */
const DEPTH: usize = 128;
/** Added and taken away again, it rounds a magnitude below 2^51 to an integer, ties to even. */
const TO_INTEGER: f64 = 6755399441055744;
const SPLITTER: f64 = 134217729;

/** Sixteen rows of n numbers, one after the other, into a block of columns. */
export function transposeIntoColumns(x: usize, n: usize, out: usize): void {
  const stride = n << 3;
  const paired = n & ~1;
  for (let l: usize = 0; l < 16; l += 2) {
    const a = x + l * stride;
    const b = a + stride;
    let to = out + (l << 3);
    for (let i: usize = 0; i < paired; i += 2) {
      const low = v128.load(a + (i << 3));
      const high = v128.load(b + (i << 3));
      v128.store(to, v128.shuffle<i64>(low, high, 0, 2));
      v128.store(to + WIDTH, v128.shuffle<i64>(low, high, 1, 3));
      to += 2 * WIDTH;
    }
    if (paired < n) {
      f64.store(to, f64.load(a + (paired << 3)));
      f64.store(to, f64.load(b + (paired << 3)), 8);
    }
  }
}

/** y[l] += x[i] · columns[i][l] for two rows (or one twice) and eight lanes, i < n. */
@inline
function tile(x0: usize, x1: usize, columns: usize, n: usize, y0: usize, y1: usize): void {
  let a0 = v128.load(y0);
  let a1 = v128.load(y0, 16);
  let a2 = v128.load(y0, 32);
  let a3 = v128.load(y0, 48);
  let b0 = v128.load(y1);
  let b1 = v128.load(y1, 16);
  let b2 = v128.load(y1, 32);
  let b3 = v128.load(y1, 48);
  const end = columns + n * WIDTH;
  for (let at = columns; at < end; at += WIDTH) {
    const f = v128.load64_splat(x0);
    const g = v128.load64_splat(x1);
    const c0 = v128.load(at);
    a0 = f64x2.add(a0, f64x2.mul(f, c0));
    b0 = f64x2.add(b0, f64x2.mul(g, c0));
    const c1 = v128.load(at, 16);
    a1 = f64x2.add(a1, f64x2.mul(f, c1));
    b1 = f64x2.add(b1, f64x2.mul(g, c1));
    const c2 = v128.load(at, 32);
    a2 = f64x2.add(a2, f64x2.mul(f, c2));
    b2 = f64x2.add(b2, f64x2.mul(g, c2));
    const c3 = v128.load(at, 48);
    a3 = f64x2.add(a3, f64x2.mul(f, c3));
    b3 = f64x2.add(b3, f64x2.mul(g, c3));
    x0 += 8;
    x1 += 8;
  }
  v128.store(y0, a0);
  v128.store(y0, a1, 16);
  v128.store(y0, a2, 32);
  v128.store(y0, a3, 48);
  v128.store(y1, b0);
  v128.store(y1, b1, 16);
  v128.store(y1, b2, 32);
  v128.store(y1, b3, 48);
}

/** y [rows, sixteen lanes], `yStride` bytes from row to row, += x [rows, n] · a block of columns. */
export function denseRows(x: usize, rows: usize, n: usize, columns: usize, y: usize, yStride: usize): void {
  const stride = n << 3;
  for (let from: usize = 0; from < n; from += DEPTH) {
    const depth = min(DEPTH, n - from);
    for (let half: usize = 0; half < WIDTH; half += 64) {
      const c = columns + from * WIDTH + half;
      for (let r: usize = 0; r < rows; r += 2) {
        const x0 = x + r * stride + (from << 3);
        const y0 = y + r * yStride + half;
        const isPair = r + 1 < rows;
        tile(x0, isPair ? x0 + stride : x0, c, depth, y0, isPair ? y0 + yStride : y0);
      }
    }
  }
}

/**
 * The errors of candidates, see `sweep` of src/quantization/search/arithmetic.ts. `weights` may be 0: none.
 */
export function sweep(
  columns: usize,
  blocks: usize,
  inputs: usize,
  indices: usize,
  factors: usize,
  ends: usize,
  rows: usize,
  count: usize,
  scales: usize,
  wanted: usize,
  weights: usize,
  sums: usize,
  y: usize,
): void {
  const stride = blocks * WIDTH;
  for (let block: usize = 0; block < blocks; block++) {
    const at = block * WIDTH;
    let from: usize = 0;
    for (let row: usize = 0; row < rows; row++) {
      const here = at + row * stride;
      const end = ends + ((row * count) << 2);
      const w: usize = weights == 0 ? <usize>0 : weights + here;
      sweepRow(columns + at * inputs, indices, factors, from, end, count, scales, wanted + here, w, sums, y + at);
      from = <usize>i32.load(end + (count << 2) - 4);
    }
  }
}

function sweepRow(
  columns: usize,
  indices: usize,
  factors: usize,
  from: usize,
  ends: usize,
  count: usize,
  scales: usize,
  wanted: usize,
  weights: usize,
  sums: usize,
  y: usize,
): void {
  let y0 = f64x2.splat(0);
  let y1 = y0;
  let y2 = y0;
  let y3 = y0;
  let y4 = y0;
  let y5 = y0;
  let y6 = y0;
  let y7 = y0;
  let j = from;
  for (let c: usize = 0; c < count; c++) {
    const end = <usize>i32.load(ends + (c << 2));
    for (; j < end; j++) {
      const column = columns + <usize>i32.load(indices + (j << 2)) * WIDTH;
      const f = v128.load64_splat(factors + (j << 3));
      y0 = f64x2.add(y0, f64x2.mul(f, v128.load(column)));
      y1 = f64x2.add(y1, f64x2.mul(f, v128.load(column, 16)));
      y2 = f64x2.add(y2, f64x2.mul(f, v128.load(column, 32)));
      y3 = f64x2.add(y3, f64x2.mul(f, v128.load(column, 48)));
      y4 = f64x2.add(y4, f64x2.mul(f, v128.load(column, 64)));
      y5 = f64x2.add(y5, f64x2.mul(f, v128.load(column, 80)));
      y6 = f64x2.add(y6, f64x2.mul(f, v128.load(column, 96)));
      y7 = f64x2.add(y7, f64x2.mul(f, v128.load(column, 112)));
    }
    const scale = v128.load64_splat(scales + (c << 3));
    let sum = f64x2.splat(0);
    sum = f64x2.add(sum, squared(scale, y0, wanted, weights, 0));
    sum = f64x2.add(sum, squared(scale, y1, wanted, weights, 16));
    sum = f64x2.add(sum, squared(scale, y2, wanted, weights, 32));
    sum = f64x2.add(sum, squared(scale, y3, wanted, weights, 48));
    sum = f64x2.add(sum, squared(scale, y4, wanted, weights, 64));
    sum = f64x2.add(sum, squared(scale, y5, wanted, weights, 80));
    sum = f64x2.add(sum, squared(scale, y6, wanted, weights, 96));
    sum = f64x2.add(sum, squared(scale, y7, wanted, weights, 112));
    const at = sums + (c << 3);
    f64.store(at, f64.load(at) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
  }
  v128.store(y, y0);
  v128.store(y, y1, 16);
  v128.store(y, y2, 32);
  v128.store(y, y3, 48);
  v128.store(y, y4, 64);
  v128.store(y, y5, 80);
  v128.store(y, y6, 96);
  v128.store(y, y7, 112);
}

@inline
function squared(scale: v128, y: v128, wanted: usize, weights: usize, lane: usize): v128 {
  const off = f64x2.sub(f64x2.mul(scale, y), v128.load(wanted + lane));
  const square = f64x2.mul(off, off);
  return weights == 0 ? square : f64x2.mul(square, v128.load(weights + lane));
}

/** The remainder's sign, exactly: see `quotientResidual` of src/arithmetic/residual.ts (Dekker's product). */
function quotientResidual(a: f64, b: f64, q: f64): f64 {
  const p = q * b;
  const cq = SPLITTER * q;
  const qHigh = cq - (cq - q);
  const qLow = q - qHigh;
  const cb = SPLITTER * b;
  const bHigh = cb - (cb - b);
  const bLow = b - bHigh;
  return a - p - (qLow * bLow - (p - qHigh * bHigh - qLow * bHigh - qHigh * bLow));
}

/** A magnitude whose computed quotient sits on a midpoint, by the exact quotient. */
function besideTie(v: f64, scale: f64, q: f64, r: f64, unit: f64): f64 {
  const rest = quotientResidual(v, scale, q);
  if (rest == 0) return r;
  const a = Math.abs(q);
  return rest < 0 == q < 0 ? a + unit / 2 : a - unit / 2;
}

/** Two quotients on the grid: magnitudes up to `most`, binades from `least` on, `quantum` = 2^−mantissaBits. */
@inline
function onGrid(v: v128, scale: v128, least: v128, quantum: v128, most: v128): v128 {
  const q = f64x2.div(v, scale);
  const a = f64x2.abs(q);
  const unit = f64x2.mul(v128.and(f64x2.pmax(least, a), infinity<f64>()), quantum);
  const roundingConstant = f64x2.mul(unit, f64x2.splat(TO_INTEGER));
  let r = f64x2.sub(f64x2.add(a, roundingConstant), roundingConstant);
  const off = f64x2.sub(a, r);
  const isInside = f64x2.lt(a, most);
  const isTie = v128.and(f64x2.eq(f64x2.abs(f64x2.add(off, off)), unit), isInside);
  if (v128.any_true(isTie)) r = besideTies(v, scale, q, r, unit, isTie);
  return v128.or(v128.bitselect(r, most, isInside), v128.and(q, signBit<f64>()));
}

function besideTies(v: v128, scale: v128, q: v128, r: v128, unit: v128, isTie: v128): v128 {
  const s = f64x2.extract_lane(scale, 0);
  if (i64x2.extract_lane(isTie, 0)) {
    const fixed = besideTie(f64x2.extract_lane(v, 0), s, f64x2.extract_lane(q, 0), f64x2.extract_lane(r, 0), f64x2.extract_lane(unit, 0));
    r = f64x2.replace_lane(r, 0, fixed);
  }
  if (i64x2.extract_lane(isTie, 1)) {
    const fixed = besideTie(f64x2.extract_lane(v, 1), s, f64x2.extract_lane(q, 1), f64x2.extract_lane(r, 1), f64x2.extract_lane(unit, 1));
    r = f64x2.replace_lane(r, 1, fixed);
  }
  return r;
}

/** out[i] = x[i] / scale on a grid, ties to even, saturating, for i < n. */
export function divideToGrid(x: usize, out: usize, n: usize, scale: f64, least: f64, quantum: f64, most: f64): void {
  const s = f64x2.splat(scale);
  const l = f64x2.splat(least);
  const u = f64x2.splat(quantum);
  const m = f64x2.splat(most);
  const end = x + ((n & ~1) << 3);
  for (; x < end; x += 16, out += 16) v128.store(out, onGrid(v128.load(x), s, l, u, m));
  if (n & 1) v128.store64_lane(out, onGrid(v128.load64_zero(x), s, l, u, m), 0);
}

/**
 * Where a row's grid values change, see `changes` of src/quantization/search/arithmetic.ts: how many were entered from
 * `indices` and `factors` on. `up` and `down` may be 0: none.
 */
export function gridChanges(
  x: usize,
  n: usize,
  up: usize,
  down: usize,
  before: usize,
  indices: usize,
  factors: usize,
  scale: f64,
  least: f64,
  quantum: f64,
  most: f64,
): usize {
  const s = f64x2.splat(scale);
  const l = f64x2.splat(least);
  const u = f64x2.splat(quantum);
  const m = f64x2.splat(most);
  const start = indices;
  const paired = n & ~1;
  for (let i: usize = 0; i < n; i += 2) {
    const isPair = i < paired;
    const at = i << 3;
    let v = isPair ? v128.load(x + at) : v128.load64_zero(x + at);
    if (up != 0) v = f64x2.mul(v, isPair ? v128.load(up + at) : v128.load64_zero(up + at));
    let now = onGrid(v, s, l, u, m);
    if (down != 0) now = f64x2.mul(now, isPair ? v128.load(down + at) : v128.load64_zero(down + at));
    const old = isPair ? v128.load(before + at) : v128.load64_zero(before + at);
    const isChange = f64x2.ne(now, old);
    if (!v128.any_true(isChange)) continue;
    const change = f64x2.sub(now, old);
    if (i64x2.extract_lane(isChange, 0)) {
      i32.store(indices, <i32>i);
      f64.store(factors, f64x2.extract_lane(change, 0));
      f64.store(before + at, f64x2.extract_lane(now, 0));
      indices += 4;
      factors += 8;
    }
    if (i64x2.extract_lane(isChange, 1)) {
      i32.store(indices, <i32>(i + 1));
      f64.store(factors, f64x2.extract_lane(change, 1));
      f64.store(before + at, f64x2.extract_lane(now, 1), 8);
      indices += 4;
      factors += 8;
    }
  }
  return (indices - start) >> 2;
}
