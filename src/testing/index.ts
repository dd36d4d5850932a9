export { nextNumber } from './binary64.ts';
export * from './check/index.ts';
export * from './conformance/index.ts';
export * from './distinguish/index.ts';
export { type FormatsConstraints, formats } from './formats.ts';
export * from './laws/index.ts';
export { type Match, matchers } from './matchers.ts';
export * as oracle from './oracle/index.ts';
export { numberAt, type Ordinals, ordinalsOf } from './ordinals.ts';
export { deterministicModes, type PoliciesConstraints, policies, roundings } from './policies.ts';
export { type RealsConstraints, reals, values } from './reals.ts';
export {
  alignedAccumulators,
  carefulAccumulators,
  fixedAccumulators,
  floatAccumulators,
  integerAccumulators,
  type ReductionsConstraints,
  reductions,
} from './reductions.ts';
export { type Rows, type RowsConstraints, rows } from './rows.ts';
export { type TargetsConstraints, targets } from './targets.ts';
