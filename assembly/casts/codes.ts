/**
 * Values of a format as its codes, and codes side by side in bytes.
 *
 * @module
 */
import { Rounding } from '../lanes/layouts';
import { count, infinity, one, signBit, zero } from '../lanes/rounding';
import { addToTally } from '../lanes/tally';

/** Offsets in a format's block of constants, each one vector; `src/engine/codes.ts` writes them. */
const LEAST_NORMAL: usize = 0;
/** A power of two at whose magnitude T's last place is the format's smallest number. */
const SMALL: usize = 16;
/** What T's exponent and fraction are more than the format's. */
const REBIAS: usize = 32;
const INFINITE: usize = 48;
const POSITIVE_NAN: usize = 64;
const NEGATIVE_NAN: usize = 80;
/** For binary32 at once: the number whose code overflow gets; fields of the digits' place; what is in them too much. */
const CLAMP: usize = 96;
const PLACE: usize = 112;
const OFFSET: usize = 128;

@inline
function shiftRight<T>(a: v128, by: i32): v128 {
  return sizeof<T>() == 4 ? i32x4.shr_u(a, by) : i64x2.shr_u(a, by);
}

@inline
function shiftLeft<T>(a: v128, by: i32): v128 {
  return sizeof<T>() == 4 ? i32x4.shl(a, by) : i64x2.shl(a, by);
}

@inline
function minus<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.sub(a, b) : i64x2.sub(a, b);
}

/** One vector of the format's values; `x` is what they were rounded from. */
@inline
function codesOf<T>(
  x: usize,
  value: usize,
  block: usize,
  least: v128,
  small: v128,
  rebias: v128,
  shift: i32,
  sign: i32,
): v128 {
  const r = v128.load(value);
  const a = v128.abs<T>(r);
  const normal = minus<T>(shiftRight<T>(a, shift), rebias);
  const subnormal = minus<T>(v128.add<T>(a, small), small);
  const negative = shiftLeft<T>(shiftRight<T>(r, sizeof<T>() * 8 - 1), sign);
  let code = v128.or(v128.bitselect(subnormal, normal, v128.lt<T>(a, least)), negative);
  if (v128.any_true(v128.not(v128.lt<T>(a, infinity<T>())))) {
    const infinite = v128.or(v128.load(block + INFINITE), negative);
    code = v128.bitselect(infinite, code, v128.eq<T>(a, infinity<T>()));
    // A NaN that overflow makes has the number's sign; others have none.
    const isNegative = v128.lt<T>(v128.load(x), zero());
    const nan = v128.bitselect(v128.load(block + NEGATIVE_NAN), v128.load(block + POSITIVE_NAN), isNegative);
    code = v128.bitselect(nan, code, v128.ne<T>(r, r));
  }
  return code;
}

/** Four codes, each a 32-bit word, in so many bytes each. */
@inline
function put(bytes: i32, codes: v128, out: usize): void {
  if (bytes == 4) {
    v128.store(out, codes);
    return;
  }
  const narrow = i16x8.narrow_i32x4_u(codes, codes);
  if (bytes == 2) v128.store64_lane(out, narrow, 0);
  else v128.store32_lane(out, i8x16.narrow_i16x8_u(narrow, narrow), 0);
}

/** n values (a multiple of 4) to codes of so many bytes. */
@inline
function encode<T>(bytes: i32, x: usize, value: usize, out: usize, n: usize, block: usize, shift: i32, sign: i32): void {
  const least = v128.load(block + LEAST_NORMAL);
  const small = v128.load(block + SMALL);
  const rebias = v128.load(block + REBIAS);
  for (let i: usize = 0; i < n; i += 4) {
    let codes = codesOf<T>(x, value, block, least, small, rebias, shift, sign);
    if (sizeof<T>() == 8) {
      const high = codesOf<T>(x + 16, value + 16, block, least, small, rebias, shift, sign);
      codes = v128.shuffle<i32>(codes, high, 0, 2, 4, 6);
    }
    put(bytes, codes, out);
    x += 4 * sizeof<T>();
    value += 4 * sizeof<T>();
    out += 4 * <usize>bytes;
  }
}

