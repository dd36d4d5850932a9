/**
 * The IEEE P3109 formats Binary{K}p{P}{s|u}{e|f}: a rule, not a list.
 * Source: IEEE P3109 Working Group, Interim Report v4.0 (26 June 2026), §3; draft.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkObject } from '../errors/index.ts';
import { defineFloat } from './float.ts';
import type { FloatFormat } from './format.ts';
import { named } from './nameOf.ts';

/** With 9 the largest exponent is 255; with 10 it is 511, beyond the 400 of `defineFloat`. */
const MOST_EXPONENT_BITS = 9;

/** K, P, signedness and domain of a P3109 format. */
export interface P3109Parameters {
  /** Width of a code, K. */
  readonly bits: number;
  /** Significand bits with the hidden one, P. */
  readonly precision: number;
  /** Default true. */
  readonly signed?: boolean;
  /** Whether infinities have codes; default true. */
  readonly extended?: boolean;
}

/**
 * The format Binary{bits}p{precision}{s|u}{e|f}. Its bias is 2^(K−P−1) signed and 2^(K−P) unsigned, NaN takes the code
 * of −0 (signed) or the top code (unsigned), infinity the top magnitude code left.
 *
 * @throws {@link BittrueError} for widths that leave no exponent, and for more than 9 exponent bits: with 10, numbers
 *   reach beyond 2^400, and their exact products beyond binary64's range (see `defineFloat`)
 * @example
 * import { defineP3109, formatName } from 'bittrue/formats';
 * const format = defineP3109({ bits: 8, precision: 3 });
 * format.max; // 49152
 * formatName(format); // 'binary8p3se'
 */
export function defineP3109(parameters: P3109Parameters): FloatFormat {
  checkObject('parameters', parameters, ['bits', 'precision', 'signed', 'extended']);
  const bits = checkInteger('bits', parameters.bits, 2, 32);
  const signed = checkBoolean('signed', parameters.signed ?? true);
  const extended = checkBoolean('extended', parameters.extended ?? true);
  const precision = checkInteger('precision', parameters.precision, 1, signed ? bits - 1 : bits);
  const exponentBits = bits - precision + (signed ? 0 : 1);
  if (exponentBits > MOST_EXPONENT_BITS) {
    throw new BittrueError(
      'range',
      'precision',
      precision,
      `a precision that leaves at most ${MOST_EXPONENT_BITS} exponent bits (here ${exponentBits}): beyond, exact products leave binary64`,
    );
  }
  const format = defineFloat({
    exponentBits,
    mantissaBits: precision - 1,
    bias: 2 ** (exponentBits - 1),
    signed,
    infinities: extended ? 'topCode' : 'none',
    nan: signed ? 'negativeZero' : 'topCode',
  });
  return named(p3109Name(format) as string, format);
}

/** The P3109 name of a format that follows the rule, else null. */
export function p3109Name(format: FloatFormat): string | null {
  const { exponentBits, bits, precision, signed, infinities, nan, bias, lowest } = format;
  const follows =
    exponentBits <= MOST_EXPONENT_BITS &&
    lowest === 'subnormal' &&
    infinities !== 'ieee' &&
    nan === (signed ? 'negativeZero' : 'topCode') &&
    bias === 2 ** (exponentBits - 1);
  return follows ? `binary${bits}p${precision}${signed ? 's' : 'u'}${infinities === 'none' ? 'f' : 'e'}` : null;
}
