/**
 * Sums of rounded products that cannot overflow, sixteen columns of B at a time, nothing counted; and how they are rounded.
 *
 * With C = 2^(24 − precision) + 1 and g = t·C, g + (t − g) is t rounded to nearest, ties to even, for every t of 24 bits
 * and precisions up to 14: g and t − g lie on the grid of the result, and of a tie both are even. (Veltkamp's splitting.)
 *
 * Of a product one step less is enough: where a has no more bits than the result, a·C is exact, so (a·C)·b is a·b·C rounded
 * once, to the grid that a·b shall be rounded to; a·b·2^(24 − precision) is an even multiple of it, and exact, so that the
 * difference is a·b rounded. A step's factors are a·C and a·2^(24 − precision).
 *
 * (`test/engine/overflowFree.test.ts` tries all t, and all a and b.)
 *
 * @module
 */
import { OverflowFreeConstants } from '../lanes/layouts';
import { infinity } from '../lanes/rounding';

/** Bytes of a step's factors, with the mask of lanes that `overflowFreeCounts.ts` expects. */
export const FACTORS: usize = 16;

const MAGNITUDE: usize = memory.data<u32>([0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff], 16);

@inline
export function magnitude(x: v128): v128 {
  return v128.and(x, v128.load(MAGNITUDE));
}

/** Rounded to the grid of c's last place: c is 1.5 · 2^(24 − precision) times x's power of two, or times a larger one. */
@inline
function onGrid(x: v128, c: v128): v128 {
  return f32x4.sub(f32x4.add(x, c), c);
}

/** Any product, exact in x; the sign of a zero is lost, which no sum from +0 on sees. */
@inline
export function productOfAnyRange(x: v128, field: v128, least: v128, roundingConstant: v128): v128 {
  return onGrid(x, f32x4.mul(f32x4.pmax(v128.and(x, field), least), roundingConstant));
}

/** A product that is zero or not subnormal, of b and a's factors. */
@inline
export function product(factors: usize, b: v128): v128 {
  return f32x4.sub(f32x4.mul(v128.load32_splat(factors), b), f32x4.mul(v128.load32_splat(factors, 4), b));
}

/** t rounded. */
@inline
export function roundBy(t: v128, c: v128): v128 {
  const g = f32x4.mul(t, c);
  return f32x4.add(g, f32x4.sub(t, g));
}

/** s + p, rounded. */
@inline
export function plus(s: v128, p: v128, c: v128): v128 {
  return roundBy(f32x4.add(s, p), c);
}

/** Products of any size. */
export function sumsOfAnyRange(a: usize, b: usize, n: usize, acc: usize, constants: usize): void {
  const field = infinity<f32>();
  const least = v128.load(constants + OverflowFreeConstants.LEAST);
  const roundingConstant = v128.load(constants + OverflowFreeConstants.ROUNDING_CONSTANT);
  const c = v128.load(constants + OverflowFreeConstants.SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    s0 = plus(s0, productOfAnyRange(f32x4.mul(v, v128.load(b)), field, least, roundingConstant), c);
    s1 = plus(s1, productOfAnyRange(f32x4.mul(v, v128.load(b, 16)), field, least, roundingConstant), c);
    s2 = plus(s2, productOfAnyRange(f32x4.mul(v, v128.load(b, 32)), field, least, roundingConstant), c);
    s3 = plus(s3, productOfAnyRange(f32x4.mul(v, v128.load(b, 48)), field, least, roundingConstant), c);
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** Products that are zero or not subnormal. */
export function normalSums(factors: usize, b: usize, n: usize, acc: usize, constants: usize): void {
  const c = v128.load(constants + OverflowFreeConstants.SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (const end = factors + n * FACTORS; factors != end; factors += FACTORS) {
    s0 = plus(s0, product(factors, v128.load(b)), c);
    s1 = plus(s1, product(factors, v128.load(b, 16)), c);
    s2 = plus(s2, product(factors, v128.load(b, 32)), c);
    s3 = plus(s3, product(factors, v128.load(b, 48)), c);
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** The same for two panels, `panel` bytes apart. */
export function normalPairs(factors: usize, b: usize, panel: usize, n: usize, acc: usize, constants: usize): void {
  const c = v128.load(constants + OverflowFreeConstants.SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let s4 = v128.load(acc, 64);
  let s5 = v128.load(acc, 80);
  let s6 = v128.load(acc, 96);
  let s7 = v128.load(acc, 112);
  let y = b + panel;
  for (const end = factors + n * FACTORS; factors != end; factors += FACTORS) {
    s0 = plus(s0, product(factors, v128.load(b)), c);
    s1 = plus(s1, product(factors, v128.load(b, 16)), c);
    s2 = plus(s2, product(factors, v128.load(b, 32)), c);
    s3 = plus(s3, product(factors, v128.load(b, 48)), c);
    s4 = plus(s4, product(factors, v128.load(y)), c);
    s5 = plus(s5, product(factors, v128.load(y, 16)), c);
    s6 = plus(s6, product(factors, v128.load(y, 32)), c);
    s7 = plus(s7, product(factors, v128.load(y, 48)), c);
    b += 64;
    y += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  v128.store(acc, s4, 64);
  v128.store(acc, s5, 80);
  v128.store(acc, s6, 96);
  v128.store(acc, s7, 112);
}
