export { type CastOptions, cast, castKernel } from './cast.ts';
export type { Kernel, Plan, RecordOptions, Result } from './kernel.ts';
export { layerNorm, layerNormKernel } from './layerNorm.ts';
export type { LayerNormOptions, NormPlan, Numbers, RmsNormOptions } from './norm/plan.ts';
export { rmsNorm, rmsNormKernel } from './rmsNorm.ts';
