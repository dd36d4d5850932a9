/**
 * The exact model. It shares no code with what it judges but the errors: junk, and what has no value (a NaN where the
 * format has none), is refused by a {@link BittrueError}. Only the arithmetic of `exact` promises nothing on junk.
 *
 * @module
 */
export { type OracleBlock, type OracleBlockRecipe, oracleBlock, oracleBlockValues, oracleNvfp4 } from './blocks.ts';
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
export { type OracleDot, type OracleDotOptions, type OracleUnit, oracleDot } from './dot.ts';
export { type OracleEvent, oracleCounts, oracleFirsts, oracleKinds, oracleRowFlags } from './events.ts';
export { approximately, type Exact, exactly, type Infinite, type NotANumber } from './exact.ts';
export { oracleExponential } from './exponential.ts';
export { oracleCompare, oracleRoundToIntegral, oracleToInteger } from './integral.ts';
export type { FloatParameters as OracleFloat } from './limits.ts';
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
  type OracleReduceOptions,
  type OracleScales,
  type OracleSum,
  oracleExactSum,
  oracleReduce,
} from './reduce.ts';
export {
  type OracleVxrm,
  oracleApplyScale16,
  oracleApplyScale32,
  oracleDoubleRounding,
  oracleDoublingMultiply,
  oracleHighMultiply,
  oracleReduced16,
  oracleRoundingDivide,
  oracleRoundoff,
  oracleSingleRounding,
  oracleVnclip,
  oracleVsmul,
} from './requantize.ts';
export { oracleProject, oracleRound, type Rounded } from './round.ts';
export { type OracleSoftmax, type OracleSoftmaxOptions, oracleSoftmax } from './softmax.ts';
export { oracleStochastic } from './stochastic.ts';
export { type OracleRowSums, oracleRowSums } from './sum.ts';
export type { OracleOperands, OracleReduceEvent } from './terms.ts';