export function encode32(bytes: i32, x: usize, value: usize, out: usize, n: usize, block: usize, shift: i32, sign: i32): void {
  if (bytes == 1) encode<f32>(1, x, value, out, n, block, shift, sign);
  else if (bytes == 2) encode<f32>(2, x, value, out, n, block, shift, sign);
  else encode<f32>(4, x, value, out, n, block, shift, sign);
}

export function encode64(bytes: i32, x: usize, value: usize, out: usize, n: usize, block: usize, shift: i32, sign: i32): void {
  if (bytes == 1) encode<f64>(1, x, value, out, n, block, shift, sign);
  else if (bytes == 2) encode<f64>(2, x, value, out, n, block, shift, sign);
  else encode<f64>(4, x, value, out, n, block, shift, sign);
}

/** Eight codes, each a 32-bit word, in so many bytes each. */
@inline
function putEight(bytes: i32, low: v128, high: v128, out: usize): void {
  if (bytes == 4) {
    v128.store(out, low);
    v128.store(out, high, 16);
    return;
  }
  const narrow = i16x8.narrow_i32x4_u(low, high);
  if (bytes == 2) v128.store(out, narrow);
  else v128.store64_lane(out, i8x16.narrow_i16x8_u(narrow, narrow), 0);
}

/**
 * Enters the counts of n numbers. Infinities and NaN are rare: where `most`, the largest magnitudes' bits, tell of some,
 * they are counted in a turn of their own.
 */
@inline
function enterCodes(
  x: usize,
  n: usize,
  isClamped: bool,
  inexact: v128,
  underflow: v128,
  large: v128,
  most: v128,
  top: v128,
  tally: usize,
): void {
  let infinite = zero();
  let nan = zero();
  if (v128.any_true(i32x4.ge_u(most, infinity<f32>()))) {
    for (let i: usize = 0; i < n; i += 4) {
      const v = v128.load(x + (i << 2));
      infinite = count<f32>(infinite, v128.eq<f32>(v128.abs<f32>(v), infinity<f32>()));
      nan = count<f32>(nan, v128.ne<f32>(v, v));
    }
    // An infinity that stays one is exact, though clamped.
    if (isClamped) inexact = i32x4.sub(inexact, v128.and(infinite, v128.eq<f32>(top, infinity<f32>())));
  }
  addToTally<f32>(tally, inexact, underflow, large, infinite, nan, top);
}

/** The code's fields: a sum with the power of two that has the format's last place ends in its digits. */
@inline
function fieldsOf(s: v128, binade: v128, offset: v128, shift: i32): v128 {
  return i32x4.sub(i32x4.sub(s, offset), i32x4.sub(binade, i32x4.shr_u(binade, shift)));
}

