export { decode, encode, isValue } from './codes.ts';
export { roundDecimal, roundDecimalWithFlags } from './decimal.ts';
export { exactDecimal } from './exact.ts';
export { type Explanation, explain, type Neighbour, type Outcome } from './explain.ts';
export * from './flags.ts';
export * from './policy.ts';
export { type Rounded, round, roundWithFlags } from './round.ts';
export { Rounder } from './rounder.ts';
export { defineStep, type Step, step } from './step.ts';
