/**
 * The fused sums of tensor and matrix cores, in binary64 lanes: terms aligned to the largest exponent, cut, summed
 * exactly, rounded once. Infinities and NaN are left to the specification.
 *
 * @module
 */
import {
  MAGIC,
  MIN_NORMAL,
  OVER,
  OVER_NEGATIVE,
  TINY,
  TINY_NEGATIVE,
  TOP,
  bySign,
  count,
  infinity,
  roundGenerally,
  roundUsually,
  zero,
} from './step';
import { ABSORPTION, INEXACT, LARGE, UNDERFLOW, harvest } from './tally';

/** What becomes of the bits below the last one kept. */
const TRUNCATE: i32 = 0;
const FLOOR: i32 = 1;

/** Fields of a row's job: 8 bytes each where they are numbers, in the order of `src/kernels/matmul/aligned.ts`. */
const A: usize = 0;
const A_BINADES: usize = 4;
const B: usize = 8;
const B_BINADES: usize = 12;
const LENGTH: usize = 16;
const WIDTH: usize = 20;
const BLOCK: usize = 24;
const ACC: usize = 28;
const STEP: usize = 32;
const TOTALS: usize = 36;
const BEHAVIOUR: usize = 40;
const FLAGS: usize = 44;
const TALLIES: usize = 48;
const LOST: usize = 52;
const IS_GENERAL: usize = 56;
const PANEL: usize = 60;
/** 2^−fractionBits, 2^emin of the output, 2^leastExponent or 0, the binade of a zero addend, and the product's limit. */
const FRACTION: usize = 64;
const ADDEND_BINADE: usize = 72;
const LEAST: usize = 80;
const ZERO_BINADE: usize = 88;
const LIMIT: usize = 96;

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

@inline
function cut(y: v128, lost: i32): v128 {
  return lost == FLOOR ? f64x2.floor(y) : f64x2.trunc(y);
}

