export {
  type BoundsOptions,
  bounds,
  type DotBoundsOptions,
  type MatmulBoundsOptions,
  type SquareSumBoundsOptions,
  type SumBoundsOptions,
} from './bounds.ts';
export type { InputSet } from './inputSet.ts';
export { dataTypeBits, type L1Options, l1Bits } from './l1.ts';
export type { Bounds, ChannelBounds, Claim, Verdict, Witness } from './verdict.ts';
