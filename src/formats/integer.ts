/**
 * Integer and fixed-point formats.
 *
 * @module
 */
import { checkBoolean, checkInteger, checkObject } from '../errors/index.ts';
import { markMade } from '../errors/made.ts';
import type { IntegerFormat } from './format.ts';

/** The parameters of an integer format. */
export interface IntegerParameters {
  /** Width of a code, 2–53. */
  readonly bits: number;
  /** Two's complement when true (the default). */
  readonly signed?: boolean;
  /** Bits right of the binary point, default 0. */
  readonly fractionBits?: number;
}

/**
 * Defines an integer format, or a fixed-point one with `fractionBits`.
 *
 * @throws {@link BittrueError} for widths outside 2–53 bits
 * @example
 * import { defineInteger } from 'bittrue/formats';
 * defineInteger({ bits: 8, fractionBits: 6 }).max; // 1.984375
 */
export function defineInteger(parameters: IntegerParameters): IntegerFormat {
  checkObject('parameters', parameters, ['bits', 'signed', 'fractionBits']);
  const bits = checkInteger('bits', parameters.bits, 2, 53);
  const signed = checkBoolean('signed', parameters.signed ?? true);
  const fractionBits = checkInteger('fractionBits', parameters.fractionBits ?? 0, 0, 400);
  const unit = 2 ** -fractionBits;
  const top = 2 ** (signed ? bits - 1 : bits);
  return markMade(
    Object.freeze({
      kind: 'integer',
      bits,
      signed,
      fractionBits,
      min: signed ? -top * unit : 0,
      max: (top - 1) * unit,
      codes: 2 ** bits,
    } as const),
  );
}
