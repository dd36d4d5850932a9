/**
 * The fixed-point instructions of vector processors: Arm SQDMULH and SQRDMULH, RISC-V vsmul and vnclip.
 *
 * Sources: Arm ARM, SQDMULH, SQRDMULH; RISC-V "V" specification §3.8, §12.3, §12.5 (accelerators.md §5, §6.1).
 *
 * @module
 */
import { checkBoolean, checkInteger, checkName } from '../../errors/index.ts';
import { INEXACT, OVERFLOW, SATURATION } from '../../rounding/flags.ts';
import { checkBigInt, checkLane, clamp, floorShift, lostBits, type Requantized, scaleShift } from './fixedPoint.ts';

/**
 * Arm SQDMULH: the high half of 2·a·b, truncated toward −∞; saturates for two lowest values only.
 *
 * @param a - an integer of `bits` bits
 * @param b - an integer of `bits` bits
 * @param bits - 16 or 32 (Arm's lanes), or 8
 * @throws {@link BittrueError} for operands beyond the lane
 * @example
 * import { doublingMultiplyHigh } from 'bittrue/arithmetic';
 * doublingMultiplyHigh(-3, 2 ** 14, 16).value; // -2
 */
export function doublingMultiplyHigh(a: number, b: number, bits: 8 | 16 | 32): Requantized {
  checkLane('bits', bits);
  const top = 2 ** (bits - 1);
  checkInteger('a', a, -top, top - 1);
  checkInteger('b', b, -top, top - 1);
  return clamp(scaleShift(a, b, 0, bits - 1), -top, top - 1, lostBits(a, b, bits - 1));
}

/** `vxrm` of RISC-V, by its values 0…3: nearest with ties up, nearest even, down, to odd. */
export const vxrm = ['rnu', 'rne', 'rdn', 'rod'] as const;
export type Vxrm = (typeof vxrm)[number];

/** Whether bits shifted out raise the quotient by one; `remainder` in (0, 2^shift). */
function roundsUp(mode: Vxrm, whole: number, remainder: number, half: number): boolean {
  switch (mode) {
    case 'rnu':
      return remainder >= half;
    case 'rne':
      return remainder > half || (remainder === half && whole % 2 !== 0);
    case 'rdn':
      return false;
    case 'rod':
      return whole % 2 === 0;
  }
}

/**
 * RISC-V `roundoff(value, shift)`: value / 2^shift in one of the four fixed-point rounding modes. With it alone, vssra,
 * vssrl and vaadd (shift 1) are stated.
 *
 * @param value - a safe integer
 * @param shift - 0…52
 * @throws {@link BittrueError} for operands out of range and unknown modes
 * @example
 * import { roundoff } from 'bittrue/arithmetic';
 * roundoff(5, 1, 'rnu').value; // 3
 * roundoff(5, 1, 'rne').value; // 2
 * roundoff(5, 1, 'rdn').value; // 2
 * roundoff(9, 2, 'rod').value; // 3
 */
export function roundoff(value: number, shift: number, mode: Vxrm): Requantized {
  checkInteger('value', value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  checkInteger('shift', shift, 0, 52);
  checkName('mode', mode, vxrm);
  const whole = floorShift(value, shift);
  const remainder = value - whole * 2 ** shift;
  if (remainder === 0) return { value: whole + 0, flags: 0 };
  return { value: whole + (roundsUp(mode, whole, remainder, 2 ** (shift - 1)) ? 1 : 0), flags: INEXACT };
}

/**
 * RISC-V vsmul: a·b / 2^(sew−1), rounded by `vxrm`, then saturated (two lowest values only). `SATURATION` stands for
 * vxsat.
 *
 * @param a - an integer of `sew` bits
 * @param b - an integer of `sew` bits
 * @throws {@link BittrueError} for operands beyond the lane and unknown modes
 * @example
 * import { vsmul } from 'bittrue/arithmetic';
 * vsmul(3, 64, 8, 'rnu').value; // 2
 * vsmul(3, 64, 8, 'rne').value; // 2
 * vsmul(3, 64, 8, 'rdn').value; // 1
 * vsmul(-128, -128, 8, 'rnu'); // { value: 127, flags: 36 }
 */
export function vsmul(a: number, b: number, sew: 8 | 16 | 32, mode: Vxrm): Requantized {
  checkLane('sew', sew);
  const top = 2 ** (sew - 1);
  checkInteger('a', a, -top, top - 1);
  checkInteger('b', b, -top, top - 1);
  checkName('mode', mode, vxrm);
  const whole = scaleShift(a, b, 0, sew - 1);
  const flags = lostBits(a, b, sew - 1);
  if (flags === 0) return clamp(whole, -top, top - 1, 0);
  // The remainder modulo 2^(sew−1): for 32 bits from the low word of the product.
  const remainder = ((Math.imul(a, b) % top) + top) % top;
  // (top − 1)² / top rounds to top − 1 at most: only an exact product saturates.
  return { value: whole + (roundsUp(mode, whole, remainder, top / 2) ? 1 : 0), flags };
}

/**
 * RISC-V vnclip and vnclipu: a number of twice the width, divided by 2^shift, rounded by `vxrm` first, then saturated.
 *
 * @param value - an integer of 2·sew bits, as signed as the result; above 53 bits a bigint
 * @param shift - 0…2·sew − 1
 * @param signed - vnclip (default) or vnclipu
 * @throws {@link BittrueError} for operands out of range and unknown modes
 * @example
 * import { vnclip } from 'bittrue/arithmetic';
 * vnclip(1000, 3, 8, 'rnu').value; // 125
 * vnclip(1020, 3, 8, 'rnu'); // { value: 127, flags: 37 }
 * vnclip(1020, 3, 8, 'rdn').value; // 127
 * vnclip(1020, 2, 8, 'rnu', false).value; // 255
 */
export function vnclip(
  value: number | bigint,
  shift: number,
  sew: 8 | 16 | 32,
  mode: Vxrm,
  signed = true,
): Requantized {
  checkLane('sew', sew);
  checkBoolean('signed', signed);
  checkInteger('shift', shift, 0, 2 * sew - 1);
  checkName('mode', mode, vxrm);
  const low = signed ? -(2 ** (sew - 1)) : 0;
  const high = 2 ** (signed ? sew - 1 : sew) - 1;
  if (typeof value === 'number' && Number.isSafeInteger(value) && shift <= 52) {
    const top = 2 ** (2 * sew - (signed ? 1 : 0));
    checkInteger('value', value, signed ? -top : 0, top - 1);
    const rounded = roundoff(value, shift, mode);
    return clamp(rounded.value, low, high, rounded.flags);
  }
  const wide = checkBigInt('value', value, 2 * sew + (signed ? 0 : 1));
  if (!signed && wide < 0n) checkInteger('value', Number(wide), 0, Number.MAX_SAFE_INTEGER);
  // Three bits below the point, the last one sticky, decide as the whole remainder does.
  const scaled = (wide << 3n) >> BigInt(shift);
  const sticky = scaled << BigInt(shift) === wide << 3n ? 0n : 1n;
  const eighths = scaled | sticky;
  const whole = eighths >> 3n;
  const rest = Number(eighths & 7n);
  const rounded = whole + (rest !== 0 && roundsUp(mode, Number(whole & 1n), rest, 4) ? 1n : 0n);
  const lost = rest === 0 ? 0 : INEXACT;
  if (rounded >= BigInt(low) && rounded <= BigInt(high)) return { value: Number(rounded), flags: lost };
  return { value: rounded < 0n ? low : high, flags: lost | OVERFLOW | SATURATION };
}