/** Two columns: the fused sums of n elements in blocks, chained. Whether all terms were finite. */
@inline
function sums(job: usize, lost: i32, isGeneral: bool, b: usize, bb: usize, acc: usize, tally: usize): bool {
  const n: usize = load<u32>(job + LENGTH);
  const block: usize = load<u32>(job + BLOCK);
  let a: usize = load<u32>(job + A);
  let ab: usize = load<u32>(job + A_BINADES);
  const step: usize = load<u32>(job + STEP);
  const fraction = v128.load64_splat(job + FRACTION);
  const addendBinade = v128.load64_splat(job + ADDEND_BINADE);
  const leastBinade = v128.load64_splat(job + LEAST);
  const zeroBinade = v128.load64_splat(job + ZERO_BINADE);
  const limit = v128.load64_splat(job + LIMIT);
  const minNormal = v128.load(step + MIN_NORMAL);
  const magic = v128.load(step + MAGIC);
  const over = v128.load(step + OVER);
  const tiny = v128.load(step + TINY);
  const top = v128.load(step + TOP);
  let s = v128.load(acc);
  let good = i64x2.splat(-1);
  let inexact = zero();
  let underflow = zero();
  let large = zero();
  let absorbed = zero();
  for (let left = n; left > 0; ) {
    const size = min(left, block);
    // The largest exponent, as a power of two; 0 where all terms are zero.
    const own = f64x2.pmax(v128.and(s, infinity<f64>()), addendBinade);
    let e = v128.bitselect(zeroBinade, own, f64x2.eq(s, zero()));
    let y = b;
    let yb = bb;
    for (let k: usize = 0; k < size; k++) {
      e = f64x2.pmax(e, f64x2.mul(v128.load64_splat(ab + (k << 3)), v128.load(yb)));
      yb += 64;
    }
    const isEmpty = f64x2.eq(e, zero());
    e = f64x2.pmax(e, leastBinade);
    const quantum = f64x2.mul(e, fraction);
    // 1 / quantum: powers of two have inverses by their exponents.
    const inverse = i64x2.sub(i64x2.splat(<i64>2046 << 52), quantum);
    let y0 = f64x2.mul(s, inverse);
    let t = cut(y0, lost);
    let total = t;
    let isCut = f64x2.ne(t, y0);
    let isLost = v128.and(isCut, f64x2.lt(f64x2.abs(y0), f64x2.splat(1)));
    good = v128.and(good, f64x2.lt(f64x2.abs(s), infinity<f64>()));
    for (let k: usize = 0; k < size; k++) {
      const p = f64x2.mul(v128.load64_splat(a + (k << 3)), v128.load(y));
      good = v128.and(good, f64x2.lt(f64x2.abs(p), limit));
      y0 = f64x2.mul(p, inverse);
      t = cut(y0, lost);
      total = f64x2.add(total, t);
      const m = f64x2.ne(t, y0);
      isCut = v128.or(isCut, m);
      isLost = v128.or(isLost, v128.and(m, f64x2.lt(f64x2.abs(y0), f64x2.splat(1))));
      y += 64;
    }
    // Zeros lose their sign.
    const exact = v128.andnot(f64x2.add(f64x2.mul(total, quantum), zero()), isEmpty);
    const rounded = isGeneral
      ? roundGenerally<f64>(exact, step)
      : roundUsually<f64>(exact, minNormal, magic, over, top);
    const least = isGeneral ? bySign<f64>(exact, step, TINY, TINY_NEGATIVE) : tiny;
    const most = isGeneral ? bySign<f64>(exact, step, OVER, OVER_NEGATIVE) : over;
    const m = f64x2.ne(rounded, exact);
    const magnitude = f64x2.abs(exact);
    isCut = v128.andnot(isCut, isEmpty);
    inexact = count<f64>(inexact, v128.or(m, isCut));
    underflow = count<f64>(underflow, v128.and(m, f64x2.lt(magnitude, least)));
    large = count<f64>(large, f64x2.ge(magnitude, most));
    absorbed = count<f64>(absorbed, v128.andnot(isLost, isEmpty));
    s = f64x2.add(rounded, zero());
    left -= size;
    a += size << 3;
    ab += size << 3;
    b += size << 6;
    bb += size << 6;
  }
  v128.store(acc, s);
  v128.store(tally + INEXACT, inexact);
  v128.store(tally + UNDERFLOW, underflow);
  v128.store(tally + LARGE, large);
  v128.store(tally + ABSORPTION, absorbed);
  return i64x2.all_true(good);
}

/** One row of A against all of B, eight columns a panel. Where a term is not finite, an output's flags are all ones. */
export function alignedRow(job: usize): void {
  const lost = load<i32>(job + LOST);
  const isGeneral = load<i32>(job + IS_GENERAL) != 0;
  let b: usize = load<u32>(job + B);
  let bb: usize = load<u32>(job + B_BINADES);
  let left = load<i32>(job + WIDTH);
  let acc: usize = load<u32>(job + ACC);
  let flags: usize = load<u32>(job + FLAGS);
  const tally: usize = load<u32>(job + TALLIES);
  const totals: usize = load<u32>(job + TOTALS);
  const behaviour = load<i32>(job + BEHAVIOUR);
  const panel: usize = load<u32>(job + PANEL);
  while (left > 0) {
    for (let g: usize = 0; g < 4; g++) {
      let isGood: bool;
      if (lost == TRUNCATE) {
        if (isGeneral) isGood = sums(job, TRUNCATE, true, b + g * 16, bb + g * 16, acc + g * 16, tally);
        else isGood = sums(job, TRUNCATE, false, b + g * 16, bb + g * 16, acc + g * 16, tally);
      } else if (isGeneral) isGood = sums(job, FLOOR, true, b + g * 16, bb + g * 16, acc + g * 16, tally);
      else isGood = sums(job, FLOOR, false, b + g * 16, bb + g * 16, acc + g * 16, tally);
      const active = max(0, min(2, left - <i32>g * 2));
      if (isGood) harvest<f64>(tally, behaviour, active, totals, flags + g * 4, 2, 0);
      else store<u32>(flags + g * 4, 0xffffffff);
    }
    left -= 8;
    b += panel;
    bb += panel;
    acc += 64;
    flags += 16;
  }
}
