/**
 * What a number format is: a few primitive parameters and what follows from them, as frozen data.
 *
 * @module
 */

/** Where infinity sits: exponent field all ones (IEEE 754), the largest code left (IEEE P3109), or nowhere. */
export type Infinities = 'ieee' | 'topCode' | 'none';

/** Where NaN sits: exponent all ones and fraction not zero, the largest magnitude code, the code of −0, or nowhere. */
export type NaNs = 'ieee' | 'topCode' | 'negativeZero' | 'none';

/**
 * What exponent field 0 means: gradual underflow; ordinary numbers and no zero (E8M0);
 * or ordinary numbers, but code 0 is zero (DLFloat16, P3109 with one bit of precision).
 */
export type Lowest = 'subnormal' | 'normal' | 'normalButZero';

/** A binary floating-point format. Made by `defineFloat`. */
export interface FloatFormat {
  readonly kind: 'float';
  /** Width of the exponent field. */
  readonly exponentBits: number;
  /** Explicit fraction bits. */
  readonly mantissaBits: number;
  /** Subtracted from the exponent field. */
  readonly bias: number;
  readonly signed: boolean;
  readonly infinities: Infinities;
  readonly nan: NaNs;
  /** Whether −0 has a code. */
  readonly negativeZero: boolean;
  readonly lowest: Lowest;

  /** Significand bits with the hidden one: `mantissaBits + 1`. */
  readonly precision: number;
  /** Bits of a code, sign included. */
  readonly bits: number;
  /** Exponent of the smallest normal number's binade. */
  readonly emin: number;
  /** Exponent of the largest finite number. */
  readonly emax: number;
  /** Largest finite number. */
  readonly max: number;
  /** Smallest positive normal number. */
  readonly minNormal: number;
  /** Smallest positive subnormal number; null where the format has none. */
  readonly minSubnormal: number | null;
  /** How many codes there are: `2 ** bits`. */
  readonly codes: number;
}

/** A two's-complement or unsigned fixed-point format: value = code · 2^−fractionBits. Made by `defineInteger`. */
export interface IntegerFormat {
  readonly kind: 'integer';
  readonly bits: number;
  readonly signed: boolean;
  readonly fractionBits: number;
  /** Lowest value. */
  readonly min: number;
  /** Largest value. */
  readonly max: number;
  /** How many codes there are: `2 ** bits`. */
  readonly codes: number;
}

/** A number format, as data. */
export type Format = FloatFormat | IntegerFormat;
