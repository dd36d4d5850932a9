/**
 * Proofs in place of runs: can a sum, product, norm or softmax overflow for any input of a set?
 *
 * `bounds` answers proved, overflows (with a witness: the input that does it) or unknown, and the bits of room left.
 * `minimalAccumulator` finds the narrowest register of a layer, `stalls` sums that stop half way, `errorBound` how far a rounded
 * sum can lie from the real one. Sets of inputs are intervals, a format's numbers, a ball, or the outputs of a norm.
 *
 * @module
 */
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
export type { Fit, OperandFit } from './operandFit.ts';
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
