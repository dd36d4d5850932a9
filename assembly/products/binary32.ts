/**
 * Exact products of binary32 lanes summed in binary32 to nearest: the lanes' own addition.
 *
 * @module
 */
import { ProductJob } from '../lanes/layouts';
import { zero } from '../lanes/rounding';
import { ABSORPTION, count2, addTwoCounts } from '../lanes/tally';
import { isSum } from './sums';

/** Steps that are counted in 16 bits. */
const RUN: usize = 0x8000;

@inline
function formSums(a: usize, b: usize, n: usize, acc: usize): void {
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  // Two steps a round: on some processors the time of a loop of one depends on where its code happens to lie.
  if (n & 1) {
    const v = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v, v128.load(b, 48)));
    a += 4;
    b += 64;
  }
  for (const end = a + ((n & ~1) << 2); a != end; a += 8) {
    const v = v128.load32_splat(a);
    const w = v128.load32_splat(a, 4);
    s0 = f32x4.add(f32x4.add(s0, f32x4.mul(v, v128.load(b))), f32x4.mul(w, v128.load(b, 64)));
    s1 = f32x4.add(f32x4.add(s1, f32x4.mul(v, v128.load(b, 16))), f32x4.mul(w, v128.load(b, 80)));
    s2 = f32x4.add(f32x4.add(s2, f32x4.mul(v, v128.load(b, 32))), f32x4.mul(w, v128.load(b, 96)));
    s3 = f32x4.add(f32x4.add(s3, f32x4.mul(v, v128.load(b, 48))), f32x4.mul(w, v128.load(b, 112)));
    b += 128;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** Counts a sum that is exact, or has lost an addend. */
@inline
function countSum(counted: v128, s: v128, p: v128, r: v128): v128 {
  const isExact = isSum<f32>(r, s, p);
  return count2(counted, isExact, v128.andnot(v128.or(f32x4.eq(r, s), f32x4.eq(r, p)), isExact));
}

/** The same, counted: inexact additions and lost addends. n < 2^16. */
@inline
function countRun(a: usize, b: usize, n: usize, acc: usize, tallies: usize): void {
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let n0 = zero();
  let n1 = zero();
  let n2 = zero();
  let n3 = zero();
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    let p = f32x4.mul(v, v128.load(b));
    let r = f32x4.add(s0, p);
    n0 = countSum(n0, s0, p, r);
    s0 = r;
    p = f32x4.mul(v, v128.load(b, 16));
    r = f32x4.add(s1, p);
    n1 = countSum(n1, s1, p, r);
    s1 = r;
    p = f32x4.mul(v, v128.load(b, 32));
    r = f32x4.add(s2, p);
    n2 = countSum(n2, s2, p, r);
    s2 = r;
    p = f32x4.mul(v, v128.load(b, 48));
    r = f32x4.add(s3, p);
    n3 = countSum(n3, s3, p, r);
    s3 = r;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  addTwoCounts(n0, n1, n2, n3, n, tallies, ABSORPTION);
}

/** Sums of four vectors of columns, from where `acc` is, in place; nothing counted. */
export function formBinary32(job: usize, b: usize, acc: usize): void {
  formSums(load<u32>(job + ProductJob.A), b, load<u32>(job + ProductJob.LENGTH), acc);
}

/** The same, counted while all is finite. */
export function countBinary32(job: usize, b: usize, acc: usize): void {
  const a: usize = load<u32>(job + ProductJob.A);
  const n: usize = load<u32>(job + ProductJob.LENGTH);
  const tallies: usize = load<u32>(job + ProductJob.TALLIES);
  for (let k: usize = 0; k < n; k += RUN) countRun(a + (k << 2), b + (k << 6), min(RUN, n - k), acc, tallies);
}
