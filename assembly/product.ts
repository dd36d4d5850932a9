/**
 * Sums of products: one row of A against sixteen columns of B in binary32 lanes (eight in binary64), four vectors whose
 * chains hide each other's latency. B's columns lie packed, four vectors a row of B.
 *
 * @module
 */
import { ADD, FUSED, MULTIPLY, ROUND, operate } from './panel';
import { MAGIC, MIN_NORMAL, OVER, TINY, TOP, addToOdd, count, infinity, one, roundUsually, signBit, zero } from './step';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW, clear, countTwo, enterFour, enterTwo, harvest } from './tally';

@inline
function splat<T>(a: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(a) : v128.load64_splat(a);
}

/** Any steps, everything counted: acc ← acc + round(a·b), or with `isFused` acc ← acc + a·b. */
@inline
function counted<T>(
  isFused: bool,
  isGeneral: bool,
  a: usize,
  b: usize,
  bStride: usize,
  n: usize,
  acc: usize,
  product: usize,
  productTally: usize,
  step: usize,
  tally: usize,
): void {
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const over = v128.load(step + OVER);
  const tiny = v128.load(step + TINY);
  const top = v128.load(step + TOP);
  for (let g: usize = 0; g < 4; g++) {
    const t = tally + g * TALLY_BYTES;
    const u = productTally + g * TALLY_BYTES;
    let s = v128.load(acc + g * 16);
    let x = a;
    let y = b + g * 16;
    for (let k: usize = 0; k < n; k++) {
      const v = splat<T>(x);
      const w = v128.load(y);
      if (isFused) {
        s = operate<T>(FUSED, isGeneral, v, w, s, step, t, minNormal, magic, over, tiny, top);
      } else {
        const p = operate<T>(
          MULTIPLY,
          isGeneral,
          v,
          w,
          w,
          product,
          u,
          v128.load(product + MIN_NORMAL),
          v128.load(product + MAGIC),
          v128.load(product + OVER),
          v128.load(product + TINY),
          v128.load(product + TOP),
        );
        s = operate<T>(ADD, isGeneral, s, p, p, step, t, minNormal, magic, over, tiny, top);
      }
      x += sizeof<T>();
      y += bStride;
    }
    v128.store(acc + g * 16, s);
  }
}

/** The sum of two values of the step's format: nothing is lost below its smallest number, so no quantum needs a floor. */
@inline
function addUsually<T>(s: v128, p: v128, magic: v128, over: v128, top: v128): v128 {
  const sum = v128.add<T>(s, p);
  const a = v128.abs<T>(sum);
  const c = v128.mul<T>(v128.and(a, infinity<T>()), magic);
  const r = v128.bitselect(top, v128.sub<T>(v128.add<T>(a, c), c), v128.ge<T>(a, over));
  return v128.or(r, v128.and(sum, signBit<T>()));
}

