/**
 * Sums of rounded products that cannot overflow, counted: a sum is exact where its rounding changes nothing, and loses the
 * product where it stays the same.
 *
 * It may lose the sum before it only where that is small beside a product. All numbers are scaled, so that this cannot be
 * where a sum is at least 2, which one bit of its exponent tells; other steps are looked at afterwards.
 *
 * @module
 */
import { LARGE_LANES } from './boundedProducts';
import { FACTORS, SPLIT, product, roundBy } from './boundedSums';
import { zero } from './step';
import { ABSORPTION, INEXACT, TALLY_BYTES, bump } from './tally';

/** Bytes of a step that is to be looked at: its sums, and which one it is. */
export const LOOK_BYTES: usize = 80;

/** What two masks count, in the two halves of 32 bits. */
@inline
function count(n: v128, exact: v128, same: v128): v128 {
  return i16x8.sub(n, v128.shuffle<u16>(exact, same, 0, 9, 2, 11, 4, 13, 6, 15));
}

/** Enters what a vector of n steps counted. */
@inline
function enter(counted: v128, n: usize, tally: usize): void {
  const inexact = i32x4.sub(i32x4.splat(<i32>n), v128.and(counted, i32x4.splat(0xffff)));
  v128.store(tally, i32x4.add(v128.load(tally, INEXACT), inexact), INEXACT);
  v128.store(tally, i32x4.add(v128.load(tally, ABSORPTION), i32x4.shr_u(counted, 16)), ABSORPTION);
}

/**
 * n < 2^16 steps. `isReady`: b are the products. `isWide`: products may be so small beside a sum that binary32 loses them;
 * else only in steps that are marked to be looked at.
 */
@inline
function sums(
  isReady: bool,
  isWide: bool,
  factors: usize,
  b: usize,
  n: usize,
  acc: usize,
  constants: usize,
  looks: usize,
  tallies: usize,
): void {
  const c = v128.load(constants + SPLIT);
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
    let t = f32x4.add(s0, isReady ? v128.load(b) : product(factors, v128.load(b)));
    let r = roundBy(t, c);
    let same = f32x4.eq(r, s0);
    n0 = count(n0, isWide ? v128.andnot(f32x4.eq(r, t), same) : f32x4.eq(r, t), same);
    s0 = r;
    t = f32x4.add(s1, isReady ? v128.load(b, 16) : product(factors, v128.load(b, 16)));
    r = roundBy(t, c);
    same = f32x4.eq(r, s1);
    n1 = count(n1, isWide ? v128.andnot(f32x4.eq(r, t), same) : f32x4.eq(r, t), same);
    s1 = r;
    t = f32x4.add(s2, isReady ? v128.load(b, 32) : product(factors, v128.load(b, 32)));
    r = roundBy(t, c);
    same = f32x4.eq(r, s2);
    n2 = count(n2, isWide ? v128.andnot(f32x4.eq(r, t), same) : f32x4.eq(r, t), same);
    s2 = r;
    t = f32x4.add(s3, isReady ? v128.load(b, 48) : product(factors, v128.load(b, 48)));
    r = roundBy(t, c);
    same = f32x4.eq(r, s3);
    n3 = count(n3, isWide ? v128.andnot(f32x4.eq(r, t), same) : f32x4.eq(r, t), same);
    s3 = r;
    if (!isReady) factors += FACTORS;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  enter(n0, n, tallies);
  enter(n1, n, tallies + TALLY_BYTES);
  enter(n2, n, tallies + 2 * TALLY_BYTES);
  enter(n3, n, tallies + 3 * TALLY_BYTES);
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
      bump<f32>(tally + INEXACT, v128.and(isWide ? isSum : v128.or(isSum, isProduct), f32x4.eq(r, t)));
    }
  }
}

/** Products that are zero or not subnormal, but where they have been replaced. */
export function countNormal(factors: usize, b: usize, n: usize, acc: usize, constants: usize, looks: usize, tallies: usize): void {
  sums(false, false, factors, b, n, acc, constants, looks, tallies);
}

/** The same where products may be next to nothing beside a sum. */
export function countWide(factors: usize, b: usize, n: usize, acc: usize, constants: usize, looks: usize, tallies: usize): void {
  sums(false, true, factors, b, n, acc, constants, looks, tallies);
}

/** Any products, already rounded. */
export function countReady(p: usize, n: usize, acc: usize, constants: usize, looks: usize, tallies: usize): void {
  sums(true, true, 0, p, n, acc, constants, looks, tallies);
}
