/**
 * Sums of rounded products, sixteen columns of B at a time, where no product and no sum can overflow: then rounding to
 * nearest needs neither a threshold nor a quantum of its own.
 *
 * With C = 2^(24 − precision) + 1 and g = t·C, g + (t − g) is t rounded to nearest, ties to even, for every t of 24 bits
 * and precisions up to 14: g and t − g lie on the grid of the result, and of a tie both are even. (Veltkamp's splitting;
 * for its ties `test/engine/bounded.test.ts` tries all t.)
 *
 * That nothing overflows, a sum of magnitudes tells, formed by the same roundings, which are monotonic: `reach`.
 *
 * @module
 */
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW, bump, enterFour } from './tally';
import { infinity, zero } from './step';

/** Offsets of the constants: the product's smallest normal number, and 1.5 · 2^(24 − precision) of the product. */
const LEAST: usize = 0;
const MAGIC: usize = 16;
/** C of the product and of the sum. */
const SPLIT_PRODUCT: usize = 32;
const SPLIT: usize = 48;
/** Inexact products below this are tiny. */
const TINY: usize = 64;

/** Offsets in a row's scratch: sixteen bytes each of counts since they were last entered, then room for every step. */
const EXACT_PRODUCTS: usize = 0;
const TINY_PRODUCTS: usize = 16;
const EXACT: usize = 32;
const LOST: usize = 48;
const ROOM: usize = 64;
/** Bytes of room for a step, steps of a run at most, and steps until counts of bytes must be entered. */
const STEP_ROOM: usize = 80;
const RUN: usize = 64;
const COUNTED: usize = 192;
/** Then a bit for every step: whether a product is small. */
const BITS: usize = ROOM + RUN * STEP_ROOM;

const MAGNITUDE: usize = memory.data<u32>([0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff], 16);

@inline
function magnitude(x: v128): v128 {
  return v128.and(x, v128.load(MAGNITUDE));
}

/** Rounded to the grid of c's last place: c is 1.5 · 2^(24 − precision) times x's power of two, or times a larger one. */
@inline
function onGrid(x: v128, c: v128): v128 {
  return f32x4.sub(f32x4.add(x, c), c);
}

/** Any product, exact in x; the sign of a zero is lost, which no sum from +0 on sees. */
@inline
function anyProduct(x: v128, field: v128, least: v128, magic: v128): v128 {
  return onGrid(x, f32x4.mul(f32x4.pmax(v128.and(x, field), least), magic));
}

/** x rounded, for c = x·C. */
@inline
function split(x: v128, c: v128): v128 {
  return f32x4.add(c, f32x4.sub(x, c));
}

