/**
 * Sums of rounded products, sixteen columns of B at a time, where no product and no sum can overflow: then rounding to
 * nearest needs neither a threshold nor a quantum of its own (`overflowFreeSums.ts`).
 *
 * That nothing overflows, a sum of magnitudes tells, formed by the same roundings, which are monotonic: `magnitudeBound`.
 *
 * @module
 */
import { OverflowFreeConstants, OverflowFreeJob, SumRange } from '../lanes/layouts';
import { LOOK_BYTES, countNarrow, countNormal, countReady } from './overflowFreeCounts';
import { PRODUCTS, SAVED, countExact, countZeros, countedProducts, findBelow, found, oddPart, prepareRow, replace, restore } from './overflowFreeProducts';
import { FACTORS, productOfAnyRange, sumsOfAnyRange, magnitude, normalPairs, normalSums, plus } from './overflowFreeSums';
import { infinity, zero } from '../lanes/rounding';
import { INEXACT, TALLY_BYTES, drainTallies } from '../lanes/tally';

/** Steps of a run. */
const RUN: usize = 256;
/** One of so many steps may be replaced; where more are small, the loop for any product is faster. */
const RARE: i32 = 8;
/** Offsets in a row's scratch: replaced steps, rounded products, steps to be looked at; then a bit for every step. */
const READY: usize = (RUN / RARE) * SAVED;
const LOOKS: usize = READY + RUN * 64;
const BITS: usize = LOOKS + RUN * LOOK_BYTES;

/**
 * Columns of packed panels: the smallest magnitudes other than zero of every panel's rows, and the largest of all panels'
 * rows. Every second panel has the smallest of two, but where `oddParts` is not 0: then there are odd parts, too, of 16 bits (the
 * largest for zeros), a row's least one, and for every lane how many of a run are `zeros`. Places beyond the last column take
 * the first of their panel, so that they are like any other. Rows of `smallest` and `leastOddParts` are n rounded up to 16 long;
 * the rest is as large as can be.
 */
