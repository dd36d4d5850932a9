/**
 * Codes to values and back, from a format's primitive parameters.
 *
 * @module
 */
import type { Format, IntegerFormat } from '../../formats/format.ts';
import { approximately, exactly } from './exact.ts';
import { OracleError } from './flags.ts';
import { classOf, type FloatParameters, limitsOf, magnitudeOf } from './limits.ts';
import { floorLog2, isZero, powerOfTwo, split, toNumber } from './rational.ts';

/**
 * The value of a code.
 *
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { oracleDecode } from 'bittrue/testing';
 * oracleDecode(e4m3fn, 0x7e); // 448
 */
export function oracleDecode(format: Format, code: number): number {
  if (format.kind === 'integer') return decodeInteger(format, code);
  const { bits } = limitsOf(format);
  if (!Number.isInteger(code) || code < 0 || code >= 2 ** bits) throw new OracleError(`no code ${code}`);
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
 * @throws {@link OracleError} for a number that is no value of the format
 */
export function oracleEncode(format: Format, value: number, negativeNaN = false): number {
  const code = format.kind === 'integer' ? encodeInteger(format, value) : encodeFloat(format, value, negativeNaN);
  if (!Object.is(oracleDecode(format, code), value)) throw new OracleError(`${value} is not in the format`);
  return code;
}

/** The code of a NaN as conversions write it: quiet where there is a choice. */
export function oracleNaNCode(format: FloatParameters, negative = false): number {
  const { exponentBits, mantissaBits: m, signed, nan } = format;
  const sign = signed && negative ? 2 ** (exponentBits + m) : 0;
  if (nan === 'ieee') return sign + (2 ** exponentBits - 1) * 2 ** m + 2 ** (m - 1);
  if (nan === 'topCode') return sign + 2 ** (exponentBits + m) - 1;
  if (nan === 'negativeZero') return 2 ** (exponentBits + m);
  throw new OracleError('the format has no NaN');
}

/** Whether a code is a signalling NaN: IEEE 754 NaNs whose first fraction bit is 0. */
export function oracleIsSignalling(format: FloatParameters, code: number): boolean {
  const { exponentBits, mantissaBits: m, nan } = format;
  const magnitude = code % 2 ** (exponentBits + m);
  return nan === 'ieee' && classOf(format, magnitude) === 'nan' && magnitude % 2 ** m < 2 ** (m - 1);
}

/** Every value of a format in code order, specials included. */
export function oracleValues(format: Format): number[] {
  const bits = format.kind === 'integer' ? format.bits : limitsOf(format).bits;
  return Array.from({ length: 2 ** bits }, (_, code) => oracleDecode(format, code));
}

/** The largest finite number, the smallest normal and the smallest positive number, as binary64 numbers. */
export function oracleLimits(format: FloatParameters): { max: number; minNormal: number; smallest: number } {
  const { max, minNormal, smallest } = limitsOf(format);
  return { max: toNumber(max), minNormal: toNumber(minNormal), smallest: toNumber(smallest) };
}

function encodeFloat(format: FloatParameters, value: number, negativeNaN: boolean): number {
  if (Number.isNaN(value)) return oracleNaNCode(format, negativeNaN);
  const { exponentBits, mantissaBits: m, bias, infinities, nan } = format;
  const limits = limitsOf(format);
  const sign = value < 0 || Object.is(value, -0) ? 2 ** (exponentBits + m) : 0;
  if (sign !== 0 && !format.signed) throw new OracleError(`${value} is not in the format`);
  const x = exactly(value);
  if (x.kind === 'infinite') {
    if (infinities === 'none') throw new OracleError('the format has no infinity');
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
  if (!Number.isInteger(code) || code < 0 || code >= 2 ** bits) throw new OracleError(`no code ${code}`);
  const integer = signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
  return integer * powerOfTwo(-fractionBits);
}

function encodeInteger(format: IntegerFormat, value: number): number {
  const x = exactly(value);
  if (x.kind !== 'finite') throw new OracleError(`${value} is not in the format`);
  const whole = Number(split(x, -format.fractionBits).whole);
  return approximately(x) < 0 ? 2 ** format.bits - whole : whole;
}
