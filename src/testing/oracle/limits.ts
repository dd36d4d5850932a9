/**
 * The largest and smallest numbers of a float format, from its primitive parameters alone: what a format object
 * says about its own limits is one of the things to be judged.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/format.ts';
import { OracleError } from './flags.ts';
import { type Rational, rational } from './rational.ts';

/** The parameters that define a float format; everything else follows. */
export type FloatParameters = Pick<
  FloatFormat,
  'exponentBits' | 'mantissaBits' | 'bias' | 'signed' | 'infinities' | 'nan' | 'negativeZero' | 'lowest'
>;

export interface Limits {
  /** Bits of a code, sign included. */
  readonly bits: number;
  /** Exponent of the lowest binade with a hidden one. */
  readonly emin: number;
  /** Largest finite number. */
  readonly max: Rational;
  /** The magnitude code of `max`. */
  readonly maxCode: number;
  readonly minNormal: Rational;
  /** Smallest positive number: subnormal or normal. */
  readonly smallest: Rational;
  readonly hasZero: boolean;
  /** Whether numbers lie between zero and `minNormal`. */
  readonly hasSubnormals: boolean;
  readonly hasInfinity: boolean;
  readonly hasNaN: boolean;
}

// A memo only: limits are a function of the (frozen) format.
const known = new WeakMap<FloatParameters, Limits>();

export function limitsOf(format: FloatParameters): Limits {
  let limits = known.get(format);
  if (limits === undefined) {
    limits = findLimits(format);
    known.set(format, limits);
  }
  return limits;
}

/** The number that a magnitude code (sign bit cleared) stands for, were no code special. */
export function magnitudeOf(format: FloatParameters, code: number): Rational {
  const { mantissaBits: m, bias, lowest } = format;
  const field = Math.floor(code / 2 ** m);
  const fraction = code % 2 ** m;
  if (lowest !== 'normal' && code === 0) return rational(false, 0n);
  const isSubnormal = field === 0 && lowest === 'subnormal';
  const significand = isSubnormal ? fraction : 2 ** m + fraction;
  return rational(false, BigInt(significand), (isSubnormal ? 1 : field) - bias - m);
}

/** What a magnitude code is; −0's code is for the caller. */
export function classOf(format: FloatParameters, code: number): 'number' | 'infinity' | 'nan' {
  const { exponentBits, mantissaBits: m, infinities, nan } = format;
  const top = 2 ** (exponentBits + m) - 1;
  if (nan === 'topCode' && code === top) return 'nan';
  if (infinities === 'topCode' && code === (nan === 'topCode' ? top - 1 : top)) return 'infinity';
  const isAllOnes = Math.floor(code / 2 ** m) === 2 ** exponentBits - 1;
  const fraction = code % 2 ** m;
  if (isAllOnes && fraction === 0 && infinities === 'ieee') return 'infinity';
  if (isAllOnes && fraction !== 0 && nan === 'ieee') return 'nan';
  return 'number';
}

function findLimits(format: FloatParameters): Limits {
  const { exponentBits, mantissaBits: m, bias, signed, infinities, nan, lowest } = format;
  const top = 2 ** (exponentBits + m) - 1;
  let maxCode = top;
  // IEEE 754 gives away a whole binade: start below it, do not walk through it.
  if (infinities === 'ieee' && nan === 'ieee') maxCode = top - 2 ** m;
  while (maxCode > 0 && classOf(format, maxCode) !== 'number') maxCode -= 1;
  if (maxCode === 0 && lowest !== 'normal') throw new OracleError('a format without numbers');

  const hasSubnormals = lowest === 'subnormal' && m > 0;
  const field0IsNormal = lowest === 'normal' || (lowest === 'normalButZero' && m > 0);
  const emin = field0IsNormal ? -bias : 1 - bias;
  const isGapped = lowest === 'normalButZero' && m > 0;
  const minNormal = isGapped ? rational(false, BigInt(2 ** m + 1), -bias - m) : rational(false, 1n, emin);
  return {
    bits: exponentBits + m + (signed ? 1 : 0),
    emin,
    max: magnitudeOf(format, maxCode),
    maxCode,
    minNormal,
    smallest: hasSubnormals ? rational(false, 1n, emin - m) : minNormal,
    hasZero: lowest !== 'normal',
    hasSubnormals,
    hasInfinity: infinities !== 'none',
    hasNaN: nan !== 'none',
  };
}