export function magnitudes(
  b: usize,
  n: usize,
  width: i32,
  smallest: usize,
  largest: usize,
  oddParts: usize,
  leastOddParts: usize,
  zeros: usize,
): void {
  for (let k: usize = 0; k < n; k++) store<f32>(largest + (k << 2), 0);
  const length = ((n + 15) & ~15) << 2;
  const field = infinity<f32>();
  let isSecond = false;
  for (let left = width; left > 0; left -= 16) {
    for (let k: usize = 0; k < n; k++) {
      for (let j = left; j < 16; j++) store<f32>(b + (<usize>j << 2), load<f32>(b));
      let least = isSecond ? v128.load32_splat(smallest - length) : field;
      let most = v128.load32_splat(largest + (k << 2));
      let odd = i16x8.splat(0x7fff);
      if (oddParts && k % RUN == 0) memory.fill(zeros + (k / RUN) * 64, 0, 64);
      for (let j: usize = 0; j < 64; j += 16) {
        // Magnitudes are in the order of their bits, NaN above all.
        const x = magnitude(v128.load(b + j));
        const isZero = i32x4.eq(x, zero());
        most = i32x4.max_s(most, x);
        least = i32x4.min_s(least, v128.or(x, v128.and(field, isZero)));
        if (oddParts) {
          const at = zeros + (k / RUN) * 64 + j;
          v128.store(at, i32x4.sub(v128.load(at), isZero));
          // What does not fit is the largest.
          const own = v128.bitselect(i32x4.splat(0x7fff), i32x4.trunc_sat_f32x4_s(oddPart(x)), isZero);
          const short = i16x8.narrow_i32x4_s(own, own);
          v128.store64_lane(oddParts + (j >> 1), short, 0);
          odd = i16x8.min_s(odd, short);
        }
      }
      most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
      most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
      store<i32>(largest + (k << 2), i32x4.extract_lane(most, 0));
      least = i32x4.min_s(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
      least = i32x4.min_s(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
      store<i32>(smallest, i32x4.extract_lane(least, 0));
      smallest += 4;
      if (oddParts) {
        odd = i16x8.min_s(odd, v128.shuffle<i32>(odd, odd, 1, 0, 3, 2));
        odd = i16x8.min_s(odd, v128.shuffle<i16>(odd, odd, 1, 0, 3, 2, 5, 4, 7, 6));
        store<i16>(leastOddParts, <i16>i16x8.extract_lane_s(odd, 0));
        oddParts += 32;
        leastOddParts += 2;
      }
      b += 64;
    }
    for (let k = n; k & 15; k++, smallest += 4) {
      store<f32>(smallest, Infinity);
      if (!oddParts) continue;
      store<i16>(leastOddParts, 0x7fff);
      leastOddParts += 2;
    }
    if (oddParts) zeros += ((n + RUN - 1) / RUN) * 64;
    else isSecond = !isSecond;
  }
}

/**
 * What four rows of A can reach: the sums of their magnitudes with the largest of B's, from `start` on, by the roundings
 * of products and sums; and the largest product. NaN where binary32 does not hold it. `out`: four of each.
 */
export function magnitudeBound(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  n: usize,
  largest: usize,
  start: f32,
  constants: usize,
  out: usize,
): void {
  const field = infinity<f32>();
  const least = v128.load(constants + OverflowFreeConstants.LEAST);
  const roundingConstant = v128.load(constants + OverflowFreeConstants.ROUNDING_CONSTANT);
  const c = v128.load(constants + OverflowFreeConstants.SPLIT);
  let s = f32x4.splat(start);
  let most = zero();
  for (const end = largest + (n << 2); largest != end; largest += 4) {
    let v = v128.load32_zero(a0);
    v = v128.load_lane<u32>(a1, v, 1);
    v = v128.load_lane<u32>(a2, v, 2);
    v = v128.load_lane<u32>(a3, v, 3);
    const e = f32x4.mul(magnitude(v), v128.load32_splat(largest));
    most = f32x4.max(most, e);
    s = plus(s, productOfAnyRange(e, field, least, roundingConstant), c);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  v128.store(out, s);
  v128.store(out, most, 16);
}

/** Multiplies sixteen numbers. */
@inline
function scale(acc: usize, factor: f32): void {
  for (let g: usize = 0; g < 64; g += 16) {
    v128.store(acc + g, f32x4.mul(v128.load(acc + g), f32x4.splat(factor)));
  }
}

/**
 * One row of A against all of B, in place from where `acc` is, where nothing can overflow. Where counts are on, numbers
 * are multiplied by `unit`, and `range` tells how far sums reach (`overflowFreeCounts.ts`). False, and nothing done, where
 * binary32 has no room.
 */
export function overflowFreeRow(job: usize, unit: f32, range: i32): bool {
  const a: usize = load<u32>(job + OverflowFreeJob.A);
  let b: usize = load<u32>(job + OverflowFreeJob.B);
  const n: usize = load<u32>(job + OverflowFreeJob.LENGTH);
  let left = load<i32>(job + OverflowFreeJob.WIDTH);
  let acc: usize = load<u32>(job + OverflowFreeJob.ACC);
  const constants: usize = load<u32>(job + OverflowFreeJob.CONSTANTS);
  let smallest: usize = load<u32>(job + OverflowFreeJob.SMALLEST);
  let oddParts: usize = load<u32>(job + OverflowFreeJob.ODD_PARTS);
  let leastOddParts: usize = load<u32>(job + OverflowFreeJob.LEAST_ODD_PARTS);
  let zeros: usize = load<u32>(job + OverflowFreeJob.ZEROS);
  const factors: usize = load<u32>(job + OverflowFreeJob.FACTORS);
  const keys: usize = load<u32>(job + OverflowFreeJob.KEYS);
  const exact: usize = load<u32>(job + OverflowFreeJob.EXACT);
  const productTotals: usize = load<u32>(job + OverflowFreeJob.PRODUCT_TOTALS);
  const totals: usize = load<u32>(job + OverflowFreeJob.TOTALS);
  const productOverflowAccounting = load<i32>(job + OverflowFreeJob.PRODUCT_OVERFLOW_ACCOUNTING);
  const overflowAccounting = load<i32>(job + OverflowFreeJob.OVERFLOW_ACCOUNTING);
  let flags: usize = load<u32>(job + OverflowFreeJob.FLAGS);
  const tallies: usize = load<u32>(job + OverflowFreeJob.TALLIES);
  const isCounting = load<i32>(job + OverflowFreeJob.IS_COUNTING) != 0;
  const hasFactors = load<i32>(job + OverflowFreeJob.HAS_FACTORS) != 0;
  const scratch: usize = load<u32>(job + OverflowFreeJob.SCRATCH);
  const productTallies = tallies + PRODUCTS;
  const length = (n + 15) & ~15;
  if (!prepareRow(a, n, length, constants, unit, factors, keys, isCounting ? exact : 0)) return false;
  const bits = scratch + BITS;
  let hasZeros = false;
  if (isCounting) for (let k: usize = 0; k < n; k++) if (load<f32>(a + (k << 2)) == 0) hasZeros = true;
  for (; left > 0; left -= 16) {
    // Without counts panels go two by two; the second's smallest magnitudes are both's.
    const isPair = !isCounting && left > 16;
    const panel = isPair ? n << 6 : 0;
    findBelow(keys, isPair ? smallest + (length << 2) : smallest, length, v128.load(constants + OverflowFreeConstants.LEAST), bits);
    if (unit != 1) scale(acc, unit);
    for (let from: usize = 0; from < n; from += RUN) {
      const count = min(RUN, n - from);
      const x = a + (from << 2);
      const y = b + (from << 6);
      const own = factors + from * FACTORS;
      const limits = exact + (from << 1);
      const small = bits + (from >> 3);
      const isAny = !hasFactors || found(small, count) * RARE > <i32>count;
      if (!isCounting) {
        if (isAny) {
          sumsOfAnyRange(x, y, count, acc, constants);
          if (isPair) sumsOfAnyRange(x, y + panel, count, acc + 64, constants);
        } else {
          const end = replace(x, own, limits, y, panel, count, small, constants, 1, SumRange.NARROW, scratch, 0);
          if (isPair) normalPairs(own, y, panel, count, acc, constants);
          else normalSums(own, y, count, acc, constants);
          restore(own, limits, y, panel, scratch, end);
        }
        continue;
      }
      if (isAny && range == SumRange.NARROW) {
        countNarrow(x, y, count, acc, constants, tallies);
        continue;
      }
      for (let g: usize = 0; g < 4; g++) {
        const inexact = productTallies + g * TALLY_BYTES + INEXACT;
        v128.store(inexact, i32x4.add(v128.load(inexact), i32x4.splat(<i32>count)));
      }
      if (isAny) {
        countedProducts(x, y, count, constants, unit, scratch + READY, tallies);
        countReady(scratch + READY, count, acc, constants, scratch + LOOKS, tallies);
      } else {
        countZeros(x, y, count, hasZeros, range, zeros + (from / RUN) * 64, tallies);
        const end = replace(x, own, limits, y, 0, count, small, constants, unit, range, scratch, tallies);
        countExact(limits, oddParts + (from << 5), leastOddParts + (from << 1), count, scratch + LOOKS, tallies);
        countNormal(range, own, y, count, acc, constants, scratch + LOOKS, tallies);
        restore(own, limits, y, 0, scratch, end);
      }
    }
    if (unit != 1) scale(acc, 1 / unit);
    if (isCounting) {
      const active = min(left, 16);
      drainTallies<f32>(tallies, overflowAccounting, active, totals, flags);
      drainTallies<f32>(productTallies, productOverflowAccounting, active, productTotals, flags);
      oddParts += n << 5;
      leastOddParts += length << 1;
      zeros += ((n + RUN - 1) / RUN) * 64;
    }
    if (isPair) {
      left -= 16;
      smallest += length << 2;
      b += panel;
      acc += 64;
      flags += 32;
    }
    smallest += length << 2;
    b += n << 6;
    acc += 64;
    flags += 32;
  }
  return true;
}
