/**
 * Welford's update of mean and sum of squares, in binary64 lanes: four panels of rows, element by element.
 *
 * @module
 */
import { productOf, sumOf } from '../program/operations';

/**
 * `mean` and `m2`: four vectors, from which on n elements update them. `shares`: one number a column, splatted. The
 * statistics' tallies and those of the sum of squares are four each, `tallyStride` bytes apart.
 */
export function welford64(
  isGeneral: bool,
  isSumGeneral: bool,
  x: usize,
  panel: usize,
  n: usize,
  shares: usize,
  mean: usize,
  m2: usize,
  statistics: usize,
  accumulate: usize,
  tally: usize,
  sumTally: usize,
  tallyStride: usize,
): void {
  const sign = f64x2.splat(-0.0);
  for (let i: usize = 0; i < n; i++) {
    const share = v128.load(shares + (i << 4));
    for (let g: usize = 0; g < 4; g++) {
      const own = tally + g * tallyStride;
      const other = sumTally + g * tallyStride;
      const v = v128.load(x + g * panel + (i << 4));
      let m = v128.load(mean + g * 16);
      const delta = sumOf(isGeneral, v, v128.xor(m, sign), statistics, own);
      m = sumOf(isGeneral, m, productOf(isGeneral, delta, share, statistics, own), statistics, own);
      v128.store(mean + g * 16, m);
      const rest = sumOf(isGeneral, v, v128.xor(m, sign), statistics, own);
      const product = productOf(isSumGeneral, delta, rest, accumulate, other);
      v128.store(m2 + g * 16, sumOf(isSumGeneral, v128.load(m2 + g * 16), product, accumulate, other));
    }
  }
}
