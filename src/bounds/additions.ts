/**
 * How many additions a sum has in which an addend can be lost.
 *
 * @module
 */

/**
 * Additions of two numbers other than zero, in sums of so many numbers a row: n numbers need n − 1, in any order; the first
 * of a chain is added to +0, where nothing can be lost, and so is a zero.
 */
export function additionsOfRows(x: ArrayLike<number>, rows: number, width: number): number {
  return additionsOfProducts(x, null, rows, 1, width);
}

/**
 * The same in sums of products: rows of x by channels of weights.
 *
 * @param weights - [width, channels], row-major; null: ones
 */
export function additionsOfProducts(
  x: ArrayLike<number>,
  weights: ArrayLike<number> | null,
  rows: number,
  channels: number,
  width: number,
): number {
  let additions = 0;
  const terms = new Float64Array(channels);
  for (let r = 0; r < rows; r++) {
    terms.fill(0);
    for (let k = 0; k < width; k++) {
      if (x[r * width + k] === 0) continue;
      for (let c = 0; c < channels; c++) if (weights === null || weights[k * channels + c] !== 0) terms[c] += 1;
    }
    for (let c = 0; c < channels; c++) additions += Math.max(0, (terms[c] as number) - 1);
  }
  return additions;
}

/** A share of additions; 0 where there are none. */
export function shareOf(absorptions: number, additions: number): number {
  return additions === 0 ? 0 : absorptions / additions;
}
