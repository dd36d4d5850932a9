/**
 * Sums that are rounded as a whole: the aligned sums of tensor and matrix cores, and exact ones. Vector by vector.
 *
 * @module
 */
import { AlignedFields, Arena, ExactFields, FloatFields, Loss, ProgramJob, Rounding } from '../lanes/layouts';
import { missing } from './doubles';
import { addToOdd, bySign, infinity, nearest, roundGenerally, roundNearestEven, signBit, word, zero } from '../lanes/rounding';
import { ABSORPTION, INEXACT, UNDERFLOW, add, bump, bumpLarge } from '../lanes/tally';

@inline
export function cut(y: v128, lost: i32): v128 {
  if (lost == Loss.TRUNCATE) return f64x2.trunc(y);
  if (lost == Loss.FLOOR) return f64x2.floor(y);
  // Jammed: where bits are missing, the last one kept is set.
  const t = f64x2.trunc(y);
  const half = f64x2.mul(t, f64x2.splat(0.5));
  const isEven = f64x2.eq(half, f64x2.trunc(half));
  const unit = v128.or(f64x2.splat(1), v128.and(y, signBit<f64>()));
  return f64x2.add(t, v128.and(unit, v128.and(isEven, f64x2.ne(t, y))));
}

/** Notes what a cut lost: bits, or all of so many values. */
@inline
function noteCut(arena: usize, isCut: v128, lost: v128): void {
  v128.store(arena + Arena.CUT, v128.or(v128.load(arena + Arena.CUT), isCut));
  v128.store(arena + Arena.ABSORBED_WHOLLY, i64x2.add(v128.load(arena + Arena.ABSORBED_WHOLLY), lost));
}

/** Whether a cut that took something left nothing: 1 or 0, lane by lane. */
@inline
export function lostOf(t: v128, isCut: v128): v128 {
  return i64x2.shr_u(v128.and(isCut, f64x2.eq(t, zero())), 63);
}

/** 1 / q for powers of two. */
@inline
export function inverseOf(q: v128): v128 {
  return i64x2.sub(i64x2.splat(<i64>2046 << 52), q);
}

/** A value cut to a multiple of q, a power of two. */
@inline
function cutTo(value: v128, q: v128, lost: i32, arena: usize): v128 {
  const y = f64x2.mul(value, inverseOf(q));
  const t = cut(y, lost);
  const isCut = f64x2.ne(t, y);
  noteCut(arena, isCut, lostOf(t, isCut));
  return f64x2.mul(t, q);
}

/** Σ of one product in `every`, from the first on, each cut to a multiple of q. */
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
  const x = word(job + ProgramJob.X) + g * word(job + ProgramJob.X_VECTOR);
  const shift = word(job + ProgramJob.X_SHIFT);
  const b = y + g * 16;
  const inverse = inverseOf(q);
  let total = zero();
  let isCut = zero();
  let wholly = zero();
  let good = v128.load(arena + Arena.GOOD + g * 16);
  for (let k: usize = 0; k < n; k += every) {
    const at = word(operands + (k << 2));
    const p = f64x2.mul(v128.load(x + (at << shift)), v128.load(b + (at << 6)));
    good = v128.and(good, f64x2.lt(f64x2.abs(p), limit));
    const scaled = f64x2.mul(p, inverse);
    const t = cut(scaled, lost);
    total = f64x2.add(total, t);
    const m = f64x2.ne(t, scaled);
    isCut = v128.or(isCut, m);
    wholly = i64x2.sub(wholly, v128.and(m, f64x2.eq(t, zero())));
  }
  v128.store(arena + Arena.GOOD + g * 16, good);
  noteCut(arena, isCut, wholly);
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
  if (lost == Loss.TRUNCATE) return cutProducts(Loss.TRUNCATE, job, y, operands, n, every, g, q, limit, arena);
  if (lost == Loss.FLOOR) return cutProducts(Loss.FLOOR, job, y, operands, n, every, g, q, limit, arena);
  return cutProducts(Loss.ODD, job, y, operands, n, every, g, q, limit, arena);
}

