/**
 * The sums of a row to nearest, ties to even, where an overflow shows in the sum and the product's values are values of
 * the sum's format.
 *
 * @module
 */
import { ProductJob, Rounding } from '../lanes/layouts';
import { addToOdd, count, infinity, roundNearestEven, signBit, zero } from '../lanes/rounding';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW } from '../lanes/tally';
import { isSum, splat } from './sums';

/** The sum of two values of the rounding's format: nothing is lost below its smallest number, so no quantum needs a floor. */
@inline
function addNearestEven<T>(s: v128, p: v128, roundingConstant: v128, over: v128, top: v128): v128 {
  const sum = v128.add<T>(s, p);
  const a = v128.abs<T>(sum);
  const c = v128.mul<T>(v128.and(a, infinity<T>()), roundingConstant);
  const r = v128.bitselect(top, v128.sub<T>(v128.add<T>(a, c), c), v128.ge<T>(a, over));
  return v128.or(r, v128.and(sum, signBit<T>()));
}

/** Usual roundings of which the product's values are values of the sum's format; nothing counted. */
@inline
function formSums<T>(a: usize, b: usize, n: usize, acc: usize, product: usize, rounding: usize): void {
  const minNormal = v128.load(product + Rounding.MIN_NORMAL);
  const productConstant = v128.load(product + Rounding.ROUNDING_CONSTANT);
  const productOver = v128.load(product + Rounding.OVER);
  const productTop = v128.load(product + Rounding.TOP);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const top = v128.load(rounding + Rounding.TOP);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (let k: usize = 0; k < n; k++) {
    const v = splat<T>(a);
    const p0 = roundNearestEven<T>(v128.mul<T>(v, v128.load(b)), minNormal, productConstant, productOver, productTop);
    const p1 = roundNearestEven<T>(v128.mul<T>(v, v128.load(b, 16)), minNormal, productConstant, productOver, productTop);
    const p2 = roundNearestEven<T>(v128.mul<T>(v, v128.load(b, 32)), minNormal, productConstant, productOver, productTop);
    const p3 = roundNearestEven<T>(v128.mul<T>(v, v128.load(b, 48)), minNormal, productConstant, productOver, productTop);
    s0 = addNearestEven<T>(s0, p0, roundingConstant, over, top);
    s1 = addNearestEven<T>(s1, p1, roundingConstant, over, top);
    s2 = addNearestEven<T>(s2, p2, roundingConstant, over, top);
    s3 = addNearestEven<T>(s3, p3, roundingConstant, over, top);
    a += sizeof<T>();
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** Usual roundings whose overflow shows in the sum, counting all that can happen while sums stay finite. */
@inline
function countSums<T>(
  isFused: bool,
  a: usize,
  b: usize,
  n: usize,
  acc: usize,
  product: usize,
  rounding: usize,
  tally: usize,
  productTally: usize,
): void {
  const productNormal = v128.load(product + Rounding.MIN_NORMAL);
  const productConstant = v128.load(product + Rounding.ROUNDING_CONSTANT);
  const productOver = v128.load(product + Rounding.OVER);
  const productTop = v128.load(product + Rounding.TOP);
  const productTiny = v128.load(product + Rounding.TINY);
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const top = v128.load(rounding + Rounding.TOP);
  const tiny = v128.load(rounding + Rounding.TINY);
  for (let g: usize = 0; g < 4; g += 2) {
    let s0 = v128.load(acc);
    let s1 = v128.load(acc, 16);
    let x = a;
    let y = b;
    let inexact0 = zero();
    let inexact1 = zero();
    let underflow0 = zero();
    let underflow1 = zero();
    let changed0 = zero();
    let changed1 = zero();
    let lost0 = zero();
    let lost1 = zero();
    for (let k: usize = 0; k < n; k++) {
      const v = splat<T>(x);
      const e0 = v128.mul<T>(v, v128.load(y));
      const e1 = v128.mul<T>(v, v128.load(y, 16));
      let p0 = e0;
      let p1 = e1;
      let r0: v128;
      let r1: v128;
      if (isFused) {
        const t0 = addToOdd<T>(e0, s0);
        const t1 = addToOdd<T>(e1, s1);
        r0 = roundNearestEven<T>(t0, minNormal, roundingConstant, over, top);
        r1 = roundNearestEven<T>(t1, minNormal, roundingConstant, over, top);
        const m0 = v128.ne<T>(r0, t0);
        const m1 = v128.ne<T>(r1, t1);
        changed0 = count<T>(changed0, m0);
        changed1 = count<T>(changed1, m1);
        underflow0 = count<T>(underflow0, v128.and(m0, v128.lt<T>(v128.abs<T>(t0), tiny)));
        underflow1 = count<T>(underflow1, v128.and(m1, v128.lt<T>(v128.abs<T>(t1), tiny)));
        // With a zero the other addend is the sum, and none is lost.
        const z0 = v128.and(v128.ne<T>(e0, zero()), v128.ne<T>(s0, zero()));
        const z1 = v128.and(v128.ne<T>(e1, zero()), v128.ne<T>(s1, zero()));
        const k0 = v128.and(v128.or(v128.eq<T>(r0, s0), v128.eq<T>(r0, e0)), z0);
        const k1 = v128.and(v128.or(v128.eq<T>(r1, s1), v128.eq<T>(r1, e1)), z1);
        lost0 = count<T>(lost0, v128.and(m0, k0));
        lost1 = count<T>(lost1, v128.and(m1, k1));
      } else {
        p0 = roundNearestEven<T>(e0, productNormal, productConstant, productOver, productTop);
        p1 = roundNearestEven<T>(e1, productNormal, productConstant, productOver, productTop);
        const m0 = v128.ne<T>(p0, e0);
        const m1 = v128.ne<T>(p1, e1);
        inexact0 = count<T>(inexact0, m0);
        inexact1 = count<T>(inexact1, m1);
        underflow0 = count<T>(underflow0, v128.and(m0, v128.lt<T>(v128.abs<T>(e0), productTiny)));
        underflow1 = count<T>(underflow1, v128.and(m1, v128.lt<T>(v128.abs<T>(e1), productTiny)));
        r0 = addNearestEven<T>(s0, p0, roundingConstant, over, top);
        r1 = addNearestEven<T>(s1, p1, roundingConstant, over, top);
        const k0 = isSum<T>(r0, s0, p0);
        const k1 = isSum<T>(r1, s1, p1);
        changed0 = count<T>(changed0, v128.not(k0));
        changed1 = count<T>(changed1, v128.not(k1));
        lost0 = count<T>(lost0, v128.andnot(v128.or(v128.eq<T>(r0, s0), v128.eq<T>(r0, p0)), k0));
        lost1 = count<T>(lost1, v128.andnot(v128.or(v128.eq<T>(r1, s1), v128.eq<T>(r1, p1)), k1));
      }
      s0 = r0;
      s1 = r1;
      x += sizeof<T>();
      y += 64;
    }
    v128.store(acc, s0);
    v128.store(acc, s1, 16);
    v128.store(tally + INEXACT, changed0);
    v128.store(tally + ABSORPTION, lost0);
    v128.store(tally + TALLY_BYTES + INEXACT, changed1);
    v128.store(tally + TALLY_BYTES + ABSORPTION, lost1);
    if (isFused) {
      v128.store(tally + UNDERFLOW, underflow0);
      v128.store(tally + TALLY_BYTES + UNDERFLOW, underflow1);
    } else {
      v128.store(productTally + INEXACT, inexact0);
      v128.store(productTally + UNDERFLOW, underflow0);
      v128.store(productTally + TALLY_BYTES + INEXACT, inexact1);
      v128.store(productTally + TALLY_BYTES + UNDERFLOW, underflow1);
    }
    tally += 2 * TALLY_BYTES;
    productTally += 2 * TALLY_BYTES;
    acc += 32;
    b += 32;
  }
}

/** Usual roundings, fused, nothing counted. */
@inline
function formFused<T>(a: usize, b: usize, n: usize, acc: usize, rounding: usize): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const top = v128.load(rounding + Rounding.TOP);
  for (let g: usize = 0; g < 4; g += 2) {
    let s0 = v128.load(acc);
    let s1 = v128.load(acc, 16);
    let x = a;
    let y = b;
    for (let k: usize = 0; k < n; k++) {
      const v = splat<T>(x);
      s0 = roundNearestEven<T>(addToOdd<T>(v128.mul<T>(v, v128.load(y)), s0), minNormal, roundingConstant, over, top);
      s1 = roundNearestEven<T>(addToOdd<T>(v128.mul<T>(v, v128.load(y, 16)), s1), minNormal, roundingConstant, over, top);
      x += sizeof<T>();
      y += 64;
    }
    v128.store(acc, s0);
    v128.store(acc, s1, 16);
    acc += 32;
    b += 32;
  }
}

/** Sums of four vectors of columns, from where `acc` is, in place; nothing counted. */
export function formNearestEven<T>(job: usize, b: usize, acc: usize): void {
  const a: usize = load<u32>(job + ProductJob.A);
  const n: usize = load<u32>(job + ProductJob.LENGTH);
  const product: usize = load<u32>(job + ProductJob.PRODUCT);
  const rounding: usize = load<u32>(job + ProductJob.SUM);
  if (load<i32>(job + ProductJob.IS_FUSED)) formFused<T>(a, b, n, acc, rounding);
  else formSums<T>(a, b, n, acc, product, rounding);
}

/** The same, counted while all is finite. */
export function countNearestEven<T>(job: usize, b: usize, acc: usize): void {
  const a: usize = load<u32>(job + ProductJob.A);
  const n: usize = load<u32>(job + ProductJob.LENGTH);
  const product: usize = load<u32>(job + ProductJob.PRODUCT);
  const rounding: usize = load<u32>(job + ProductJob.SUM);
  const tallies: usize = load<u32>(job + ProductJob.TALLIES);
  const productTallies = tallies + 4 * TALLY_BYTES;
  if (load<i32>(job + ProductJob.IS_FUSED)) countSums<T>(true, a, b, n, acc, product, rounding, tallies, productTallies);
  else countSums<T>(false, a, b, n, acc, product, rounding, tallies, productTallies);
}
