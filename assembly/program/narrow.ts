/**
 * Aligned sums of products that binary32 holds: four outputs a vector. `src/twins/instructions/narrow.ts` says which.
 *
 * @module
 */
import { AlignedFields, Arena, Loss, ProgramJob } from '../lanes/layouts';
import { word, zero } from '../lanes/rounding';
import { TALLY_BYTES } from '../lanes/tally';
import { demoted, lower, upper } from '../lanes/widths';
import { addendBinade, cut as cutDoubles, finish, finishSums, gridOf, inverseOf, lostOf } from './fused';

/** Below all binades of products; zeros have less. */
const LEAST_BINADE: f32 = 8.470329472543003e-22; // 2^-70
/** Between these 1 / q loses nothing of a product; beyond them nothing is kept of any, or all are zeros. */
const LEAST_INVERSE: f32 = 8.673617379884035e-19; // 2^-60
const MOST_INVERSE: f32 = 1.329227995784916e36; // 2^120

/** n numbers of binary64 as binary32, in place or not. n is a multiple of 4. */
export function narrow(x: usize, n: usize, out: usize): void {
  for (const end = x + (n << 3); x < end; x += 32) {
    v128.store(out, demoted(v128.load(x), v128.load(x, 16)));
    out += 16;
  }
}

/** Largest binades of products; 0 where all of an output's are zeros. */
@inline
function aboveZeros(e: v128): v128 {
  return v128.and(e, f32x4.ge(e, f32x4.splat(LEAST_BINADE)));
}

/** 1 / q of four outputs, within what loses nothing of a product. */
@inline
function inverses(q: v128, upperQ: v128): v128 {
  const both = demoted(inverseOf(q), inverseOf(upperQ));
  return f32x4.pmin(f32x4.pmax(both, f32x4.splat(LEAST_INVERSE)), f32x4.splat(MOST_INVERSE));
}

@inline
function cut(scaled: v128, lost: i32): v128 {
  return lost == Loss.FLOOR ? f32x4.floor(scaled) : f32x4.trunc(scaled);
}

/** What the terms of two outputs are multiples of; outputs whose operands or addend are not finite are noted. */
@inline
function grid(own: usize, late: i32, e: v128, sum: usize, good: usize): v128 {
  const s = v128.load(sum);
  const most = f64x2.splat(Infinity);
  v128.store(good, v128.and(v128.load(good), v128.and(f64x2.lt(f64x2.abs(s), most), f64x2.lt(e, most))));
  return gridOf(own, late, e, addendBinade(own, s));
}

/** The sums of two outputs, from that of their cut products in units of q, and what the cut took. */
@inline
function finishTwo(own: usize, sum: usize, products: v128, e: v128, q: v128, isCut: v128, wholly: v128, arena: usize, tally: usize): void {
  const late = load<i32>(own + AlignedFields.LATE);
  if (late) {
    v128.store(arena + Arena.CUT, isCut);
    v128.store(arena + Arena.ABSORBED_WHOLLY, wholly);
    finishSums(own, late, sum, f64x2.mul(products, q), e, q, arena, tally);
    return;
  }
  // The addend is one more term.
  const s = f64x2.mul(v128.load(sum), inverseOf(q));
  const t = cutDoubles(s, load<i32>(own + AlignedFields.LOST));
  const m = f64x2.ne(t, s);
  const lost = i64x2.add(wholly, lostOf(t, m));
  const exact = f64x2.add(f64x2.mul(f64x2.add(products, t), q), zero());
  v128.store(sum, f64x2.add(finish(own, exact, v128.or(isCut, m), lost, tally), zero()));
}