/** The largest binade among one product in `every`, from the first on. Zeros that take no part have binade 0. */
@inline
function largestBinade(job: usize, yBinades: usize, operands: usize, n: usize, every: usize, g: usize): v128 {
  const x = word(job + ProgramJob.X_BINADES) + g * word(job + ProgramJob.X_VECTOR);
  const shift = word(job + ProgramJob.X_SHIFT);
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
  const vector = g * word(job + ProgramJob.X_VECTOR);
  const x = word(job + ProgramJob.X) + vector;
  const xb = word(job + ProgramJob.X_BINADES) + vector;
  const shift = word(job + ProgramJob.X_SHIFT);
  const group = word(own + AlignedFields.GROUP);
  const zeros = load<u32>(own + AlignedFields.ZERO_GROUPS);
  let e = zero();
  let out = arena + Arena.GROUPS;
  let good = v128.load(arena + Arena.GOOD + g * 16);
  for (let k: usize = 0; k < n; k += group) {
    const first = word(operands + (k << 2));
    const end = min(k + group, n);
    let sum = zero();
    let isAny = zero();
    for (let j = k; j < end; j++) {
      const at = word(operands + (j << 2));
      const p = f64x2.mul(v128.load(x + (at << shift)), v128.load(y + g * 16 + (at << 6)));
      isAny = v128.or(isAny, f64x2.ne(p, zero()));
      sum = f64x2.add(sum, p);
    }
    good = v128.and(good, f64x2.lt(f64x2.abs(sum), infinity<f64>()));
    let binade = f64x2.mul(v128.load(xb + (first << shift)), v128.load(yBinades + g * 16 + (first << 6)));
    if (zeros != 1) binade = v128.and(binade, zeros == 2 ? isAny : f64x2.ne(sum, zero()));
    e = f64x2.pmax(e, binade);
    v128.store(out, sum);
    out += 16;
  }
  v128.store(arena + Arena.GOOD + g * 16, good);
  return e;
}

/** Σ of the terms, each cut to a multiple of q: products, or the groups laid down before. */
@inline
function cutTerms(job: usize, own: usize, y: usize, operands: usize, n: usize, every: usize, g: usize, q: v128, arena: usize): v128 {
  const lost = load<i32>(own + AlignedFields.LOST);
  const group = word(own + AlignedFields.GROUP);
  if (group == 1) {
    return cutProductsBy(lost, job, y, operands, n, every, g, q, v128.load64_splat(own + AlignedFields.LIMIT), arena);
  }
  const end = arena + Arena.GROUPS + ((n + group - 1) / group) * 16;
  let total = zero();
  for (let at = arena + Arena.GROUPS; at < end; at += 16) total = f64x2.add(total, cutTo(v128.load(at), q, lost, arena));
  return total;
}

/** The sum of what is kept of a late addend and of the products, whose largest binade is e. */
@inline
function joinLate(own: usize, late: i32, s: v128, sum: v128, e: v128, binade: v128, arena: usize): v128 {
  const lost = load<i32>(own + AlignedFields.LATE_LOST);
  const m = f64x2.pmax(e, binade);
  const kept = cutTo(sum, f64x2.mul(m, v128.load64_splat(own + AlignedFields.SUM_FRACTION)), lost, arena);
  const q = f64x2.mul(m, v128.load64_splat(own + AlignedFields.LATE_FRACTION));
  if (late == 2) {
    const isFar = f64x2.lt(binade, f64x2.mul(m, v128.load64_splat(own + AlignedFields.FAR)));
    const isMissed = v128.and(isFar, f64x2.ne(s, zero()));
    noteCut(arena, isMissed, i64x2.shr_u(isMissed, 63));
    s = v128.andnot(s, isFar);
  }
  const both = f64x2.add(kept, cutTo(s, q, lost, arena));
  const settle = v128.load64_splat(own + AlignedFields.SETTLE);
  if (!v128.any_true(settle)) return both;
  // Cut again, below the exponent of its own.
  const last = f64x2.mul(f64x2.pmax(v128.and(both, infinity<f64>()), v128.load64_splat(own + AlignedFields.ADDEND_BINADE)), settle);
  return cutTo(both, last, lost, arena);
}

