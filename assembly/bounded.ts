/**
 * Sums of rounded products, sixteen columns of B at a time, where no product and no sum can overflow: then rounding to
 * nearest needs neither a threshold nor a quantum of its own (`boundedSums.ts`).
 *
 * That nothing overflows, a sum of magnitudes tells, formed by the same roundings, which are monotonic: `reach`.
 *
 * @module
 */
import {
  BITS, COUNTED, RUN, anyCounting, anyProducts, join, narrowCounting, normalCounting, settle,
} from './boundedCounts';
import { LEAST, MAGIC, SPLIT, anyProduct, anySums, magnitude, normalPairs, normalSums, plus } from './boundedSums';
import { infinity, zero } from './step';
import { TALLY_BYTES, enterFour } from './tally';

/** Fields of a row's job: 4 bytes each, in the order of `src/kernels/matmul/bounded.ts`. */
const A: usize = 0;
const B: usize = 4;
const LENGTH: usize = 8;
const WIDTH: usize = 12;
const ACC: usize = 16;
const CONSTANTS: usize = 20;
const SMALLEST: usize = 24;
const KEYS: usize = 28;
const PRODUCT_TOTALS: usize = 32;
const TOTALS: usize = 36;
const PRODUCT_BEHAVIOUR: usize = 40;
const BEHAVIOUR: usize = 44;
const FLAGS: usize = 48;
const TALLIES: usize = 52;
const IS_COUNTING: usize = 56;
/** For counting: see `boundedCounts.ts`. Counts are zero before and after. */
const SCRATCH: usize = 60;

/**
 * Columns of packed panels: the smallest magnitudes of every panel's rows, and the largest of all panels' rows. Where not
 * `isCounting`, zeros are left out, and every second panel has the smallest of two. Places beyond the last column take the
 * first of their panel, so that they are like any other. Rows of `smallest` are `n` rounded up to 16 long, the rest is 1.
 */
export function magnitudes(b: usize, n: usize, width: i32, isCounting: bool, smallest: usize, largest: usize): void {
  for (let k: usize = 0; k < n; k++) store<f32>(largest + (k << 2), 0);
  // Magnitudes are in the order of their bits, NaN above all; without one, zero is above all, too.
  const skip = i32x4.splat(isCounting ? 0 : 1);
  const length = ((n + 15) & ~15) << 2;
  let isSecond = false;
  for (let left = width; left > 0; left -= 16) {
    for (let k: usize = 0; k < n; k++) {
      for (let j = left; j < 16; j++) store<f32>(b + (<usize>j << 2), load<f32>(b));
      let least = i32x4.sub(isSecond ? v128.load32_splat(smallest - length) : infinity<f32>(), skip);
      let most = v128.load32_splat(largest + (k << 2));
      for (let j: usize = 0; j < 64; j += 16) {
        const x = magnitude(v128.load(b + j));
        most = i32x4.max_s(most, x);
        least = i32x4.min_u(least, i32x4.sub(x, skip));
      }
      least = i32x4.min_u(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
      least = i32x4.add(i32x4.min_u(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2)), skip);
      most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
      most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
      store<i32>(smallest, i32x4.extract_lane(least, 0));
      store<i32>(largest + (k << 2), i32x4.extract_lane(most, 0));
      smallest += 4;
      b += 64;
    }
    for (let k = n; k & 15; k++, smallest += 4) store<f32>(smallest, 1);
    isSecond = !isCounting && !isSecond;
  }
}

/**
 * What four rows of A can reach: the sums of their magnitudes with the largest of B's, from `start` on, by the roundings
 * of products and sums; and the largest product. NaN where binary32 does not hold it. `out`: four of each.
 */
