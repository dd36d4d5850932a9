export { adjacentPairs } from './adjacentPairs.ts';
export { type BlocksConstraints, blocks } from './blocks.ts';
export { codes } from './codes.ts';
export { type FormatsConstraints, formats } from './formats.ts';
export { integerRows } from './integerRows.ts';
export { type Matrices, type MatricesConstraints, matrices } from './matrices.ts';
export { type OutlierRowsConstraints, outlierRows } from './outlierRows.ts';
export { deterministicModes, type PoliciesConstraints, policies, roundings } from './policies.ts';
export { type RealsConstraints, reals, values } from './reals.ts';
export { realsBetween } from './realsBetween.ts';
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
export { rowsNearOverflow } from './rowsNearOverflow.ts';
export { type TargetsConstraints, targets } from './targets.ts';
export { weights } from './weights.ts';
