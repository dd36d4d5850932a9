/**
 * e^x with a proof for each rounding, in binary64 lanes.
 *
 * @module
 */
import { Rounding } from '../lanes/layouts';
import { count, infinity, nearest, read, roundGenerally, roundNearestEven, zero } from '../lanes/rounding';
import { FLUSH, INEXACT, UNDERFLOW, bump, bumpLarge } from '../lanes/tally';
import { demoted, lower, upper } from '../lanes/widths';

/**
 * Constants, each twice: log2 e; ln 2 in two parts, the first of 32 bits; 1/2! … 1/10!; 1; 1.5 · 2^52; the largest
 * argument and the least; 1 ∓ 2^−40. In memory, as the masks of `rounding.ts`.
 */
const TABLE: usize = memory.data<f64>(
  [
    1.4426950408889634, 1.4426950408889634, 0.6931471803691238, 0.6931471803691238, 1.9082149292705877e-10,
    1.9082149292705877e-10, 0.5, 0.5, 0.16666666666666666, 0.16666666666666666, 0.041666666666666664,
    0.041666666666666664, 0.008333333333333333, 0.008333333333333333, 0.001388888888888889, 0.001388888888888889,
    0.0001984126984126984, 0.0001984126984126984, 2.48015873015873e-05, 2.48015873015873e-05, 2.7557319223985893e-06,
    2.7557319223985893e-06, 2.755731922398589e-07, 2.755731922398589e-07, 1.0, 1.0, 6755399441055744.0,
    6755399441055744.0, 300.0, 300.0, -300.0, -300.0, 0.9999999999990905, 0.9999999999990905, 1.0000000000009095,
    1.0000000000009095,
  ],
  16,
);
const LOG2E: usize = 0;
const LN2_HIGH: usize = 16;
const LN2_LOW: usize = 32;
/** Of r², r³, … */
const SERIES: usize = 48;
const ONE: usize = 192;
const INTEGER: usize = 208;
/** Beyond these arguments e^x rounds as at them: no format of a rounding has numbers beyond 2^±401. */
const MOST: usize = 224;
const LEAST: usize = 240;
/** How far from `approximate` e^x may lie: 2^−40 of it, which is more than twice what the proof gives. */
const BELOW: usize = 256;
const ABOVE: usize = 272;

@inline
function constant(at: usize): v128 {
  return v128.load(TABLE + at);
}

/** 2^k, for integers k from −1022 to 1023. */
@inline
export function power(k: v128): v128 {
  // Added to 1.5 · 2^52, an integer stands in the lowest bits.
  const bits = f64x2.add(k, constant(INTEGER));
  return i64x2.add(i64x2.shl(bits, 52), constant(ONE));
}

/** c_k + c_(k+1) · r */
@inline
function pair(at: usize, r: v128): v128 {
  return f64x2.add(constant(SERIES + at), f64x2.mul(constant(SERIES + at + 16), r));
}

/**
 * e^b to within 2^−41 of itself, |b| ≤ 300.
 *
 * r = b − k·ln 2 as `approximateExponential` (src/arithmetic/exponential.ts) forms it, off by less than 2^−54.9, and
 * |r| < 0.3466. e^r = 1 + (r + r²·q(r)): what the series leaves out is below r^11/11! · 1.03 < 2^−42, and e^r > 0.707.
 * Every term of q passes through at most 15 roundings, so q is off by less than 15 · 2^−53 · 0.57, r²·q by a sixth of
 * that and two roundings more, and the two last sums by a rounding each: together less than 2^−50. The power is exact.
 */
@inline
function approximate(b: v128): v128 {
  const k = f64x2.nearest(f64x2.mul(b, constant(LOG2E)));
  const r = f64x2.sub(f64x2.sub(b, f64x2.mul(k, constant(LN2_HIGH))), f64x2.mul(k, constant(LN2_LOW)));
  const z = f64x2.mul(r, r);
  const z2 = f64x2.mul(z, z);
  const low = f64x2.add(pair(0, r), f64x2.mul(pair(32, r), z));
  const high = f64x2.add(pair(64, r), f64x2.mul(pair(96, r), z));
  const last = f64x2.mul(constant(SERIES + 128), z2);
  const q = f64x2.add(low, f64x2.mul(f64x2.add(high, last), z2));
  const y = f64x2.add(constant(ONE), f64x2.add(r, f64x2.mul(z, q)));
  return f64x2.mul(y, power(k));
}

