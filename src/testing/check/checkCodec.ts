/**
 * A codec of somebody else's: codes to numbers, and numbers to codes.
 *
 * @module
 */
import { checkFunction, checkMade, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import type { Check } from './check.ts';
import { checkRounding, type EffortOptions, type RoundingCheckOptions } from './checkRounding.ts';

/** The two halves of a codec. */
export interface Codec {
  /** From a number to its code. */
  readonly encode: (x: number) => number;
  /** From a code to its number. */
  readonly decode: (code: number) => number;
}

/** What a codec should do. */
export interface CodecCheckOptions
  extends EffortOptions,
    Pick<RoundingCheckOptions, 'from' | 'policy' | 'profile' | 'strictNaN'> {
  /** The format of the codes, of at most 53 bits, or its name. */
  readonly format: Format | string;
}

/** Both halves, each checked by itself. */
export interface CodecCheck {
  readonly ok: boolean;
  readonly encode: Check;
  readonly decode: Check;
}

/**
 * Checks a codec: `decode` on every code (of up to 16 bits) against its value, `encode` as `checkRounding` does.
 *
 * @throws {@link BittrueError} as `checkRounding`
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { encode } from 'bittrue/rounding';
 * import { checkCodec } from 'bittrue/testing';
 * // Subnormal numbers read with the hidden bit of normal ones.
 * const decode = (code: number) => {
 *   const [sign, field, fraction] = [code >> 7, (code >> 3) & 15, code & 7];
 *   if (field === 15 && fraction === 7) return NaN;
 *   if (field === 0 && fraction === 0) return sign ? -0 : 0;
 *   return (sign ? -1 : 1) * (1 + fraction / 8) * 2 ** (field - 7);
 * };
 * const check = checkCodec({ encode: (x) => encode(e4m3fn, x), decode }, { format: e4m3fn });
 * check.encode.ok; // true
 * check.decode.diagnosis?.behaviours[0]?.name; // 'subnormalsAsNormal'
 */
export function checkCodec(codec: Codec, options: CodecCheckOptions): CodecCheck {
  const { encode, decode } = checkMade('codec', codec, ['encode', 'decode'], 'a codec: { encode, decode }');
  checkFunction('codec.encode', encode, 'a function from numbers to codes');
  checkFunction('codec.decode', decode, 'a function from codes to numbers');
  checkObject('options', options, ['format', 'from', 'policy', 'profile', 'strictNaN', 'runs', 'seed']);
  const { format, runs, seed, ...rest } = options;
  const tried = { ...(runs === undefined ? {} : { runs }), ...(seed === undefined ? {} : { seed }) };
  const encoded = checkRounding(encode, { ...rest, ...tried, to: format, gives: 'codes' }) as Check;
  const decoded = checkRounding(decode, { ...tried, from: format, to: 'binary64', takes: 'codes' }) as Check;
  return { ok: encoded.ok && decoded.ok, encode: encoded, decode: decoded };
}
