/**
 * One rounding, with flags: a number to a format, under a policy.
 *
 * `round` gives the number, `encode` and `decode` go between numbers and codes, `roundDecimal` takes decimals of any length.
 * `roundTo(format, policy)` pairs a format with how it rounds, overflows and treats subnormal numbers; `profiles` are the policies
 * of standards and libraries; `explain` tells all about one number.
 *
 * @module
 */
export { decodeBinary64, encodeBinary64 } from './binary64.ts';
export {
  type CodebookExplanation,
  type CodebookOptions,
  decodeCodebook,
  encodeCodebook,
  explainCodebook,
} from './codebook.ts';
export { decode, encode, isValue } from './codes.ts';
export { compareProfiles, type ProfileDifference } from './compareProfiles.ts';
export { roundDecimal, roundDecimalWithFlags } from './decimal.ts';
export { exactDecimal } from './dyadic.ts';
export { type Explanation, explain, type Neighbour } from './explain.ts';
export * from './flags.ts';
export type { Outcome } from './outcome.ts';
export type { Position } from './philox.ts';
export {
  type FlushFlags,
  type FusedInvalid,
  flushFlagsRules,
  fusedInvalidRules,
  type NaNInput,
  nanInputs,
  type OverflowPolicy,
  overflowPolicies,
  type Parity,
  type PartialPolicy,
  type Policy,
  parityRules,
  type RoundingMode,
  resolvePolicy,
  roundingModes,
  type SubnormalPolicy,
  subnormalPolicies,
  type Tininess,
  tininessRules,
} from './policy.ts';
export type {
  FormatPattern,
  ModeChange,
  NaNRule,
  Profile,
  ProfileCase,
  ProfileRules,
  ResolvedProfile,
} from './profile.ts';
export { type CodeOutcome, type NaNOperand, profileOutcome } from './profileOutcome.ts';
export { findProfile, profilePolicy, profilesFor, resolveProfile } from './profiles.ts';
export { profiles } from './profileTable.ts';
export { type Rounded, round, roundWithFlags } from './round.ts';
export { defineRounding, type Rounding, roundTo } from './roundTo.ts';
export type { Stochastic } from './stochastic.ts';