@inline
export function round(isGeneral: bool, s: v128, rounding: usize, minNormal: v128, roundingConstant: v128, over: v128, top: v128): v128 {
  return isGeneral ? roundGenerally<f64>(s, rounding) : roundNearestEven<f64>(s, minNormal, roundingConstant, over, top);
}

/** Counts operands that are read as zero, and reads them so. */
@inline
export function readCounting(x: v128, rounding: usize, tally: usize): v128 {
  const isBelow = f64x2.lt(f64x2.abs(x), v128.load(rounding + Rounding.FLUSH_BELOW));
  bump<f64>(tally + FLUSH, v128.and(isBelow, f64x2.ne(x, zero())));
  return read<f64>(x, rounding);
}

/**
 * out_i = e^(x_i), rounded and counted, where both ends of an interval around it round alike: rounding is monotone, so
 * then the number between them rounds as they do. Where they do not, out_i is x_i, nothing is counted, and the address
 * of out_i is written to the list `unsure`. The number of these.
 */
@inline
function exponentials(isGeneral: bool, x: usize, out: usize, n: usize, rounding: usize, tally: usize, unsure: usize): i32 {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  let next = unsure;
  let inexact = zero();
  let underflow = zero();
  for (let i: usize = 0; i < n; i++) {
    const given = v128.load(x);
    const a = isGeneral ? readCounting(given, rounding, tally) : given;
    const b = f64x2.pmin(f64x2.pmax(a, constant(LEAST)), constant(MOST));
    const y = approximate(b);
    const low = f64x2.mul(y, constant(BELOW));
    const high = f64x2.mul(y, constant(ABOVE));
    let s = low;
    let r = isGeneral ? roundGenerally<f64>(low, rounding) : nearest<f64>(low, minNormal, roundingConstant);
    const other = isGeneral ? roundGenerally<f64>(high, rounding) : nearest<f64>(high, minNormal, roundingConstant);
    let isUnsure = v128.or(f64x2.ne(r, other), v128.xor(f64x2.lt(low, tiny), f64x2.lt(high, tiny)));
    // e^a is irrational, so that no rounding of it is exact.
    let isInexact = i64x2.splat(-1);
    const isRare = v128.or(v128.or(f64x2.ne(a, b), f64x2.eq(a, zero())), f64x2.ge(high, over));
    if (v128.any_true(isRare)) {
      const isOrdinary = v128.and(f64x2.ne(a, zero()), f64x2.lt(f64x2.abs(a), infinity<f64>()));
      // e^±0 = 1, e^−∞ = 0; infinity and NaN stay what they are.
      const limit = v128.bitselect(constant(ONE), f64x2.pmax(a, zero()), f64x2.eq(a, zero()));
      s = v128.bitselect(low, limit, isOrdinary);
      r = round(isGeneral, s, rounding, minNormal, roundingConstant, over, top);
      isUnsure = v128.and(v128.or(isUnsure, v128.xor(f64x2.lt(low, over), f64x2.lt(high, over))), isOrdinary);
      isInexact = v128.andnot(v128.or(isOrdinary, f64x2.ne(r, s)), isUnsure);
      if (v128.any_true(v128.not(f64x2.lt(s, over)))) {
        bumpLarge<f64>(tally, v128.andnot(s, isUnsure), v128.andnot(r, isUnsure), over);
      }
    }
    if (v128.any_true(isUnsure)) {
      if (i64x2.extract_lane(isUnsure, 0)) {
        store<u32>(next, <u32>out);
        next += 4;
      }
      if (i64x2.extract_lane(isUnsure, 1)) {
        store<u32>(next, <u32>(out + 8));
        next += 4;
      }
      isInexact = v128.andnot(isInexact, isUnsure);
      r = v128.bitselect(given, r, isUnsure);
    }
    inexact = count<f64>(inexact, isInexact);
    underflow = count<f64>(underflow, v128.and(isInexact, f64x2.lt(s, tiny)));
    v128.store(out, r);
    x += 16;
    out += 16;
  }
  v128.store(tally + INEXACT, i64x2.add(v128.load(tally + INEXACT), inexact));
  v128.store(tally + UNDERFLOW, i64x2.add(v128.load(tally + UNDERFLOW), underflow));
  return <i32>((next - unsure) >> 2);
}

