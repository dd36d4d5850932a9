/**
 * The grid of a format around a number: what hand-written converters get wrong is mostly this.
 *
 * @module
 */

import type { Format } from '../../formats/format.ts';
import { decode } from '../../rounding/codes.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';

export { exponentIn } from '../../rounding/exponentIn.ts';

/** The distance between a format's values at a magnitude, as if its range had no upper end. */
export function quantumAt(format: Format, a: number): number {
  if (format.kind === 'integer') return 2 ** -format.fractionBits;
  return 2 ** (Math.max(a === 0 ? format.emin : exponentIn(a), format.emin) - format.mantissaBits);
}

/** Whether a magnitude is a power of two. */
export function isPowerOfTwo(a: number): boolean {
  return a > 0 && a < Infinity && a === 2 ** exponentIn(a);
}

/** A number cut toward zero to a multiple of a quantum. */
export function cut(x: number, quantum: number): number {
  const quotient = x / quantum;
  // A quotient beyond 2^53 is an integer already, and one that overflows is left alone.
  return Number.isFinite(quotient) ? Math.trunc(quotient) * quantum : x;
}

/** A number in steps: the whole ones, toward zero, and the share of one that is left of its magnitude. */
export function inSteps(x: number, step: number): { readonly whole: number; readonly rest: number } {
  const whole = Math.trunc(x / step);
  return { whole, rest: Math.abs(x / step - whole) };
}

/** Zero with a number's sign, where the format has one. */
export function zeroOf(format: Format, x: number): number {
  return format.kind === 'float' && format.negativeZero && x < 0 ? -0 : 0;
}

/** The magnitude below which results are subnormal; 0 where none are. */
export function leastNormal(format: Format): number {
  return format.kind === 'float' ? format.minNormal : 0;
}

/** Codes without their sign bit. */
export function magnitudesOf(format: Format): number {
  return format.kind === 'float' && format.signed ? format.codes / 2 : format.codes;
}

/** A code with its bytes in the other order; the code itself where it has one byte, or is no whole number of them. */
export function bytesSwapped(format: Format, code: number): number {
  if (format.bits !== 16 && format.bits !== 32) return code;
  let swapped = 0;
  for (let [rest, i] = [code, 0]; i < format.bits; i += 8) {
    swapped = swapped * 256 + (rest % 256);
    rest = Math.floor(rest / 256);
  }
  return swapped;
}

/** The value of a code that some steps lead to from another: what arithmetic on codes gives, whatever it runs into. */
export function valueAt(format: Format, code: number): number {
  const whole = Math.floor(code);
  // A number that the format does not have has no code, and none beside it.
  if (whole !== whole) return Number.NaN;
  return decode(format, ((whole % format.codes) + format.codes) % format.codes);
}