/** binary32 to codes at once, roundings to nearest, n numbers (a multiple of 8). Clamping does for overflow. */
@inline
function nearestEvenCodes32(
  isCounting: bool,
  bytes: i32,
  x: usize,
  out: usize,
  n: usize,
  block: usize,
  shift: i32,
  sign: i32,
  rounding: usize,
  tally: usize,
): void {
  const least = v128.load(block + LEAST_NORMAL);
  const clamp = v128.load(block + CLAMP);
  const place = v128.load(block + PLACE);
  const offset = v128.load(block + OFFSET);
  const quiet = v128.load(block + POSITIVE_NAN);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const toSign = 31 - sign;
  let inexact = zero();
  let underflow = zero();
  let large = zero();
  let most = zero();
  for (let i: usize = 0; i < n; i += 8) {
    const at = x + (i << 2);
    const v = v128.load(at);
    const vSign = v128.and(v, signBit<f32>());
    const vSize = v128.xor(v, vSign);
    const a = i32x4.min_u(vSize, clamp);
    const aBinade = i32x4.max_u(v128.and(a, infinity<f32>()), least);
    const aPlace = i32x4.add(aBinade, place);
    const aSum = v128.add<f32>(a, aPlace);
    let low = v128.or(fieldsOf(aSum, aBinade, offset, shift), i32x4.shr_u(vSign, toSign));
    low = v128.bitselect(quiet, low, v128.ne<f32>(v, v));
    if (isCounting) {
      const isInexact = v128.ne<f32>(v128.sub<f32>(aSum, aPlace), a);
      inexact = count<f32>(inexact, isInexact);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(a, tiny)));
      large = count<f32>(large, v128.ge<f32>(vSize, over));
      most = i32x4.max_u(most, vSize);
    }
    const w = v128.load(at, 16);
    const wSign = v128.and(w, signBit<f32>());
    const wSize = v128.xor(w, wSign);
    const b = i32x4.min_u(wSize, clamp);
    const bBinade = i32x4.max_u(v128.and(b, infinity<f32>()), least);
    const bPlace = i32x4.add(bBinade, place);
    const bSum = v128.add<f32>(b, bPlace);
    let high = v128.or(fieldsOf(bSum, bBinade, offset, shift), i32x4.shr_u(wSign, toSign));
    high = v128.bitselect(quiet, high, v128.ne<f32>(w, w));
    if (isCounting) {
      const isInexact = v128.ne<f32>(v128.sub<f32>(bSum, bPlace), b);
      inexact = count<f32>(inexact, isInexact);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(b, tiny)));
      large = count<f32>(large, v128.ge<f32>(wSize, over));
      most = i32x4.max_u(most, wSize);
    }
    putEight(bytes, low, high, out);
    out += 8 * <usize>bytes;
  }
  if (isCounting) enterCodes(x, n, true, inexact, underflow, large, most, v128.load(rounding + Rounding.TOP), tally);
}

/** The same for formats with binary32's exponents: ties to even on the bits, where a carry makes infinity. */
@inline
function carry32(
  isCounting: bool,
  bytes: i32,
  x: usize,
  out: usize,
  n: usize,
  block: usize,
  shift: i32,
  rounding: usize,
  tally: usize,
): void {
  const quiet = v128.load(block + POSITIVE_NAN);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const unit = one();
  const half = i32x4.splat((1 << (shift - 1)) - 1);
  let inexact = zero();
  let underflow = zero();
  let large = zero();
  let most = zero();
  for (let i: usize = 0; i < n; i += 8) {
    const at = x + (i << 2);
    const v = v128.load(at);
    const w = v128.load(at, 16);
    const low = i32x4.shr_u(i32x4.add(v, i32x4.add(half, v128.and(i32x4.shr_u(v, shift), unit))), shift);
    const high = i32x4.shr_u(i32x4.add(w, i32x4.add(half, v128.and(i32x4.shr_u(w, shift), unit))), shift);
    if (isCounting) {
      const isInexact = v128.ne<f32>(i32x4.shl(low, shift), v);
      const isOther = v128.ne<f32>(i32x4.shl(high, shift), w);
      const vSize = v128.xor(v, v128.and(v, signBit<f32>()));
      const wSize = v128.xor(w, v128.and(w, signBit<f32>()));
      inexact = count<f32>(count<f32>(inexact, isInexact), isOther);
      underflow = count<f32>(underflow, v128.and(isInexact, v128.lt<f32>(vSize, tiny)));
      underflow = count<f32>(underflow, v128.and(isOther, v128.lt<f32>(wSize, tiny)));
      large = count<f32>(count<f32>(large, v128.ge<f32>(vSize, over)), v128.ge<f32>(wSize, over));
      most = i32x4.max_u(most, i32x4.max_u(vSize, wSize));
    }
    const isNaN = v128.ne<f32>(v, v);
    putEight(bytes, v128.bitselect(quiet, low, isNaN), v128.bitselect(quiet, high, v128.ne<f32>(w, w)), out);
    out += 8 * <usize>bytes;
  }
  if (isCounting) enterCodes(x, n, false, inexact, underflow, large, most, v128.load(rounding + Rounding.TOP), tally);
}

