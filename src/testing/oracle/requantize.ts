/**
 * Integer requantisation once more, on BigInt, each formula as its source writes it (accelerators.md §5, §6.1, §8):
 * C's shifts and truncating division, no floors in disguise.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkName } from '../../errors/index.ts';
import { checkBigInt } from './checks.ts';

/** Which rounding a RISC-V fixed-point instruction follows, by the name of `vxrm`. */
export type OracleVxrm = 'rnu' | 'rne' | 'rdn' | 'rod';

function lowest(bits: number): bigint {
  return -(2n ** BigInt(bits - 1));
}

function saturate(x: bigint, low: bigint, high: bigint): bigint {
  if (x < low) return low;
  return x > high ? high : x;
}

/** An integer of a register. */
function checkRegister(argument: string, value: bigint, bits: number): void {
  checkBigInt(argument, value, lowest(bits), -lowest(bits) - 1n);
}

/** The three operands that most of these formulas have; how far they may go, the formula says. */
function checkScaled(x: bigint, multiplier: bigint, shift: number, low: number, high: number): void {
  checkRegister('x', x, 64);
  checkRegister('multiplier', multiplier, 32);
  checkInteger('shift', shift, low, high);
}

function checkResult(result: bigint, bits = 32): bigint {
  if (BigInt.asIntN(bits, result) !== result) throw new BittrueError('value', 'result', result, `an int${bits}`);
  return result;
}

const vxrm = ['rnu', 'rne', 'rdn', 'rod'] as const;

/** gemmlowp SaturatingRoundingDoublingHighMul: a nudge by sign, then division toward zero, as C divides. */
export function oracleHighMultiply(a: bigint, b: bigint, bits = 32): bigint {
  checkInteger('bits', bits, 2, 64);
  checkRegister('a', a, bits);
  checkRegister('b', b, bits);
  if (a === lowest(bits) && b === lowest(bits)) return -lowest(bits) - 1n;
  const product = a * b;
  const nudge = product >= 0n ? 2n ** BigInt(bits - 2) : 1n - 2n ** BigInt(bits - 2);
  return (product + nudge) / 2n ** BigInt(bits - 1);
}

/** gemmlowp RoundingDivideByPOT, with its mask and threshold. */
export function oracleRoundingDivide(x: bigint, exponent: number): bigint {
  checkBigInt('x', x);
  checkInteger('exponent', exponent, 0, 62);
  const mask = 2n ** BigInt(exponent) - 1n;
  const remainder = x & mask;
  const threshold = (mask >> 1n) + (x < 0n ? 1n : 0n);
  return (x >> BigInt(exponent)) + (remainder > threshold ? 1n : 0n);
}

/** MultiplyByQuantizedMultiplier, double rounding. */
export function oracleDoubleRounding(x: bigint, multiplier: bigint, shift: number): bigint {
  checkScaled(x, multiplier, shift, -62, 62);
  const left = Math.max(shift, 0);
  const right = Math.max(-shift, 0);
  const shifted = x * 2n ** BigInt(left);
  return oracleRoundingDivide(oracleHighMultiply(checkResult(shifted), multiplier), right);
}

/** CMSIS-NN with one rounding: two arithmetic shifts, and a cast. */
export function oracleSingleRounding(x: bigint, multiplier: bigint, shift: number): bigint {
  checkScaled(x, multiplier, shift, -62, 30);
  const product = x * multiplier;
  // The shift 30 − shift may be zero; the second shift is by one.
  return BigInt.asIntN(32, ((product >> BigInt(30 - shift)) + 1n) >> 1n);
}

/** CMSIS-NN arm_nn_requantize_s64 after REDUCE_MULTIPLIER. */
export function oracleReduced16(x: bigint, multiplier: bigint, shift: number): bigint {
  checkScaled(x, multiplier, shift, -62, 14);
  const reduced = multiplier < 0x7fff0000n ? (multiplier + (1n << 15n)) >> 16n : 0x7fffn;
  const product = checkResult(x * reduced, 64);
  return BigInt.asIntN(32, ((product >> BigInt(14 - shift)) + 1n) >> 1n);
}

/** TOSA apply_scale_32. */
export function oracleApplyScale32(value: bigint, multiplier: bigint, shift: number, doubleRound: boolean): bigint {
  checkInteger('shift', shift, 2, 62);
  checkBigInt('multiplier', multiplier, 0n, 2n ** 31n - 1n);
  checkRegister('value', value, shift);
  checkBoolean('doubleRound', doubleRound);
  let round = 1n << BigInt(shift - 1);
  if (doubleRound && shift > 31) round += value >= 0n ? 1n << 30n : -(1n << 30n);
  return checkResult((value * multiplier + round) >> BigInt(shift));
}

/** TOSA apply_scale_16. */
export function oracleApplyScale16(value: bigint, multiplier: bigint, shift: number): bigint {
  checkInteger('shift', shift, 2, 62);
  checkBigInt('multiplier', multiplier, 0n, 2n ** 15n - 1n);
  checkRegister('value', value, 48);
  return checkResult((value * multiplier + (1n << BigInt(shift - 1))) >> BigInt(shift));
}

/** Arm SQDMULH and SQRDMULH: the doubled product's high half, with one half added before where rounding. */
export function oracleDoublingMultiply(a: bigint, b: bigint, bits: number, rounding: boolean): bigint {
  checkInteger('bits', bits, 2, 64);
  checkRegister('a', a, bits);
  checkRegister('b', b, bits);
  checkBoolean('rounding', rounding);
  const doubled = 2n * a * b + (rounding ? 1n << BigInt(bits - 1) : 0n);
  return saturate(doubled >> BigInt(bits), lowest(bits), -lowest(bits) - 1n);
}

/** RISC-V roundoff: (v >> d) + r, with r from the bits of v as the specification's table 8 has it. */
export function oracleRoundoff(v: bigint, d: number, mode: OracleVxrm): bigint {
  checkBigInt('v', v);
  checkInteger('d', d, 0, 127);
  checkName('mode', mode, vxrm);
  if (d === 0) return v;
  const bit = (i: number): boolean => ((v >> BigInt(i)) & 1n) === 1n;
  /** Whether v[i:0] is not zero; i may be −1. */
  const anyUpTo = (i: number): boolean => i >= 0 && (v & ((1n << BigInt(i + 1)) - 1n)) !== 0n;
  const increment = {
    rnu: bit(d - 1),
    rne: bit(d - 1) && (anyUpTo(d - 2) || bit(d)),
    rdn: false,
    rod: !bit(d) && anyUpTo(d - 1),
  }[mode];
  return (v >> BigInt(d)) + (increment ? 1n : 0n);
}

/** RISC-V vsmul. */
export function oracleVsmul(a: bigint, b: bigint, sew: number, mode: OracleVxrm): bigint {
  checkInteger('sew', sew, 2, 64);
  checkRegister('a', a, sew);
  checkRegister('b', b, sew);
  return saturate(oracleRoundoff(a * b, sew - 1, mode), lowest(sew), -lowest(sew) - 1n);
}

/** RISC-V vnclip and vnclipu. */
export function oracleVnclip(x: bigint, shift: number, sew: number, mode: OracleVxrm, signed: boolean): bigint {
  checkBigInt('x', x);
  checkInteger('shift', shift, 0, 127);
  checkInteger('sew', sew, 2, 64);
  checkBoolean('signed', signed);
  const rounded = oracleRoundoff(x, shift, mode);
  return signed ? saturate(rounded, lowest(sew), -lowest(sew) - 1n) : saturate(rounded, 0n, 2n ** BigInt(sew) - 1n);
}
