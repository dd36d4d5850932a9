/**
 * Kernels: cast, add, multiply, unary, sum, dot, matmul, epilogue, gemm, softmax, attention, layerNorm, rmsNorm, bit for bit as a target computes them.
 *
 * Each takes its operands and options (`target`, shape, `record`, `reference`) and returns `{ output, report }`. They run on the
 * WebAssembly engine where that gives the same bits and counts, else by the specification. `kernel.prepare(options)` plans once
 * for many calls.
 *
 * @module
 */
export type {
  AttentionMethod,
  AttentionOptions,
  AttentionProduct,
  AttentionRoundings,
  AttentionStage,
} from '../specification/attention/options.ts';
export type { CastOptions } from '../specification/cast/plan.ts';
export type { CodesResult, PreparedCodes } from '../specification/codes/codes.ts';
export type { CastCodesOptions } from '../specification/codes/plan.ts';
export type {
  Output,
  OutputArray,
  RecordOptions,
  Result,
} from '../specification/contract.ts';
export type { ElementwiseOptions, ElementwiseStage } from '../specification/elementwise/plan.ts';
export type {
  Epilogue,
  EpilogueActivation,
  EpilogueOperation,
  EpilogueOptions,
  EpilogueStage,
} from '../specification/epilogue/plan.ts';
export type { ChannelGroups, MeanSquare, RowScale } from '../specification/norm/forms.ts';
export type { LayerNormOptions, NormStage, RmsNormOptions } from '../specification/norm/plan.ts';
export { type NormPreset, type NormPresetName, normPreset, normPresetNames } from '../specification/norm/presets.ts';
export { channelGroups, meanSquareInSum, rowScale } from '../specification/norm/rowForms.ts';
export type { WelfordForm, WelfordOperation, WelfordStep } from '../specification/norm/welford.ts';
export { welfordForms } from '../specification/norm/welfordForms.ts';
export type { Numbers, Unsized } from '../specification/operands.ts';
export type { Prepared, PrepareOptions } from '../specification/prepare.ts';
export type { DotOptions } from '../specification/products/dot.ts';
export type { MatmulOptions } from '../specification/products/matmul.ts';
export type { ProductOptions, ProductStage } from '../specification/products/plan.ts';
export {
  type Base2Polynomial,
  type ExpMethod,
  flashAttentionExp2,
} from '../specification/softmax/method.ts';
export type { SoftmaxOptions, SoftmaxStage } from '../specification/softmax/plan.ts';
export type { SumOptions, SumStage } from '../specification/sum/plan.ts';
export type {
  Composition,
  CompositionOperation,
  CompositionStep,
} from '../specification/unary/composition.ts';
export type { UnaryFunction, UnaryMethod, UnaryOptions, UnaryStage } from '../specification/unary/plan.ts';
export {
  exp2ByCubic,
  geluByErf,
  geluByTanh,
  siluByDivision,
  siluByReciprocal,
  softcapByExponentials,
  softcapByTanh,
  tanhByExponentials,
} from '../specification/unary/presets.ts';
export { add } from './add.ts';
export { attention } from './attention.ts';
export { cast } from './cast.ts';
export { castCodes } from './castCodes.ts';
export { dot } from './dot.ts';
export { epilogue } from './epilogue.ts';
export { type GemmOptions, type GemmResult, gemm } from './gemm.ts';
export type { GemmWithEpilogue } from './gemmPlan.ts';
export type { Into, On } from './kernel.ts';
export { layerNorm } from './layerNorm.ts';
export { matmul } from './matmul.ts';
export { multiply } from './multiply.ts';
export type { Named } from './named.ts';
export { rmsNorm } from './rmsNorm.ts';
export { softmax } from './softmax.ts';
export { sum } from './sum.ts';
export { unary } from './unary.ts';
