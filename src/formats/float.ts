/**
 * Floating-point formats from their primitive parameters.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkName, checkObject } from '../errors/index.ts';
import { markMade } from '../errors/made.ts';
import { binary64, isBinary64 } from './binary64.ts';
import type { FloatFormat, Infinities, Lowest, NaNs } from './format.ts';

/** The primitive parameters of a float; everything but the two widths has the IEEE 754 default. */
export interface FloatParameters {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  /** Default `2 ** (exponentBits - 1) - 1`. */
  readonly bias?: number;
  /** Default true. */
  readonly signed?: boolean;
  /** Default `ieee`. */
  readonly infinities?: Infinities;
  /** Default `ieee`, or `none` where `infinities` is `none`. */
  readonly nan?: NaNs;
  /** Default `subnormal`. */
  readonly lowest?: Lowest;
}

/**
 * Results are computed as exact products and sums of binary64 pairs; within these exponents no such product and no
 * residual of one leaves binary64's normal range (2·400 + 2·51 < 1022).
 */
const EXPONENT_LIMIT = 400;

/**
 * Defines a binary floating-point format; the parameters of binary64 give `binary64` itself, which alone is larger than
 * the limits below.
 *
 * @throws {@link BittrueError} for parameters that contradict each other, for a format without normal numbers, and for
 *   one whose exact products would not stay normal in binary64 (`|emax| > 400` or `emin − mantissaBits < −400`)
 * @example
 * import { defineFloat } from 'bittrue/formats';
 * const e5m4 = defineFloat({ exponentBits: 5, mantissaBits: 4 });
 * e5m4.max; // 63488
 * e5m4.minSubnormal; // 0.000003814697265625
 */
export function defineFloat(parameters: FloatParameters): FloatFormat {
  const keys = ['exponentBits', 'mantissaBits', 'bias', 'signed', 'infinities', 'nan', 'lowest'];
  checkObject('parameters', parameters, keys);
  if (isBinary64(parameters as unknown as Record<string, unknown>)) return binary64;
  const exponentBits = checkInteger('exponentBits', parameters.exponentBits, 1, 11);
  const mantissaBits = checkInteger('mantissaBits', parameters.mantissaBits, 0, 51);
  const bias = checkInteger('bias', parameters.bias ?? 2 ** (exponentBits - 1) - 1, -2048, 4096);
  const signed = checkBoolean('signed', parameters.signed ?? true);
  const infinities = checkName('infinities', parameters.infinities ?? 'ieee', ['ieee', 'topCode', 'none']);
  const nan = checkName('nan', parameters.nan ?? (infinities === 'none' ? 'none' : 'ieee'), [
    'ieee',
    'topCode',
    'negativeZero',
    'none',
  ]);
  const lowest = checkName('lowest', parameters.lowest ?? 'subnormal', ['subnormal', 'normal', 'normalButZero']);

  if ((infinities === 'ieee') !== (nan === 'ieee')) {
    throw new BittrueError('unsupported', 'nan', nan, 'infinities and nan both `ieee`, or neither: they share a field');
  }
  if (nan === 'ieee' && mantissaBits === 0) {
    throw new BittrueError('unsupported', 'nan', nan, 'at least one mantissa bit beside an IEEE infinity');
  }
  if (nan === 'negativeZero' && !signed) {
    throw new BittrueError('unsupported', 'nan', nan, 'a signed format: an unsigned one has no code for −0');
  }
  if (nan === 'negativeZero' && lowest === 'normal') {
    throw new BittrueError('unsupported', 'lowest', lowest, 'a format with zero, for NaN to take the code of −0');
  }
  const bits = (signed ? 1 : 0) + exponentBits + mantissaBits;
  if (bits > 53 || bits < 2) {
    throw new BittrueError('range', 'bits', bits, 'at least 2 bits, and at most 53, so that a code is a safe integer');
  }

  // Magnitude codes ascend with the value, so the largest finite number is the first code below the specials.
  const steps = 2 ** mantissaBits;
  const specials = infinities === 'ieee' ? steps : (infinities === 'topCode' ? 1 : 0) + (nan === 'topCode' ? 1 : 0);
  const topCode = 2 ** (exponentBits + mantissaBits) - 1 - specials;
  const topField = Math.floor(topCode / steps);
  const fieldZeroIsNormal = lowest === 'normal' || (lowest === 'normalButZero' && mantissaBits > 0);
  const emin = (fieldZeroIsNormal ? 0 : 1) - bias;
  const emax = topField - bias;
  if (topCode < 0 || emax < emin) {
    throw new BittrueError('range', 'exponentBits', exponentBits, 'enough exponent bits for one normal number');
  }
  if (Math.abs(emax) > EXPONENT_LIMIT || emin - mantissaBits < -EXPONENT_LIMIT) {
    throw new BittrueError(
      'range',
      'bias',
      `emax ${emax}, emin − mantissaBits ${emin - mantissaBits}`,
      `|emax| ≤ ${EXPONENT_LIMIT} and emin − mantissaBits ≥ −${EXPONENT_LIMIT}`,
    );
  }
  const smallestFraction = lowest === 'normalButZero' && mantissaBits > 0 ? 1 + 2 ** -mantissaBits : 1;
  return markMade(
    Object.freeze({
      kind: 'float',
      exponentBits,
      mantissaBits,
      bias,
      signed,
      infinities,
      nan,
      negativeZero: signed && nan !== 'negativeZero' && lowest !== 'normal',
      lowest,
      precision: mantissaBits + 1,
      bits,
      emin,
      emax,
      max: (1 + (topCode % steps) / steps) * 2 ** emax,
      minNormal: smallestFraction * 2 ** emin,
      minSubnormal: lowest === 'subnormal' && mantissaBits > 0 ? 2 ** (emin - mantissaBits) : null,
      codes: 2 ** bits,
    } as const),
  );
}
