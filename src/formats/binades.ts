/**
 * The binades of a format: how far the exponents of its numbers reach.
 *
 * @module
 */
import type { Format } from './format.ts';

/** Exponents ⌊log2|x|⌋, from the smallest to the largest. */
export interface Binades {
  readonly least: number;
  readonly most: number;
}

/** The exponents of a format's numbers: of a float's normal ones, of an integer's other than zero. */
export function binadesOf(format: Format): Binades {
  if (format.kind === 'float') return { least: format.emin, most: format.emax };
  return { least: 0 - format.fractionBits, most: format.bits - 1 - format.fractionBits };
}
