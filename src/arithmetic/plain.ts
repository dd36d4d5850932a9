/**
 * Arithmetic of a unit that does not round (`rounding/ideal`), number by number over arrays. In the middle of binary64's range
 * the machine's own operation gives what the unit would give, several times faster; elsewhere the unit says itself.
 *
 * Each loop is a function of its own, which compilers keep whole, and a plus before a call says that it gives a number: else
 * every number would be boxed.
 *
 * @module
 */
import { isSafe } from './residual.ts';
import type { ValueUnit } from './valueUnit.ts';

/** From 0 (exclusive) to this, a sum of two numbers is what the unit gives: near the largest ones TwoSum may overflow. */
const LARGEST_SUM = 1e300;

/** out_i = x_i − b */
export function subtractPlainly(unit: ValueUnit, x: Float64Array, b: number, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const difference = (x[i] as number) - b;
    const m = Math.abs(difference);
    out[i] = m > 0 && m < LARGEST_SUM ? difference : +unit.subtract(x[i] as number, b);
  }
}

/** out_i = x_i · b */
export function scalePlainly(unit: ValueUnit, x: Float64Array, b: number, out: Float64Array): void {
  const isMiddling = isSafe(b);
  for (let i = 0; i < x.length; i++) {
    const a = x[i] as number;
    out[i] = isMiddling && isSafe(a) ? a * b : +unit.multiply(a, b);
  }
}

/** out_i = x_i · y_i */
export function multiplyPlainly(unit: ValueUnit, x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const a = x[i] as number;
    const b = y[i] as number;
    out[i] = isSafe(a) && isSafe(b) ? a * b : +unit.multiply(a, b);
  }
}

/** The sums of a chain from `start` on, over `count` terms of x, `stride` apart: each into `sums`, and the last. */
export function chainPlainly(
  unit: ValueUnit,
  start: number,
  x: Float64Array,
  from: number,
  stride: number,
  count: number,
  sums: Float64Array,
): number {
  let sum = start;
  for (let k = 0, i = from; k < count; k++, i += stride) {
    const next = sum + (x[i] as number);
    const m = Math.abs(next);
    sum = m > 0 && m < LARGEST_SUM ? next : +unit.add(sum, x[i] as number);
    sums[k] = sum;
  }
  return sum;
}
