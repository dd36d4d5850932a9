/**
 * Integers as the results of conversions from floating point.
 *
 * @module
 */

/**
 * What a conversion gives for NaN and for what does not fit.
 * - `x86`: the integer indefinite value, −2^(n−1), or 2^n − 1 where unsigned (Intel SDM vol. 1, §4.2.2 and table 4-3);
 * - `arm`: the nearest integer in range, 0 for NaN (Arm ARM, FPToFixed);
 * - `riscv`: the nearest integer in range, the largest for NaN (RISC-V ISA vol. I, table "FCVT").
 */
export type IntegerProfile = 'x86' | 'arm' | 'riscv';

/** An integer type to convert to. */
export interface IntegerType {
  /** 2–53. */
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

/** The result for a number that does not fit in [low, high], or NaN. */
export function outOfRange(profile: IntegerProfile, a: number, low: number, high: number, signed: boolean): number {
  if (profile === 'x86') return signed ? low : high;
  if (a !== a) return profile === 'arm' ? 0 : high;
  return a < 0 ? low : high;
}
