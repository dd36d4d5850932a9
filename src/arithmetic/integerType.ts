/**
 * Integers as the results of conversions from floating point.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkName, checkObject } from '../errors/index.ts';

/**
 * What a conversion gives for NaN and for what does not fit.
 * - `x86`: the integer indefinite value, −2^(n−1), or 2^n − 1 where unsigned (Intel SDM vol. 1, §4.2.2 and table 4-3);
 * - `arm`: the nearest integer in range, 0 for NaN (Arm ARM, FPToFixed);
 * - `riscv`: the nearest integer in range, the largest for NaN (RISC-V ISA vol. I, table "FCVT").
 */
export const integerProfiles = ['x86', 'arm', 'riscv'] as const;
export type IntegerProfile = (typeof integerProfiles)[number];

/** An integer type to convert to. */
export interface IntegerType {
  /** 2–53, or up to 64 where the result is a bigint. */
  readonly bits: number;
  readonly signed: boolean;
  readonly profile: IntegerProfile;
}

/** What CVTSS2SI and its kin write. */
export const int32OfX86: IntegerType = /* @__PURE__ */ Object.freeze({
  bits: 32,
  signed: true,
  profile: 'x86',
} as const);

/** Checks a type that a caller wrote; `widest` is what the result's JavaScript type holds. */
export function checkIntegerType(type: IntegerType, widest: 53 | 64): void {
  if (type === int32OfX86) return;
  const { bits, signed, profile } = checkObject('type', type, ['bits', 'signed', 'profile']);
  if (typeof bits === 'number' && widest === 53 && bits > 53 && bits <= 64) {
    throw new BittrueError('range', 'type.bits', bits, 'an integer in 2…53; toBigInt gives up to 64 bits');
  }
  checkInteger('type.bits', bits, 2, widest);
  checkBoolean('type.signed', signed);
  checkName('type.profile', profile, integerProfiles);
}

/** The lowest and the largest integer of a type. */
export function integerRange({ bits, signed }: IntegerType): { low: bigint; high: bigint } {
  const codes = 1n << BigInt(bits);
  return signed ? { low: -codes / 2n, high: codes / 2n - 1n } : { low: 0n, high: codes - 1n };
}

/** The result for a number that does not fit, or NaN. */
export function outOfRange({ profile, signed }: IntegerType, a: number, low: bigint, high: bigint): bigint {
  if (profile === 'x86') return signed ? low : high;
  if (a !== a) return profile === 'arm' ? 0n : high;
  return a < 0 ? low : high;
}
