/**
 * Casts of contiguous numbers: the loops that come near the speed of a copy. Lengths are whole vectors; the caller pads.
 *
 * @module
 */
import { Rounding } from '../lanes/layouts';
import { bySign, count, infinity, nearest, one, read, roundGenerally, roundNearestEven, signBit, zero } from '../lanes/rounding';
import { FLUSH, INEXACT, INFINITE, LARGE, NAN, NON_FINITE, UNDERFLOW, add, addToTally, bump } from '../lanes/tally';
import { demoted, lower, upper } from '../lanes/widths';

/** Bytes of a block: what is read and what is written stay in the first cache until all is known of them. */
const BLOCK: usize = 4096;
/** After an unusual block so many are taken to be unusual, too. */
const WARY: i32 = 8;

/** Magnitudes to nearest, ties to even, as if exponents had no upper bound; of carried bits by an addition to their words. */
@inline
function nearest32(
  isCarry: bool,
  v: v128,
  a: v128,
  minNormal: v128,
  roundingConstant: v128,
  unit: v128,
  half: v128,
  kept: v128,
): v128 {
  if (!isCarry) return v128.or(nearest<f32>(a, minNormal, roundingConstant), v128.xor(v, a));
  // An odd place adds one more: a mask is −1.
  return v128.and(i32x4.sub(i32x4.add(v, half), i32x4.eq(v128.and(v, unit), unit)), kept);
}

/**
 * A block of numbers, rounded as if none overflowed or were infinite or NaN: whether that is so. Where it is, they are counted.
 */
@inline
function usual32(isCarry: bool, isCounting: bool, x: usize, out: usize, bytes: usize, shift: i32, rounding: usize, tally: usize): bool {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const tiny = v128.load(rounding + Rounding.TINY);
  const unit = i32x4.splat(1 << shift);
  const half = i32x4.splat((1 << shift >> 1) - 1);
  const kept = i32x4.splat(-1 << shift);
  let inexact = zero();
  let underflow = zero();
  let most = zero();
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const a = v128.andnot(v, signBit<f32>());
    const r = nearest32(isCarry, v, a, minNormal, roundingConstant, unit, half, kept);
    v128.store(out + i, r);
    most = i32x4.max_u(most, a);
    if (isCounting) {
      const isInexact = i32x4.ne(r, v);
      inexact = count<f32>(inexact, isInexact);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(a, tiny)));
    }
  }
  const over = i32x4.min_u(v128.load(rounding + Rounding.OVER), infinity<f32>());
  if (v128.any_true(i32x4.ge_u(most, over))) return false;
  if (isCounting) {
    add<f32>(tally + INEXACT, inexact);
    add<f32>(tally + UNDERFLOW, underflow);
  }
  return true;
}

/** A block of any numbers. */
@inline
function any32(isCarry: bool, isCounting: bool, x: usize, out: usize, bytes: usize, shift: i32, rounding: usize, tally: usize): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  const unit = i32x4.splat(1 << shift);
  const half = i32x4.splat((1 << shift >> 1) - 1);
  const kept = i32x4.splat(-1 << shift);
  let inexact = zero();
  let underflow = zero();
  let large = zero();
  let infinite = zero();
  let nan = zero();
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const a = v128.andnot(v, signBit<f32>());
    const isLarge = v128.ge<f32>(a, over);
    let r = nearest32(isCarry, v, a, minNormal, roundingConstant, unit, half, kept);
    // A carry makes infinity by itself; it would make one of a NaN.
    if (isCarry) r = v128.bitselect(v, r, v128.ne<f32>(v, v));
    else r = v128.bitselect(v128.or(top, v128.xor(v, a)), r, isLarge);
    v128.store(out + i, r);
    if (isCounting) {
      const isInexact = v128.ne<f32>(r, v);
      inexact = count<f32>(inexact, isInexact);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(a, tiny)));
      large = count<f32>(large, isLarge);
      infinite = count<f32>(infinite, v128.eq<f32>(a, infinity<f32>()));
      nan = count<f32>(nan, v128.ne<f32>(v, v));
    }
  }
  if (isCounting) addToTally<f32>(tally, inexact, underflow, large, infinite, nan, top);
}

/**
 * binary32 to binary32, to nearest, ties to even: by a constant that leaves a number's last places no room, where the
 * format's largest exponent leaves the constant some; or, of formats with binary32's exponents (bfloat16, tf32), by a carry.
 */
