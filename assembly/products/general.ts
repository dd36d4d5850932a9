/**
 * The sums of a row by any roundings, everything counted: one operation after the other.
 *
 * @module
 */
import { ProductJob, Rounding } from '../lanes/layouts';
import { ADD, FUSED, MULTIPLY, operate } from '../lanes/panel';
import { TALLY_BYTES } from '../lanes/tally';
import { splat } from './sums';

/** acc ← acc + round(a·b), or with `isFused` acc ← acc + a·b. */
@inline
function count<T>(
  isFused: bool,
  isGeneral: bool,
  a: usize,
  b: usize,
  n: usize,
  acc: usize,
  product: usize,
  productTally: usize,
  rounding: usize,
  tally: usize,
): void {
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
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
        s = operate<T>(FUSED, isGeneral, v, w, s, rounding, t, minNormal, roundingConstant, over, tiny, top);
      } else {
        const p = operate<T>(
          MULTIPLY,
          isGeneral,
          v,
          w,
          w,
          product,
          u,
          v128.load(product + Rounding.MIN_NORMAL),
          v128.load(product + Rounding.ROUNDING_CONSTANT),
          v128.load(product + Rounding.OVER),
          v128.load(product + Rounding.TINY),
          v128.load(product + Rounding.TOP),
        );
        s = operate<T>(ADD, isGeneral, s, p, p, rounding, t, minNormal, roundingConstant, over, tiny, top);
      }
      x += sizeof<T>();
      y += 64;
    }
    v128.store(acc + g * 16, s);
  }
}

/** Sums of four vectors of columns, from where `acc` is, in place. */
export function countAny<T>(job: usize, b: usize, acc: usize): void {
  const a: usize = load<u32>(job + ProductJob.A);
  const n: usize = load<u32>(job + ProductJob.LENGTH);
  const product: usize = load<u32>(job + ProductJob.PRODUCT);
  const rounding: usize = load<u32>(job + ProductJob.SUM);
  const tallies: usize = load<u32>(job + ProductJob.TALLIES);
  const productTallies = tallies + 4 * TALLY_BYTES;
  const isFused = load<i32>(job + ProductJob.IS_FUSED) != 0;
  // Lanes of binary32 round to nearest only.
  if (sizeof<T>() == 8 && load<i32>(job + ProductJob.IS_GENERAL)) {
    if (isFused) count<T>(true, true, a, b, n, acc, product, productTallies, rounding, tallies);
    else count<T>(false, true, a, b, n, acc, product, productTallies, rounding, tallies);
  } else if (isFused) count<T>(true, false, a, b, n, acc, product, productTallies, rounding, tallies);
  else count<T>(false, false, a, b, n, acc, product, productTallies, rounding, tallies);
}
