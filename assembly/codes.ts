/**
 * Values of a format as its codes, and codes side by side in bytes.
 *
 * @module
 */
import { infinity, zero } from './step';

/** Offsets in a format's block of constants, each one vector; `src/engine/codes.ts` writes them. */
const LEAST_NORMAL: usize = 0;
/** A power of two at whose magnitude T's last place is the format's smallest number. */
const SMALL: usize = 16;
/** What T's exponent and fraction are more than the format's. */
const REBIAS: usize = 32;
const INFINITE: usize = 48;
const POSITIVE_NAN: usize = 64;
const NEGATIVE_NAN: usize = 80;

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

/** Four codes, as 32-bit words. */
@inline
function fourCodes<T>(
  x: usize,
  value: usize,
  block: usize,
  least: v128,
  small: v128,
  rebias: v128,
  shift: i32,
  sign: i32,
): v128 {
  const low = codesOf<T>(x, value, block, least, small, rebias, shift, sign);
  if (sizeof<T>() == 4) return low;
  const high = codesOf<T>(x + 16, value + 16, block, least, small, rebias, shift, sign);
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

/** n values (a multiple of 16) to codes of so many bytes. */
@inline
function encode<T>(bytes: i32, x: usize, value: usize, out: usize, n: usize, block: usize, shift: i32, sign: i32): void {
  const least = v128.load(block + LEAST_NORMAL);
  const small = v128.load(block + SMALL);
  const rebias = v128.load(block + REBIAS);
  const part: usize = 4 * sizeof<T>();
  for (let i: usize = 0; i < n; i += 16) {
    const a = fourCodes<T>(x, value, block, least, small, rebias, shift, sign);
    const b = fourCodes<T>(x + part, value + part, block, least, small, rebias, shift, sign);
    const c = fourCodes<T>(x + 2 * part, value + 2 * part, block, least, small, rebias, shift, sign);
    const d = fourCodes<T>(x + 3 * part, value + 3 * part, block, least, small, rebias, shift, sign);
    if (bytes == 4) {
      v128.store(out, a);
      v128.store(out, b, 16);
      v128.store(out, c, 32);
      v128.store(out, d, 48);
      out += 64;
    } else {
      const low = i16x8.narrow_i32x4_u(a, b);
      const high = i16x8.narrow_i32x4_u(c, d);
      if (bytes == 2) {
        v128.store(out, low);
        v128.store(out, high, 16);
        out += 32;
      } else {
        v128.store(out, i8x16.narrow_i16x8_u(low, high));
        out += 16;
      }
    }
    x += 4 * part;
    value += 4 * part;
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