/** The same of four. */
function finishFour(own: usize, sum: usize, low: v128, high: v128, e: v128, q: v128, upperQ: v128, isCut: v128, wholly: v128, arena: usize, tally: usize): void {
  const upperCut = i64x2.extend_high_i32x4_s(isCut);
  const upperWholly = i64x2.extend_high_i32x4_u(wholly);
  finishTwo(own, sum, low, lower(e), q, i64x2.extend_low_i32x4_s(isCut), i64x2.extend_low_i32x4_u(wholly), arena, tally);
  finishTwo(own, sum + 16, high, upper(e), upperQ, upperCut, upperWholly, arena, tally + TALLY_BYTES);
}

@inline
function sumBy(lost: i32, job: usize, own: usize, y: usize, yBinades: usize, sum: usize, first: usize, n: usize, tally: usize): void {
  const arena = word(job + ProgramJob.ARENA);
  const late = load<i32>(own + AlignedFields.LATE);
  const shift = word(job + ProgramJob.X_SHIFT);
  const vector = word(job + ProgramJob.X_VECTOR);
  const step = <usize>1 << shift;
  let x = word(job + ProgramJob.X_BINADES) + (first << shift);
  let b = yBinades + (first << 5);
  const end = b + (n << 5);
  let e0 = zero();
  let e1 = zero();
  for (; b < end; b += 32) {
    e0 = f32x4.pmax(e0, f32x4.mul(v128.load(x), v128.load(b)));
    e1 = f32x4.pmax(e1, f32x4.mul(v128.load(x + vector), v128.load(b, 16)));
    x += step;
  }
  e0 = aboveZeros(e0);
  e1 = aboveZeros(e1);
  const good = arena + Arena.GOOD;
  const q0 = grid(own, late, lower(e0), sum, good);
  const q1 = grid(own, late, upper(e0), sum + 16, good + 16);
  const q2 = grid(own, late, lower(e1), sum + 32, good + 32);
  const q3 = grid(own, late, upper(e1), sum + 48, good + 48);
  const inverse0 = inverses(q0, q1);
  const inverse1 = inverses(q2, q3);
  let t0 = zero();
  let t1 = zero();
  let t2 = zero();
  let t3 = zero();
  let isCut0 = zero();
  let isCut1 = zero();
  let wholly0 = zero();
  let wholly1 = zero();
  x = word(job + ProgramJob.X) + (first << shift);
  b = y + (first << 5);
  for (const last = b + (n << 5); b < last; b += 32) {
    const scaled0 = f32x4.mul(f32x4.mul(v128.load(x), v128.load(b)), inverse0);
    const scaled1 = f32x4.mul(f32x4.mul(v128.load(x + vector), v128.load(b, 16)), inverse1);
    const c0 = cut(scaled0, lost);
    const c1 = cut(scaled1, lost);
    t0 = f64x2.add(t0, lower(c0));
    t1 = f64x2.add(t1, upper(c0));
    t2 = f64x2.add(t2, lower(c1));
    t3 = f64x2.add(t3, upper(c1));
    const m0 = f32x4.ne(c0, scaled0);
    const m1 = f32x4.ne(c1, scaled1);
    isCut0 = v128.or(isCut0, m0);
    isCut1 = v128.or(isCut1, m1);
    wholly0 = i32x4.sub(wholly0, v128.and(m0, f32x4.eq(c0, zero())));
    wholly1 = i32x4.sub(wholly1, v128.and(m1, f32x4.eq(c1, zero())));
    x += step;
  }
  finishFour(own, sum, t0, t1, e0, q0, q1, isCut0, wholly0, arena, tally);
  finishFour(own, sum + 32, t2, t3, e1, q2, q3, isCut1, wholly1, arena, tally + 2 * TALLY_BYTES);
}

/** Eight fused sums of n neighbouring elements. */
export function alignNarrow(job: usize, own: usize, y: usize, yBinades: usize, sum: usize, first: usize, n: usize, tally: usize): void {
  if (load<i32>(own + AlignedFields.LOST) == Loss.FLOOR) sumBy(Loss.FLOOR, job, own, y, yBinades, sum, first, n, tally);
  else sumBy(Loss.TRUNCATE, job, own, y, yBinades, sum, first, n, tally);
}
