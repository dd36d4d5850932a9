/**
 * Codes to values and back, from a format's primitive parameters.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkNumber } from '../../errors/index.ts';
import type { Format, IntegerFormat } from '../../formats/format.ts';
import { checkFloat, checkFormat } from './checks.ts';
import { approximately, exactly } from './exact.ts';
import { classOf, type FloatParameters, limitsOf, magnitudeOf } from './limits.ts';
import { floorLog2, isZero, powerOfTwo, split, toNumber } from './rational.ts';

/** Lists of all values: 2^24 numbers are 128 MiB. */
const MOST_BITS = 24;

/**
 * The value of a code.
 *
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { oracle } from 'bittrue/testing';
 * oracle.decode(e4m3fn, 0x7e); // 448
 */
export function oracleDecode(format: Format, code: number): number {
  checkFormat('format', format);
  const bits = format.kind === 'integer' ? format.bits : limitsOf(format).bits;
  checkInteger('code', code, 0, 2 ** bits - 1);
  if (format.kind === 'integer') return decodeInteger(format, code);
  const half = 2 ** (bits - 1);
  const negative = format.signed && code >= half;
  const magnitude = negative ? code - half : code;
  if (negative && magnitude === 0) {
    if (format.nan === 'negativeZero') return Number.NaN;
    if (format.lowest !== 'normal') return format.negativeZero ? -0 : 0;
  }
  const is = classOf(format, magnitude);
  if (is === 'nan') return Number.NaN;
  const value = is === 'infinity' ? Infinity : toNumber(magnitudeOf(format, magnitude));
  return negative ? -value : value;
}

/**
 * The code of a value that the format has.
 *
 * @param negativeNaN the sign of a NaN, where the format has two
 * @throws {@link BittrueError} `value`, for a number that is no value of the format
 */
export function oracleEncode(format: Format, value: number, negativeNaN = false): number {
  checkFormat('format', format);
  checkNumber('value', value);
  checkBoolean('negativeNaN', negativeNaN);
  const code = format.kind === 'integer' ? encodeInteger(format, value) : encodeFloat(format, value, negativeNaN);
  if (!Object.is(oracleDecode(format, code), value)) throw notIn(value);
  return code;
}

/** The code of a NaN as conversions write it: quiet where there is a choice. */
export function oracleNaNCode(format: FloatParameters, negative = false): number {
  checkFloat('format', format);
  checkBoolean('negative', negative);
  const { exponentBits, mantissaBits: m, signed, nan } = format;
  const sign = signed && negative ? 2 ** (exponentBits + m) : 0;
  if (nan === 'ieee') return sign + (2 ** exponentBits - 1) * 2 ** m + 2 ** (m - 1);
  if (nan === 'topCode') return sign + 2 ** (exponentBits + m) - 1;
  if (nan === 'negativeZero') return 2 ** (exponentBits + m);
  throw new BittrueError('value', 'value', Number.NaN, 'a number: the format has no NaN');
}

/** Whether a code is a signalling NaN: IEEE 754 NaNs whose first fraction bit is 0. */
export function oracleIsSignalling(format: FloatParameters, code: number): boolean {
  checkFloat('format', format);
  const { exponentBits, mantissaBits: m, nan } = format;
  checkInteger('code', code, 0, 2 ** limitsOf(format).bits - 1);
  const magnitude = code % 2 ** (exponentBits + m);
  return nan === 'ieee' && classOf(format, magnitude) === 'nan' && magnitude % 2 ** m < 2 ** (m - 1);
}

/** Every value of a format in code order, specials included; of at most 24 bits. */
export function oracleValues(format: Format): number[] {
  checkFormat('format', format);
  const bits = format.kind === 'integer' ? format.bits : limitsOf(format).bits;
  checkInteger('format.bits', bits, 1, MOST_BITS);
  return Array.from({ length: 2 ** bits }, (_, code) => oracleDecode(format, code));
}

/** The largest finite number, the smallest normal and the smallest positive number, as binary64 numbers. */
export function oracleLimits(format: FloatParameters): { max: number; minNormal: number; smallest: number } {
  checkFloat('format', format);
  const { max, minNormal, smallest } = limitsOf(format);
  return { max: toNumber(max), minNormal: toNumber(minNormal), smallest: toNumber(smallest) };
}

function notIn(value: number): BittrueError {
  return new BittrueError('value', 'value', value, 'a value of the format');
}

function encodeFloat(format: FloatParameters, value: number, negativeNaN: boolean): number {
  if (Number.isNaN(value)) return oracleNaNCode(format, negativeNaN);
  const { exponentBits, mantissaBits: m, bias, infinities, nan } = format;
  const limits = limitsOf(format);
  const sign = value < 0 || Object.is(value, -0) ? 2 ** (exponentBits + m) : 0;
  if (sign !== 0 && !format.signed) throw notIn(value);
  const x = exactly(value);
  if (x.kind === 'infinite') {
    if (infinities === 'none') throw notIn(value);
    if (infinities === 'ieee') return sign + (2 ** exponentBits - 1) * 2 ** m;
    return sign + 2 ** (exponentBits + m) - (nan === 'topCode' ? 2 : 1);
  }
  if (x.kind === 'nan' || isZero(x)) return sign;
  const exponent = Math.max(floorLog2(x), limits.emin);
  const significand = Number(split(x, exponent - m).whole);
  const isSubnormal = significand < 2 ** m;
  return sign + (isSubnormal ? significand : (exponent + bias - 1) * 2 ** m + significand);
}

function decodeInteger(format: IntegerFormat, code: number): number {
  const { bits, signed, fractionBits } = format;
  const integer = signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
  return integer * powerOfTwo(-fractionBits);
}

function encodeInteger(format: IntegerFormat, value: number): number {
  const x = exactly(value);
  if (x.kind !== 'finite') throw notIn(value);
  const whole = Number(split(x, -format.fractionBits).whole);
  return approximately(x) < 0 ? 2 ** format.bits - whole : whole;
}
