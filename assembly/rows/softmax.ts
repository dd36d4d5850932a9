/**
 * What softmax needs beyond exponentials and the operations of every panel: the parts of an argument of 2^x and the
 * scaling that ends it, clamping, and more quotients.
 *
 * @module
 */
import { Rounding } from '../lanes/layouts';
import { power, readCounting, round } from './exponential';
import { DIVIDE, each } from '../lanes/panel';
import { bySign, infinity, signBit, zero } from '../lanes/rounding';
import { INEXACT, INFINITE, LARGE, UNDERFLOW, bump, bumpLarge } from '../lanes/tally';

/**
 * t raised to `lowest`, and its parts: the integer below or nearest, with its sign turned, and t as the subtraction that
 * follows takes it. Where t is not finite both are zeros, with which the operations that follow are exact.
 */
export function parts64(isNearest: bool, t: usize, lowest: f64, parts: usize, integers: usize, n: usize): void {
  const bound = f64x2.splat(lowest);
  for (let i: usize = 0; i < n; i++) {
    const v = f64x2.pmax(v128.load(t), bound);
    const isFinite = f64x2.lt(f64x2.abs(v), infinity<f64>());
    const whole = isNearest ? f64x2.nearest(v) : f64x2.floor(v);
    v128.store(t, v);
    v128.store(parts, v128.and(v, isFinite));
    v128.store(integers, v128.and(f64x2.neg(f64x2.add(whole, zero())), isFinite));
    t += 16;
    parts += 16;
    integers += 16;
  }
}

/** out_i = p_i · 2^n_i, rounded and counted; n_i is given with its sign turned. Where t_i is not finite: 0, ∞ or NaN. */
@inline
function scale(
  isGeneral: bool,
  t: usize,
  p: usize,
  integers: usize,
  out: usize,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const nearestOver = v128.load(rounding + Rounding.OVER);
  const nearestTiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  for (let i: usize = 0; i < n; i++) {
    const end = v128.load(t);
    const isFinite = f64x2.lt(f64x2.abs(end), infinity<f64>());
    let q = v128.bitselect(v128.load(p), f64x2.pmax(end, zero()), isFinite);
    if (isGeneral) q = readCounting(q, rounding, tally);
    const isPlain = v128.and(f64x2.ne(q, zero()), f64x2.lt(f64x2.abs(q), infinity<f64>()));
    // Two powers, since one may leave the range; what leaves it with both is beyond every format, and stays so.
    let k = f64x2.neg(v128.load(integers));
    k = f64x2.pmin(f64x2.pmax(k, f64x2.splat(-2000)), f64x2.splat(2000));
    const half = f64x2.trunc(f64x2.mul(k, f64x2.splat(0.5)));
    let m = f64x2.mul(f64x2.mul(f64x2.abs(q), power(half)), power(f64x2.sub(k, half)));
    m = f64x2.pmin(f64x2.pmax(m, f64x2.splat(2.409919865102884e-181)), f64x2.splat(4.149515568880993e180));
    const s = v128.bitselect(v128.or(m, v128.and(q, signBit<f64>())), q, isPlain);
    const r = round(isGeneral, s, rounding, minNormal, roundingConstant, nearestOver, top);
    const over = isGeneral ? bySign<f64>(s, rounding, Rounding.OVER, Rounding.OVER_NEGATIVE) : nearestOver;
    const tiny = isGeneral ? bySign<f64>(s, rounding, Rounding.TINY, Rounding.TINY_NEGATIVE) : nearestTiny;
    const isInexact = f64x2.ne(r, s);
    const a = f64x2.abs(s);
    bump<f64>(tally + INEXACT, isInexact);
    bump<f64>(tally + UNDERFLOW, v128.and(isInexact, f64x2.lt(a, tiny)));
    if (v128.any_true(v128.not(f64x2.lt(a, over)))) bumpLarge<f64>(tally, s, r, over);
    v128.store(out, r);
    t += 16;
    p += 16;
    integers += 16;
    out += 16;
  }
}

export function scale64(
  isGeneral: bool,
  t: usize,
  p: usize,
  integers: usize,
  out: usize,
  n: usize,
  rounding: usize,
  tally: usize,
): void {
  if (isGeneral) scale(true, t, p, integers, out, n, rounding, tally);
  else scale(false, t, p, integers, out, n, rounding, tally);
}

/**
 * Numbers beyond a bound become that bound; NaN passes. They are counted as a rounding that saturates infinities counts
 * those: large, infinite and inexact, of which `drainTally` makes a saturation alone.
 */
@inline
function clamp<T>(x: usize, low: T, high: T, n: usize, tally: usize): void {
  const least = v128.splat<T>(low);
  const most = v128.splat<T>(high);
  for (let i: usize = 0; i < n; i++) {
    const v = v128.load(x);
    const isBeyond = v128.or(v128.lt<T>(v, least), v128.gt<T>(v, most));
    if (v128.any_true(isBeyond)) {
      bump<T>(tally + INEXACT, isBeyond);
      bump<T>(tally + LARGE, isBeyond);
      bump<T>(tally + INFINITE, isBeyond);
      v128.store(x, v128.pmin<T>(v128.pmax<T>(v, least), most));
    }
    x += 16;
  }
}

export function clamp32(x: usize, low: f32, high: f32, n: usize, tally: usize): void {
  clamp<f32>(x, low, high, n, tally);
}

export function clamp64(x: usize, low: f64, high: f64, n: usize, tally: usize): void {
  clamp<f64>(x, low, high, n, tally);
}

/**
 * Quotients of every mode. Numbers of 25 bits have quotients that are exact, or further than 2^−53 of themselves from
 * every number of 27 bits: binary64's rounding moves none of them onto or across a place where a decision changes.
 */
export function divideGenerally64(x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f64>(DIVIDE, true, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}

/**
 * Quotients in binary32 lanes, of roundings to nearest whose precision and the divisor's are 23 bits together: quotients are
 * exact, or further than binary32's rounding goes from every number of two more bits than the rounding's.
 */
export function divide32(x: usize, y: usize, yStride: usize, out: usize, n: usize, rounding: usize, tally: usize): void {
  each<f32>(DIVIDE, false, x, 16, y, yStride, x, 0, out, n, rounding, tally);
}
