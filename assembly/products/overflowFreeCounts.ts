/**
 * Sums of rounded products that cannot overflow, counted: a sum is exact where its rounding changes nothing, and loses an
 * addend where it is the other one. Where binary32 rounds no sum, what is exact loses nothing.
 *
 * Elsewhere exact is also what binary32 has lost, and zeros lose nothing. The sum before is lost only where it is small
 * beside a product. All numbers are scaled, so that this cannot be where it is at least 2, which one bit of its exponent
 * tells; other steps are looked at afterwards.
 *
 * @module
 */
import { OverflowFreeConstants, SumRange } from '../lanes/layouts';
import { LARGE_LANES, PRODUCTS } from './overflowFreeProducts';
import { FACTORS, productOfAnyRange, magnitude, product, roundBy } from './overflowFreeSums';
import { infinity, zero } from '../lanes/rounding';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW, bump, count2, addTwoCounts } from '../lanes/tally';

/** Bytes of a step that is to be looked at: its sums, and which one it is. */
export const LOOK_BYTES: usize = 80;

/** Counts one vector's step. */
@inline
function countStep(n: v128, s: v128, p: v128, t: v128, r: v128, range: i32): v128 {
  const exact = f32x4.eq(r, t);
  const same = f32x4.eq(r, s);
  if (range == SumRange.NARROW) return count2(n, exact, v128.andnot(v128.or(same, f32x4.eq(r, p)), exact));
  return count2(n, range == SumRange.WIDE ? v128.andnot(exact, same) : exact, same);
}

/** Counts one vector's products, e before they were rounded. */
@inline
function countProduct(n: v128, e: v128, p: v128, tiny: v128): v128 {
  const exact = f32x4.eq(p, e);
  return count2(n, exact, v128.andnot(f32x4.lt(magnitude(e), tiny), exact));
}