/** n numbers, a multiple of 8; `isCarry`: of a format with binary32's exponents, whose codes have more than a byte. */
export function castCodes32(
  isCarry: bool,
  isCounting: bool,
  bytes: i32,
  x: usize,
  out: usize,
  n: usize,
  block: usize,
  shift: i32,
  sign: i32,
  rounding: usize,
  tally: usize,
): void {
  if (isCarry) {
    if (bytes == 2) {
      if (isCounting) carry32(true, 2, x, out, n, block, shift, rounding, tally);
      else carry32(false, 2, x, out, n, block, shift, rounding, tally);
    } else if (isCounting) carry32(true, 4, x, out, n, block, shift, rounding, tally);
    else carry32(false, 4, x, out, n, block, shift, rounding, tally);
  } else if (bytes == 1) {
    if (isCounting) nearestEvenCodes32(true, 1, x, out, n, block, shift, sign, rounding, tally);
    else nearestEvenCodes32(false, 1, x, out, n, block, shift, sign, rounding, tally);
  } else if (bytes == 2) {
    if (isCounting) nearestEvenCodes32(true, 2, x, out, n, block, shift, sign, rounding, tally);
    else nearestEvenCodes32(false, 2, x, out, n, block, shift, sign, rounding, tally);
  } else if (isCounting) nearestEvenCodes32(true, 4, x, out, n, block, shift, sign, rounding, tally);
  else nearestEvenCodes32(false, 4, x, out, n, block, shift, sign, rounding, tally);
}

/** n codes of one or two bytes each, side by side, the lowest bits of a byte first; the last byte's rest is zero. */
export function packBits(bits: i32, bytes: i32, x: usize, out: usize, n: usize): void {
  let i: usize = 0;
  if (bits == 4) {
    for (; i + 32 <= n; i += 32) {
      const a = v128.load(x);
      const b = v128.load(x, 16);
      // Each pair of codes is a 16-bit word: the later one moves down beside the earlier one.
      const low = v128.and(v128.or(a, i16x8.shr_u(a, 4)), i16x8.splat(0xff));
      const high = v128.and(v128.or(b, i16x8.shr_u(b, 4)), i16x8.splat(0xff));
      v128.store(out, i8x16.narrow_i16x8_u(low, high));
      x += 32;
      out += 16;
    }
  } else if (bits == 6) {
    for (; i + 16 <= n; i += 16) {
      const a = v128.load(x);
      let word = v128.and(a, i32x4.splat(0x3f));
      word = v128.or(word, v128.and(i32x4.shr_u(a, 2), i32x4.splat(0xfc0)));
      word = v128.or(word, v128.and(i32x4.shr_u(a, 4), i32x4.splat(0x3f000)));
      word = v128.or(word, v128.and(i32x4.shr_u(a, 6), i32x4.splat(0xfc0000)));
      word = i8x16.shuffle(word, word, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0);
      v128.store64_lane(out, word, 0);
      v128.store32_lane(out, word, 2, 8);
      x += 16;
      out += 12;
    }
  }
  let held: u32 = 0;
  let filled = 0;
  for (; i < n; i++) {
    const code: u32 = bytes == 1 ? load<u8>(x) : load<u16>(x);
    x += bytes;
    held |= code << filled;
    for (filled += bits; filled >= 8; filled -= 8) {
      store<u8>(out++, <u8>held);
      held >>= 8;
    }
  }
  if (filled > 0) store<u8>(out, <u8>held);
}
