/**
 * The error function in binary64.
 *
 * @module
 */

const TWO_OVER_ROOT_PI = 1.1283791670955126;

/** Below it the series has the fewer terms; from it on the continued fraction. */
const BORDER = 2.5;

/**
 * erf(x) within a few units in the last place: the series of Abramowitz and Stegun 7.1.6 near zero, where all terms are
 * positive; else 1 − erfc(x) by the continued fraction 7.1.14, from its far end inwards.
 */
export function erf(x: number): number {
  if (Number.isNaN(x) || x === 0) return x;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < BORDER) {
    let term = a;
    let sum = a;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * TWO_OVER_ROOT_PI * Math.exp(-a * a) * sum;
  }
  // √π·e^(x²)·erfc(x) = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …))))
  let fraction = a;
  for (let k = 60; k > 0; k--) fraction = a + k / 2 / fraction;
  const complement = ((TWO_OVER_ROOT_PI / 2) * Math.exp(-a * a)) / fraction;
  return Math.sign(x) * (1 - complement);
}
