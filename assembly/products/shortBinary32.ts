/**
 * The sums of a row in a format of binary32's exponents and a shorter fraction (bfloat16, tf32), to nearest, ties to even.
 * Products and sums are rounded on their bits: a carry out of the fraction raises the exponent, up to infinity. All
 * products are normal numbers.
 *
 * @module
 */
import { ProductJob, Rounding } from '../lanes/layouts';
import { one, zero } from '../lanes/rounding';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW } from '../lanes/tally';
import { isSum } from './sums';

/** A number rounded at bit `shift`. */
@inline
function roundBits(t: v128, shift: i32, unit: v128, half: v128, kept: v128): v128 {
  return v128.and(i32x4.add(t, i32x4.add(half, v128.and(i32x4.shr_u(t, shift), unit))), kept);
}

/** A 'shift' that the compiler knows makes shorter loops. */
@inline
function formSums(shift: i32, a: usize, b: usize, n: usize, acc: usize): void {
  const unit = one();
  const half = i32x4.splat((1 << (shift - 1)) - 1);
  const kept = i32x4.splat(-1 << shift);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (let k: usize = 0; k < n; k++) {
    const v = v128.load32_splat(a);
    const p0 = roundBits(f32x4.mul(v, v128.load(b)), shift, unit, half, kept);
    const p1 = roundBits(f32x4.mul(v, v128.load(b, 16)), shift, unit, half, kept);
    const p2 = roundBits(f32x4.mul(v, v128.load(b, 32)), shift, unit, half, kept);
    const p3 = roundBits(f32x4.mul(v, v128.load(b, 48)), shift, unit, half, kept);
    s0 = roundBits(f32x4.add(s0, p0), shift, unit, half, kept);
    s1 = roundBits(f32x4.add(s1, p1), shift, unit, half, kept);
    s2 = roundBits(f32x4.add(s2, p2), shift, unit, half, kept);
    s3 = roundBits(f32x4.add(s3, p3), shift, unit, half, kept);
    a += 4;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

@inline
function countSums(shift: i32, a: usize, b: usize, n: usize, acc: usize, rounding: usize, tally: usize, productTally: usize): void {
  const tiny = v128.load(rounding + Rounding.TINY);
  const unit = one();
  const half = i32x4.splat((1 << (shift - 1)) - 1);
  const kept = i32x4.splat(-1 << shift);
  for (let g: usize = 0; g < 4; g++) {
    let s = v128.load(acc);
    let x = a;
    let y = b;
    let inexact = zero();
    let underflow = zero();
    let exact = zero();
    let lost = zero();
    for (let k: usize = 0; k < n; k++) {
      const e = f32x4.mul(v128.load32_splat(x), v128.load(y));
      const p = roundBits(e, shift, unit, half, kept);
      const isInexact = f32x4.ne(p, e);
      inexact = i32x4.sub(inexact, isInexact);
      underflow = i32x4.sub(underflow, v128.and(isInexact, f32x4.lt(f32x4.abs(e), tiny)));
      const t = roundBits(f32x4.add(s, p), shift, unit, half, kept);
      const isExact = isSum<f32>(t, s, p);
      exact = i32x4.sub(exact, isExact);
      lost = i32x4.sub(lost, v128.andnot(v128.or(f32x4.eq(t, s), f32x4.eq(t, p)), isExact));
      s = t;
      x += 4;
      y += 64;
    }
    v128.store(acc, s);
    v128.store(productTally + INEXACT, inexact);
    v128.store(productTally + UNDERFLOW, underflow);
    v128.store(tally + INEXACT, i32x4.sub(i32x4.splat(<i32>n), exact));
    v128.store(tally + ABSORPTION, lost);
    tally += TALLY_BYTES;
    productTally += TALLY_BYTES;
    acc += 16;
    b += 16;
  }
}

/** Sums of four vectors of columns, from where `acc` is, in place; nothing counted. */
export function formShortBinary32(job: usize, b: usize, acc: usize): void {
  const a: usize = load<u32>(job + ProductJob.A);
  const n: usize = load<u32>(job + ProductJob.LENGTH);
  const shift = load<i32>(job + ProductJob.SHIFT);
  // Loops are shorter where the compiler knows the shift.
  if (shift == 16) formSums(16, a, b, n, acc);
  else formSums(shift, a, b, n, acc);
}

/** The same, counted while all is finite. */
export function countShortBinary32(job: usize, b: usize, acc: usize): void {
  const a: usize = load<u32>(job + ProductJob.A);
  const n: usize = load<u32>(job + ProductJob.LENGTH);
  const shift = load<i32>(job + ProductJob.SHIFT);
  const rounding: usize = load<u32>(job + ProductJob.SUM);
  const tallies: usize = load<u32>(job + ProductJob.TALLIES);
  const productTallies = tallies + 4 * TALLY_BYTES;
  if (shift == 16) countSums(16, a, b, n, acc, rounding, tallies, productTallies);
  else countSums(shift, a, b, n, acc, rounding, tallies, productTallies);
}