/** Four masks of two vectors of two. */
@inline
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

/**
 * The same for four rows in binary32 lanes and roundings to nearest. `rounding`: the constants for binary64 lanes, in which the
 * exponentials are rounded; `own`: those for these lanes. Exponentials that overflow count as unsure.
 */
export function exp32(x: usize, out: usize, n: usize, rounding: usize, own: usize, tally: usize, unsure: usize): i32 {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const most = f32x4.splat(300);
  const least = f32x4.splat(-300);
  let next = unsure;
  let inexact = zero();
  let underflow = zero();
  for (let i: usize = 0; i < n; i++) {
    const a = v128.load(x);
    const b = f32x4.pmin(f32x4.pmax(a, least), most);
    const y0 = approximate(lower(b));
    const y1 = approximate(upper(b));
    const low0 = f64x2.mul(y0, constant(BELOW));
    const low1 = f64x2.mul(y1, constant(BELOW));
    const high0 = f64x2.mul(y0, constant(ABOVE));
    const high1 = f64x2.mul(y1, constant(ABOVE));
    const r0 = nearest<f64>(low0, minNormal, roundingConstant);
    const r1 = nearest<f64>(low1, minNormal, roundingConstant);
    let isTiny = narrow(f64x2.lt(low0, tiny), f64x2.lt(low1, tiny));
    let isUnsure = narrow(
      f64x2.ne(r0, nearest<f64>(high0, minNormal, roundingConstant)),
      f64x2.ne(r1, nearest<f64>(high1, minNormal, roundingConstant)),
    );
    isUnsure = v128.or(isUnsure, v128.xor(isTiny, narrow(f64x2.lt(high0, tiny), f64x2.lt(high1, tiny))));
    let r = demoted(r0, r1);
    let isInexact = i64x2.splat(-1);
    const isOver = narrow(f64x2.ge(high0, over), f64x2.ge(high1, over));
    if (v128.any_true(v128.or(v128.or(f32x4.ne(a, b), f32x4.eq(a, zero())), isOver))) {
      const isOrdinary = v128.and(f32x4.ne(a, zero()), f32x4.lt(f32x4.abs(a), infinity<f32>()));
      const limit = v128.bitselect(f32x4.splat(1), f32x4.pmax(a, zero()), f32x4.eq(a, zero()));
      const top = v128.load(own + Rounding.OVER);
      const end = roundNearestEven<f32>(limit, v128.load(own + Rounding.MIN_NORMAL), v128.load(own + Rounding.ROUNDING_CONSTANT), top, v128.load(own + Rounding.TOP));
      isUnsure = v128.and(v128.or(isUnsure, isOver), isOrdinary);
      isInexact = v128.or(isOrdinary, f32x4.ne(end, limit));
      isTiny = v128.bitselect(isTiny, f32x4.lt(limit, v128.load(own + Rounding.TINY)), isOrdinary);
      r = v128.bitselect(r, end, isOrdinary);
      const s = v128.andnot(limit, isOrdinary);
      if (v128.any_true(v128.not(f32x4.lt(s, top)))) bumpLarge<f32>(tally, s, v128.andnot(end, isOrdinary), top);
    }
    if (v128.any_true(isUnsure)) {
      const which = i32x4.bitmask(isUnsure);
      for (let lane: usize = 0; lane < 4; lane++) {
        if (which & (1 << <i32>lane)) {
          store<u32>(next, <u32>(out + lane * 4));
          next += 4;
        }
      }
      isInexact = v128.andnot(isInexact, isUnsure);
      r = v128.bitselect(a, r, isUnsure);
    }
    inexact = count<f32>(inexact, isInexact);
    underflow = count<f32>(underflow, v128.and(isInexact, isTiny));
    v128.store(out, r);
    x += 16;
    out += 16;
  }
  v128.store(tally + INEXACT, i32x4.add(v128.load(tally + INEXACT), inexact));
  v128.store(tally + UNDERFLOW, i32x4.add(v128.load(tally + UNDERFLOW), underflow));
  return <i32>((next - unsure) >> 2);
}

export function exp64(isGeneral: bool, x: usize, out: usize, n: usize, rounding: usize, tally: usize, unsure: usize): i32 {
  if (isGeneral) return exponentials(true, x, out, n, rounding, tally, unsure);
  return exponentials(false, x, out, n, rounding, tally, unsure);
}
