/**
 * The meaning of every kernel: scalar code, every option, every event, no engine in the bundle.
 *
 * The same functions and results as `bittrue/kernels`. The fast code must agree with these bit for bit; where it cannot, these run
 * in its place.
 *
 * @module
 */
export { attention } from './attention/attention.ts';
export type {
  AttentionMethod,
  AttentionOptions,
  AttentionProduct,
  AttentionRoundings,
  AttentionStage,
} from './attention/options.ts';
export { cast } from './cast/cast.ts';
export type { CastOptions } from './cast/plan.ts';
export { type CodesResult, castCodes, type PreparedCodes } from './codes/codes.ts';
export type { CastCodesOptions } from './codes/plan.ts';
export type { Output, OutputArray, RecordOptions, Result } from './contract.ts';
export { add } from './elementwise/add.ts';
export { multiply } from './elementwise/multiply.ts';
export type { ElementwiseOptions, ElementwiseStage } from './elementwise/plan.ts';
export { epilogue } from './epilogue/epilogue.ts';
export type {
  Epilogue,
  EpilogueActivation,
  EpilogueOperation,
  EpilogueOptions,
  EpilogueStage,
} from './epilogue/plan.ts';
export type { ChannelGroups, MeanSquare, RowScale } from './norm/forms.ts';
export { layerNorm } from './norm/layerNorm.ts';
export type { LayerNormOptions, NormStage, RmsNormOptions } from './norm/plan.ts';
export { rmsNorm } from './norm/rmsNorm.ts';
export { channelGroups, meanSquareInSum, rowScale } from './norm/rowForms.ts';
export type { WelfordForm, WelfordOperation, WelfordStep } from './norm/welford.ts';
export { welfordForms } from './norm/welfordForms.ts';
export type { Numbers, Unsized } from './operands.ts';
export type { Prepared, PrepareOptions } from './prepare.ts';
export { type DotOptions, dot } from './products/dot.ts';
export { type MatmulOptions, matmul } from './products/matmul.ts';
export type { ProductOptions, ProductStage } from './products/plan.ts';
export { type Base2Polynomial, type ExpMethod, flashAttentionExp2 } from './softmax/method.ts';
export type { SoftmaxOptions, SoftmaxStage } from './softmax/plan.ts';
export { softmax } from './softmax/softmax.ts';
export type { SumOptions, SumStage } from './sum/plan.ts';
export { sum } from './sum/sum.ts';
export type {
  Composition,
  CompositionOperation,
  CompositionStep,
} from './unary/composition.ts';
export type { UnaryFunction, UnaryMethod, UnaryOptions, UnaryStage } from './unary/plan.ts';
export {
  exp2ByCubic,
  geluByErf,
  geluByTanh,
  siluByDivision,
  siluByReciprocal,
  softcapByExponentials,
  softcapByTanh,
  tanhByExponentials,
} from './unary/presets.ts';
export { unary } from './unary/unary.ts';