/** The binade of the addend s. */
@inline
export function addendBinade(own: usize, s: v128): v128 {
  const raw = f64x2.pmax(v128.and(s, infinity<f64>()), v128.load64_splat(own + AlignedFields.ADDEND_BINADE));
  return v128.bitselect(v128.load64_splat(own + AlignedFields.ZERO_BINADE), raw, f64x2.eq(s, zero()));
}

/** What terms are multiples of: products whose largest binade is e, and an addend that is one of the terms. */
@inline
export function gridOf(own: usize, late: i32, e: v128, binade: v128): v128 {
  const m = late ? e : f64x2.pmax(f64x2.pmax(e, binade), v128.load64_splat(own + AlignedFields.LEAST));
  return f64x2.mul(m, v128.load64_splat(own + AlignedFields.FRACTION));
}

/** Two sums of an addend and of products cut to multiples of q, rounded. */
export function finishSums(own: usize, late: i32, sum: usize, products: v128, e: v128, q: v128, arena: usize, tally: usize): void {
  const s = v128.load(sum);
  const binade = addendBinade(own, s);
  let exact: v128;
  if (late) exact = joinLate(own, late, s, products, e, binade, arena);
  else {
    const isEmpty = f64x2.eq(f64x2.pmax(e, binade), zero());
    exact = v128.andnot(f64x2.add(products, cutTo(s, q, load<i32>(own + AlignedFields.LOST), arena)), isEmpty);
  }
  const r = finish(own, f64x2.add(exact, zero()), v128.load(arena + Arena.CUT), v128.load(arena + Arena.ABSORBED_WHOLLY), tally);
  // Here a zero has no sign, even where a sum becomes one.
  v128.store(sum, f64x2.add(r, zero()));
}

/** One vector's fused sum. */
export function align(job: usize, own: usize, y: usize, yBinades: usize, sum: usize, operands: usize, n: usize, g: usize, tally: usize): void {
  const arena = word(job + ProgramJob.ARENA);
  const late = load<i32>(own + AlignedFields.LATE);
  const s = v128.load(sum);
  v128.store(arena + Arena.CUT, zero());
  v128.store(arena + Arena.ABSORBED_WHOLLY, zero());
  const good = arena + Arena.GOOD + g * 16;
  v128.store(good, v128.and(v128.load(good), f64x2.lt(f64x2.abs(s), infinity<f64>())));
  const binade = addendBinade(own, s);
  let e: v128;
  let q: v128;
  let products: v128;
  if (load<u32>(own + AlignedFields.LANES) == 2) {
    // Even and odd elements apart; their sums are cut at the larger exponent.
    const lost = load<i32>(own + AlignedFields.LATE_LOST);
    const even = largestBinade(job, yBinades, operands, n, 2, g);
    const odd = largestBinade(job, yBinades, operands + 4, n - 1, 2, g);
    const evens = cutTerms(job, own, y, operands, n, 2, g, gridOf(own, late, even, binade), arena);
    const oddParts = cutTerms(job, own, y, operands + 4, n - 1, 2, g, gridOf(own, late, odd, binade), arena);
    e = f64x2.pmax(even, odd);
    q = gridOf(own, late, e, binade);
    products = f64x2.add(cutTo(evens, q, lost, arena), cutTo(oddParts, q, lost, arena));
  } else {
    e =
      word(own + AlignedFields.GROUP) == 1
        ? largestBinade(job, yBinades, operands, n, 1, g)
        : groupBinade(job, own, y, yBinades, operands, n, g, arena);
    q = gridOf(own, late, e, binade);
    products = cutTerms(job, own, y, operands, n, 1, g, q, arena);
  }
  finishSums(own, late, sum, products, e, q, arena, tally);
}

/** Adds what a sum that is cut or rounded has lost. */
@inline
function noteLost(r: v128, exact: v128, isCut: v128, lost: v128, tally: usize): void {
  bump<f64>(tally + INEXACT, v128.or(f64x2.ne(r, exact), isCut));
  add<f64>(tally + ABSORPTION, lost);
}

