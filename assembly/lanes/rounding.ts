/**
 * Rounding, generic in the lane type T: f32 (four lanes) or f64 (two).
 *
 * A rounding is a block of constants, each in a vector of 16 bytes: `Rounding` has their places, `src/engine/layouts.ts` says
 * what they are, `src/engine/roundingBlock.ts` writes them. Fast loops load what they need into locals once.
 *
 * @module
 */
import { Rounding } from './layouts';

/**
 * Masks lie in memory: a compiler that meets a vector constant in a loop may build it anew each time, which takes longer
 * than to load it.
 */
const SIGN_32: usize = memory.data<u32>([0x80000000, 0x80000000, 0x80000000, 0x80000000], 16);
const SIGN_64: usize = memory.data<u64>([0x8000000000000000, 0x8000000000000000], 16);
const FIELD_32: usize = memory.data<u32>([0x7f800000, 0x7f800000, 0x7f800000, 0x7f800000], 16);
const FIELD_64: usize = memory.data<u64>([0x7ff0000000000000, 0x7ff0000000000000], 16);
const ONE_32: usize = memory.data<u32>([1, 1, 1, 1], 16);

@inline
export function signBit<T>(): v128 {
  return sizeof<T>() == 4 ? v128.load(SIGN_32) : v128.load(SIGN_64);
}

/** T's exponent field, which is also its infinity. */
@inline
export function infinity<T>(): v128 {
  return sizeof<T>() == 4 ? v128.load(FIELD_32) : v128.load(FIELD_64);
}

@inline
export function one(): v128 {
  return v128.load(ONE_32);
}

@inline
export function zero(): v128 {
  return i32x4.splat(0);
}

/** A mask is −1 where it holds: subtracting it counts, lane by lane. */
@inline
export function count<T>(total: v128, mask: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.sub(total, mask) : i64x2.sub(total, mask);
}

/** A magnitude rounded to nearest, ties to even, as if exponents had no upper bound. */
@inline
export function nearest<T>(a: v128, minNormal: v128, roundingConstant: v128): v128 {
  const c = v128.mul<T>(v128.pmax<T>(v128.and(a, infinity<T>()), minNormal), roundingConstant);
  return v128.sub<T>(v128.add<T>(a, c), c);
}

/** Ties to even, gradual underflow, one outcome for overflow and infinity: what nearly every rounding asks for. */
@inline
export function roundNearestEven<T>(x: v128, minNormal: v128, roundingConstant: v128, over: v128, top: v128): v128 {
  const a = v128.abs<T>(x);
  const r = v128.bitselect(top, nearest<T>(a, minNormal, roundingConstant), v128.ge<T>(a, over));
  return v128.or(r, v128.and(x, signBit<T>()));
}

/** Where x < 0 or x is −0: all ones. */
@inline
function negatives<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shr_s(x, 31) : i64x2.shr_s(x, 63);
}

/** One of two constants by the sign of x. */
@inline
export function bySign<T>(x: v128, rounding: usize, positive: usize, negative: usize): v128 {
  return v128.bitselect(v128.load(rounding + negative), v128.load(rounding + positive), negatives<T>(x));
}

/** Every mode and policy. x is exact, or rounded to odd from something longer. */
@inline
export function roundGenerally<T>(x: v128, rounding: usize): v128 {
  const negative = negatives<T>(x);
  const a = v128.abs<T>(x);
  const binade = v128.pmax<T>(v128.and(a, infinity<T>()), v128.load(rounding + Rounding.MIN_NORMAL));
  const q = v128.mul<T>(binade, v128.load(rounding + Rounding.QUANTUM));
  const c = v128.mul<T>(binade, v128.load(rounding + Rounding.ROUNDING_CONSTANT));
  const n = v128.sub<T>(v128.add<T>(a, c), c);
  // The grid's number at or below a, and what a has beyond it.
  const t = v128.sub<T>(n, v128.and(q, v128.gt<T>(n, a)));
  const d = v128.sub<T>(a, t);
  const parity = v128.add<T>(t, c);
  const odd = sizeof<T>() == 4 ? i32x4.shr_s(i32x4.shl(parity, 31), 31) : i64x2.shr_s(i64x2.shl(parity, 63), 63);
  let up = v128.and(v128.load(rounding + Rounding.TO_EVEN), v128.ne<T>(n, t));
  up = v128.or(up, v128.and(v128.load(rounding + Rounding.TO_AWAY), v128.ge<T>(v128.add<T>(d, d), q)));
  up = v128.or(up, v128.andnot(v128.load(rounding + Rounding.UP_IF_POSITIVE), negative));
  up = v128.or(up, v128.and(v128.load(rounding + Rounding.UP_IF_NEGATIVE), negative));
  up = v128.or(up, v128.andnot(v128.load(rounding + Rounding.TO_ODD), odd));
  up = v128.and(up, v128.ne<T>(d, zero()));
  let r = v128.add<T>(t, v128.and(q, up));
  const isTiny = v128.lt<T>(a, bySign<T>(x, rounding, Rounding.TINY, Rounding.TINY_NEGATIVE));
  r = v128.andnot(r, v128.and(v128.load(rounding + Rounding.FLUSH_OUTPUTS), isTiny));
  r = v128.bitselect(
    bySign<T>(x, rounding, Rounding.TOP, Rounding.TOP_NEGATIVE),
    r,
    v128.ge<T>(a, bySign<T>(x, rounding, Rounding.OVER, Rounding.OVER_NEGATIVE)),
  );
  r = v128.bitselect(v128.load(rounding + Rounding.INFINITE), r, v128.eq<T>(a, infinity<T>()));
  const sign = v128.and(x, signBit<T>());
  return v128.or(r, v128.andnot(sign, v128.andnot(v128.eq<T>(r, zero()), v128.load(rounding + Rounding.NEGATIVE_ZERO))));
}

/** An operand as the rounding reads it: below its threshold as zero. */
@inline
export function read<T>(x: v128, rounding: usize): v128 {
  const isFlushed = v128.lt<T>(v128.abs<T>(x), v128.load(rounding + Rounding.FLUSH_BELOW));
  return v128.andnot(x, v128.andnot(isFlushed, signBit<T>()));
}

/**
 * a + b rounded to odd: the nearest sum, moved to the neighbour with an odd last place where bits are missing. Rounded
 * again to two places fewer, it gives what the exact sum gives, in any mode (Boldo & Melquiond, IEEE TC 2008).
 */
@inline
export function addToOdd<T>(a: v128, b: v128): v128 {
  const s = v128.add<T>(a, b);
  const t = v128.sub<T>(s, a);
  const e = v128.add<T>(v128.sub<T>(a, v128.sub<T>(s, t)), v128.sub<T>(b, t));
  // Not for infinities and NaN: there e is NaN, and the comparison fails.
  const isInexact = v128.gt<T>(v128.abs<T>(e), zero());
  const inward = negatives<T>(v128.xor(s, e));
  if (sizeof<T>() == 4) {
    const moved = i32x4.add(s, v128.and(inward, isInexact));
    return v128.or(moved, v128.and(isInexact, i32x4.splat(1)));
  }
  const moved = i64x2.add(s, v128.and(inward, isInexact));
  return v128.or(moved, v128.and(isInexact, i64x2.splat(1)));
}

/** A word of memory: an address or a number of bytes. */
@inline
export function word(at: usize): usize {
  return load<u32>(at);
}
