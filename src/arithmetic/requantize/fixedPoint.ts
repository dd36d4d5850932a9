/**
 * Fixed-point products with a rounding shift, exact without 64-bit integers.
 *
 * @module
 */
import { BittrueError, checkInteger } from '../../errors/index.ts';
import { INEXACT, OVERFLOW, SATURATION } from '../../rounding/flags.ts';

/** An integer result and what happened on the way: a sum of flag bits; see `flagNames`. */
export interface Requantized {
  readonly value: number;
  readonly flags: number;
}

/** Lowest and largest int32. */
export const INT32_MIN = -(2 ** 31);
export const INT32_MAX = 2 ** 31 - 1;

/** Products below this magnitude leave room for an addend of 2^52 in binary64's exact integers. */
const SAFE_PRODUCT = 2 ** 52;
/** The half by which a factor is split. */
const HALF = 2 ** 16;

/** The width of a lane. */
export function checkLane(argument: string, bits: unknown): void {
  if (bits !== 8 && bits !== 16 && bits !== 32) throw new BittrueError('range', argument, bits, '8, 16 or 32');
}

/** ⌊x / 2^shift⌋ of a safe integer, 0 ≤ shift ≤ 1000: the quotient by a power of two is exact. */
export function floorShift(x: number, shift: number): number {
  return Math.floor(x / 2 ** shift);
}

/**
 * ⌊(a·b + addend) / 2^shift⌋.
 *
 * Numbers do for a product below 2^52. A larger one is split: with a = h·2^16 + l, both h·b and l·b are safe while
 * |a·b| < 2^68 and |b| < 2^36, and ⌊(h·b·2^16 + l·b + addend) / 2^shift⌋ = ⌊(h·b + ⌊(l·b + addend) / 2^16⌋) / 2^(shift − 16)⌋.
 * What remains (long products shifted by less than 16, addends beyond 2^52) goes through BigInt.
 *
 * @param a - a safe integer
 * @param b - an integer of at most 33 bits
 * @param addend - a binary64 number that is an integer, 0 at least
 */
export function scaleShift(a: number, b: number, addend: number, shift: number): number {
  const p = a * b;
  if (p < SAFE_PRODUCT && p > -SAFE_PRODUCT && addend < SAFE_PRODUCT) {
    return floorShift(p + addend, shift);
  }
  const high = Math.floor(a / HALF);
  const low = (a - high * HALF) * b;
  if (
    shift >= 16 &&
    Number.isSafeInteger(high * b) &&
    Number.isSafeInteger(low) &&
    Number.isSafeInteger(low + addend)
  ) {
    return floorShift(high * b + Math.floor((low + addend) / HALF), shift - 16);
  }
  return Number((BigInt(a) * BigInt(b) + BigInt(addend)) >> BigInt(shift));
}

/** How many factors of two an integer has; Infinity for 0. */
function twos(x: number): number {
  if (x === 0) return Number.POSITIVE_INFINITY;
  let rest = Math.abs(x);
  let count = 0;
  while (rest % HALF === 0) {
    rest /= HALF;
    count += 16;
  }
  const low = rest % HALF;
  return count + 31 - Math.clz32(low & -low);
}

/** INEXACT where a·b is no multiple of 2^shift, else 0. */
export function lostBits(a: number, b: number, shift: number): number {
  return twos(a) + twos(b) < shift ? INEXACT : 0;
}

/** A value brought into [low, high], with the flags of a clamp where it was not there. */
export function clamp(value: number, low: number, high: number, flags: number): Requantized {
  if (value >= low && value <= high) return { value: value + 0, flags };
  return { value: value < low ? low : high, flags: flags | OVERFLOW | SATURATION };
}

/** An int32. */
export function checkInt32(argument: string, value: unknown): number {
  return checkInteger(argument, value, INT32_MIN, INT32_MAX);
}

/** An integer of a register's width, as a bigint. */
export function checkBigInt(argument: string, value: unknown, bits: number): bigint {
  const wanted = `an integer of ${bits} bits, as a bigint or a safe integer`;
  if (typeof value !== 'bigint' && typeof value !== 'number') throw new BittrueError('type', argument, value, wanted);
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new BittrueError('range', argument, value, wanted);
  const integer = BigInt(value);
  if (BigInt.asIntN(bits, integer) !== integer) throw new BittrueError('range', argument, value, wanted);
  return integer;
}
