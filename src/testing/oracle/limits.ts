/**
 * The largest and smallest numbers of a float format, from its primitive parameters alone: what a format object
 * says about its own limits is one of the things to be judged.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { FloatFormat } from '../../formats/format.ts';
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
  // IEEE 754 gives away a whole binade: the largest number is below it, all fraction bits set. No code is looked at,
  // since binary64's are beyond what a number holds.
  const field = 2 ** exponentBits - 2;
  const max =
    infinities === 'ieee' && nan === 'ieee' && field > 0
      ? rational(false, BigInt(2 ** (m + 1)) - 1n, field - bias - m)
      : magnitudeOf(format, largestCode(format));

  const hasSubnormals = lowest === 'subnormal' && m > 0;
  const field0IsNormal = lowest === 'normal' || (lowest === 'normalButZero' && m > 0);
  const emin = field0IsNormal ? -bias : 1 - bias;
  const isGapped = lowest === 'normalButZero' && m > 0;
  const minNormal = isGapped ? rational(false, BigInt(2 ** m + 1), -bias - m) : rational(false, 1n, emin);
  return {
    bits: exponentBits + m + (signed ? 1 : 0),
    emin,
    max,
    minNormal,
    smallest: hasSubnormals ? rational(false, 1n, emin - m) : minNormal,
    hasZero: lowest !== 'normal',
    hasSubnormals,
    hasInfinity: infinities !== 'none',
    hasNaN: nan !== 'none',
  };
}

/** The magnitude code of the largest number, below the special codes at the top. */
function largestCode(format: FloatParameters): number {
  // IEEE 754's whole binade is stepped over, not walked through.
  const specials = format.infinities === 'ieee' && format.nan === 'ieee' ? 2 ** format.mantissaBits : 0;
  let code = 2 ** (format.exponentBits + format.mantissaBits) - 1 - specials;
  while (code > 0 && classOf(format, code) !== 'number') code -= 1;
  if (code === 0 && format.lowest !== 'normal')
    throw new BittrueError('range', 'format', code, 'a format with numbers');
  return code;
}
