/**
 * The values of a format in order, as integers, so that ranges, edges and shrinking are integer problems.
 *
 * @module
 */
import { checkNumber } from '../errors/index.ts';
import { checkFormat } from '../formats/check.ts';
import type { FloatFormat, Format } from '../formats/index.ts';

/**
 * The number with a given ordinal. Ordinal 0 is zero, 1 the smallest positive number, −1 the largest negative one; in
 * a format without zero 0 is the smallest positive number. Past the largest finite number the grid goes on as if the
 * exponent field were wider: those are the numbers around which overflow is decided.
 *
 * @example
 * import { e2m1fn } from 'bittrue/formats';
 * import { numberAt } from 'bittrue/testing';
 * [0, 1, 2, 3, 7, 8, -7].map((ordinal) => numberAt(e2m1fn, ordinal)); // [0, 0.5, 1, 1.5, 6, 8, -6]
 */
export function numberAt(format: Format, ordinal: number): number {
  checkFormat('format', format);
  checkNumber('ordinal', ordinal);
  if (format.kind === 'integer') return ordinal * 2 ** -format.fractionBits;
  if (format.lowest === 'normal') return ordinal < 0 ? -magnitude(format, -ordinal - 1) : magnitude(format, ordinal);
  return ordinal < 0 ? -magnitude(format, -ordinal) : magnitude(format, ordinal);
}

/** The number of a magnitude code, were no code special. */
function magnitude({ mantissaBits, bias, lowest }: FloatFormat, code: number): number {
  if (code === 0 && lowest !== 'normal') return 0;
  const steps = 2 ** mantissaBits;
  const field = Math.floor(code / steps);
  const fraction = (code % steps) / steps;
  return field === 0 && lowest === 'subnormal' ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (field - bias);
}

/** Where the edges of a format lie, as ordinals. */
export interface Ordinals {
  /** Ordinal of the lowest finite value. */
  readonly low: number;
  /** Ordinal of the largest finite value. */
  readonly high: number;
  /** Ordinal of the smallest normal number; 1 for integers. */
  readonly minNormal: number;
}

/**
 * The edges of a format.
 *
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { ordinalsOf } from 'bittrue/testing';
 * ordinalsOf(binary16).high; // 31743
 * ordinalsOf(binary16).minNormal; // 1024
 */
export function ordinalsOf(format: Format): Ordinals {
  checkFormat('format', format);
  if (format.kind === 'integer') {
    const { bits, signed } = format;
    const half = 2 ** (bits - 1);
    return { low: signed ? -half : 0, high: (signed ? half : 2 * half) - 1, minNormal: 1 };
  }
  const { signed, lowest, emax, minNormal, max } = format;
  const high = ordinalOf(format, max, emax);
  return {
    low: signed ? -high - (lowest === 'normal' ? 1 : 0) : 0,
    high,
    minNormal: ordinalOf(format, minNormal, format.emin),
  };
}

/** The ordinal of a normal number with a given exponent. */
function ordinalOf({ bias, mantissaBits }: FloatFormat, x: number, exponent: number): number {
  return (exponent + bias + (x / 2 ** exponent - 1)) * 2 ** mantissaBits;
}