export function reach(
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
  const least = v128.load(constants + LEAST);
  const magic = v128.load(constants + MAGIC);
  const c = v128.load(constants + SPLIT);
  let s = f32x4.splat(start);
  let most = zero();
  for (const end = largest + (n << 2); largest != end; largest += 4) {
    let v = v128.load32_zero(a0);
    v = v128.load_lane<u32>(a1, v, 1);
    v = v128.load_lane<u32>(a2, v, 2);
    v = v128.load_lane<u32>(a3, v, 3);
    const e = f32x4.mul(magnitude(v), v128.load32_splat(largest));
    most = f32x4.max(most, e);
    s = plus(s, anyProduct(e, field, least, magic), c);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  v128.store(out, s);
  v128.store(out, most, 16);
}

/**
 * Finds small products: a bit for every step; how many there are. `keys` are A's magnitudes, infinite for zeros. n: a
 * multiple of 16.
 */
@inline
function findSmall(keys: usize, smallest: usize, n: usize, limit: v128, bits: usize): i32 {
  let found = 0;
  for (let k: usize = 0; k < n; k += 16) {
    const x = keys + (k << 2);
    const y = smallest + (k << 2);
    const isSmall = join(
      f32x4.lt(f32x4.mul(v128.load(x), v128.load(y)), limit),
      f32x4.lt(f32x4.mul(v128.load(x, 16), v128.load(y, 16)), limit),
      f32x4.lt(f32x4.mul(v128.load(x, 32), v128.load(y, 32)), limit),
      f32x4.lt(f32x4.mul(v128.load(x, 48), v128.load(y, 48)), limit),
    );
    const word = i8x16.bitmask(isSmall);
    found += popcnt(word);
    store<u16>(bits + (k >> 3), <u16>word);
  }
  return found;
}

/**
 * One row of A against all of B, in place from where `acc` is, where nothing can overflow. `limit`: no product below it
 * may be taken for a normal one; `isNarrow`: binary32 rounds no sum.
 */
export function boundedRow(job: usize, limit: f32, isNarrow: bool): void {
  const a: usize = load<u32>(job + A);
  let b: usize = load<u32>(job + B);
  const n: usize = load<u32>(job + LENGTH);
  let left = load<i32>(job + WIDTH);
  let acc: usize = load<u32>(job + ACC);
  const constants: usize = load<u32>(job + CONSTANTS);
  let smallest: usize = load<u32>(job + SMALLEST);
  const keys: usize = load<u32>(job + KEYS);
  const productTotals: usize = load<u32>(job + PRODUCT_TOTALS);
  const totals: usize = load<u32>(job + TOTALS);
  const productBehaviour = load<i32>(job + PRODUCT_BEHAVIOUR);
  const behaviour = load<i32>(job + BEHAVIOUR);
  let flags: usize = load<u32>(job + FLAGS);
  const tallies: usize = load<u32>(job + TALLIES);
  const productTallies = tallies + 4 * TALLY_BYTES;
  const isCounting = load<i32>(job + IS_COUNTING) != 0;
  const scratch: usize = load<u32>(job + SCRATCH);
  const length = (n + 15) & ~15;
  let allZeros = 0;
  for (let k: usize = 0; k < length; k++) {
    const x = k < n ? abs<f32>(load<f32>(a + (k << 2))) : Infinity;
    allZeros += i32(x == 0);
    store<f32>(keys + (k << 2), x == 0 ? Infinity : x);
  }
  const bound = f32x4.splat(limit);
  const bits = scratch + BITS;
  for (; left > 0; left -= 16) {
    const isAny = isCounting && isNarrow;
    // Without counts panels go two by two; the second's smallest magnitudes are both's.
    const isPair = !isCounting && left > 16;
    const own = isPair ? smallest + (length << 2) : smallest;
    const found = isAny ? 0 : findSmall(keys, own, length, bound, bits);
    if (!isCounting) {
      // Where small products are many, the loop for any is faster.
      if (<usize>found > n >> 3) {
        anySums(a, b, n, acc, constants);
        if (isPair) anySums(a, b + (n << 6), n, acc + 64, constants);
      } else if (isPair) normalPairs(a, b, n << 6, n, acc, constants, bits);
      else normalSums(a, b, n, acc, constants, bits);
    }
    if (isPair) {
      left -= 16;
      smallest += length << 2;
      b += n << 6;
      acc += 64;
      flags += 32;
    }
    let steps: usize = 0;
    for (let from: usize = isCounting ? 0 : n; from < n; from += RUN) {
      const end = min(RUN, n - from);
      let word = isAny ? 0 : load<u64>(bits + (from >> 3));
      // Runs that are short cost more than they gain.
      if (popcnt(word) > 16) word = -1;
      for (let k: usize = 0; k < end; ) {
        // Steps of one kind in a row.
        const rest = word >> k;
        const isSmall = (rest & 1) != 0;
        const count = min(<usize>ctz(isSmall ? ~rest : rest), end - k);
        const x = a + ((from + k) << 2);
        const y = b + ((from + k) << 6);
        if (isAny) narrowCounting(x, y, count, acc, constants, scratch);
        else if (isSmall) {
          anyProducts(x, y, count, constants, scratch);
          anyCounting(count, acc, constants, scratch);
        } else {
          let zeros = 0;
          if (allZeros) for (let i: usize = 0; i < count; i++) zeros += i32(load<f32>(x + (i << 2)) == 0);
          normalCounting(x, y, count, zeros, acc, constants, scratch, tallies);
        }
        k += count;
      }
      steps += end;
      if (steps == COUNTED || from + RUN >= n) {
        settle(scratch, steps, tallies, productTallies);
        steps = 0;
      }
    }
    if (isCounting) {
      const active = min(left, 16);
      enterFour<f32>(tallies, behaviour, active, totals, flags);
      enterFour<f32>(productTallies, productBehaviour, active, productTotals, flags);
    }
    smallest += length << 2;
    b += n << 6;
    acc += 64;
    flags += 32;
  }
}
