export type { CastOptions, CastPlan } from '../specification/cast/plan.ts';
export type { CodesResult, PreparedCodes } from '../specification/codes/codes.ts';
export type { CastCodesOptions, CodesPlan } from '../specification/codes/plan.ts';
export type {
  Output,
  OutputArray,
  Plan,
  RecordOptions,
  Result,
  Scalar,
  Specification,
} from '../specification/contract.ts';
export type { ElementwiseOptions, ElementwisePlan, Operands, RawOperands } from '../specification/elementwise/plan.ts';
export type {
  LayerNormOptions,
  NormInputs,
  NormPlan,
  RawNormInputs,
  RmsNormOptions,
} from '../specification/norm/plan.ts';
export type { Numbers, Unsized } from '../specification/operands.ts';
export type { Prepared, PrepareOptions } from '../specification/prepare.ts';
export type { DotOptions } from '../specification/products/dot.ts';
export type { MatmulOptions } from '../specification/products/matmul.ts';
export type {
  Pairing,
  ProductInputs,
  ProductOptions,
  ProductPlan,
  RawProductInputs,
} from '../specification/products/plan.ts';
export {
  type Base2Polynomial,
  type ExpMethod,
  flashAttentionExp2,
  type ResolvedExp,
} from '../specification/softmax/method.ts';
export type { SoftmaxOptions, SoftmaxPlan } from '../specification/softmax/plan.ts';
export type { SumOptions, SumPlan } from '../specification/sum/plan.ts';
export type { Account } from '../twins/account.ts';
export type { Lowered } from '../twins/twin.ts';
export { add, addKernel } from './add.ts';
export { cast, castKernel } from './cast.ts';
export { castCodes, castCodesKernel } from './castCodes.ts';
export { dot, dotKernel } from './dot.ts';
export type { Into, Kernel, On } from './kernel.ts';
export { layerNorm, layerNormKernel } from './layerNorm.ts';
export { matmul, matmulKernel } from './matmul.ts';
export { multiply, multiplyKernel } from './multiply.ts';
export type { Named } from './named.ts';
export { rmsNorm, rmsNormKernel } from './rmsNorm.ts';
export { softmax, softmaxKernel } from './softmax.ts';
export { sum, sumKernel } from './sum.ts';
