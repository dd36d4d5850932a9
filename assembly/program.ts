/**
 * Any order of sums: a reduction as a straight line of instructions, carried out for eight outputs at a time in
 * binary64 lanes. `src/kernels/program/compile.ts` writes the instructions.
 *
 * Values are columns of eight numbers (four vectors) at offsets in an arena; elements are columns of X and Y, by number.
 *
 * @module
 */
import { productOf, rounded, sumOf } from './operations';
import { FUSED, ROUND } from './panel';
import {
  MAGIC,
  MIN_NORMAL,
  OVER,
  OVER_NEGATIVE,
  TINY,
  TINY_NEGATIVE,
  TOP,
  addToOdd,
  bySign,
  infinity,
  roundGenerally,
  roundUsually,
  signBit,
  zero,
} from './step';
import { ABSORPTION, INEXACT, TALLY_BYTES, UNDERFLOW, bump, bumpLarge, clear, harvest } from './tally';

/** Fields of a job, in the order of `src/kernels/program/row.ts`. */
const PROGRAM: usize = 0;
const END: usize = 4;
/** Pointers to what instructions name by number: steps and accumulators. */
const TABLE: usize = 8;
const ARENA: usize = 12;
const X: usize = 16;
const X_BINADES: usize = 20;
/** Columns of X are so many bytes apart, as a shift; from vector to vector 16, or 0 where all eight are one number. */
const X_SHIFT: usize = 24;
const X_VECTOR: usize = 28;
const Y: usize = 32;
const Y_BINADES: usize = 36;
const PANEL: usize = 40;
const ACC: usize = 44;
const WIDTH: usize = 48;
const LENGTH: usize = 52;
/** The rounding of products and where they go in the arena; no step: none. */
const PRODUCT: usize = 56;
const PRODUCT_IS_GENERAL: usize = 60;
const PRODUCTS: usize = 64;
/** The rounding of results; no step: none. */
const OUTPUT: usize = 68;
const OUTPUT_IS_GENERAL: usize = 72;
/** Tallies of four vectors in each of three stages, then by stage: totals and behaviours. */
const TALLIES: usize = 76;
const TOTALS: usize = 80;
const BEHAVIOURS: usize = 92;
const FLAGS: usize = 104;
/** Flags of a register that changed an integer sum: of one that saturates, of one that wraps. */
const RAISED: usize = 108;

/** Places in the arena. */
const START: usize = 0;
const RESULT: usize = 64;
const GOOD: usize = 192;
/** How often registers that wrap changed a sum, then how often those that saturate did. */
const CHANGES: usize = 256;
const CUT: usize = 384;
const LOST_WHOLLY: usize = 400;
const GROUPS: usize = 416;

/** Instructions: operation, where the result goes, where it starts from, number in the table, operands and how many. */
const OF_ELEMENTS: i32 = 1;
const OF_VALUES: i32 = 2;
const ALIGNED: i32 = 3;
const EXACT: i32 = 4;
const INTEGER_ELEMENTS: i32 = 5;
const INTEGER_VALUES: i32 = 6;
const COMPENSATED: i32 = 7;
const DOUBLES: i32 = 8;
const HEAD: usize = 20;

/** Fields of a float accumulator, and of the others: a step, whether it needs the general rounding, then their own. */
const STEP: usize = 0;
const IS_GENERAL: usize = 4;
const LOST: usize = 8;
/** 0: the addend is one of the terms; 1: it joins late and is cut; 2: late, and nothing where it is far below. */
const LATE: usize = 12;
const LATE_LOST: usize = 16;
const LANES: usize = 20;
const GROUP: usize = 24;
const ZEROS_JOIN: usize = 28;
/** Powers of two: 2^−fractionBits, the addend's least binade, the least binade, a zero addend's, the products' limit. */
const FRACTION: usize = 32;
const ADDEND_BINADE: usize = 40;
const LEAST: usize = 48;
const ZERO_BINADE: usize = 56;
const LIMIT: usize = 64;
/** 2^−sumBits, 2^−addendBits and half of that. */
const SUM_FRACTION: usize = 72;
const LATE_FRACTION: usize = 80;
const FAR: usize = 88;
/** An exact accumulator's factor. */
const FACTOR: usize = 32;
/** An integer register: whether it saturates, elements between fits; its range, 2^bits and the inverse. */
const SATURATES: usize = 0;
const EVERY: usize = 4;
const LOW: usize = 8;
const HIGH: usize = 16;
const MODULUS: usize = 24;
const INVERSE: usize = 32;

