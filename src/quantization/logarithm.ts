/**
 * log2 and 2^y from IEEE operations alone, so that a bias and a list of candidates are the same on every machine
 * (`Math.log2` and `Math.pow` promise nothing). Good to a few units in the last place; never used to find an exponent.
 *
 * @module
 */
import { exponentOf } from '../rounding/rounder.ts';

/** 1/(2k + 1), highest first: atanh's series on |s| < 0.172, whose next term is below 2^−56. */
const ODD_RECIPROCALS = /* @__PURE__ */ Array.from({ length: 12 }, (_, i) => 1 / (2 * (11 - i) + 1));

/** log2 of a positive normal number; exact for powers of two. */
export function log2(a: number): number {
  let exponent = exponentOf(a);
  let fraction = a * 2 ** -exponent;
  if (fraction > Math.SQRT2) {
    fraction /= 2;
    exponent += 1;
  }
  const s = (fraction - 1) / (fraction + 1);
  const square = s * s;
  let sum = 0;
  for (let i = 0; i < ODD_RECIPROCALS.length; i++) sum = sum * square + ODD_RECIPROCALS[i];
  return exponent + 2 * s * sum * Math.LOG2E;
}

/** 2^y for |y| < 1000; exact for integers. */
export function exp2(y: number): number {
  const whole = Math.floor(y + 0.5);
  const t = (y - whole) * Math.LN2;
  let sum = 1;
  for (let i = 16; i > 0; i--) sum = 1 + (t * sum) / i;
  return sum * 2 ** whole;
}
