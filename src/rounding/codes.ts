/**
 * Codes: the integers that a format's values are stored as. The sign is the top bit; magnitudes ascend with the code.
 *
 * @module
 */
import { checkInteger, checkNumber } from '../errors/index.ts';
import { checkFormat } from '../formats/check.ts';
import type { FloatFormat, Format, IntegerFormat } from '../formats/format.ts';
import { checkCodes } from './binary64.ts';
import type { PartialPolicy } from './policy.ts';
import { round } from './round.ts';
import { exponentOf, powerOfTwo } from './rounder.ts';

/**
 * The value of a code.
 *
 * @param code - an integer, 0 … `format.codes − 1`
 * @throws {@link BittrueError} for a code out of range, and for binary64: see `decodeBinary64`
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { decode } from 'bittrue/rounding';
 * decode(e4m3fn, 0x7e); // 448
 * decode(e4m3fn, 0x7f); // NaN
 */
export function decode(format: Format, code: number): number {
  checkInteger('code', code, 0, checkCodes('format', checkFormat('format', format)).codes - 1);
  return decodeValue(format, code);
}

/** The value of a code of the format. For inner loops: nothing is checked. */
export function decodeValue(format: Format, code: number): number {
  return format.kind === 'integer' ? decodeInteger(format, code) : decodeFloat(format, code);
}

function decodeInteger({ signed, codes, fractionBits }: IntegerFormat, code: number): number {
  const value = signed && code >= codes / 2 ? code - codes : code;
  return value * 2 ** -fractionBits;
}

function decodeFloat(format: FloatFormat, code: number): number {
  const { exponentBits, mantissaBits, signed, nan, infinities } = format;
  const magnitudes = 2 ** (exponentBits + mantissaBits);
  const negative = signed && code >= magnitudes;
  const magnitude = negative ? code - magnitudes : code;
  if (magnitude === 0 && negative && nan === 'negativeZero') return Number.NaN;
  if (infinities === 'ieee') {
    const infinity = magnitudes - 2 ** mantissaBits;
    if (magnitude > infinity) return Number.NaN;
    if (magnitude === infinity) return negative ? -Infinity : Infinity;
  } else {
    const top = magnitudes - 1;
    if (nan === 'topCode' && magnitude === top) return Number.NaN;
    if (infinities === 'topCode' && magnitude === (nan === 'topCode' ? top - 1 : top)) {
      return negative ? -Infinity : Infinity;
    }
  }
  const value = magnitudeValue(format, magnitude);
  return negative ? -value : value;
}

/** The number of a magnitude code, specials apart. */
function magnitudeValue({ mantissaBits, bias, lowest }: FloatFormat, magnitude: number): number {
  const steps = 2 ** mantissaBits;
  const field = Math.floor(magnitude / steps);
  const fraction = (magnitude % steps) / steps;
  if (field > 0 || lowest === 'normal') return (1 + fraction) * 2 ** (field - bias);
  if (magnitude === 0) return 0;
  return lowest === 'subnormal' ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** -bias;
}

/**
 * The code of a number, rounded to the format first where it is not one of its values. A NaN that overflow makes keeps
 * the sign of the number; other NaNs take the positive quiet code, or the only one there is.
 *
 * @throws {@link BittrueError} as `round`, and for binary64: see `encodeBinary64`
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { encode } from 'bittrue/rounding';
 * encode(e4m3fn, 4.25); // 72
 * encode(e4m3fn, -465); // 255
 */
export function encode(format: Format, x: number, policy?: PartialPolicy): number {
  checkNumber('x', x);
  const value = round(checkCodes('format', checkFormat('format', format)), x, policy);
  return encodeValue(format, value, x < 0);
}