/** Usual steps of which the product's values are values of the sum's format; nothing counted. */
@inline
function plain<T>(a: usize, b: usize, bStride: usize, n: usize, acc: usize, product: usize, step: usize): void {
  const minNormal = v128.load(product + MIN_NORMAL);
  const productMagic = v128.load(product + MAGIC);
  const productOver = v128.load(product + OVER);
  const productTop = v128.load(product + TOP);
  const magic = v128.load(step + MAGIC);
  const over = v128.load(step + OVER);
  const top = v128.load(step + TOP);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (let k: usize = 0; k < n; k++) {
    const v = splat<T>(a);
    const p0 = roundUsually<T>(v128.mul<T>(v, v128.load(b)), minNormal, productMagic, productOver, productTop);
    const p1 = roundUsually<T>(v128.mul<T>(v, v128.load(b, 16)), minNormal, productMagic, productOver, productTop);
    const p2 = roundUsually<T>(v128.mul<T>(v, v128.load(b, 32)), minNormal, productMagic, productOver, productTop);
    const p3 = roundUsually<T>(v128.mul<T>(v, v128.load(b, 48)), minNormal, productMagic, productOver, productTop);
    s0 = addUsually<T>(s0, p0, magic, over, top);
    s1 = addUsually<T>(s1, p1, magic, over, top);
    s2 = addUsually<T>(s2, p2, magic, over, top);
    s3 = addUsually<T>(s3, p3, magic, over, top);
    a += sizeof<T>();
    b += bStride;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/**
 * A product of a carried step, rounded; its sign of zero is lost, which no sum from +0 on sees. An infinite one stays so:
 * `most` is finite.
 */
@inline
function carriedProduct(e: v128, minNormal: v128, magic: v128, most: v128): v128 {
  const a = f32x4.mul(f32x4.pmax(v128.and(e, infinity<f32>()), minNormal), magic);
  const c = v128.or(f32x4.pmin(a, most), v128.and(e, signBit<f32>()));
  return f32x4.sub(f32x4.add(e, c), c);
}

/** A sum rounded to nearest even at bit `shift`: a carry out of the fraction raises the exponent, up to infinity. */
@inline
function carriedSum(t: v128, shift: i32, unit: v128, half: v128, kept: v128): v128 {
  return v128.and(i32x4.add(t, i32x4.add(half, v128.and(i32x4.shr_u(t, shift), unit))), kept);
}

/**
 * One step for product and sum, of a format that overflows to infinity past a fraction of all ones, in binary32 lanes.
 * Sums are kept 2^(127 − emax) times as large, so that binary32's overflow is the format's, and are rounded on their
 * bits. Only a product may need a subnormal quantum.
 */
@inline
function carried(
  isAligned: bool,
  fixed: i32,
  a: usize,
  b: usize,
  bStride: usize,
  n: usize,
  acc: usize,
  step: usize,
  shift: i32,
  scale: f32,
): void {
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const factor = f32x4.splat(scale);
  const most = f32x4.splat(reinterpret<f32>(0x7f000000));
  const unit = one();
  const half = i32x4.splat((1 << (shift - 1)) - 1);
  const kept = i32x4.splat(-1 << shift);
  let s0 = f32x4.mul(v128.load(acc), factor);
  let s1 = f32x4.mul(v128.load(acc, 16), factor);
  let s2 = f32x4.mul(v128.load(acc, 32), factor);
  let s3 = f32x4.mul(v128.load(acc, 48), factor);
  for (let k: usize = 0; k < n; k++) {
    const v = v128.load32_splat(a);
    const e0 = f32x4.mul(v, v128.load(b));
    const p0 = isAligned
      ? carriedSum(e0, fixed ? fixed : shift, unit, half, kept)
      : f32x4.mul(carriedProduct(e0, minNormal, magic, most), factor);
    const e1 = f32x4.mul(v, v128.load(b, 16));
    const p1 = isAligned
      ? carriedSum(e1, fixed ? fixed : shift, unit, half, kept)
      : f32x4.mul(carriedProduct(e1, minNormal, magic, most), factor);
    const e2 = f32x4.mul(v, v128.load(b, 32));
    const p2 = isAligned
      ? carriedSum(e2, fixed ? fixed : shift, unit, half, kept)
      : f32x4.mul(carriedProduct(e2, minNormal, magic, most), factor);
    const e3 = f32x4.mul(v, v128.load(b, 48));
    const p3 = isAligned
      ? carriedSum(e3, fixed ? fixed : shift, unit, half, kept)
      : f32x4.mul(carriedProduct(e3, minNormal, magic, most), factor);
    s0 = carriedSum(f32x4.add(s0, p0), fixed ? fixed : shift, unit, half, kept);
    s1 = carriedSum(f32x4.add(s1, p1), fixed ? fixed : shift, unit, half, kept);
    s2 = carriedSum(f32x4.add(s2, p2), fixed ? fixed : shift, unit, half, kept);
    s3 = carriedSum(f32x4.add(s3, p3), fixed ? fixed : shift, unit, half, kept);
    a += 4;
    b += bStride;
  }
  const back = f32x4.div(f32x4.splat(1), factor);
  v128.store(acc, f32x4.mul(s0, back));
  v128.store(acc, f32x4.mul(s1, back), 16);
  v128.store(acc, f32x4.mul(s2, back), 32);
  v128.store(acc, f32x4.mul(s3, back), 48);
}

/** Whether r is s + p exactly: taking either addend away leaves the other; of the larger one the difference is exact. */
@inline
function isSum<T>(r: v128, s: v128, p: v128): v128 {
  return v128.and(v128.eq<T>(v128.sub<T>(r, s), p), v128.eq<T>(v128.sub<T>(r, p), s));
}

/** The sums of `carried`, which also counts all that can happen while sums stay finite. */
@inline
function carriedCounting(
  isAligned: bool,
  fixed: i32,
  a: usize,
  b: usize,
  bStride: usize,
  n: usize,
  acc: usize,
  step: usize,
  tally: usize,
  productTally: usize,
  shift: i32,
  scale: f32,
): void {
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const tiny = v128.load(step + TINY);
  const factor = f32x4.splat(scale);
  const most = f32x4.splat(reinterpret<f32>(0x7f000000));
  const unit = one();
  const half = i32x4.splat((1 << (shift - 1)) - 1);
  const kept = i32x4.splat(-1 << shift);
  const back = f32x4.div(f32x4.splat(1), factor);
  for (let g: usize = 0; g < 4; g++) {
    let s = f32x4.mul(v128.load(acc), factor);
    let x = a;
    let y = b;
    let inexact = zero();
    let underflow = zero();
    let exact = zero();
    let lost = zero();
    for (let k: usize = 0; k < n; k++) {
      const e = f32x4.mul(v128.load32_splat(x), v128.load(y));
      const r = isAligned ? carriedSum(e, fixed ? fixed : shift, unit, half, kept) : carriedProduct(e, minNormal, magic, most);
      const isInexact = f32x4.ne(r, e);
      inexact = i32x4.sub(inexact, isInexact);
      underflow = i32x4.sub(underflow, v128.and(isInexact, f32x4.lt(f32x4.abs(e), tiny)));
      const p = isAligned ? r : f32x4.mul(r, factor);
      const t = carriedSum(f32x4.add(s, p), fixed ? fixed : shift, unit, half, kept);
      const isExact = isSum<f32>(t, s, p);
      exact = i32x4.sub(exact, isExact);
      lost = i32x4.sub(lost, v128.andnot(v128.or(f32x4.eq(t, s), f32x4.eq(t, p)), isExact));
      s = t;
      x += 4;
      y += bStride;
    }
    v128.store(acc, f32x4.mul(s, back));
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

/** Usual steps whose overflow shows in the sum, counting all that can happen while sums stay finite. */
@inline
function usualCounting<T>(
  isFused: bool,
  a: usize,
  b: usize,
  bStride: usize,
  n: usize,
  acc: usize,
  product: usize,
  step: usize,
  tally: usize,
  productTally: usize,
): void {
  const productNormal = v128.load(product + MIN_NORMAL);
  const productMagic = v128.load(product + MAGIC);
  const productOver = v128.load(product + OVER);
  const productTop = v128.load(product + TOP);
  const productTiny = v128.load(product + TINY);
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const over = v128.load(step + OVER);
  const top = v128.load(step + TOP);
  const tiny = v128.load(step + TINY);
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
        r0 = roundUsually<T>(t0, minNormal, magic, over, top);
        r1 = roundUsually<T>(t1, minNormal, magic, over, top);
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
        p0 = roundUsually<T>(e0, productNormal, productMagic, productOver, productTop);
        p1 = roundUsually<T>(e1, productNormal, productMagic, productOver, productTop);
        const m0 = v128.ne<T>(p0, e0);
        const m1 = v128.ne<T>(p1, e1);
        inexact0 = count<T>(inexact0, m0);
        inexact1 = count<T>(inexact1, m1);
        underflow0 = count<T>(underflow0, v128.and(m0, v128.lt<T>(v128.abs<T>(e0), productTiny)));
        underflow1 = count<T>(underflow1, v128.and(m1, v128.lt<T>(v128.abs<T>(e1), productTiny)));
        r0 = addUsually<T>(s0, p0, magic, over, top);
        r1 = addUsually<T>(s1, p1, magic, over, top);
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
      y += bStride;
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

/** Usual steps, fused, nothing counted. */
@inline
function fusedPlain<T>(a: usize, b: usize, bStride: usize, n: usize, acc: usize, step: usize): void {
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const over = v128.load(step + OVER);
  const top = v128.load(step + TOP);
  for (let g: usize = 0; g < 4; g += 2) {
    let s0 = v128.load(acc);
    let s1 = v128.load(acc, 16);
    let x = a;
    let y = b;
    for (let k: usize = 0; k < n; k++) {
      const v = splat<T>(x);
      s0 = roundUsually<T>(addToOdd<T>(v128.mul<T>(v, v128.load(y)), s0), minNormal, magic, over, top);
      s1 = roundUsually<T>(addToOdd<T>(v128.mul<T>(v, v128.load(y, 16)), s1), minNormal, magic, over, top);
      x += sizeof<T>();
      y += bStride;
    }
    v128.store(acc, s0);
    v128.store(acc, s1, 16);
    acc += 32;
    b += 32;
  }
}

/** Exact products of binary32 lanes summed in binary32 to nearest: the lanes' own addition. */
@inline
function native(a: usize, b: usize, n: usize, acc: usize): void {
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (let k: usize = 0; k < n; k++) {
    const v = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v, v128.load(b, 48)));
    a += 4;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** Counts a sum that is exact, or has lost an addend. */
@inline
function judge(counted: v128, s: v128, p: v128, r: v128): v128 {
  const isExact = isSum<f32>(r, s, p);
  return countTwo(counted, isExact, v128.andnot(v128.or(f32x4.eq(r, s), f32x4.eq(r, p)), isExact));
}

/** The sums of `native`, counted: inexact additions and lost addends. n < 2^16. */
@inline
function nativeCounting(a: usize, b: usize, n: usize, acc: usize, tallies: usize): void {
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
    n0 = judge(n0, s0, p, r);
    s0 = r;
    p = f32x4.mul(v, v128.load(b, 16));
    r = f32x4.add(s1, p);
    n1 = judge(n1, s1, p, r);
    s1 = r;
    p = f32x4.mul(v, v128.load(b, 32));
    r = f32x4.add(s2, p);
    n2 = judge(n2, s2, p, r);
    s2 = r;
    p = f32x4.mul(v, v128.load(b, 48));
    r = f32x4.add(s3, p);
    n3 = judge(n3, s3, p, r);
    s3 = r;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  enterTwo(n0, n1, n2, n3, n, tallies, ABSORPTION);
}

/** Fields of a row's job: 4 bytes each, in the order of `src/twins/products/native.ts`. */
const A: usize = 0;
const B: usize = 4;
const LENGTH: usize = 8;
const WIDTH: usize = 12;
const ACC: usize = 16;
const PRODUCT: usize = 20;
const STEP: usize = 24;
const PRODUCT_TOTALS: usize = 28;
const TOTALS: usize = 32;
const PRODUCT_BEHAVIOUR: usize = 36;
const BEHAVIOUR: usize = 40;
const FLAGS: usize = 44;
const TALLIES: usize = 48;
const SHIFT: usize = 52;
const SCALE: usize = 56;
const IS_FUSED: usize = 60;
const IS_GENERAL: usize = 64;
const B_PANEL: usize = 68;

/** How a row's sums are formed. */
const COUNTED: i32 = 0;
const PLAIN: i32 = 1;
const CARRIED: i32 = 2;
const CARRIED_PLAIN: i32 = 3;
const NATIVE: i32 = 4;
const NATIVE_PLAIN: i32 = 5;
const USUAL: i32 = 6;
const ALIGNED: i32 = 7;
const ALIGNED_PLAIN: i32 = 8;

/** Steps that are counted in 16 bits. */
const NATIVE_RUN: usize = 0x8000;

/** Whether any of four vectors has an infinity or a NaN. */
@inline
function anySpecial<T>(acc: usize): bool {
  let isFinite = v128.lt<T>(v128.abs<T>(v128.load(acc)), infinity<T>());
  isFinite = v128.and(isFinite, v128.lt<T>(v128.abs<T>(v128.load(acc, 16)), infinity<T>()));
  isFinite = v128.and(isFinite, v128.lt<T>(v128.abs<T>(v128.load(acc, 32)), infinity<T>()));
  isFinite = v128.and(isFinite, v128.lt<T>(v128.abs<T>(v128.load(acc, 48)), infinity<T>()));
  return !i32x4.all_true(isFinite);
}

/**
 * One row of A against all of B: for every four vectors of columns the sum from where `acc` is, in place. A panel whose
 * short cut met an infinity is counted again in full; where that is not possible, its flags are all ones.
 */
@inline
function row<T>(how: i32, job: usize): void {
  const a: usize = load<u32>(job + A);
  let b: usize = load<u32>(job + B);
  const n: usize = load<u32>(job + LENGTH);
  let left = load<i32>(job + WIDTH);
  let acc: usize = load<u32>(job + ACC);
  const product: usize = load<u32>(job + PRODUCT);
  const step: usize = load<u32>(job + STEP);
  const productTotals: usize = load<u32>(job + PRODUCT_TOTALS);
  const totals: usize = load<u32>(job + TOTALS);
  const productBehaviour = load<i32>(job + PRODUCT_BEHAVIOUR);
  const behaviour = load<i32>(job + BEHAVIOUR);
  let flags: usize = load<u32>(job + FLAGS);
  const tallies: usize = load<u32>(job + TALLIES);
  const productTallies = tallies + 4 * TALLY_BYTES;
  const shift = load<i32>(job + SHIFT);
  const scale = load<f32>(job + SCALE);
  const isFused = load<i32>(job + IS_FUSED) != 0;
  const isGeneral = load<i32>(job + IS_GENERAL) != 0;
  const panel: usize = load<u32>(job + B_PANEL);
  const columns = 64 / <i32>sizeof<T>();
  const saved = productTallies + 4 * TALLY_BYTES;
  while (left > 0) {
    if (how == PLAIN) {
      if (isFused) fusedPlain<T>(a, b, 64, n, acc, step);
      else plain<T>(a, b, 64, n, acc, product, step);
    } else if (how == CARRIED_PLAIN) {
      if (shift == 13) carried(false, 13, a, b, 64, n, acc, step, shift, scale);
      else carried(false, 0, a, b, 64, n, acc, step, shift, scale);
    } else if (how == ALIGNED_PLAIN) {
      if (shift == 16) carried(true, 16, a, b, 64, n, acc, step, shift, 1);
      else carried(true, 0, a, b, 64, n, acc, step, shift, 1);
    }
    else if (how == NATIVE_PLAIN) native(a, b, n, acc);
    else {
      let isWhole = how == COUNTED;
      if (how != COUNTED) {
        memory.copy(saved, acc, 64);
        if (how == CARRIED) {
          if (shift == 13) carriedCounting(false, 13, a, b, 64, n, acc, step, tallies, productTallies, shift, scale);
          else carriedCounting(false, 0, a, b, 64, n, acc, step, tallies, productTallies, shift, scale);
        } else if (how == ALIGNED) {
          if (shift == 16) carriedCounting(true, 16, a, b, 64, n, acc, step, tallies, productTallies, shift, 1);
          else carriedCounting(true, 0, a, b, 64, n, acc, step, tallies, productTallies, shift, 1);
        } else if (how == NATIVE) {
          for (let k: usize = 0; k < n; k += NATIVE_RUN) {
            nativeCounting(a + (k << 2), b + (k << 6), min(NATIVE_RUN, n - k), acc, tallies);
          }
        } else if (isFused) usualCounting<T>(true, a, b, 64, n, acc, product, step, tallies, productTallies);
        else usualCounting<T>(false, a, b, 64, n, acc, product, step, tallies, productTallies);
        if (anySpecial<T>(acc)) {
          for (let g: usize = 0; g < 4; g++) {
            clear(tallies + g * TALLY_BYTES);
            clear(productTallies + g * TALLY_BYTES);
          }
          if (how != NATIVE && how != ALIGNED) {
            memory.copy(acc, saved, 64);
            isWhole = true;
          } else memory.fill(flags, 0xff, 32);
        }
      }
      if (isWhole) {
        if (sizeof<T>() == 4) {
          if (isFused) counted<T>(true, false, a, b, 64, n, acc, product, productTallies, step, tallies);
          else counted<T>(false, false, a, b, 64, n, acc, product, productTallies, step, tallies);
        } else if (isGeneral) {
          if (isFused) counted<T>(true, true, a, b, 64, n, acc, product, productTallies, step, tallies);
          else counted<T>(false, true, a, b, 64, n, acc, product, productTallies, step, tallies);
        } else if (isFused) counted<T>(true, false, a, b, 64, n, acc, product, productTallies, step, tallies);
        else counted<T>(false, false, a, b, 64, n, acc, product, productTallies, step, tallies);
      }
      const active = min(left, columns);
      enterFour<T>(tallies, behaviour, active, totals, flags);
      if (how != NATIVE && !isFused) enterFour<T>(productTallies, productBehaviour, active, productTotals, flags);
    }
    left -= columns;
    b += panel;
    acc += 64;
    flags += columns * 2;
  }
}

export function productRow32(how: i32, job: usize): void {
  if (how == COUNTED) row<f32>(COUNTED, job);
  else if (how == PLAIN) row<f32>(PLAIN, job);
  else if (how == CARRIED) row<f32>(CARRIED, job);
  else if (how == CARRIED_PLAIN) row<f32>(CARRIED_PLAIN, job);
  else if (how == NATIVE) row<f32>(NATIVE, job);
  else if (how == USUAL) row<f32>(USUAL, job);
  else if (how == ALIGNED) row<f32>(ALIGNED, job);
  else if (how == ALIGNED_PLAIN) row<f32>(ALIGNED_PLAIN, job);
  else row<f32>(NATIVE_PLAIN, job);
}

export function productRow64(how: i32, job: usize): void {
  if (how == COUNTED) row<f64>(COUNTED, job);
  else if (how == USUAL) row<f64>(USUAL, job);
  else row<f64>(PLAIN, job);
}

/** Sixteen columns (eight of binary64) of n rows of B, `stride` bytes apart, together: 64 bytes a row. */
export function packColumns(x: usize, stride: usize, n: usize, out: usize): void {
  for (let k: usize = 0; k < n; k++) {
    v128.store(out, v128.load(x));
    v128.store(out, v128.load(x, 16), 16);
    v128.store(out, v128.load(x, 32), 32);
    v128.store(out, v128.load(x, 48), 48);
    x += stride;
    out += 64;
  }
}

/** A row's sums rounded to the output's step, in place, with flags for each. */
@inline
function storeRow<T>(acc: usize, width: i32, step: usize, behaviour: i32, totals: usize, flags: usize, tally: usize): void {
  const lanes = 16 / <i32>sizeof<T>();
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const over = v128.load(step + OVER);
  const tiny = v128.load(step + TINY);
  const top = v128.load(step + TOP);
  for (let left = width; left > 0; left -= lanes) {
    const s = v128.load(acc);
    v128.store(acc, operate<T>(ROUND, false, s, s, s, step, tally, minNormal, magic, over, tiny, top));
    harvest<T>(tally, behaviour, min(left, lanes), totals, flags, 2, 0);
    acc += 16;
    flags += <usize>lanes * 2;
  }
}

export function storeRow32(acc: usize, width: i32, step: usize, behaviour: i32, totals: usize, flags: usize, tally: usize): void {
  storeRow<f32>(acc, width, step, behaviour, totals, flags, tally);
}

export function storeRow64(acc: usize, width: i32, step: usize, behaviour: i32, totals: usize, flags: usize, tally: usize): void {
  storeRow<f64>(acc, width, step, behaviour, totals, flags, tally);
}
