/**
 * Operations on panels: as many rows as T has lanes, side by side, so that a vector is one column.
 *
 * An operand with stride 0 is one number a row.
 *
 * @module
 */
import { Rounding } from './layouts';
import { addToOdd, bySign, infinity, read, roundGenerally, roundNearestEven, signBit, zero } from './rounding';
import { ABSORPTION, DIVIDE_BY_ZERO, FLUSH, INEXACT, INVALID, UNDERFLOW, bump, bumpLarge } from './tally';

export const ROUND: i32 = 0;
export const ADD: i32 = 1;
export const MULTIPLY: i32 = 2;
export const DIVIDE: i32 = 3;
export const FUSED: i32 = 4;

/** Whether any lane holds. */
@inline
function any(mask: v128): bool {
  return v128.any_true(mask);
}

/** One vector through one operation: x (∘ y (+ z)), rounded, counted. */
@inline
export function operate<T>(
  op: i32,
  isGeneral: bool,
  x: v128,
  y: v128,
  z: v128,
  rounding: usize,
  tally: usize,
  minNormal: v128,
  roundingConstant: v128,
  over: v128,
  tiny: v128,
  top: v128,
): v128 {
  if (isGeneral) {
    const below = v128.load(rounding + Rounding.FLUSH_BELOW);
    let isFlushed = v128.lt<T>(v128.abs<T>(x), below);
    isFlushed = v128.and(isFlushed, v128.ne<T>(x, zero()));
    x = read<T>(x, rounding);
    if (op != ROUND) {
      isFlushed = v128.or(isFlushed, v128.and(v128.lt<T>(v128.abs<T>(y), below), v128.ne<T>(y, zero())));
      y = read<T>(y, rounding);
    }
    if (op == FUSED) {
      isFlushed = v128.or(isFlushed, v128.and(v128.lt<T>(v128.abs<T>(z), below), v128.ne<T>(z, zero())));
      z = read<T>(z, rounding);
    }
    bump<T>(tally + FLUSH, isFlushed);
  }
  // The addends of a sum; a product is exact in T.
  const p = op == FUSED ? v128.mul<T>(x, y) : x;
  const c = op == FUSED ? z : y;
  let s: v128;
  if (op == ROUND) s = x;
  else if (op == MULTIPLY) s = v128.mul<T>(x, y);
  else if (op == DIVIDE) s = v128.div<T>(x, y);
  else {
    s = addToOdd<T>(p, c);
    if (isGeneral) {
      // Toward negative, zeros of opposite signs and opposite numbers sum to −0.
      const sameBits = sizeof<T>() == 4 ? i32x4.eq(p, c) : i64x2.eq(p, c);
      const turned = v128.and(v128.andnot(v128.eq<T>(s, zero()), sameBits), v128.load(rounding + Rounding.NEGATIVE_SUM));
      s = v128.or(s, v128.and(turned, signBit<T>()));
    }
  }
  const a = v128.abs<T>(s);
  const r = isGeneral ? roundGenerally<T>(s, rounding) : roundNearestEven<T>(s, minNormal, roundingConstant, over, top);
  const least = isGeneral ? bySign<T>(s, rounding, Rounding.TINY, Rounding.TINY_NEGATIVE) : tiny;
  const most = isGeneral ? bySign<T>(s, rounding, Rounding.OVER, Rounding.OVER_NEGATIVE) : over;
  let isInexact = v128.ne<T>(r, s);
  if (op == DIVIDE) {
    // A quotient is rounded already: exact is what gives the dividend back. Quotients of 24 bits end far from thresholds.
    const isLeft = v128.and(v128.ne<T>(v128.mul<T>(r, y), x), v128.lt<T>(v128.abs<T>(y), infinity<T>()));
    isInexact = v128.bitselect(isLeft, isInexact, v128.lt<T>(a, infinity<T>()));
  }
  bump<T>(tally + INEXACT, isInexact);
  bump<T>(tally + UNDERFLOW, v128.and(isInexact, v128.lt<T>(a, least)));
  if (op == ADD || op == FUSED) {
    const isKept = v128.or(v128.eq<T>(r, p), v128.eq<T>(r, c));
    const both = v128.and(v128.ne<T>(p, zero()), v128.ne<T>(c, zero()));
    bump<T>(tally + ABSORPTION, v128.and(v128.and(isInexact, v128.lt<T>(a, most)), v128.and(isKept, both)));
  }
  if (any(v128.not(v128.lt<T>(a, most)))) {
    bumpLarge<T>(tally, s, r, most);
    if (op != ROUND) {
      let isNew = v128.and(v128.ne<T>(s, s), v128.and(v128.eq<T>(x, x), v128.eq<T>(y, y)));
      if (op == FUSED) isNew = v128.and(isNew, v128.or(v128.eq<T>(z, z), v128.ne<T>(p, p)));
      bump<T>(tally + INVALID, isNew);
    }
    if (op == DIVIDE) {
      const isFinite = v128.and(v128.ne<T>(x, zero()), v128.lt<T>(v128.abs<T>(x), infinity<T>()));
      bump<T>(tally + DIVIDE_BY_ZERO, v128.and(v128.eq<T>(y, zero()), isFinite));
    }
  }
  return r;
}

