/**
 * Casts of contiguous numbers: the loops that come near the speed of a copy. Lengths are whole vectors; the caller pads.
 *
 * @module
 */
import { Rounding } from '../lanes/layouts';
import { bySign, count, infinity, read } from '../lanes/rounding';
import { one, roundGenerally, roundNearestEven, signBit, zero } from '../lanes/rounding';
import { FLUSH, INEXACT, INFINITE, LARGE, NAN, NON_FINITE, UNDERFLOW, bump, addToTally } from '../lanes/tally';

/** binary32 to binary32, roundings to nearest of formats whose largest exponent leaves the rounding constant room. */
@inline
function byConstant32(isCounting: bool, x: usize, out: usize, bytes: usize, rounding: usize, tally: usize): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  let inexact = zero();
  let underflow = zero();
  let large = zero();
  let infinite = zero();
  let nan = zero();
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const r = roundNearestEven<f32>(v, minNormal, roundingConstant, over, top);
    v128.store(out + i, r);
    if (isCounting) {
      const a = v128.abs<f32>(v);
      const isInexact = v128.ne<f32>(r, v);
      inexact = count<f32>(inexact, isInexact);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(a, tiny)));
      large = count<f32>(large, v128.ge<f32>(a, over));
      infinite = count<f32>(infinite, v128.eq<f32>(a, infinity<f32>()));
      nan = count<f32>(nan, v128.ne<f32>(v, v));
    }
  }
  if (isCounting) addToTally<f32>(tally, inexact, underflow, large, infinite, nan, top);
}

/** binary32 to formats with its very exponents (bfloat16, tf32): ties to even on the bits, where a carry makes infinity. */
@inline
function carry32(isCounting: bool, x: usize, out: usize, bytes: usize, shift: i32, rounding: usize, tally: usize): void {
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  const unit = one();
  const half = i32x4.splat((1 << (shift - 1)) - 1);
  const kept = i32x4.splat(-1 << shift);
  let inexact = zero();
  let underflow = zero();
  let large = zero();
  let infinite = zero();
  let nan = zero();
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const even = v128.and(i32x4.shr_u(v, shift), unit);
    const rounded = v128.and(i32x4.add(v, i32x4.add(half, even)), kept);
    const isNaN = v128.ne<f32>(v, v);
    const r = v128.bitselect(v, rounded, isNaN);
    v128.store(out + i, r);
    if (isCounting) {
      const a = v128.abs<f32>(v);
      const isInexact = v128.ne<f32>(r, v);
      inexact = count<f32>(inexact, isInexact);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(a, tiny)));
      large = count<f32>(large, v128.ge<f32>(a, over));
      infinite = count<f32>(infinite, v128.eq<f32>(a, infinity<f32>()));
      nan = count<f32>(nan, isNaN);
    }
  }
  if (isCounting) addToTally<f32>(tally, inexact, underflow, large, infinite, nan, top);
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
      low = f64x2.promote_low_f32x4(v);
      high = f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0));
      x += 16;
    } else {
      low = v128.load(x);
      high = v128.load(x, 16);
      x += 32;
    }
    low = wide(isGeneral, isCounting, low, rounding, tally, minNormal, roundingConstant, over, tiny, top);
    high = wide(isGeneral, isCounting, high, rounding, tally, minNormal, roundingConstant, over, tiny, top);
    if (to == 4) {
      v128.store(out, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
      out += 16;
    } else {
      v128.store(out, low);
      v128.store(out, high, 16);
      out += 32;
    }
  }
}

export function castByConstant32(x: usize, out: usize, n: usize, rounding: usize): void {
  byConstant32(false, x, out, n << 2, rounding, 0);
}

export function castByConstant32Counting(x: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  byConstant32(true, x, out, n << 2, rounding, tally);
}

export function castCarry32(x: usize, out: usize, n: usize, shift: i32, rounding: usize): void {
  carry32(false, x, out, n << 2, shift, rounding, 0);
}

export function castCarry32Counting(x: usize, out: usize, n: usize, shift: i32, rounding: usize, tally: usize): void {
  carry32(true, x, out, n << 2, shift, rounding, tally);
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
