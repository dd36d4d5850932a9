/**
 * TOSA's scalings and its RESCALE operator.
 *
 * Source: Arm TOSA specification, `apply_scale_32`, `apply_scale_16`, RESCALE (accelerators.md §8).
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger } from '../../errors/index.ts';
import { checkInt32, INT32_MAX, INT32_MIN, lostBits, type Requantized, scaleShift } from './fixedPoint.ts';

/** Largest magnitude, plus one, of an int48. */
const INT48 = 2 ** 47;

/**
 * v·m / 2^shift, rounded half up; with `doubleRound` and a shift above 31, half an int32 step is added first, away from
 * zero, which reproduces the two roundings of gemmlowp for most operands.
 *
 * @param value - an int32 in [−2^(shift−1), 2^(shift−1))
 * @param multiplier - 0…2^31 − 1
 * @param shift - 2…62
 * @throws {@link BittrueError} for operands that the specification calls unpredictable
 * @example
 * import { applyScale32 } from 'bittrue/arithmetic';
 * applyScale32(1000, 1717986918, 33).value; // 200
 * applyScale32(5, 2 ** 30, 32).value; // 1
 * applyScale32(5, 2 ** 30, 32, true).value; // 2: as if 2.5 had become 3 first
 */
export function applyScale32(value: number, multiplier: number, shift: number, doubleRound = false): Requantized {
  checkInt32('value', value);
  checkInteger('multiplier', multiplier, 0, INT32_MAX);
  checkInteger('shift', shift, 2, 62);
  checkBoolean('doubleRound', doubleRound);
  const limit = 2 ** (shift - 1);
  if (value < -limit || value >= limit) {
    throw new BittrueError('range', 'value', value, `an integer in −2^${shift - 1}…2^${shift - 1} − 1, for this shift`);
  }
  // |v·m| < 2^(shift + 30), so the result is an int32.
  const flags = lostBits(value, multiplier, shift);
  const extra = doubleRound && shift > 31 ? (value >= 0 ? 2 ** 30 : -(2 ** 30)) : 0;
  // The addend is exact: at most 32 bits from 2^30 to 2^61.
  return { value: scaleShift(value, multiplier, limit + extra, shift), flags };
}

/**
 * v·m / 2^shift of a 48-bit value, rounded half up.
 *
 * @param value - an int48
 * @param multiplier - 0…2^15 − 1
 * @param shift - 2…62
 * @throws {@link BittrueError} for operands out of range, and for a result that is no int32 (unpredictable in TOSA)
 * @example
 * import { applyScale16 } from 'bittrue/arithmetic';
 * applyScale16(2 ** 40, 2 ** 14, 35).value; // 524288
 */
export function applyScale16(value: number, multiplier: number, shift: number): Requantized {
  checkInteger('value', value, -INT48, INT48 - 1);
  checkInteger('multiplier', multiplier, 0, 2 ** 15 - 1);
  checkInteger('shift', shift, 2, 62);
  const scaled = scaleShift(value, multiplier, 2 ** (shift - 1), shift);
  if (scaled < INT32_MIN || scaled > INT32_MAX) {
    throw new BittrueError('range', 'value', value, 'an integer whose scaled value is an int32');
  }
  return { value: scaled, flags: lostBits(value, multiplier, shift) };
}
