/**
 * Requantisation in one rounding, half up: TFLite and CMSIS-NN built for it, and the 16-bit path over 64-bit sums.
 *
 * Sources: CMSIS-NN `arm_nn_requantize` with CMSIS_NN_USE_SINGLE_ROUNDING, `arm_nn_requantize_s64`, REDUCE_MULTIPLIER
 * (accelerators.md §8).
 *
 * @module
 */
import { BittrueError, checkInteger } from '../../errors/index.ts';
import { INEXACT, WRAP } from '../../rounding/flags.ts';
import { checkBigInt, checkInt32, INT32_MAX, INT32_MIN, lostBits, type Requantized, scaleShift } from './fixedPoint.ts';

/** What a C cast to int32 leaves of a result that does not fit. */
function castToInt32(value: number, flags: number): Requantized {
  if (value >= INT32_MIN && value <= INT32_MAX) return { value, flags };
  const modulus = 2 ** 32;
  const reduced = value - Math.floor(value / modulus) * modulus;
  return { value: reduced > INT32_MAX ? reduced - modulus : reduced, flags: flags | WRAP };
}

/** A product shifted to the right by at least 1, rounded half up, and cast. */
function castBigInt(product: bigint, right: number): Requantized {
  const scaled = ((product >> BigInt(right - 1)) + 1n) >> 1n;
  const flags = BigInt.asUintN(right, product) === 0n ? 0 : INEXACT;
  const value = Number(BigInt.asIntN(32, scaled));
  return { value, flags: BigInt(value) === scaled ? flags : flags | WRAP };
}

/**
 * x·m·2^(shift − 31), rounded once, half up, from a 64-bit product. A result beyond int32 wraps, as the sources' cast
 * does.
 *
 * @param x - an int32
 * @param multiplier - an int32, usually in [2^30, 2^31)
 * @param shift - −31…30
 * @throws {@link BittrueError} for operands out of range
 * @example
 * import { multiplyByQuantizedMultiplierSingleRounding } from 'bittrue/arithmetic';
 * multiplyByQuantizedMultiplierSingleRounding(1000, 1717986918, -2).value; // 200
 * multiplyByQuantizedMultiplierSingleRounding(2 ** 30, 2 ** 30, 4); // { value: 0, flags: 64 }
 */
export function multiplyByQuantizedMultiplierSingleRounding(x: number, multiplier: number, shift: number): Requantized {
  checkInt32('x', x);
  checkInt32('multiplier', multiplier);
  checkInteger('shift', shift, -31, 30);
  const right = 31 - shift;
  // A long product shifted by little may leave binary64's exact integers, and the cast looks at its low bits.
  if (right < 16) return castBigInt(BigInt(x) * BigInt(multiplier), right);
  // The addend of one half is 2^(right − 1) ≤ 2^61: a power of two, so an exact number; scaleShift sees to its size.
  const scaled = scaleShift(x, multiplier, 2 ** (right - 1), right);
  return castToInt32(scaled, lostBits(x, multiplier, right));
}

/**
 * The upper 16 bits of a 31-bit multiplier, rounded half up, as the 16-bit kernels use it.
 *
 * @param multiplier - an int32
 * @throws {@link BittrueError} for a number that is no int32
 * @example
 * import { reduceMultiplier } from 'bittrue/arithmetic';
 * reduceMultiplier(1717986918); // 26214
 * reduceMultiplier(0x7fff8000); // 32767: rounding up would leave int16
 */
export function reduceMultiplier(multiplier: number): number {
  checkInt32('multiplier', multiplier);
  return multiplier < 0x7fff0000 ? Math.floor((multiplier + 2 ** 15) / 2 ** 16) : 0x7fff;
}

/**
 * The 16-bit path: a 64-bit accumulator times the reduced multiplier, rounded once, half up, and cast to int32.
 *
 * @param x - an int64: a bigint, or a safe integer
 * @param multiplier - the int32 multiplier; it is reduced to 16 bits here
 * @param shift - −31…14
 * @throws {@link BittrueError} for operands out of range, and where the product leaves int64 (undefined in the sources)
 * @example
 * import { multiplyByReducedMultiplier } from 'bittrue/arithmetic';
 * multiplyByReducedMultiplier(2 ** 40, 2 ** 30, -20).value; // 524288
 */
export function multiplyByReducedMultiplier(x: number | bigint, multiplier: number, shift: number): Requantized {
  const reduced = reduceMultiplier(multiplier);
  checkInteger('shift', shift, -31, 14);
  const right = 15 - shift;
  const p = Number(x) * reduced;
  if (typeof x === 'number' && Number.isSafeInteger(x) && Math.abs(p) < 2 ** 52) {
    return castToInt32(scaleShift(x, reduced, 2 ** (right - 1), right), lostBits(x, reduced, right));
  }
  const product = checkBigInt('x', x, 64) * BigInt(reduced);
  if (BigInt.asIntN(64, product) !== product) {
    throw new BittrueError('range', 'x', x, 'an integer whose product with the reduced multiplier is an int64');
  }
  return castBigInt(product, right);
}