/** A sum of any magnitude, rounded as a whole. */
function finishAny(own: usize, exact: v128, isCut: v128, lost: v128, tally: usize): v128 {
  const rounding = word(own + FloatFields.ROUNDING);
  const isGeneral = load<u32>(own + FloatFields.IS_GENERAL) != 0;
  const over = v128.load(rounding + Rounding.OVER);
  const r = isGeneral
    ? roundGenerally<f64>(exact, rounding)
    : roundNearestEven<f64>(exact, v128.load(rounding + Rounding.MIN_NORMAL), v128.load(rounding + Rounding.ROUNDING_CONSTANT), over, v128.load(rounding + Rounding.TOP));
  const least = isGeneral ? bySign<f64>(exact, rounding, Rounding.TINY, Rounding.TINY_NEGATIVE) : v128.load(rounding + Rounding.TINY);
  const most = isGeneral ? bySign<f64>(exact, rounding, Rounding.OVER, Rounding.OVER_NEGATIVE) : over;
  const magnitude = f64x2.abs(exact);
  noteLost(r, exact, isCut, lost, tally);
  bump<f64>(tally + UNDERFLOW, v128.and(f64x2.ne(r, exact), f64x2.lt(magnitude, least)));
  if (v128.any_true(v128.not(f64x2.lt(magnitude, most)))) bumpLarge<f64>(tally, exact, r, most);
  return r;
}

/** A sum rounded as a whole. Normal sums that go toward zero lose their last bits, others go to the nearest at once. */
@inline
export function finish(own: usize, exact: v128, isCut: v128, lost: v128, tally: usize): v128 {
  const cutBits = load<i32>(own + FloatFields.CUT_BITS);
  if (!cutBits && load<u32>(own + FloatFields.IS_GENERAL)) return finishAny(own, exact, isCut, lost, tally);
  const rounding = word(own + FloatFields.ROUNDING);
  const magnitude = f64x2.abs(exact);
  const least = v128.load(rounding + Rounding.MIN_NORMAL);
  const isNormal = v128.and(f64x2.ge(magnitude, least), f64x2.lt(magnitude, v128.load(rounding + Rounding.OVER)));
  if (!i64x2.all_true(v128.or(isNormal, f64x2.eq(exact, zero())))) return finishAny(own, exact, isCut, lost, tally);
  const r = cutBits
    ? v128.and(exact, i64x2.shl(i64x2.splat(-1), cutBits))
    : v128.or(nearest<f64>(magnitude, least, v128.load(rounding + Rounding.ROUNDING_CONSTANT)), v128.and(exact, signBit<f64>()));
  noteLost(r, exact, isCut, lost, tally);
  return r;
}

/** One vector's exact sum: nearest sums, and the sum of what they miss; outputs where that in turn misses bits are left. */
export function exactly(job: usize, own: usize, y: usize, sum: usize, operands: usize, n: usize, g: usize, tally: usize): void {
  const good = word(job + ProgramJob.ARENA) + Arena.GOOD + g * 16;
  const x = word(job + ProgramJob.X) + g * word(job + ProgramJob.X_VECTOR);
  const shift = word(job + ProgramJob.X_SHIFT);
  const factor = v128.load64_splat(own + ExactFields.FACTOR);
  const b = y + g * 16;
  let s = v128.load(sum);
  let rest = zero();
  let isMissing = zero();
  for (let k: usize = 0; k < n; k++) {
    const at = word(operands + (k << 2));
    const p = f64x2.mul(f64x2.mul(v128.load(x + (at << shift)), factor), v128.load(b + (at << 6)));
    const t = f64x2.add(s, p);
    const d = missing(s, p, t);
    s = t;
    const next = f64x2.add(rest, d);
    isMissing = v128.or(isMissing, f64x2.ne(missing(rest, d, next), zero()));
    rest = next;
  }
  const total = f64x2.add(addToOdd<f64>(s, rest), zero());
  let mask = v128.and(v128.load(good), f64x2.lt(f64x2.abs(s), infinity<f64>()));
  mask = v128.andnot(mask, isMissing);
  v128.store(good, mask);
  v128.store(sum, finish(own, v128.and(total, mask), zero(), zero(), tally));
}