/** What becomes of the bits below the last one kept. */
const TRUNCATE: i32 = 0;
const FLOOR: i32 = 1;

/** The binades of n vectors: ⌊|x|⌋₂ as a power of two, no less than `least`; of zeros `ofZero`. */
export function binades(x: usize, n: usize, least: f64, ofZero: f64, out: usize): void {
  const floor = f64x2.splat(least);
  const none = f64x2.splat(ofZero);
  for (let i: usize = 0; i < n; i++) {
    const v = v128.load(x);
    const e = f64x2.pmax(v128.and(v, infinity<f64>()), floor);
    v128.store(out, v128.bitselect(none, e, f64x2.eq(v, zero())));
    x += 16;
    out += 16;
  }
}

/** Eight rows of n numbers, `stride` bytes apart, as n columns. n is even. */
export function intoEight(x: usize, stride: usize, n: usize, out: usize): void {
  for (let g: usize = 0; g < 4; g++) {
    const p = x + 2 * g * stride;
    const q = p + stride;
    const o = out + g * 16;
    for (let i: usize = 0; i < n; i += 2) {
      const a = v128.load(p + (i << 3));
      const b = v128.load(q + (i << 3));
      v128.store(o + (i << 6), v128.shuffle<i64>(a, b, 0, 2));
      v128.store(o + (i << 6) + 64, v128.shuffle<i64>(a, b, 1, 3));
    }
  }
}

@inline
function word(at: usize): usize {
  return load<u32>(at);
}