/** n columns, one operation each. */
@inline
export function each<T>(
  op: i32,
  isGeneral: bool,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  z: usize,
  zStride: usize,
  out: usize,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  for (let i: usize = 0; i < n; i++) {
    const b = op == ROUND ? zero() : v128.load(y);
    const c = op == FUSED ? v128.load(z) : zero();
    const r = operate<T>(op, isGeneral, v128.load(x), b, c, rounding, tally, minNormal, roundingConstant, over, tiny, top);
    v128.store(out, r);
    x += xStride;
    y += yStride;
    z += zStride;
    out += 16;
  }
}

/**
 * A running sum in each of four panels, `panel` bytes apart: acc ← acc + x, or acc + x·y, over n columns `stride` bytes
 * apart. Four at a time hide each other's latency.
 */
@inline
export function chain<T>(
  op: i32,
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
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  const t1 = tally + tallyStride;
  const t2 = t1 + tallyStride;
  const t3 = t2 + tallyStride;
  for (let i: usize = 0; i < n; i++) {
    const x0 = v128.load(x);
    const x1 = v128.load(x + panel);
    const x2 = v128.load(x + 2 * panel);
    const x3 = v128.load(x + 3 * panel);
    if (op == ADD) {
      s0 = operate<T>(ADD, isGeneral, s0, x0, x0, rounding, tally, minNormal, roundingConstant, over, tiny, top);
      s1 = operate<T>(ADD, isGeneral, s1, x1, x1, rounding, t1, minNormal, roundingConstant, over, tiny, top);
      s2 = operate<T>(ADD, isGeneral, s2, x2, x2, rounding, t2, minNormal, roundingConstant, over, tiny, top);
      s3 = operate<T>(ADD, isGeneral, s3, x3, x3, rounding, t3, minNormal, roundingConstant, over, tiny, top);
    } else {
      s0 = operate<T>(FUSED, isGeneral, x0, v128.load(y), s0, rounding, tally, minNormal, roundingConstant, over, tiny, top);
      s1 = operate<T>(FUSED, isGeneral, x1, v128.load(y + panel), s1, rounding, t1, minNormal, roundingConstant, over, tiny, top);
      s2 = operate<T>(FUSED, isGeneral, x2, v128.load(y + 2 * panel), s2, rounding, t2, minNormal, roundingConstant, over, tiny, top);
      s3 = operate<T>(FUSED, isGeneral, x3, v128.load(y + 3 * panel), s3, rounding, t3, minNormal, roundingConstant, over, tiny, top);
      y += stride;
    }
    x += stride;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** The largest of n columns, four panels; NaN if one is, +0 above −0. */
@inline
export function largest<T>(x: usize, panel: usize, n: usize, out: usize): void {
  for (let k: usize = 0; k < 4; k++) {
    const start = x + k * panel;
    let m = v128.load(start);
    let isNaN = v128.ne<T>(m, m);
    for (let i: usize = 1; i < n; i++) {
      const v = v128.load(start + (i << 4));
      m = v128.pmax<T>(m, v);
      isNaN = v128.or(isNaN, v128.ne<T>(v, v));
    }
    // The instruction for the whole of it takes several times longer than a comparison.
    if (any(v128.or(isNaN, v128.eq<T>(m, zero())))) {
      m = v128.load(start);
      for (let i: usize = 1; i < n; i++) m = v128.max<T>(m, v128.load(start + (i << 4)));
    }
    v128.store(out + 16 * k, m);
  }
}
