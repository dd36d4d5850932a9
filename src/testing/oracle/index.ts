/**
 * The exact model. It shares no code with what it judges but the errors: junk, and what has no value (a NaN where the
 * format has none), is refused by a {@link BittrueError}. Only the arithmetic of `exact` promises nothing on junk.
 *
 * @module
 */
export {
  type OracleAttention as Attention,
  type OracleAttentionOptions as AttentionOptions,
  oracleAttention as attention,
} from './attention.ts';
export {
  type OracleBlock as Block,
  type OracleBlockRecipe as BlockRecipe,
  oracleBlock as block,
  oracleBlockValues as blockValues,
} from './blocks.ts';
export {
  type OracleAffineBlock as AffineBlock,
  type OracleAffineRecipe as AffineRecipe,
  type OracleGroupBlock as GroupBlock,
  type OracleGroupRecipe as GroupRecipe,
  oracleAffine as affine,
  oracleGroupExponents as groupExponents,
} from './blocksBeside.ts';
export { oracleCodeOperation as codeOperation } from './codeOperations.ts';
export {
  oracleDecode as decode,
  oracleEncode as encode,
  oracleIsSignalling as isSignalling,
  oracleLimits as limits,
  oracleNaNCode as nanCode,
  oracleValues as values,
} from './codes.ts';
export type { Stochastic } from './direction.ts';
export {
  type OracleDot as Dot,
  type OracleDotOptions as DotOptions,
  type OracleUnit as Unit,
  oracleDot as dot,
} from './dot.ts';
export {
  type OracleEpilogue as Epilogue,
  type OracleEpilogueOptions as EpilogueOptions,
  oracleEpilogue as epilogue,
} from './epilogue.ts';
export {
  type OracleEvent as Event,
  oracleCounts as counts,
  oracleFirsts as firsts,
  oracleKinds as kinds,
  oracleRowFlags as rowFlags,
} from './events.ts';
export { approximately, type Exact, exactly, type Infinite, type NotANumber } from './exact.ts';
export { oracleExponential as exponential } from './exponential.ts';
export {
  type OracleFunction as Function,
  oracleEvaluate as evaluate,
  oracleFunctions as functions,
} from './functions.ts';
export { type OracleGroup as Group, type OracleGroupOptions as GroupOptions, oracleGroup as group } from './groups.ts';
export {
  oracleCompare as compare,
  oracleRoundToIntegral as roundToIntegral,
  oracleToInteger as toInteger,
} from './integral.ts';
export type { FloatParameters as Float } from './limits.ts';
export { type OracleReciprocalNote as ReciprocalNote, oracleReciprocalSqrt as reciprocalSqrt } from './newton.ts';
export { oracleLayerNorm as layerNorm, oracleRmsNorm as rmsNorm } from './normalization.ts';
export type {
  OracleLayerNormOptions as LayerNormOptions,
  OracleNorm as Norm,
  OracleNormOptions as NormOptions,
} from './normOptions.ts';
export {
  type OracleOperation as Operation,
  oracleOperation as operation,
  oracleOperations as operations,
} from './operations.ts';
export { type OraclePosition as Position, oraclePhilox as philox, oracleRandomBits as randomBits } from './philox.ts';
export type { Rational } from './rational.ts';
export * as exact from './rational.ts';
export {
  elementAccumulator,
  type OracleReduceOptions as ReduceOptions,
  type OracleScales as Scales,
  type OracleSum as Sum,
  oracleExactSum as exactSum,
  oracleReduce as reduce,
} from './reduce.ts';
export {
  type OracleVxrm as Vxrm,
  oracleApplyScale16 as applyScale16,
  oracleApplyScale32 as applyScale32,
  oracleDoubleRounding as doubleRounding,
  oracleDoublingMultiply as doublingMultiply,
  oracleHighMultiply as highMultiply,
  oracleReduced16 as reduced16,
  oracleRoundingDivide as roundingDivide,
  oracleRoundoff as roundoff,
  oracleSingleRounding as singleRounding,
  oracleVnclip as vnclip,
  oracleVsmul as vsmul,
} from './requantize.ts';
export { oracleProject as project, oracleRound as round, type Rounded } from './round.ts';
export {
  type OracleSoftmax as Softmax,
  type OracleSoftmaxOptions as SoftmaxOptions,
  oracleSoftmax as softmax,
} from './softmax.ts';
export { oracleStochastic as stochastic } from './stochastic.ts';
export { type OracleRowSums as RowSums, oracleRowSums as rowSums } from './sum.ts';
export type { OracleOperands as Operands, OracleReduceEvent as ReduceEvent } from './terms.ts';
export { type OracleTwoLevelRecipe as TwoLevelRecipe, oracleTwoLevel as twoLevel } from './twoLevel.ts';
export { type OracleUnary as Unary, type OracleUnaryOptions as UnaryOptions, oracleUnary as unary } from './unary.ts';
export type { OracleWelfordForm as WelfordForm, OracleWelfordStep as WelfordStep } from './welford.ts';