@inline
function copy(from: usize, to: usize): void {
  if (from == to) return;
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** A running sum of values, in place. */
function addValues(isGeneral: bool, arena: usize, sum: usize, operands: usize, n: usize, step: usize, tally: usize): void {
  for (let k: usize = 0; k < n; k++) {
    const value = arena + word(operands + (k << 2));
    for (let g: usize = 0; g < 4; g++) {
      const v = v128.load(value + g * 16);
      const s = v128.load(sum + g * 16);
      v128.store(sum + g * 16, sumOf(isGeneral, s, v, step, tally + g * TALLY_BYTES));
    }
  }
}

/** A running sum of values with a running compensation, in place: Kahan's, or Neumaier's. */
function compensate(arena: usize, own: usize, sum: usize, operands: usize, n: usize, tally: usize): void {
  const step = word(own + STEP);
  const isGeneral = load<u32>(own + IS_GENERAL) != 0;
  const isNeumaier = load<u32>(own + LOST) != 0;
  const sign = signBit<f64>();
  // Registers count their changes where float sums keep what they lost.
  const rests = arena + CHANGES;
  for (let g: usize = 0; g < 4; g++) v128.store(rests + g * 16, zero());
  for (let k: usize = 0; k < n; k++) {
    const value = arena + word(operands + (k << 2));
    for (let g: usize = 0; g < 4; g++) {
      const t = tally + g * TALLY_BYTES;
      const x = v128.load(value + g * 16);
      const s = v128.load(sum + g * 16);
      const rest = v128.load(rests + g * 16);
      const y = isNeumaier ? x : sumOf(isGeneral, x, v128.xor(rest, sign), step, t);
      const next = sumOf(isGeneral, s, y, step, t);
      // Neumaier takes the smaller addend from what is left of the larger; Kahan what is left of the sum from y.
      const isX = v128.and(f64x2.gt(f64x2.abs(x), f64x2.abs(s)), i64x2.splat(isNeumaier ? -1 : 0));
      const large = isNeumaier ? v128.bitselect(x, s, isX) : next;
      const taken = isNeumaier ? next : s;
      const small = isNeumaier ? v128.bitselect(s, x, isX) : v128.xor(y, sign);
      const left = sumOf(isGeneral, sumOf(isGeneral, large, v128.xor(taken, sign), step, t), small, step, t);
      v128.store(rests + g * 16, isNeumaier ? sumOf(isGeneral, rest, left, step, t) : left);
      v128.store(sum + g * 16, next);
    }
  }
  if (!isNeumaier) return;
  for (let g: usize = 0; g < 4; g++) {
    const at = sum + g * 16;
    v128.store(at, sumOf(isGeneral, v128.load(at), v128.load(rests + g * 16), step, tally + g * TALLY_BYTES));
  }
}

/** A running sum of products, each addition fused, in place. */
@inline
function addProducts(isGeneral: bool, job: usize, y: usize, sum: usize, operands: usize, n: usize, step: usize, tally: usize): void {
  const x = word(job + X);
  const shift = word(job + X_SHIFT);
  const vector = word(job + X_VECTOR);
  for (let k: usize = 0; k < n; k++) {
    const at = word(operands + (k << 2));
    const a = x + (at << shift);
    const b = y + (at << 6);
    for (let g: usize = 0; g < 4; g++) {
      const s = v128.load(sum + g * 16);
      const r = rounded(FUSED, isGeneral, v128.load(a + g * vector), v128.load(b + g * 16), s, step, tally + g * TALLY_BYTES);
      v128.store(sum + g * 16, r);
    }
  }
}

/** Magnitudes between which, and zero, no operation below leaves the normal range. */
const LEAST_SAFE: f64 = 3.872591914849318e-121;
const MOST_SAFE: f64 = 2.582249878086909e120;
/** 2^27 + 1 splits 53 bits into two halves (Veltkamp). */
const SPLITTER: f64 = 134217729;

@inline
function isSafe(x: v128): v128 {
  const a = f64x2.abs(x);
  const isBetween = v128.and(f64x2.ge(a, f64x2.splat(LEAST_SAFE)), f64x2.le(a, f64x2.splat(MOST_SAFE)));
  return v128.or(isBetween, f64x2.eq(a, zero()));
}

@inline
function upperHalf(x: v128): v128 {
  const c = f64x2.mul(x, f64x2.splat(SPLITTER));
  return f64x2.sub(c, f64x2.sub(c, x));
}

/** What s = a + b misses, exactly (Knuth 1969, Møller 1965). */
@inline
function missing(a: v128, b: v128, s: v128): v128 {
  const t = f64x2.sub(s, a);
  return f64x2.add(f64x2.sub(a, f64x2.sub(s, t)), f64x2.sub(b, t));
}

/**
 * A running sum of products in binary64, each addition fused, to nearest: the exact product by halves (Dekker 1971),
 * three terms summed with one rounding (Boldo & Melquiond, IEEE TC 2008). Outputs whose operands are far out are left.
 */
function addDoubles(job: usize, y: usize, sum: usize, operands: usize, n: usize, tally: usize): void {
  const x = word(job + X);
  const good = word(job + ARENA) + GOOD;
  const shift = word(job + X_SHIFT);
  const vector = word(job + X_VECTOR);
  for (let k: usize = 0; k < n; k++) {
    const at = word(operands + (k << 2));
    for (let g: usize = 0; g < 4; g++) {
      const a = v128.load(x + (at << shift) + g * vector);
      const b = v128.load(y + (at << 6) + g * 16);
      const c = v128.load(sum + g * 16);
      v128.store(good + g * 16, v128.and(v128.load(good + g * 16), v128.and(isSafe(c), v128.and(isSafe(a), isSafe(b)))));
      const p = f64x2.mul(a, b);
      const aHigh = upperHalf(a);
      const bHigh = upperHalf(b);
      const aLow = f64x2.sub(a, aHigh);
      const bLow = f64x2.sub(b, bHigh);
      let low = f64x2.sub(p, f64x2.mul(aHigh, bHigh));
      low = f64x2.sub(low, f64x2.mul(aLow, bHigh));
      low = f64x2.sub(low, f64x2.mul(aHigh, bLow));
      low = f64x2.sub(f64x2.mul(aLow, bLow), low);
      const t = f64x2.add(c, low);
      const u = f64x2.add(p, t);
      const tail = missing(c, low, t);
      const rest = missing(p, t, u);
      const z = addToOdd<f64>(tail, rest);
      const r = f64x2.add(u, z);
      let isInexact = f64x2.ne(missing(u, z, r), zero());
      isInexact = v128.or(isInexact, f64x2.ne(missing(tail, rest, f64x2.add(tail, rest)), zero()));
      const isProduct = v128.and(f64x2.eq(r, p), f64x2.eq(low, zero()));
      const isKept = v128.and(v128.or(f64x2.eq(r, c), isProduct), f64x2.ne(c, zero()));
      bump<f64>(tally + g * TALLY_BYTES + INEXACT, isInexact);
      bump<f64>(tally + g * TALLY_BYTES + ABSORPTION, v128.and(isInexact, isKept));
      // A zero's sign is that of the plain sum.
      v128.store(sum + g * 16, v128.bitselect(f64x2.add(p, c), r, f64x2.eq(r, zero())));
    }
  }
}

@inline
function cut(y: v128, lost: i32): v128 {
  if (lost == TRUNCATE) return f64x2.trunc(y);
  if (lost == FLOOR) return f64x2.floor(y);
  // Jammed: where bits are missing, the last one kept is set.
  const t = f64x2.trunc(y);
  const half = f64x2.mul(t, f64x2.splat(0.5));
  const isEven = f64x2.eq(half, f64x2.trunc(half));
  const unit = v128.or(f64x2.splat(1), v128.and(y, signBit<f64>()));
  return f64x2.add(t, v128.and(unit, v128.and(isEven, f64x2.ne(t, y))));
}

/** Notes what a cut lost: bits, or all of a value; jamming loses no value. */
@inline
function noteCut(arena: usize, isCut: v128, isLost: v128, lost: i32): void {
  v128.store(arena + CUT, v128.or(v128.load(arena + CUT), isCut));
  if (lost <= FLOOR) v128.store(arena + LOST_WHOLLY, v128.or(v128.load(arena + LOST_WHOLLY), v128.and(isCut, isLost)));
}

/** 1 / q for powers of two. */
@inline
function inverseOf(q: v128): v128 {
  return i64x2.sub(i64x2.splat(<i64>2046 << 52), q);
}

/** A value cut to a multiple of q, a power of two. */
@inline
function cutTo(value: v128, q: v128, lost: i32, arena: usize): v128 {
  const y = f64x2.mul(value, inverseOf(q));
  const t = cut(y, lost);
  noteCut(arena, f64x2.ne(t, y), f64x2.lt(f64x2.abs(y), f64x2.splat(1)), lost);
  return f64x2.mul(t, q);
}

/** Σ of every so-manieth product, each cut to a multiple of q. */
@inline
function cutProducts(
  lost: i32,
  job: usize,
  y: usize,
  operands: usize,
  n: usize,
  every: usize,
  g: usize,
  q: v128,
  limit: v128,
  arena: usize,
): v128 {
  const x = word(job + X) + g * word(job + X_VECTOR);
  const shift = word(job + X_SHIFT);
  const b = y + g * 16;
  const inverse = inverseOf(q);
  let total = zero();
  let isCut = zero();
  let isLost = zero();
  let good = v128.load(arena + GOOD + g * 16);
  for (let k: usize = 0; k < n; k += every) {
    const at = word(operands + (k << 2));
    const p = f64x2.mul(v128.load(x + (at << shift)), v128.load(b + (at << 6)));
    good = v128.and(good, f64x2.lt(f64x2.abs(p), limit));
    const scaled = f64x2.mul(p, inverse);
    const t = cut(scaled, lost);
    total = f64x2.add(total, t);
    const m = f64x2.ne(t, scaled);
    isCut = v128.or(isCut, m);
    isLost = v128.or(isLost, v128.and(m, f64x2.lt(f64x2.abs(scaled), f64x2.splat(1))));
  }
  v128.store(arena + GOOD + g * 16, good);
  noteCut(arena, isCut, isLost, lost);
  return f64x2.mul(total, q);
}

function cutProductsBy(
  lost: i32,
  job: usize,
  y: usize,
  operands: usize,
  n: usize,
  every: usize,
  g: usize,
  q: v128,
  limit: v128,
  arena: usize,
): v128 {
  if (lost == TRUNCATE) return cutProducts(TRUNCATE, job, y, operands, n, every, g, q, limit, arena);
  if (lost == FLOOR) return cutProducts(FLOOR, job, y, operands, n, every, g, q, limit, arena);
  return cutProducts(2, job, y, operands, n, every, g, q, limit, arena);
}

/** The largest binade of every so-manieth product; 0 of zeros that do not join. */
@inline
function largestBinade(job: usize, yBinades: usize, operands: usize, n: usize, every: usize, g: usize): v128 {
  const x = word(job + X_BINADES) + g * word(job + X_VECTOR);
  const shift = word(job + X_SHIFT);
  const b = yBinades + g * 16;
  let e = zero();
  for (let k: usize = 0; k < n; k += every) {
    const at = word(operands + (k << 2));
    e = f64x2.pmax(e, f64x2.mul(v128.load(x + (at << shift)), v128.load(b + (at << 6))));
  }
  return e;
}

/** Groups of products, summed exactly, laid into the arena; the largest binade, which is that of their scales. */
@inline
function groupBinade(job: usize, own: usize, y: usize, yBinades: usize, operands: usize, n: usize, g: usize, arena: usize): v128 {
  const vector = g * word(job + X_VECTOR);
  const x = word(job + X) + vector;
  const xb = word(job + X_BINADES) + vector;
  const shift = word(job + X_SHIFT);
  const group = word(own + GROUP);
  const joins = load<u32>(own + ZEROS_JOIN) != 0;
  let e = zero();
  let out = arena + GROUPS;
  let good = v128.load(arena + GOOD + g * 16);
  for (let k: usize = 0; k < n; k += group) {
    const first = word(operands + (k << 2));
    const end = min(k + group, n);
    let sum = zero();
    for (let j = k; j < end; j++) {
      const at = word(operands + (j << 2));
      sum = f64x2.add(sum, f64x2.mul(v128.load(x + (at << shift)), v128.load(y + g * 16 + (at << 6))));
    }
    good = v128.and(good, f64x2.lt(f64x2.abs(sum), infinity<f64>()));
    let binade = f64x2.mul(v128.load(xb + (first << shift)), v128.load(yBinades + g * 16 + (first << 6)));
    if (!joins) binade = v128.and(binade, f64x2.ne(sum, zero()));
    e = f64x2.pmax(e, binade);
    v128.store(out, sum);
    out += 16;
  }
  v128.store(arena + GOOD + g * 16, good);
  return e;
}

/** Σ of the terms, each cut to a multiple of e · 2^−fractionBits: products, or the groups laid down before. */
@inline
function cutTerms(job: usize, own: usize, y: usize, operands: usize, n: usize, every: usize, g: usize, e: v128, arena: usize): v128 {
  const q = f64x2.mul(e, v128.load64_splat(own + FRACTION));
  const lost = load<i32>(own + LOST);
  const group = word(own + GROUP);
  if (group == 1) {
    return cutProductsBy(lost, job, y, operands, n, every, g, q, v128.load64_splat(own + LIMIT), arena);
  }
  const end = arena + GROUPS + ((n + group - 1) / group) * 16;
  let total = zero();
  for (let at = arena + GROUPS; at < end; at += 16) total = f64x2.add(total, cutTo(v128.load(at), q, lost, arena));
  return total;
}

/** The sum of what is kept of a late addend and of the products, whose largest binade is e. */
@inline
function joinLate(own: usize, late: i32, s: v128, sum: v128, e: v128, binade: v128, arena: usize): v128 {
  const lost = load<i32>(own + LATE_LOST);
  const m = f64x2.pmax(e, binade);
  const kept = cutTo(sum, f64x2.mul(m, v128.load64_splat(own + SUM_FRACTION)), lost, arena);
  const q = f64x2.mul(m, v128.load64_splat(own + LATE_FRACTION));
  if (late == 1) return f64x2.add(kept, cutTo(s, q, lost, arena));
  const isFar = f64x2.lt(binade, f64x2.mul(m, v128.load64_splat(own + FAR)));
  const isMissed = v128.and(isFar, f64x2.ne(s, zero()));
  noteCut(arena, isMissed, isMissed, TRUNCATE);
  return f64x2.add(kept, cutTo(v128.andnot(s, isFar), q, lost, arena));
}

/** One vector's fused sum. */
function align(job: usize, own: usize, y: usize, yBinades: usize, sum: usize, operands: usize, n: usize, g: usize, tally: usize): void {
  const arena = word(job + ARENA);
  const late = load<i32>(own + LATE);
  const s = v128.load(sum);
  v128.store(arena + CUT, zero());
  v128.store(arena + LOST_WHOLLY, zero());
  const good = arena + GOOD + g * 16;
  v128.store(good, v128.and(v128.load(good), f64x2.lt(f64x2.abs(s), infinity<f64>())));
  const isZero = f64x2.eq(s, zero());
  const raw = f64x2.pmax(v128.and(s, infinity<f64>()), v128.load64_splat(own + ADDEND_BINADE));
  const binade = v128.bitselect(v128.load64_splat(own + ZERO_BINADE), raw, isZero);
  let exact: v128;
  if (load<u32>(own + LANES) == 2) {
    // Even and odd elements apart; their sums are cut at the larger exponent.
    const lost = load<i32>(own + LATE_LOST);
    const even = largestBinade(job, yBinades, operands, n, 2, g);
    const odd = largestBinade(job, yBinades, operands + 4, n - 1, 2, g);
    const evens = cutTerms(job, own, y, operands, n, 2, g, even, arena);
    const odds = cutTerms(job, own, y, operands + 4, n - 1, 2, g, odd, arena);
    const e = f64x2.pmax(even, odd);
    const q = f64x2.mul(e, v128.load64_splat(own + FRACTION));
    const both = f64x2.add(cutTo(evens, q, lost, arena), cutTo(odds, q, lost, arena));
    exact = joinLate(own, late, s, both, e, binade, arena);
  } else {
    let e =
      word(own + GROUP) == 1
        ? largestBinade(job, yBinades, operands, n, 1, g)
        : groupBinade(job, own, y, yBinades, operands, n, g, arena);
    if (late) exact = joinLate(own, late, s, cutTerms(job, own, y, operands, n, 1, g, e, arena), e, binade, arena);
    else {
      e = f64x2.pmax(e, binade);
      const isEmpty = f64x2.eq(e, zero());
      e = f64x2.pmax(e, v128.load64_splat(own + LEAST));
      const q = f64x2.mul(e, v128.load64_splat(own + FRACTION));
      exact = f64x2.add(cutTerms(job, own, y, operands, n, 1, g, e, arena), cutTo(s, q, load<i32>(own + LOST), arena));
      exact = v128.andnot(exact, isEmpty);
    }
  }
  const r = finish(own, f64x2.add(exact, zero()), v128.load(arena + CUT), v128.load(arena + LOST_WHOLLY), tally);
  // Here a zero has no sign, even where a sum becomes one.
  v128.store(sum, f64x2.add(r, zero()));
}

/** A sum rounded as a whole. */
@inline
function finish(own: usize, exact: v128, isCut: v128, isLost: v128, tally: usize): v128 {
  const step = word(own + STEP);
  const isGeneral = load<u32>(own + IS_GENERAL) != 0;
  const over = v128.load(step + OVER);
  const r = isGeneral
    ? roundGenerally<f64>(exact, step)
    : roundUsually<f64>(exact, v128.load(step + MIN_NORMAL), v128.load(step + MAGIC), over, v128.load(step + TOP));
  const least = isGeneral ? bySign<f64>(exact, step, TINY, TINY_NEGATIVE) : v128.load(step + TINY);
  const most = isGeneral ? bySign<f64>(exact, step, OVER, OVER_NEGATIVE) : over;
  const magnitude = f64x2.abs(exact);
  const m = f64x2.ne(r, exact);
  bump<f64>(tally + INEXACT, v128.or(m, isCut));
  bump<f64>(tally + UNDERFLOW, v128.and(m, f64x2.lt(magnitude, least)));
  bump<f64>(tally + ABSORPTION, isLost);
  if (v128.any_true(v128.not(f64x2.lt(magnitude, most)))) bumpLarge<f64>(tally, exact, r, most);
  return r;
}

/** One vector's exact sum: nearest sums, and the sum of what they miss; outputs where that in turn misses bits are left. */
function exactly(job: usize, own: usize, y: usize, sum: usize, operands: usize, n: usize, g: usize, tally: usize): void {
  const good = word(job + ARENA) + GOOD + g * 16;
  const x = word(job + X) + g * word(job + X_VECTOR);
  const shift = word(job + X_SHIFT);
  const factor = v128.load64_splat(own + FACTOR);
  const b = y + g * 16;
  let s = v128.load(sum);
  let rest = zero();
  let isMissing = zero();
  for (let k: usize = 0; k < n; k++) {
    const at = word(operands + (k << 2));
    const p = f64x2.mul(f64x2.mul(v128.load(x + (at << shift)), factor), v128.load(b + (at << 6)));
    const t = f64x2.add(s, p);
    const u = f64x2.sub(t, s);
    const d = f64x2.add(f64x2.sub(s, f64x2.sub(t, u)), f64x2.sub(p, u));
    s = t;
    const next = f64x2.add(rest, d);
    const v = f64x2.sub(next, rest);
    const e = f64x2.add(f64x2.sub(rest, f64x2.sub(next, v)), f64x2.sub(d, v));
    rest = next;
    isMissing = v128.or(isMissing, f64x2.ne(e, zero()));
  }
  const total = f64x2.add(addToOdd<f64>(s, rest), zero());
  let mask = v128.and(v128.load(good), f64x2.lt(f64x2.abs(s), infinity<f64>()));
  mask = v128.andnot(mask, isMissing);
  v128.store(good, mask);
  v128.store(sum, finish(own, v128.and(total, mask), zero(), zero(), tally));
}

/** A register's running sum in one vector. */
@inline
function integers(ofProducts: bool, job: usize, own: usize, y: usize, sum: usize, operands: usize, n: usize, g: usize): void {
  const arena = word(job + ARENA);
  const x = word(job + X) + g * word(job + X_VECTOR);
  const shift = word(job + X_SHIFT);
  const saturates = load<u32>(own + SATURATES) != 0;
  const every = word(own + EVERY);
  const low = v128.load64_splat(own + LOW);
  const high = v128.load64_splat(own + HIGH);
  const modulus = v128.load64_splat(own + MODULUS);
  const inverse = v128.load64_splat(own + INVERSE);
  const b = y + g * 16;
  let s = v128.load(sum);
  const changed = arena + CHANGES + (saturates ? 64 : 0) + g * 16;
  let changes = v128.load(changed);
  let until = every;
  for (let k: usize = 1; k <= n; k++) {
    const at = word(operands + (k << 2) - 4);
    const p = ofProducts
      ? f64x2.mul(v128.load(x + (at << shift)), v128.load(b + (at << 6)))
      : v128.load(arena + at + g * 16);
    s = f64x2.add(s, p);
    if (k == until || k == n) {
      until += every;
      const r = saturates
        ? f64x2.pmin(f64x2.pmax(s, low), high)
        : f64x2.sub(s, f64x2.mul(modulus, f64x2.floor(f64x2.mul(f64x2.sub(s, low), inverse))));
      changes = i64x2.sub(changes, f64x2.ne(r, s));
      s = r;
    }
  }
  v128.store(changed, changes);
  v128.store(sum, s);
}

/** One group of eight outputs. */
@inline
function run(job: usize, y: usize, yBinades: usize): void {
  const arena = word(job + ARENA);
  const end = word(job + END);
  const table = word(job + TABLE);
  const tally = word(job + TALLIES) + 4 * TALLY_BYTES;
  let at = word(job + PROGRAM);
  while (at < end) {
    const op = load<i32>(at);
    const sum = arena + word(at + 4);
    const own = word(table + (word(at + 12) << 2));
    const n = word(at + 16);
    const operands = at + HEAD;
    copy(arena + word(at + 8), sum);
    if (op == OF_VALUES) {
      const step = word(own + STEP);
      addValues(load<u32>(own + IS_GENERAL) != 0, arena, sum, operands, n, step, tally);
    } else if (op == OF_ELEMENTS) {
      const step = word(own + STEP);
      if (load<u32>(own + IS_GENERAL)) addProducts(true, job, y, sum, operands, n, step, tally);
      else addProducts(false, job, y, sum, operands, n, step, tally);
    } else if (op == DOUBLES) addDoubles(job, y, sum, operands, n, tally);
    else if (op == COMPENSATED) compensate(arena, own, sum, operands, n, tally);
    else {
      for (let g: usize = 0; g < 4; g++) {
        const to = sum + g * 16;
        if (op == ALIGNED) align(job, own, y, yBinades, to, operands, n, g, tally + g * TALLY_BYTES);
        else if (op == EXACT) exactly(job, own, y, to, operands, n, g, tally + g * TALLY_BYTES);
        else if (op == INTEGER_ELEMENTS) integers(true, job, own, y, to, operands, n, g);
        else if (op == INTEGER_VALUES) integers(false, job, own, y, to, operands, n, g);
      }
    }
    at = operands + (n << 2);
  }
}

/** The rounded products of X and Y. */
@inline
function multiply(isGeneral: bool, job: usize, y: usize): void {
  const x = word(job + X);
  const shift = word(job + X_SHIFT);
  const vector = word(job + X_VECTOR);
  const out = word(job + ARENA) + word(job + PRODUCTS);
  const n = word(job + LENGTH);
  const step = word(job + PRODUCT);
  const tally = word(job + TALLIES);
  for (let k: usize = 0; k < n; k++) {
    for (let g: usize = 0; g < 4; g++) {
      const a = v128.load(x + (k << shift) + g * vector);
      const b = v128.load(y + (k << 6) + g * 16);
      v128.store(out + (k << 6) + g * 16, productOf(isGeneral, a, b, step, tally + g * TALLY_BYTES));
    }
  }
}

@inline
function storeResult(isGeneral: bool, result: usize, step: usize, tally: usize): void {
  for (let g: usize = 0; g < 4; g++) {
    const s = v128.load(result + g * 16);
    v128.store(result + g * 16, rounded(ROUND, isGeneral, s, s, s, step, tally + g * TALLY_BYTES));
  }
}

/** How often registers changed, entered for every kind of `raised`. */
function settle(changes: usize, active: i32, raised: u32, totals: usize, flags: usize): void {
  let total: i64 = 0;
  for (let i = 0; i < active; i++) {
    const n = load<i64>(changes + (<usize>i << 3));
    total += n;
    if (n) store<u16>(flags + (<usize>i << 1), load<u16>(flags + (<usize>i << 1)) | <u16>raised);
  }
  for (let kind: usize = 0; raised; kind++) {
    if (raised & 1) store<f64>(totals + (kind << 3), load<f64>(totals + (kind << 3)) + <f64>total);
    raised >>= 1;
  }
}

/** A row of outputs, eight at a time. Where one is left to the specification, its flags are all ones. */
export function programRow(job: usize): void {
  const arena = word(job + ARENA);
  const tallies = word(job + TALLIES);
  const panel = word(job + PANEL);
  const product = word(job + PRODUCT);
  const output = word(job + OUTPUT);
  const saturated = load<u32>(job + RAISED);
  const wrapped = load<u32>(job + RAISED + 4);
  let y = word(job + Y);
  let yBinades = word(job + Y_BINADES);
  let acc = word(job + ACC);
  let flags = word(job + FLAGS);
  for (let left = load<i32>(job + WIDTH); left > 0; left -= 8) {
    copy(acc, arena + START);
    for (let g: usize = 0; g < 4; g++) {
      v128.store(arena + GOOD + g * 16, i64x2.splat(-1));
      v128.store(arena + CHANGES + g * 16, zero());
      v128.store(arena + CHANGES + 64 + g * 16, zero());
    }
    if (product) multiply(load<u32>(job + PRODUCT_IS_GENERAL) != 0, job, y);
    run(job, y, yBinades);
    if (output) {
      if (load<u32>(job + OUTPUT_IS_GENERAL)) storeResult(true, arena + RESULT, output, tallies + 8 * TALLY_BYTES);
      else storeResult(false, arena + RESULT, output, tallies + 8 * TALLY_BYTES);
    }
    copy(arena + RESULT, acc);
    for (let g: usize = 0; g < 4; g++) {
      const active = max(0, min(2, left - <i32>g * 2));
      const isGood = i64x2.all_true(v128.load(arena + GOOD + g * 16));
      for (let stage: usize = 0; stage < 3; stage++) {
        const tally = tallies + (stage * 4 + g) * TALLY_BYTES;
        const totals = word(job + TOTALS + stage * 4);
        const behaviour = load<i32>(job + BEHAVIOURS + stage * 4);
        if (isGood) harvest<f64>(tally, behaviour, active, totals, flags + g * 4, 2, 0);
        else clear(tally);
      }
      if (!isGood) store<u32>(flags + g * 4, 0xffffffff);
    }
    if (wrapped) {
      const totals = word(job + TOTALS + 4);
      settle(arena + CHANGES, min(left, 8), wrapped, totals, flags);
      settle(arena + CHANGES + 64, min(left, 8), saturated, totals, flags);
    }
    acc += 64;
    flags += 16;
    y += panel;
    yBinades += panel;
  }
}
