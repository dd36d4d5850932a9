export { doublingMultiplyHigh, roundoff, type Vxrm, vnclip, vsmul, vxrm } from './doublingMultiply.ts';
export type { Requantized } from './fixedPoint.ts';
export {
  multiplyByQuantizedMultiplier,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMultiply,
} from './gemmlowp.ts';
export { type QuantizedMultiplier, quantizeMultiplier } from './multiplier.ts';
export { defineRequantization, type Requantization, type RequantizationScale, requantize } from './pipeline.ts';
export { type QuantizeLinearOptions, quantizeLinear } from './quantizeLinear.ts';
export {
  multiplyByQuantizedMultiplierSingleRounding,
  multiplyByReducedMultiplier,
  reduceMultiplier,
} from './singleRounding.ts';
export { applyScale16, applyScale32 } from './tosa.ts';
