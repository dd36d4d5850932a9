export { oracleCodeOperation } from './codeOperations.ts';
export {
  oracleDecode,
  oracleEncode,
  oracleIsSignalling,
  oracleLimits,
  oracleNaNCode,
  oracleValues,
} from './codes.ts';
export type { Stochastic } from './direction.ts';
export { type OracleEvent, oracleCounts, oracleFirsts, oracleKinds, oracleRowFlags } from './events.ts';
export { approximately, type Exact, exactly } from './exact.ts';
export { OracleError } from './flags.ts';
export { oracleCompare, oracleRoundToIntegral, oracleToInteger } from './integral.ts';
export { type OracleReciprocalNote, oracleReciprocalSqrt } from './newton.ts';
export {
  type OracleLayerNormOptions,
  type OracleNorm,
  type OracleNormOptions,
  oracleLayerNorm,
  oracleRmsNorm,
} from './normalization.ts';
export { type OracleOperation, oracleOperation, oracleOperations } from './operations.ts';
export { type OraclePosition, oraclePhilox, oracleRandomBits } from './philox.ts';
export type { Rational } from './rational.ts';
export * as exact from './rational.ts';
export {
  elementAccumulator,
  type OracleReduceEvent,
  type OracleSum,
  oracleExactSum,
  oracleReduce,
} from './reduce.ts';
export { oracleProject, oracleRound, type Rounded } from './round.ts';
export { oracleStochastic } from './stochastic.ts';
