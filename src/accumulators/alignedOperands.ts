/**
 * What fused sums ask of their operands' formats.
 *
 * @module
 */
import type { Format } from '../formats/format.ts';
import type { OperandFormats } from './chain.ts';

/** Whether scaled products, and sums of a group of them, are exact in binary64. Without formats the caller sees to it. */
export function areExact({ a, b = a, scale }: OperandFormats, group: number): boolean {
  if (a === undefined || b === undefined) return true;
  const factors = scale === undefined ? 0 : 2 * precisionOf(scale);
  const span = group === 1 ? precisionOf(a) + precisionOf(b) : spanOf(a) + spanOf(b) + Math.ceil(Math.log2(group));
  return span + factors <= 53;
}

/** Exponent of a format's smallest normal number; without a format, every number counts as normalised. */
export function eminOf(format: Format | undefined, none: number): number {
  if (format === undefined) return none;
  return format.kind === 'float' ? format.emin : -format.fractionBits;
}

/** Bits of a format's significand; all of an integer's. */
export function precisionOf(format: Format): number {
  return format.kind === 'float' ? format.precision : format.bits;
}

/** Bits from a format's largest value to its smallest. */
function spanOf(format: Format): number {
  return format.kind === 'float' ? format.emax + 1 - format.emin + format.mantissaBits : format.bits;
}
