/**
 * Decimal strings, rounded once.
 *
 * @module
 */
import type { Format } from '../formats/format.ts';
import { decimalPair } from './exact.ts';
import { type PartialPolicy, resolvePolicy } from './policy.ts';
import { type Rounded, roundPair } from './round.ts';

/**
 * A decimal number rounded to a format, once: never by way of binary64.
 *
 * @param text - a decimal numeral with optional exponent, or `Infinity`, `-Infinity`, `NaN`
 * @throws {@link BittrueError} for a text that is no decimal number
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { round, roundDecimal } from 'bittrue/rounding';
 * roundDecimal(binary16, '1.00048828125000000000000001'); // 1.0009765625
 * round(binary16, Number('1.00048828125000000000000001')); // 1
 */
export function roundDecimal(format: Format, text: string, policy?: PartialPolicy): number {
  return roundDecimalWithFlags(format, text, policy).value;
}

/** As {@link roundDecimal}, with the flags of the rounding. */
export function roundDecimalWithFlags(format: Format, text: string, policy?: PartialPolicy): Rounded {
  const { x, residual } = decimalPair('text', text);
  return roundPair(format, x, residual, resolvePolicy(format, policy));
}