/** The code of a value of the format; `negative` is the sign of a NaN where NaNs have one. */
export function encodeValue(format: Format, value: number, negative: boolean): number {
  if (format.kind === 'integer') {
    const code = value * 2 ** format.fractionBits;
    return code < 0 ? code + format.codes : code + 0;
  }
  const { exponentBits, mantissaBits, signed, nan, infinities } = format;
  const magnitudes = powerOfTwo(exponentBits + mantissaBits);
  const sign = signed ? magnitudes : 0;
  if (Number.isNaN(value)) {
    if (nan === 'negativeZero') return magnitudes;
    // IEEE 754 §3.4: the first fraction bit set means quiet.
    const quiet = nan === 'ieee' ? magnitudes - 2 ** (mantissaBits - 1) : magnitudes - 1;
    return negative ? quiet + sign : quiet;
  }
  const minus = value < 0 || Object.is(value, -0);
  const a = Math.abs(value);
  if (a === Infinity) {
    const infinity = infinities === 'ieee' ? magnitudes - 2 ** mantissaBits : magnitudes - (nan === 'topCode' ? 2 : 1);
    return minus ? infinity + sign : infinity;
  }
  const magnitude = magnitudeCode(format, a);
  return minus ? magnitude + sign : magnitude;
}

function magnitudeCode({ mantissaBits, bias, lowest, emin, minNormal }: FloatFormat, a: number): number {
  const steps = powerOfTwo(mantissaBits);
  if (a === 0) return 0;
  if (a < minNormal && lowest === 'subnormal') return a * powerOfTwo(mantissaBits - emin);
  const exponent = exponentOf(a);
  return (exponent + bias) * steps + (a * powerOfTwo(-exponent) - 1) * steps;
}

/** Formats of at most this many bits are read by a table. */
const TABLE_BITS = 16;

/** Reads the codes of one float format: their values, and which of them are signalling NaNs. */
class CodeReader {
  private readonly format: FloatFormat;
  private readonly table: Float64Array | null;
  private readonly signBit: number;
  /** Magnitudes in [first, last] are signalling NaNs (IEEE 754-2019 §6.2.1: first fraction bit clear). */
  private readonly firstSignalling: number;
  private readonly lastSignalling: number;

  constructor(format: FloatFormat) {
    const { exponentBits, mantissaBits, codes, nan, signed } = format;
    const magnitudes = 2 ** (exponentBits + mantissaBits);
    const infinity = magnitudes - 2 ** mantissaBits;
    this.format = format;
    this.table =
      format.bits <= TABLE_BITS ? Float64Array.from({ length: codes }, (_, code) => decodeFloat(format, code)) : null;
    this.signBit = signed ? magnitudes : codes;
    this.firstSignalling = nan === 'ieee' ? infinity + 1 : 1;
    this.lastSignalling = nan === 'ieee' ? infinity + 2 ** (mantissaBits - 1) - 1 : 0;
  }

  value(code: number): number {
    return this.table?.[code] ?? decode(this.format, code);
  }

  signalling(code: number): boolean {
    const magnitude = code >= this.signBit ? code - this.signBit : code;
    return magnitude >= this.firstSignalling && magnitude <= this.lastSignalling;
  }
}

const readers = /* @__PURE__ */ new WeakMap<FloatFormat, CodeReader>();

/** The reader of a format: its table is made once. */
export function codeReader(format: FloatFormat): CodeReader {
  const known = readers.get(format);
  if (known !== undefined) return known;
  const reader = new CodeReader(format);
  readers.set(format, reader);
  return reader;
}

/** Frozen, so that their rounders are made once. */
const saturated: PartialPolicy = /* @__PURE__ */ Object.freeze({ overflow: 'saturate' });
const finite: PartialPolicy = /* @__PURE__ */ Object.freeze({ overflow: 'saturateFinite' });

/**
 * Whether a number is one of the format's values.
 *
 * @throws {@link BittrueError} for what is no format, or no number
 */
export function isValue(format: Format, x: number): boolean {
  checkFormat('format', format);
  checkNumber('x', x);
  if (Number.isNaN(x)) return format.kind === 'float' && format.nan !== 'none';
  return Object.is(round(format, x, format.kind === 'integer' ? saturated : finite), x);
}
