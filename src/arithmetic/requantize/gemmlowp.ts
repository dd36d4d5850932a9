/**
 * Requantisation in two roundings, as gemmlowp wrote it and TFLite's reference kernels and CMSIS-NN use it.
 *
 * Sources: gemmlowp `fixedpoint.h`; CMSIS-NN `arm_nn_requantize` (accelerators.md §8).
 *
 * @module
 */
import { BittrueError, checkInteger } from '../../errors/index.ts';
import { INEXACT } from '../../rounding/flags.ts';
import {
  checkInt32,
  checkLane,
  clamp,
  floorShift,
  INT32_MAX,
  INT32_MIN,
  lostBits,
  type Requantized,
  scaleShift,
} from './fixedPoint.ts';

/**
 * SaturatingRoundingDoublingHighMul: the high half of 2·a·b, rounded half up: ⌊(a·b + 2^(bits−2)) / 2^(bits−1)⌋. Only
 * the product of two lowest values saturates.
 *
 * @param a - an integer of `bits` bits
 * @param b - an integer of `bits` bits
 * @param bits - width of the lanes, 8, 16 or 32; default 32
 * @throws {@link BittrueError} for operands beyond the lane
 * @example
 * import { saturatingRoundingDoublingHighMultiply } from 'bittrue/arithmetic';
 * saturatingRoundingDoublingHighMultiply(1000, 2 ** 30).value; // 500
 * saturatingRoundingDoublingHighMultiply(-3, 2 ** 30).value; // -1
 * saturatingRoundingDoublingHighMultiply(-(2 ** 31), -(2 ** 31)); // { value: 2147483647, flags: 36 }
 */
export function saturatingRoundingDoublingHighMultiply(a: number, b: number, bits: 8 | 16 | 32 = 32): Requantized {
  checkLane('bits', bits);
  const top = 2 ** (bits - 1);
  checkInteger('a', a, -top, top - 1);
  checkInteger('b', b, -top, top - 1);
  // The nudge of the source (2^30, or 1 − 2^30 before a division toward zero) comes to a floor after adding one half.
  const high = scaleShift(a, b, top / 2, bits - 1);
  return clamp(high, -top, top - 1, lostBits(a, b, bits - 1));
}

/**
 * RoundingDivideByPOT: x / 2^exponent, rounded half away from zero.
 *
 * @param x - an int32
 * @param exponent - 0…31
 * @throws {@link BittrueError} for operands out of range
 * @example
 * import { roundingDivideByPowerOfTwo } from 'bittrue/arithmetic';
 * roundingDivideByPowerOfTwo(-3, 1).value; // -2
 * roundingDivideByPowerOfTwo(5, 2).value; // 1
 */
export function roundingDivideByPowerOfTwo(x: number, exponent: number): Requantized {
  checkInt32('x', x);
  checkInteger('exponent', exponent, 0, 31);
  const whole = floorShift(x, exponent);
  const remainder = x - whole * 2 ** exponent;
  const threshold = Math.floor((2 ** exponent - 1) / 2) + (x < 0 ? 1 : 0);
  return { value: whole + (remainder > threshold ? 1 : 0), flags: remainder === 0 ? 0 : INEXACT };
}

/**
 * MultiplyByQuantizedMultiplier with double rounding: x·m·2^(shift − 31). A positive shift goes first, to the left; the
 * doubling high product is rounded half up; a negative shift is divided out, rounded half away from zero.
 *
 * @param x - an int32, such as an accumulator
 * @param multiplier - an int32, usually in [2^30, 2^31)
 * @param shift - −31…30
 * @throws {@link BittrueError} for operands out of range, and where x·2^shift leaves int32 (undefined in the sources)
 * @example
 * import { multiplyByQuantizedMultiplier, multiplyByQuantizedMultiplierSingleRounding } from 'bittrue/arithmetic';
 * multiplyByQuantizedMultiplier(-11, 2 ** 30, -1).value; // -3
 * multiplyByQuantizedMultiplierSingleRounding(-11, 2 ** 30, -1).value; // -3
 * multiplyByQuantizedMultiplier(5, 2 ** 30, -1).value; // 2: 2.5 becomes 3, and 1.5 becomes 2
 * multiplyByQuantizedMultiplierSingleRounding(5, 2 ** 30, -1).value; // 1
 */
export function multiplyByQuantizedMultiplier(x: number, multiplier: number, shift: number): Requantized {
  checkInt32('x', x);
  checkInt32('multiplier', multiplier);
  checkInteger('shift', shift, -31, 30);
  const shifted = x * 2 ** Math.max(shift, 0);
  if (shifted < INT32_MIN || shifted > INT32_MAX) {
    throw new BittrueError('range', 'x', x, `an integer whose product with 2^${shift} is an int32`);
  }
  const product = saturatingRoundingDoublingHighMultiply(shifted, multiplier);
  const { value, flags } = roundingDivideByPowerOfTwo(product.value, Math.max(-shift, 0));
  return { value, flags: flags | product.flags };
}
