export { bounds } from './bounds.ts';
export { type ErrorBoundOptions, errorBound } from './errorBound.ts';
export type { InputSet } from './inputSet.ts';
export { dataTypeBits, type L1Options, l1Bits } from './l1.ts';
export {
  type FloatCandidate,
  type MinimalAccumulator,
  type MinimalAccumulatorOptions,
  minimalAccumulator,
  type Widths,
} from './minimalAccumulator.ts';
export type {
  BoundsOptions,
  DotBoundsOptions,
  LayerNormBoundsOptions,
  MatmulBoundsOptions,
  RmsNormBoundsOptions,
  SoftmaxBoundsOptions,
  SquareSumBoundsOptions,
  SumBoundsOptions,
} from './options.ts';
export { type Stall, stalls } from './stalls.ts';
export type { Bounds, ChannelBounds, Claim, Verdict, Witness } from './verdict.ts';
