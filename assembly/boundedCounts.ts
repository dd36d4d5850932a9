/**
 * Sums of rounded products that cannot overflow, counted: sixteen lanes as bytes, entered in tallies now and then.
 *
 * @module
 */
import { LEAST, MAGIC, SPLIT, SPLIT_PRODUCT, TINY, anyProduct, magnitude, roundBy, split } from './boundedSums';
import { infinity, zero } from './step';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW, bump } from './tally';

/** Offsets in a row's scratch: sixteen bytes each of counts since they were last entered, then room for every step. */
const EXACT_PRODUCTS: usize = 0;
const TINY_PRODUCTS: usize = 16;
const EXACT: usize = 32;
const LOST: usize = 48;
const ROOM: usize = 64;
/** Bytes of room for a step, steps of a run at most, and steps until counts of bytes must be entered. */
const STEP_ROOM: usize = 80;
export const RUN: usize = 64;
export const COUNTED: usize = 192;
/** Then a bit for every step: whether a product is small. */
export const BITS: usize = ROOM + RUN * STEP_ROOM;

/** Four masks as one of bytes. */
@inline
export function join(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** Where four vectors equal four others, as bytes. */
@inline
function equal(a0: v128, a1: v128, a2: v128, a3: v128, b0: v128, b1: v128, b2: v128, b3: v128): v128 {
  return join(f32x4.eq(a0, b0), f32x4.eq(a1, b1), f32x4.eq(a2, b2), f32x4.eq(a3, b3));
}

/** Adds sixteen bytes to a kind of four tallies. */
@inline
function credit(bytes: v128, at: usize): void {
  const low = i16x8.extend_low_i8x16_u(bytes);
  const high = i16x8.extend_high_i8x16_u(bytes);
  v128.store(at, i32x4.add(v128.load(at), i32x4.extend_low_i16x8_u(low)));
  at += TALLY_BYTES;
  v128.store(at, i32x4.add(v128.load(at), i32x4.extend_high_i16x8_u(low)));
  at += TALLY_BYTES;
  v128.store(at, i32x4.add(v128.load(at), i32x4.extend_low_i16x8_u(high)));
  at += TALLY_BYTES;
  v128.store(at, i32x4.add(v128.load(at), i32x4.extend_high_i16x8_u(high)));
}

/** Enters the counts of some steps in tallies. */
export function settle(scratch: usize, steps: usize, tallies: usize, productTallies: usize): void {
  const all = i8x16.splat(<i8>steps);
  credit(i8x16.sub(all, v128.load(scratch, EXACT_PRODUCTS)), productTallies + INEXACT);
  credit(v128.load(scratch, TINY_PRODUCTS), productTallies + UNDERFLOW);
  credit(i8x16.sub(all, v128.load(scratch, EXACT)), tallies + INEXACT);
  credit(v128.load(scratch, LOST), tallies + ABSORPTION);
  memory.fill(scratch, 0, ROOM);
}

/**
 * Products of which none is zero but where a is, none is subnormal, and none is so small beside a sum that binary32 loses
 * it. Then a sum is exact just where its rounding changes nothing, and loses the product just where it stays the same,
 * but for sums that are next to nothing beside the product: they are looked at afterwards. `zeros`: how many a are zero.
 */
export function normalCounting(
  a: usize,
  b: usize,
  n: usize,
  zeros: i32,
  acc: usize,
  constants: usize,
  scratch: usize,
  tallies: usize,
): void {
  const d = v128.load(constants + SPLIT_PRODUCT);
  const c = v128.load(constants + SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let exactProducts = v128.load(scratch, EXACT_PRODUCTS);
  let exact = v128.load(scratch, EXACT);
  let same = i8x16.sub(v128.load(scratch, LOST), i8x16.splat(<i8>zeros));
  // Sums that a product met when they were next to nothing, and where it was.
  let meeting = scratch + ROOM;
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    const w = f32x4.mul(v, d);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const e0 = f32x4.mul(v, b0);
    const e1 = f32x4.mul(v, b1);
    const p0 = split(e0, f32x4.mul(w, b0));
    const p1 = split(e1, f32x4.mul(w, b1));
    const t0 = f32x4.add(s0, p0);
    const t1 = f32x4.add(s1, p1);
    const r0 = roundBy(t0, c);
    const r1 = roundBy(t1, c);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    const e2 = f32x4.mul(v, b2);
    const e3 = f32x4.mul(v, b3);
    const p2 = split(e2, f32x4.mul(w, b2));
    const p3 = split(e3, f32x4.mul(w, b3));
    exactProducts = i8x16.sub(exactProducts, equal(p0, p1, p2, p3, e0, e1, e2, e3));
    const t2 = f32x4.add(s2, p2);
    const t3 = f32x4.add(s3, p3);
    const r2 = roundBy(t2, c);
    const r3 = roundBy(t3, c);
    exact = i8x16.sub(exact, equal(r0, r1, r2, r3, t0, t1, t2, t3));
    same = i8x16.sub(same, equal(r0, r1, r2, r3, s0, s1, s2, s3));
    const isMet = v128.or(
      v128.or(f32x4.eq(r0, p0), f32x4.eq(r1, p1)),
      v128.or(f32x4.eq(r2, p2), f32x4.eq(r3, p3)),
    );
    if (i32x4.bitmask(isMet)) {
      v128.store(meeting, s0);
      v128.store(meeting, s1, 16);
      v128.store(meeting, s2, 32);
      v128.store(meeting, s3, 48);
      store<u32>(meeting, <u32>a, 64);
      store<u32>(meeting, <u32>b, 68);
      meeting += STEP_ROOM;
    }
    s0 = r0;
    s1 = r1;
    s2 = r2;
    s3 = r3;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  v128.store(scratch, exactProducts, EXACT_PRODUCTS);
  v128.store(scratch, exact, EXACT);
  v128.store(scratch, same, LOST);
  for (let at = scratch + ROOM; at != meeting; at += STEP_ROOM) {
    const v = v128.load32_splat(<usize>load<u32>(at, 64));
    const row: usize = load<u32>(at, 68);
    for (let g: usize = 0; g < 64; g += 16) {
      const s = v128.load(at + g);
      const x = v128.load(row + g);
      const p = split(f32x4.mul(v, x), f32x4.mul(f32x4.mul(v, d), x));
      const t = f32x4.add(s, p);
      const r = roundBy(t, c);
      const isLost = v128.and(f32x4.eq(r, p), f32x4.ne(s, zero()));
      bump<f32>(tallies + (g >> 4) * TALLY_BYTES + ABSORPTION, isLost);
      bump<f32>(tallies + (g >> 4) * TALLY_BYTES + INEXACT, v128.and(isLost, f32x4.eq(r, t)));
    }
  }
}

/** Any products, and sums that binary32 never rounds. */
export function narrowCounting(
  a: usize,
  b: usize,
  n: usize,
  acc: usize,
  constants: usize,
  scratch: usize,
): void {
  const field = infinity<f32>();
  const least = v128.load(constants + LEAST);
  const magic = v128.load(constants + MAGIC);
  const tiny = v128.load(constants + TINY);
  const c = v128.load(constants + SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let exactProducts = v128.load(scratch, EXACT_PRODUCTS);
  let underflow = v128.load(scratch, TINY_PRODUCTS);
  let exact = v128.load(scratch, EXACT);
  let lost = v128.load(scratch, LOST);
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    const e0 = f32x4.mul(v, v128.load(b));
    const e1 = f32x4.mul(v, v128.load(b, 16));
    const e2 = f32x4.mul(v, v128.load(b, 32));
    const e3 = f32x4.mul(v, v128.load(b, 48));
    const p0 = anyProduct(e0, field, least, magic);
    const p1 = anyProduct(e1, field, least, magic);
    const p2 = anyProduct(e2, field, least, magic);
    const p3 = anyProduct(e3, field, least, magic);
    const x = equal(p0, p1, p2, p3, e0, e1, e2, e3);
    exactProducts = i8x16.sub(exactProducts, x);
    const isTiny = join(
      f32x4.lt(magnitude(e0), tiny),
      f32x4.lt(magnitude(e1), tiny),
      f32x4.lt(magnitude(e2), tiny),
      f32x4.lt(magnitude(e3), tiny),
    );
    underflow = i8x16.sub(underflow, v128.andnot(isTiny, x));
    const t0 = f32x4.add(s0, p0);
    const t1 = f32x4.add(s1, p1);
    const t2 = f32x4.add(s2, p2);
    const t3 = f32x4.add(s3, p3);
    const r0 = roundBy(t0, c);
    const r1 = roundBy(t1, c);
    const r2 = roundBy(t2, c);
    const r3 = roundBy(t3, c);
    const y = equal(r0, r1, r2, r3, t0, t1, t2, t3);
    exact = i8x16.sub(exact, y);
    const isEither = join(
      v128.or(f32x4.eq(r0, s0), f32x4.eq(r0, p0)),
      v128.or(f32x4.eq(r1, s1), f32x4.eq(r1, p1)),
      v128.or(f32x4.eq(r2, s2), f32x4.eq(r2, p2)),
      v128.or(f32x4.eq(r3, s3), f32x4.eq(r3, p3)),
    );
    lost = i8x16.sub(lost, v128.andnot(isEither, y));
    s0 = r0;
    s1 = r1;
    s2 = r2;
    s3 = r3;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  v128.store(scratch, exactProducts, EXACT_PRODUCTS);
  v128.store(scratch, underflow, TINY_PRODUCTS);
  v128.store(scratch, exact, EXACT);
  v128.store(scratch, lost, LOST);
}

/** Any products, rounded and counted. */
export function anyProducts(a: usize, b: usize, n: usize, constants: usize, scratch: usize): void {
  const field = infinity<f32>();
  const least = v128.load(constants + LEAST);
  const magic = v128.load(constants + MAGIC);
  const tiny = v128.load(constants + TINY);
  let exact = v128.load(scratch, EXACT_PRODUCTS);
  let underflow = v128.load(scratch, TINY_PRODUCTS);
  let out = scratch + ROOM;
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    const e0 = f32x4.mul(v, v128.load(b));
    const e1 = f32x4.mul(v, v128.load(b, 16));
    const e2 = f32x4.mul(v, v128.load(b, 32));
    const e3 = f32x4.mul(v, v128.load(b, 48));
    const p0 = anyProduct(e0, field, least, magic);
    const p1 = anyProduct(e1, field, least, magic);
    const p2 = anyProduct(e2, field, least, magic);
    const p3 = anyProduct(e3, field, least, magic);
    v128.store(out, p0);
    v128.store(out, p1, 16);
    v128.store(out, p2, 32);
    v128.store(out, p3, 48);
    const x = equal(p0, p1, p2, p3, e0, e1, e2, e3);
    exact = i8x16.sub(exact, x);
    const isTiny = join(
      f32x4.lt(magnitude(e0), tiny),
      f32x4.lt(magnitude(e1), tiny),
      f32x4.lt(magnitude(e2), tiny),
      f32x4.lt(magnitude(e3), tiny),
    );
    underflow = i8x16.sub(underflow, v128.andnot(isTiny, x));
    b += 64;
    out += 64;
  }
  v128.store(scratch, exact, EXACT_PRODUCTS);
  v128.store(scratch, underflow, TINY_PRODUCTS);
}

/** Sums of any rounded products: inexact where the rounding changes them, and where an addend other than zero is lost. */
export function anyCounting(n: usize, acc: usize, constants: usize, scratch: usize): void {
  const c = v128.load(constants + SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let exact = v128.load(scratch, EXACT);
  let lost = v128.load(scratch, LOST);
  let isZero = join(f32x4.eq(s0, zero()), f32x4.eq(s1, zero()), f32x4.eq(s2, zero()), f32x4.eq(s3, zero()));
  for (let p = scratch + ROOM, end = p + (n << 6); p != end; p += 64) {
    const p0 = v128.load(p);
    const p1 = v128.load(p, 16);
    const p2 = v128.load(p, 32);
    const p3 = v128.load(p, 48);
    const t0 = f32x4.add(s0, p0);
    const t1 = f32x4.add(s1, p1);
    const t2 = f32x4.add(s2, p2);
    const t3 = f32x4.add(s3, p3);
    const r0 = roundBy(t0, c);
    const r1 = roundBy(t1, c);
    const r2 = roundBy(t2, c);
    const r3 = roundBy(t3, c);
    const y = equal(r0, r1, r2, r3, t0, t1, t2, t3);
    const isNothing = join(f32x4.eq(p0, zero()), f32x4.eq(p1, zero()), f32x4.eq(p2, zero()), f32x4.eq(p3, zero()));
    const isSum = equal(r0, r1, r2, r3, s0, s1, s2, s3);
    const isProduct = equal(r0, r1, r2, r3, p0, p1, p2, p3);
    const isLost = v128.or(v128.andnot(isSum, isNothing), v128.andnot(isProduct, isZero));
    isZero = join(f32x4.eq(r0, zero()), f32x4.eq(r1, zero()), f32x4.eq(r2, zero()), f32x4.eq(r3, zero()));
    lost = i8x16.sub(lost, isLost);
    exact = i8x16.sub(exact, v128.andnot(y, isLost));
    s0 = r0;
    s1 = r1;
    s2 = r2;
    s3 = r3;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  v128.store(scratch, exact, EXACT);
  v128.store(scratch, lost, LOST);
}
