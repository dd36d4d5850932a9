export { decodeBinary64, encodeBinary64 } from './binary64.ts';
export { decode, encode, isValue } from './codes.ts';
export { compareProfiles, type ProfileDifference } from './compareProfiles.ts';
export { roundDecimal, roundDecimalWithFlags } from './decimal.ts';
export { exactDecimal } from './exact.ts';
export { type Explanation, explain, type Neighbour, type Outcome } from './explain.ts';
export * from './flags.ts';
export type { Position } from './philox.ts';
export * from './policy.ts';
export { type CodeOutcome, type NaNOperand, profileOutcome } from './profileOutcome.ts';
export {
  type FormatPattern,
  findProfile,
  type ModeChange,
  type NaNRule,
  type Profile,
  type ProfileCase,
  type ProfileRules,
  profilePolicy,
  profilesFor,
  type ResolvedProfile,
  resolveProfile,
} from './profiles.ts';
export { profiles } from './profileTable.ts';
export { type Rounded, round, roundWithFlags } from './round.ts';
export { Rounder } from './rounder.ts';
export { defineStep, type Step, step } from './step.ts';
export type { Stochastic } from './stochastic.ts';
