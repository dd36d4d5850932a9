/**
 * Rounding without an upper end: what a result would be before overflow is looked at.
 *
 * @module
 */
import { convertPair } from '../../rounding/profileOutcome.ts';
import type { Conversion } from '../conformance/compute.ts';
import { exponentIn } from './grid.ts';

/** A finite number rounded as if the range had no upper end. */
export function freely({ format, ...task }: Conversion, x: number): number {
  const a = Math.abs(x);
  if (a < format.max || format.kind === 'integer') {
    return format.kind === 'integer' && a < 2 ** 53 * 2 ** -format.fractionBits
      ? Math.round(x * 2 ** format.fractionBits) * 2 ** -format.fractionBits
      : convertPair(format, task, x, 0).value;
  }
  // The grid is the same in every binade of normal numbers.
  const down = 2 ** (exponentIn(a) - Math.max(format.emin, format.emax - 2));
  const value = convertPair(format, task, x / down, 0).value * down;
  return Number.isFinite(value) ? value : Math.sign(x) * Number.MAX_VALUE;
}