@inline
function cast32(isCarry: bool, isCounting: bool, x: usize, out: usize, bytes: usize, shift: i32, rounding: usize, tally: usize): void {
  let wary = 0;
  for (let start: usize = 0; start < bytes; start += BLOCK) {
    const size = min(BLOCK, bytes - start);
    // A block that is written where it was read cannot be taken anew.
    if (wary == 0 && x != out) {
      if (usual32(isCarry, isCounting, x + start, out + start, size, shift, rounding, tally)) continue;
      wary = WARY;
    } else wary--;
    any32(isCarry, isCounting, x + start, out + start, size, shift, rounding, tally);
  }
}

/** Two binary64 numbers through any rounding. */
@inline
function wide(
  isGeneral: bool,
  isCounting: bool,
  v: v128,
  rounding: usize,
  tally: usize,
  minNormal: v128,
  roundingConstant: v128,
  over: v128,
  tiny: v128,
  top: v128,
): v128 {
  let s = v;
  if (isGeneral) {
    s = read<f64>(v, rounding);
    if (isCounting) {
      const isBelow = v128.lt<f64>(v128.abs<f64>(v), v128.load(rounding + Rounding.FLUSH_BELOW));
      bump<f64>(tally + FLUSH, v128.and(isBelow, v128.ne<f64>(v, zero())));
    }
  }
  const r = isGeneral ? roundGenerally<f64>(s, rounding) : roundNearestEven<f64>(s, minNormal, roundingConstant, over, top);
  if (isCounting) {
    const a = v128.abs<f64>(s);
    const least = isGeneral ? bySign<f64>(s, rounding, Rounding.TINY, Rounding.TINY_NEGATIVE) : tiny;
    const most = isGeneral ? bySign<f64>(s, rounding, Rounding.OVER, Rounding.OVER_NEGATIVE) : over;
    const isInexact = v128.ne<f64>(r, s);
    bump<f64>(tally + INEXACT, isInexact);
    bump<f64>(tally + UNDERFLOW, v128.and(isInexact, v128.lt<f64>(a, least)));
    bump<f64>(tally + LARGE, v128.ge<f64>(a, most));
    bump<f64>(tally + INFINITE, v128.eq<f64>(a, infinity<f64>()));
    bump<f64>(tally + NAN, v128.ne<f64>(s, s));
    bump<f64>(tally + NON_FINITE, v128.not(v128.lt<f64>(v128.abs<f64>(r), infinity<f64>())));
  }
  return r;
}

/** n numbers (a multiple of 4) of `from` bytes each, to numbers of `to` bytes each, in binary64 lanes. */
@inline
function cast64(
  isGeneral: bool,
  isCounting: bool,
  x: usize,
  from: i32,
  out: usize,
  to: i32,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  for (let i: usize = 0; i < n; i += 4) {
    let low: v128;
    let high: v128;
    if (from == 4) {
      const v = v128.load(x);
      low = lower(v);
      high = upper(v);
      x += 16;
    } else {
      low = v128.load(x);
      high = v128.load(x, 16);
      x += 32;
    }
    low = wide(isGeneral, isCounting, low, rounding, tally, minNormal, roundingConstant, over, tiny, top);
    high = wide(isGeneral, isCounting, high, rounding, tally, minNormal, roundingConstant, over, tiny, top);
    if (to == 4) {
      v128.store(out, demoted(low, high));
      out += 16;
    } else {
      v128.store(out, low);
      v128.store(out, high, 16);
      out += 32;
    }
  }
}

export function castByConstant32(x: usize, out: usize, n: usize, rounding: usize): void {
  cast32(false, false, x, out, n << 2, 0, rounding, 0);
}

export function castByConstant32Counting(x: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  cast32(false, true, x, out, n << 2, 0, rounding, tally);
}

export function castCarry32(x: usize, out: usize, n: usize, shift: i32, rounding: usize): void {
  cast32(true, false, x, out, n << 2, shift, rounding, 0);
}

export function castCarry32Counting(x: usize, out: usize, n: usize, shift: i32, rounding: usize, tally: usize): void {
  cast32(true, true, x, out, n << 2, shift, rounding, tally);
}

export function castNearestEven64(x: usize, from: i32, out: usize, to: i32, n: usize, rounding: usize): void {
  cast64(false, false, x, from, out, to, n, rounding, 0);
}

export function castNearestEven64Counting(
  x: usize,
  from: i32,
  out: usize,
  to: i32,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  cast64(false, true, x, from, out, to, n, rounding, tally);
}

export function castGenerally64(
  x: usize,
  from: i32,
  out: usize,
  to: i32,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  cast64(true, true, x, from, out, to, n, rounding, tally);
}
