/**
 * An exact number becomes a value of an integer format: rounded to the grid first, then clamped or wrapped.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { IntegerFormat } from '../../formats/format.ts';
import type { Policy } from '../../rounding/policy.ts';
import { type Direction, roundToUnits } from './direction.ts';
import type { Exact } from './exact.ts';
import { INEXACT, INVALID, OVERFLOW, SATURATION, WRAP } from './flags.ts';
import { powerOfTwo } from './rational.ts';

export function projectInteger(
  format: IntegerFormat,
  policy: Policy,
  direction: Direction,
  x: Exact,
): { value: number; flags: number } {
  const { low, high } = integerRange(format.bits, format.signed);
  const value = (code: bigint): number => Number(code) * powerOfTwo(-format.fractionBits);
  if (x.kind === 'nan') {
    if (policy.nanInput === 'error') throw new BittrueError('value', 'x', Number.NaN, 'a number: integers have no NaN');
    if (policy.nanInput === 'invalid') return { value: 0, flags: INVALID };
    return { value: policy.nanInput === 'max' ? value(high) : 0, flags: 0 };
  }
  if (x.kind === 'infinite') {
    if (policy.overflow === 'wrap') return { value: 0, flags: INVALID };
    return { value: value(x.negative ? low : high), flags: SATURATION };
  }
  const { units, isExact } = roundToUnits(x, -format.fractionBits, direction);
  const rounded = x.negative ? -units : units;
  const lost = isExact ? 0 : INEXACT;
  if (rounded >= low && rounded <= high) return { value: value(rounded), flags: lost };
  if (policy.overflow === 'wrap')
    return { value: value(wrapped(rounded, format.bits, format.signed)), flags: lost | WRAP };
  return { value: value(rounded < low ? low : high), flags: OVERFLOW | INEXACT | SATURATION };
}

/** The lowest and highest code of a register, as integers. */
export function integerRange(bits: number, signed: boolean): { low: bigint; high: bigint } {
  const n = BigInt(bits);
  return signed ? { low: -(1n << (n - 1n)), high: (1n << (n - 1n)) - 1n } : { low: 0n, high: (1n << n) - 1n };
}

/** The integer in a register's range that is congruent modulo 2^bits. */
export function wrapped(integer: bigint, bits: number, signed: boolean): bigint {
  return signed ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer);
}
