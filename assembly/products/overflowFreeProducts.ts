/**
 * Products before they are summed: a row's factors, products that are not like the others, and what products count.
 *
 * Subnormal products are few: they are rounded on their own and, while a row is summed, stand in their row of B, with
 * factors that leave them as they are. Whether another is exact, odd parts tell: the product of its operands' odd parts has
 * no more bits than the result. They are integers of 16 bits, so that asking costs next to nothing.
 *
 * @module
 */
import { OverflowFreeConstants, SumRange } from '../lanes/layouts';
import { FACTORS, productOfAnyRange, magnitude, product } from './overflowFreeSums';
import { infinity, zero } from '../lanes/rounding';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW, bump } from '../lanes/tally';

/** The lanes that `overflowFreeCounts.ts` expects to be large of an ordinary step, and of one that it shall look at. */
export const LARGE_LANES: i32 = 15;
const LOOK: i32 = -1;
/** No odd part is less. */
const NEVER: i16 = -1;

/** Bytes of what a replaced step had: its factors, which it is, up to what it is exact, its row of B in two panels. */
export const SAVED: usize = 8 + 4 + 4 + 2 * 64;

/** Products' tallies follow those of sums. */
export const PRODUCTS: usize = 4 * TALLY_BYTES;

/** Four masks as one of bytes. */
@inline
function join(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** Adds masks, or negative numbers, to counts: one less where a mask holds. */
@inline
function drop(counter: usize, mask: v128): void {
  v128.store(counter, i32x4.add(v128.load(counter), mask));
}

/** A sum of a product that is zero loses nothing, and is exact: takes back what `sums` counts of it. */
@inline
function dropNothing(tally: usize, mask: v128, range: i32): void {
  if (range != SumRange.NARROW) drop(tally + ABSORPTION, mask);
  if (range == SumRange.WIDE) drop(tally + INEXACT, mask);
}

/** Odd parts of four significands: whole numbers. */
@inline
export function oddPart(x: v128): v128 {
  // Numbers that are subnormal in binary32 are made normal.
  const isSubnormal = i32x4.eq(v128.and(x, infinity<f32>()), zero());
  const y = v128.bitselect(f32x4.mul(x, f32x4.splat(16777216)), x, isSubnormal);
  const m = v128.or(v128.and(y, i32x4.splat(0x7fffff)), i32x4.splat(0x800000));
  return f32x4.div(f32x4.convert_i32x4_s(m), f32x4.convert_i32x4_s(v128.and(m, i32x4.neg(m))));
}

/**
 * What a row of A needs: a step's factors times `unit` and the lanes it shall find large; magnitudes, infinite for zeros;
 * and, where `exact` is not 0, the odd parts up to which products are exact, of 16 bits, −1 for zeros. From n to `length`,
 * a multiple of 4, there are zeros. Gives whether binary32 has room for the factors.
 */
export function prepareRow(
  a: usize,
  n: usize,
  length: usize,
  constants: usize,
  unit: f32,
  factors: usize,
  keys: usize,
  exact: usize,
): bool {
  const split = v128.load(constants + OverflowFreeConstants.PRODUCT_SPLIT);
  const c = f32x4.mul(split, f32x4.splat(unit));
  const power = f32x4.sub(c, f32x4.splat(unit));
  // 2^precision − 1: the largest product of odd parts that the result has room for.
  const most = f32x4.sub(f32x4.div(f32x4.splat(16777216), f32x4.sub(split, f32x4.splat(1))), f32x4.splat(1));
  const field = infinity<f32>();
  const least = f32x4.splat(reinterpret<f32>(0x800000));
  let fits = i32x4.splat(-1);
  for (let k: usize = 0; k < length; k += 4) {
    const rest = i32x4.lt_s(i32x4.add(i32x4.splat(<i32>k), i32x4(0, 1, 2, 3)), i32x4.splat(<i32>n));
    const v = v128.and(v128.load(a + (k << 2)), rest);
    const isZero = f32x4.eq(v, zero());
    const x = f32x4.mul(v, c);
    const y = f32x4.mul(v, power);
    const isNormal = v128.and(f32x4.lt(magnitude(x), field), f32x4.ge(magnitude(y), least));
    fits = v128.and(fits, v128.or(isNormal, isZero));
    v128.store(keys + (k << 2), v128.or(magnitude(v), v128.and(field, isZero)));
    if (exact) {
      const odd = v128.or(i32x4.trunc_sat_f32x4_s(f32x4.div(most, oddPart(v))), isZero);
      v128.store64_lane(exact + (k << 1), i16x8.narrow_i32x4_s(odd, odd), 0);
    }
    const at = factors + k * FACTORS;
    v128.store64_lane(at, v128.shuffle<u32>(x, y, 0, 4, 0, 4), 0);
    v128.store64_lane(at + FACTORS, v128.shuffle<u32>(x, y, 1, 5, 1, 5), 0);
    v128.store64_lane(at + 2 * FACTORS, v128.shuffle<u32>(x, y, 2, 6, 2, 6), 0);
    v128.store64_lane(at + 3 * FACTORS, v128.shuffle<u32>(x, y, 3, 7, 3, 7), 0);
    for (let i: usize = 0; i < 4; i++) store<i32>(at + i * FACTORS, LARGE_LANES, 8);
  }
  return i32x4.all_true(fits);
}

/**
 * Finds the steps where the product of a key and the least of B's is below a limit: a bit for every step. n: a multiple
 * of 16.
 */
export function findBelow(keys: usize, least: usize, n: usize, limit: v128, bits: usize): void {
  for (let k: usize = 0; k < n; k += 16) {
    const x = keys + (k << 2);
    const y = least + (k << 2);
    const isBelow = join(
      f32x4.lt(f32x4.mul(v128.load(x), v128.load(y)), limit),
      f32x4.lt(f32x4.mul(v128.load(x, 16), v128.load(y, 16)), limit),
      f32x4.lt(f32x4.mul(v128.load(x, 32), v128.load(y, 32)), limit),
      f32x4.lt(f32x4.mul(v128.load(x, 48), v128.load(y, 48)), limit),
    );
    store<u16>(bits + (k >> 3), <u16>i8x16.bitmask(isBelow));
  }
  store<u64>(bits + (n >> 3), 0);
}

/** How many of n steps have their bit. */
export function found(bits: usize, n: usize): i32 {
  let count = 0;
  for (let k: usize = 0; k < n; k += 64) count += <i32>popcnt(load<u64>(bits + (k >> 3)));
  return count;
}

/** Puts the rounded products of a step in one row of B, which `saved` keeps. */
@inline
function replaceRow(v: v128, row: usize, constants: usize, saved: usize): void {
  const field = infinity<f32>();
  const least = v128.load(constants + OverflowFreeConstants.LEAST);
  const roundingConstant = v128.load(constants + OverflowFreeConstants.ROUNDING_CONSTANT);
  for (let g: usize = 0; g < 64; g += 16) {
    const x = v128.load(row + g);
    v128.store(saved + g, x);
    v128.store(row + g, productOfAnyRange(f32x4.mul(v, x), field, least, roundingConstant));
  }
}

/** Counts the products of a step that has been replaced. Those that are zero lose nothing; zeros of B are known already. */
@inline
function countRow(
  v: v128,
  row: usize,
  constants: usize,
  range: i32,
  saved: usize,
  tallies: usize,
): void {
  for (let g: usize = 0; g < 64; g += 16) {
    const e = f32x4.mul(v, v128.load(saved + g));
    const p = v128.load(row + g);
    const isSome = f32x4.ne(e, zero());
    const isExact = f32x4.eq(p, e);
    const isTiny = f32x4.lt(magnitude(e), v128.load(constants + OverflowFreeConstants.TINY));
    const tally = (g >> 4) * TALLY_BYTES;
    drop(tallies + PRODUCTS + tally + INEXACT, v128.and(isExact, isSome));
    bump<f32>(tallies + PRODUCTS + tally + UNDERFLOW, v128.andnot(isTiny, isExact));
    dropNothing(tallies + tally, v128.and(f32x4.eq(p, zero()), isSome), range);
  }
}

/**
 * Replaces the steps that have their bit, in one panel, or in a second, too, `panel` bytes further on. Gives the end of
 * what was saved. They are counted where `tallies` is not 0.
 */
export function replace(
  a: usize,
  factors: usize,
  exact: usize,
  b: usize,
  panel: usize,
  n: usize,
  bits: usize,
  constants: usize,
  unit: f32,
  range: i32,
  saved: usize,
  tallies: usize,
): usize {
  const c = load<f32>(constants + OverflowFreeConstants.PRODUCT_SPLIT) * unit;
  for (let k: usize = 0; k < n; k += 64) {
    for (let word = load<u64>(bits + (k >> 3)); word; word &= word - 1) {
      const i = k + <usize>ctz(word);
      const v = v128.load32_splat(a + (i << 2));
      const own = factors + i * FACTORS;
      const row = b + (i << 6);
      store<u64>(saved, load<u64>(own));
      store<u32>(saved, <u32>i, 8);
      store<u16>(saved, load<u16>(exact + (i << 1)), 12);
      store<f32>(own, c);
      store<f32>(own, c - unit, 4);
      store<i32>(own, LOOK, 8);
      store<i16>(exact + (i << 1), NEVER);
      replaceRow(v, row, constants, saved + 16);
      if (panel) replaceRow(v, row + panel, constants, saved + 80);
      if (tallies) countRow(v, row, constants, range, saved + 16, tallies);
      saved += SAVED;
    }
  }
  return saved;
}

/** Puts everything back. */
export function restore(factors: usize, exact: usize, b: usize, panel: usize, saved: usize, end: usize): void {
  for (; saved != end; saved += SAVED) {
    const i: usize = load<u32>(saved, 8);
    const own = factors + i * FACTORS;
    store<u64>(own, load<u64>(saved));
    store<i32>(own, LARGE_LANES, 8);
    store<u16>(exact + (i << 1), load<u16>(saved, 12));
    const row = b + (i << 6);
    for (let g: usize = 0; g < 64; g += 16) {
      v128.store(row + g, v128.load(saved + g, 16));
      if (panel) v128.store(row + panel + g, v128.load(saved + g, 80));
    }
  }
}

/**
 * Counts exact products of n < 2^15 steps that are not zero and not replaced. `oddParts`: B's odd parts, of 16 bits; `least`:
 * the least of every row.
 */
export function countExact(
  exact: usize,
  oddParts: usize,
  least: usize,
  n: usize,
  bits: usize,
  tallies: usize,
): void {
  let low = zero();
  let high = zero();
  for (let k: usize = 0; k < n; k += 8) {
    const isSome = i16x8.le_s(v128.load(least + (k << 1)), v128.load(exact + (k << 1)));
    store<u8>(bits + (k >> 3), <u8>i16x8.bitmask(isSome));
  }
  store<u64>(bits + ((n + 7) >> 3), 0);
  for (let k: usize = 0; k < n; k += 64) {
    for (let word = load<u64>(bits + (k >> 3)); word; word &= word - 1) {
      const i = k + <usize>ctz(word);
      const most = v128.load16_splat(exact + (i << 1));
      low = i16x8.add(low, i16x8.le_s(v128.load(oddParts + (i << 5)), most));
      high = i16x8.add(high, i16x8.le_s(v128.load(oddParts + (i << 5), 16), most));
    }
  }
  const inexact = tallies + PRODUCTS + INEXACT;
  drop(inexact, i32x4.extend_low_i16x8_s(low));
  drop(inexact + TALLY_BYTES, i32x4.extend_high_i16x8_s(low));
  drop(inexact + 2 * TALLY_BYTES, i32x4.extend_low_i16x8_s(high));
  drop(inexact + 3 * TALLY_BYTES, i32x4.extend_high_i16x8_s(high));
}

/**
 * Counts products that are zero because an operand is: `zeros` has how many of B's are, lane by lane; of A's `isAny` are.
 * They are exact and lose nothing.
 */
export function countZeros(
  a: usize,
  b: usize,
  n: usize,
  isAny: bool,
  range: i32,
  zeros: usize,
  tallies: usize,
): void {
  for (let g: usize = 0; g < 64; g += 16) {
    let none = i32x4.neg(v128.load(zeros + g));
    if (isAny) {
      for (let k: usize = 0; k < n; k++) {
        if (load<f32>(a + (k << 2)) == 0) none = i32x4.add(none, f32x4.ne(v128.load(b + (k << 6) + g), zero()));
      }
    }
    const tally = (g >> 4) * TALLY_BYTES;
    drop(tallies + PRODUCTS + tally + INEXACT, none);
    dropNothing(tallies + tally, none, range);
  }
}

/** Any products, rounded, counted, and times `unit` in `out`. */
export function countedProducts(
  a: usize,
  b: usize,
  n: usize,
  constants: usize,
  unit: f32,
  out: usize,
  tallies: usize,
): void {
  const field = infinity<f32>();
  const least = v128.load(constants + OverflowFreeConstants.LEAST);
  const roundingConstant = v128.load(constants + OverflowFreeConstants.ROUNDING_CONSTANT);
  const tiny = v128.load(constants + OverflowFreeConstants.TINY);
  const scale = f32x4.splat(unit);
  for (let g: usize = 0; g < 64; g += 16) {
    let exact = zero();
    let underflow = zero();
    let none = zero();
    for (let k: usize = 0; k < n; k++) {
      const e = f32x4.mul(v128.load32_splat(a + (k << 2)), v128.load(b + (k << 6) + g));
      const p = productOfAnyRange(e, field, least, roundingConstant);
      const isExact = f32x4.eq(p, e);
      exact = i32x4.add(exact, isExact);
      underflow = i32x4.sub(underflow, v128.andnot(f32x4.lt(magnitude(e), tiny), isExact));
      none = i32x4.add(none, f32x4.eq(p, zero()));
      v128.store(out + (k << 6) + g, f32x4.mul(p, scale));
    }
    const tally = (g >> 4) * TALLY_BYTES;
    const own = tallies + PRODUCTS + tally;
    drop(own + INEXACT, exact);
    v128.store(own, i32x4.add(v128.load(own, UNDERFLOW), underflow), UNDERFLOW);
    dropNothing(tallies + tally, none, SumRange.WIDE);
  }
}
