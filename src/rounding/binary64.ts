/**
 * The codes of binary64, which are bigints: no number holds them.
 *
 * @module
 */

import { BittrueError, checkNumber } from '../errors/index.ts';
import { checkFormat } from '../formats/check.ts';
import type { Format } from '../formats/format.ts';
import { nameOf } from '../formats/nameOf.ts';

const float64 = /* @__PURE__ */ new Float64Array(1);
const word = /* @__PURE__ */ new BigUint64Array(float64.buffer);

/**
 * The 64 bits of a number; every NaN is the positive quiet one without payload.
 *
 * @throws {@link BittrueError} for what is no number
 * @example
 * import { encodeBinary64 } from 'bittrue/rounding';
 * encodeBinary64(-2).toString(16); // 'c000000000000000'
 * encodeBinary64(NaN).toString(16); // '7ff8000000000000'
 */
export function encodeBinary64(x: number): bigint {
  // Which NaN a machine holds is not told by the language.
  if (checkNumber('x', x) !== x) return 0x7ff8000000000000n;
  float64[0] = x;
  return word[0] as bigint;
}

/**
 * The number of 64 bits.
 *
 * @param code - 0n … 2n ** 64n − 1n
 * @throws {@link BittrueError} for what is no such bigint
 * @example
 * import { decodeBinary64 } from 'bittrue/rounding';
 * decodeBinary64(1n); // 5e-324
 * decodeBinary64(0x7fefffffffffffffn); // 1.7976931348623157e308
 */
export function decodeBinary64(code: bigint): number {
  if (typeof code !== 'bigint') throw new BittrueError('type', 'code', code, 'a bigint: the 64 bits of a number');
  if (code !== BigInt.asUintN(64, code)) throw new BittrueError('range', 'code', code, '0n … 2n ** 64n − 1n');
  word[0] = code;
  return float64[0] as number;
}

/** A format whose codes are numbers: any but binary64. */
export function checkCodes<F extends Format>(argument: string, format: F): F {
  if (checkFormat(argument, format).bits > 53) {
    const expected = 'a format of at most 53 bits, whose codes are numbers; see encodeBinary64 and decodeBinary64';
    throw new BittrueError('unsupported', argument, nameOf(format), expected);
  }
  return format;
}
