/**
 * Exponents of numbers that may be subnormal in binary64.
 *
 * @module
 */
import { exponentOf } from './rounder.ts';

/** ⌊log2 a⌋ of a finite magnitude above zero. */
export function exponentIn(a: number): number {
  return a < 2 ** -1022 ? exponentOf(a * 2 ** 60) - 60 : exponentOf(a);
}
