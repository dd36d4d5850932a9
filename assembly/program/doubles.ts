/**
 * Fused sums of products in binary64, where no lane has room for an exact product: by exact halves and what sums miss.
 *
 * @module
 */
import { Arena, ProgramJob } from '../lanes/layouts';
import { addToOdd, word, zero } from '../lanes/rounding';
import { ABSORPTION, INEXACT, TALLY_BYTES, bump } from '../lanes/tally';

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
export function missing(a: v128, b: v128, s: v128): v128 {
  const t = f64x2.sub(s, a);
  return f64x2.add(f64x2.sub(a, f64x2.sub(s, t)), f64x2.sub(b, t));
}

/**
 * A running sum of products in binary64, each addition fused, to nearest: the exact product by halves (Dekker 1971),
 * three terms summed with one rounding (Boldo & Melquiond, IEEE TC 2008). Outputs whose operands are far out are left.
 */
export function addDoubles(job: usize, y: usize, sum: usize, operands: usize, n: usize, tally: usize): void {
  const x = word(job + ProgramJob.X);
  const good = word(job + ProgramJob.ARENA) + Arena.GOOD;
  const shift = word(job + ProgramJob.X_SHIFT);
  const vector = word(job + ProgramJob.X_VECTOR);
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