/** n < 2^16 steps. `isReady`: b are the products. */
@inline
function sums(
  isReady: bool,
  range: i32,
  factors: usize,
  b: usize,
  n: usize,
  acc: usize,
  constants: usize,
  looks: usize,
  tallies: usize,
): void {
  const c = v128.load(constants + OverflowFreeConstants.SPLIT);
  const first = b;
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let n0 = zero();
  let n1 = zero();
  let n2 = zero();
  let n3 = zero();
  let look = looks;
  for (const end = b + (n << 6); b != end; b += 64) {
    if (range != SumRange.NARROW) {
      // The bit of 2 and above as the sign.
      const all = v128.and(v128.and(s0, s1), v128.and(s2, s3));
      if (i32x4.bitmask(i32x4.add(all, all)) != (isReady ? LARGE_LANES : load<i32>(factors, 8))) {
        v128.store(look, s0);
        v128.store(look, s1, 16);
        v128.store(look, s2, 32);
        v128.store(look, s3, 48);
        store<u32>(look, <u32>b, 64);
        look += LOOK_BYTES;
      }
    }
    let p = isReady ? v128.load(b) : product(factors, v128.load(b));
    let t = f32x4.add(s0, p);
    let r = roundBy(t, c);
    n0 = countStep(n0, s0, p, t, r, range);
    s0 = r;
    p = isReady ? v128.load(b, 16) : product(factors, v128.load(b, 16));
    t = f32x4.add(s1, p);
    r = roundBy(t, c);
    n1 = countStep(n1, s1, p, t, r, range);
    s1 = r;
    p = isReady ? v128.load(b, 32) : product(factors, v128.load(b, 32));
    t = f32x4.add(s2, p);
    r = roundBy(t, c);
    n2 = countStep(n2, s2, p, t, r, range);
    s2 = r;
    p = isReady ? v128.load(b, 48) : product(factors, v128.load(b, 48));
    t = f32x4.add(s3, p);
    r = roundBy(t, c);
    n3 = countStep(n3, s3, p, t, r, range);
    s3 = r;
    if (!isReady) factors += FACTORS;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  addTwoCounts(n0, n1, n2, n3, n, tallies, ABSORPTION);
  if (range == SumRange.NARROW) return;
  if (!isReady) factors -= n * FACTORS;
  for (; looks != look; looks += LOOK_BYTES) {
    const row: usize = load<u32>(looks, 64);
    const own = isReady ? <usize>0 : factors + ((row - first) >> 6) * FACTORS;
    for (let g: usize = 0; g < 64; g += 16) {
      const s = v128.load(looks + g);
      const p = isReady ? v128.load(row + g) : product(own, v128.load(row + g));
      const t = f32x4.add(s, p);
      const r = roundBy(t, c);
      const isSum = v128.and(f32x4.eq(r, p), f32x4.ne(s, zero()));
      const isProduct = v128.and(f32x4.eq(r, s), f32x4.ne(p, zero()));
      const tally = tallies + (g >> 4) * TALLY_BYTES;
      bump<f32>(tally + ABSORPTION, isSum);
      // What binary32 lost was counted as exact.
      bump<f32>(tally + INEXACT, v128.and(range == SumRange.WIDE ? isSum : v128.or(isSum, isProduct), f32x4.eq(r, t)));
    }
  }
}

/** Products that are zero or not subnormal, but where they have been replaced. */
export function countNormal(
  range: i32,
  factors: usize,
  b: usize,
  n: usize,
  acc: usize,
  constants: usize,
  looks: usize,
  tallies: usize,
): void {
  if (range == SumRange.NARROW) sums(false, SumRange.NARROW, factors, b, n, acc, constants, looks, tallies);
  else if (range == SumRange.NORMAL) sums(false, SumRange.NORMAL, factors, b, n, acc, constants, looks, tallies);
  else sums(false, SumRange.WIDE, factors, b, n, acc, constants, looks, tallies);
}

/** Products that `countedProducts` has rounded. */
export function countReady(p: usize, n: usize, acc: usize, constants: usize, looks: usize, tallies: usize): void {
  sums(true, SumRange.WIDE, 0, p, n, acc, constants, looks, tallies);
}

/** Any products, counted, and sums that binary32 never rounds. */
export function countNarrow(
  a: usize,
  b: usize,
  n: usize,
  acc: usize,
  constants: usize,
  tallies: usize,
): void {
  const field = infinity<f32>();
  const least = v128.load(constants + OverflowFreeConstants.LEAST);
  const roundingConstant = v128.load(constants + OverflowFreeConstants.ROUNDING_CONSTANT);
  const tiny = v128.load(constants + OverflowFreeConstants.TINY);
  const c = v128.load(constants + OverflowFreeConstants.SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let n0 = zero();
  let n1 = zero();
  let n2 = zero();
  let n3 = zero();
  let m0 = zero();
  let m1 = zero();
  let m2 = zero();
  let m3 = zero();
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    let e = f32x4.mul(v, v128.load(b));
    let p = productOfAnyRange(e, field, least, roundingConstant);
    let t = f32x4.add(s0, p);
    let r = roundBy(t, c);
    m0 = countProduct(m0, e, p, tiny);
    n0 = countStep(n0, s0, p, t, r, SumRange.NARROW);
    s0 = r;
    e = f32x4.mul(v, v128.load(b, 16));
    p = productOfAnyRange(e, field, least, roundingConstant);
    t = f32x4.add(s1, p);
    r = roundBy(t, c);
    m1 = countProduct(m1, e, p, tiny);
    n1 = countStep(n1, s1, p, t, r, SumRange.NARROW);
    s1 = r;
    e = f32x4.mul(v, v128.load(b, 32));
    p = productOfAnyRange(e, field, least, roundingConstant);
    t = f32x4.add(s2, p);
    r = roundBy(t, c);
    m2 = countProduct(m2, e, p, tiny);
    n2 = countStep(n2, s2, p, t, r, SumRange.NARROW);
    s2 = r;
    e = f32x4.mul(v, v128.load(b, 48));
    p = productOfAnyRange(e, field, least, roundingConstant);
    t = f32x4.add(s3, p);
    r = roundBy(t, c);
    m3 = countProduct(m3, e, p, tiny);
    n3 = countStep(n3, s3, p, t, r, SumRange.NARROW);
    s3 = r;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  addTwoCounts(n0, n1, n2, n3, n, tallies, ABSORPTION);
  addTwoCounts(m0, m1, m2, m3, n, tallies + PRODUCTS, UNDERFLOW);
}