/** Four masks as one of bytes. */
@inline
function join(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
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
function settle(scratch: usize, steps: usize, tallies: usize, productTallies: usize): void {
  const all = i8x16.splat(<i8>steps);
  credit(i8x16.sub(all, v128.load(scratch, EXACT_PRODUCTS)), productTallies + INEXACT);
  credit(v128.load(scratch, TINY_PRODUCTS), productTallies + UNDERFLOW);
  credit(i8x16.sub(all, v128.load(scratch, EXACT)), tallies + INEXACT);
  credit(v128.load(scratch, LOST), tallies + ABSORPTION);
  memory.fill(scratch, 0, ROOM);
}

/** Products of any size; nothing counted. */
function anySums(a: usize, b: usize, n: usize, acc: usize, constants: usize): void {
  const field = infinity<f32>();
  const least = v128.load(constants + LEAST);
  const magic = v128.load(constants + MAGIC);
  const c = v128.load(constants + SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (const end = a + (n << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    const t0 = f32x4.add(s0, anyProduct(f32x4.mul(v, v128.load(b)), field, least, magic));
    s0 = split(t0, f32x4.mul(t0, c));
    const t1 = f32x4.add(s1, anyProduct(f32x4.mul(v, v128.load(b, 16)), field, least, magic));
    s1 = split(t1, f32x4.mul(t1, c));
    const t2 = f32x4.add(s2, anyProduct(f32x4.mul(v, v128.load(b, 32)), field, least, magic));
    s2 = split(t2, f32x4.mul(t2, c));
    const t3 = f32x4.add(s3, anyProduct(f32x4.mul(v, v128.load(b, 48)), field, least, magic));
    s3 = split(t3, f32x4.mul(t3, c));
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** The first step from k on of which a product is small, or n. */
@inline
function nextSmall(bits: usize, k: usize, n: usize): usize {
  while (k < n) {
    const word = load<u64>(bits + ((k >> 6) << 3)) >> (k & 63);
    if (word) return min(k + <usize>ctz(word), n);
    k = (k & ~63) + 64;
  }
  return n;
}

/** Products that are zero or not subnormal, but for the steps that `bits` tell; nothing counted. */
function normalSums(a: usize, b: usize, n: usize, acc: usize, constants: usize, bits: usize): void {
  const d = v128.load(constants + SPLIT_PRODUCT);
  const c = v128.load(constants + SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (let k: usize = 0; ; k++) {
    const next = nextSmall(bits, k, n);
    for (const end = a + ((next - k) << 2); a != end; a += 4) {
      const v = v128.load32_splat(a);
      // Of a product that is a tie, a·C has 25 bits at most: rounded, it is even, and so is what b makes of it.
      const w = f32x4.mul(v, d);
      const b0 = v128.load(b);
      const t0 = f32x4.add(s0, split(f32x4.mul(v, b0), f32x4.mul(w, b0)));
      s0 = split(t0, f32x4.mul(t0, c));
      const b1 = v128.load(b, 16);
      const t1 = f32x4.add(s1, split(f32x4.mul(v, b1), f32x4.mul(w, b1)));
      s1 = split(t1, f32x4.mul(t1, c));
      const b2 = v128.load(b, 32);
      const t2 = f32x4.add(s2, split(f32x4.mul(v, b2), f32x4.mul(w, b2)));
      s2 = split(t2, f32x4.mul(t2, c));
      const b3 = v128.load(b, 48);
      const t3 = f32x4.add(s3, split(f32x4.mul(v, b3), f32x4.mul(w, b3)));
      s3 = split(t3, f32x4.mul(t3, c));
      b += 64;
    }
    if (next == n) break;
    const v = v128.load32_splat(a);
    const field = infinity<f32>();
    const least = v128.load(constants + LEAST);
    const magic = v128.load(constants + MAGIC);
    const t0 = f32x4.add(s0, anyProduct(f32x4.mul(v, v128.load(b)), field, least, magic));
    const t1 = f32x4.add(s1, anyProduct(f32x4.mul(v, v128.load(b, 16)), field, least, magic));
    const t2 = f32x4.add(s2, anyProduct(f32x4.mul(v, v128.load(b, 32)), field, least, magic));
    const t3 = f32x4.add(s3, anyProduct(f32x4.mul(v, v128.load(b, 48)), field, least, magic));
    s0 = split(t0, f32x4.mul(t0, c));
    s1 = split(t1, f32x4.mul(t1, c));
    s2 = split(t2, f32x4.mul(t2, c));
    s3 = split(t3, f32x4.mul(t3, c));
    a += 4;
    b += 64;
    k = next;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** The same for two panels, `panel` bytes apart. */
function normalPairs(a: usize, b: usize, panel: usize, n: usize, acc: usize, constants: usize, bits: usize): void {
  const d = v128.load(constants + SPLIT_PRODUCT);
  const c = v128.load(constants + SPLIT);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let s4 = v128.load(acc, 64);
  let s5 = v128.load(acc, 80);
  let s6 = v128.load(acc, 96);
  let s7 = v128.load(acc, 112);
  let y = b + panel;
  for (let k: usize = 0; ; k++) {
    const next = nextSmall(bits, k, n);
    for (const end = a + ((next - k) << 2); a != end; a += 4) {
      const v = v128.load32_splat(a);
      // Of a product that is a tie, a·C has 25 bits at most: rounded, it is even, and so is what b makes of it.
      const w = f32x4.mul(v, d);
      const b0 = v128.load(b);
      const t0 = f32x4.add(s0, split(f32x4.mul(v, b0), f32x4.mul(w, b0)));
      s0 = split(t0, f32x4.mul(t0, c));
      const b1 = v128.load(b, 16);
      const t1 = f32x4.add(s1, split(f32x4.mul(v, b1), f32x4.mul(w, b1)));
      s1 = split(t1, f32x4.mul(t1, c));
      const b2 = v128.load(b, 32);
      const t2 = f32x4.add(s2, split(f32x4.mul(v, b2), f32x4.mul(w, b2)));
      s2 = split(t2, f32x4.mul(t2, c));
      const b3 = v128.load(b, 48);
      const t3 = f32x4.add(s3, split(f32x4.mul(v, b3), f32x4.mul(w, b3)));
      s3 = split(t3, f32x4.mul(t3, c));
      const b4 = v128.load(y);
      const t4 = f32x4.add(s4, split(f32x4.mul(v, b4), f32x4.mul(w, b4)));
      s4 = split(t4, f32x4.mul(t4, c));
      const b5 = v128.load(y, 16);
      const t5 = f32x4.add(s5, split(f32x4.mul(v, b5), f32x4.mul(w, b5)));
      s5 = split(t5, f32x4.mul(t5, c));
      const b6 = v128.load(y, 32);
      const t6 = f32x4.add(s6, split(f32x4.mul(v, b6), f32x4.mul(w, b6)));
      s6 = split(t6, f32x4.mul(t6, c));
      const b7 = v128.load(y, 48);
      const t7 = f32x4.add(s7, split(f32x4.mul(v, b7), f32x4.mul(w, b7)));
      s7 = split(t7, f32x4.mul(t7, c));
      b += 64;
      y += 64;
    }
    if (next == n) break;
    const v = v128.load32_splat(a);
    const field = infinity<f32>();
    const least = v128.load(constants + LEAST);
    const magic = v128.load(constants + MAGIC);
    const t0 = f32x4.add(s0, anyProduct(f32x4.mul(v, v128.load(b)), field, least, magic));
    const t1 = f32x4.add(s1, anyProduct(f32x4.mul(v, v128.load(b, 16)), field, least, magic));
    const t2 = f32x4.add(s2, anyProduct(f32x4.mul(v, v128.load(b, 32)), field, least, magic));
    const t3 = f32x4.add(s3, anyProduct(f32x4.mul(v, v128.load(b, 48)), field, least, magic));
    const t4 = f32x4.add(s4, anyProduct(f32x4.mul(v, v128.load(y)), field, least, magic));
    const t5 = f32x4.add(s5, anyProduct(f32x4.mul(v, v128.load(y, 16)), field, least, magic));
    const t6 = f32x4.add(s6, anyProduct(f32x4.mul(v, v128.load(y, 32)), field, least, magic));
    const t7 = f32x4.add(s7, anyProduct(f32x4.mul(v, v128.load(y, 48)), field, least, magic));
    s0 = split(t0, f32x4.mul(t0, c));
    s1 = split(t1, f32x4.mul(t1, c));
    s2 = split(t2, f32x4.mul(t2, c));
    s3 = split(t3, f32x4.mul(t3, c));
    s4 = split(t4, f32x4.mul(t4, c));
    s5 = split(t5, f32x4.mul(t5, c));
    s6 = split(t6, f32x4.mul(t6, c));
    s7 = split(t7, f32x4.mul(t7, c));
    a += 4;
    b += 64;
    y += 64;
    k = next;
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

/**
 * Products of which none is zero but where a is, none is subnormal, and none is so small beside a sum that binary32 loses
 * it. Then a sum is exact just where its rounding changes nothing, and loses the product just where it stays the same,
 * but for sums that are next to nothing beside the product: they are looked at afterwards. `zeros`: how many a are zero.
 */
function normalCounting(
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
    const r0 = split(t0, f32x4.mul(t0, c));
    const r1 = split(t1, f32x4.mul(t1, c));
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    const e2 = f32x4.mul(v, b2);
    const e3 = f32x4.mul(v, b3);
    const p2 = split(e2, f32x4.mul(w, b2));
    const p3 = split(e3, f32x4.mul(w, b3));
    exactProducts = i8x16.sub(exactProducts, join(f32x4.eq(p0, e0), f32x4.eq(p1, e1), f32x4.eq(p2, e2), f32x4.eq(p3, e3)));
    const t2 = f32x4.add(s2, p2);
    const t3 = f32x4.add(s3, p3);
    const r2 = split(t2, f32x4.mul(t2, c));
    const r3 = split(t3, f32x4.mul(t3, c));
    exact = i8x16.sub(exact, join(f32x4.eq(r0, t0), f32x4.eq(r1, t1), f32x4.eq(r2, t2), f32x4.eq(r3, t3)));
    same = i8x16.sub(same, join(f32x4.eq(r0, s0), f32x4.eq(r1, s1), f32x4.eq(r2, s2), f32x4.eq(r3, s3)));
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
      const r = split(t, f32x4.mul(t, c));
      const isLost = v128.and(f32x4.eq(r, p), f32x4.ne(s, zero()));
      bump<f32>(tallies + (g >> 4) * TALLY_BYTES + ABSORPTION, isLost);
      bump<f32>(tallies + (g >> 4) * TALLY_BYTES + INEXACT, v128.and(isLost, f32x4.eq(r, t)));
    }
  }
}

/** Any products, and sums that binary32 never rounds. */
function narrowCounting(
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
    const x = join(f32x4.eq(p0, e0), f32x4.eq(p1, e1), f32x4.eq(p2, e2), f32x4.eq(p3, e3));
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
    const r0 = split(t0, f32x4.mul(t0, c));
    const r1 = split(t1, f32x4.mul(t1, c));
    const r2 = split(t2, f32x4.mul(t2, c));
    const r3 = split(t3, f32x4.mul(t3, c));
    const y = join(f32x4.eq(r0, t0), f32x4.eq(r1, t1), f32x4.eq(r2, t2), f32x4.eq(r3, t3));
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
function anyProducts(a: usize, b: usize, n: usize, constants: usize, scratch: usize): void {
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
    const x = join(f32x4.eq(p0, e0), f32x4.eq(p1, e1), f32x4.eq(p2, e2), f32x4.eq(p3, e3));
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
function anyCounting(n: usize, acc: usize, constants: usize, scratch: usize): void {
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
    const r0 = split(t0, f32x4.mul(t0, c));
    const r1 = split(t1, f32x4.mul(t1, c));
    const r2 = split(t2, f32x4.mul(t2, c));
    const r3 = split(t3, f32x4.mul(t3, c));
    const y = join(f32x4.eq(r0, t0), f32x4.eq(r1, t1), f32x4.eq(r2, t2), f32x4.eq(r3, t3));
    const isNothing = join(f32x4.eq(p0, zero()), f32x4.eq(p1, zero()), f32x4.eq(p2, zero()), f32x4.eq(p3, zero()));
    const isSum = join(f32x4.eq(r0, s0), f32x4.eq(r1, s1), f32x4.eq(r2, s2), f32x4.eq(r3, s3));
    const isProduct = join(f32x4.eq(r0, p0), f32x4.eq(r1, p1), f32x4.eq(r2, p2), f32x4.eq(r3, p3));
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
/** For counting: see above. Counts are zero before and after. */
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
    const t = f32x4.add(s, anyProduct(e, field, least, magic));
    s = split(t, f32x4.mul(t, c));
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
