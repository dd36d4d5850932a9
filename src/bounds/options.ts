/**
 * What `bounds` is asked: a kernel, its weights, and a set of inputs.
 *
 * @module
 */
import type { Named } from '../kernels/named.ts';
import type { LayerNormOptions, RmsNormOptions } from '../specification/norm/plan.ts';
import type { Numbers } from '../specification/operands.ts';
import type { ProductOptions } from '../specification/products/plan.ts';
import type { SoftmaxOptions } from '../specification/softmax/plan.ts';
import type { SumOptions } from '../specification/sum/plan.ts';
import type { Target, TargetName } from '../targets/target.ts';
import type { InputSet } from './inputSet.ts';

/** A sum of rows, as `sum` takes it. */
export interface SumBoundsOptions extends Named<Pick<SumOptions, 'target' | 'reduction'>> {
  readonly kernel: 'sum';
  readonly inputs: InputSet;
  readonly width: number;
}

/** What `dot` and `matmul` have in common. */
interface WeightedOptions
  extends Named<Pick<ProductOptions, 'target' | 'unit' | 'a' | 'b' | 'splitK' | 'promoteEvery' | 'partial'>> {
  /** What A's rows may be; the weights are B. */
  readonly inputs: InputSet;
  readonly weights: Numbers;
  /** Where the sums start, one number a channel: biases. Default none. */
  readonly c?: Numbers;
}

/** Dot products of one input row with rows of weights. */
export interface DotBoundsOptions extends WeightedOptions {
  readonly kernel: 'dot';
  /** Rows of the weights, each a channel; default 1. */
  readonly rows?: number;
}

/** A row times a matrix of weights, k by n, row-major: each column is a channel. */
export interface MatmulBoundsOptions extends WeightedOptions {
  readonly kernel: 'matmul';
  readonly n: number;
}

/** Σ x², as RMSNorm forms it: the stages `load`, `scale`, `square` and `squareSum` of a target's vector unit. */
export interface SquareSumBoundsOptions {
  readonly kernel: 'squareSum';
  readonly inputs: InputSet;
  readonly width: number;
  readonly target: Target | TargetName;
  /** SLaNC's factor, as `rmsNorm` takes it; default 1. */
  readonly scale?: number;
}

/** RMSNorm, all stages. */
export interface RmsNormBoundsOptions
  extends Named<Pick<RmsNormOptions, 'width' | 'target' | 'gamma' | 'epsilon' | 'scale' | 'epsilonScaled'>> {
  readonly kernel: 'rmsNorm';
  readonly inputs: InputSet;
}

/** LayerNorm, all stages. */
export interface LayerNormBoundsOptions
  extends Omit<RmsNormBoundsOptions, 'kernel'>,
    Pick<LayerNormOptions, 'beta' | 'variance' | 'negativeVariance' | 'affine'> {
  readonly kernel: 'layerNorm';
}

/** Softmax, all stages. */
export interface SoftmaxBoundsOptions
  extends Named<Pick<SoftmaxOptions, 'width' | 'target' | 'exp' | 'normalize' | 'clamp'>> {
  readonly kernel: 'softmax';
  readonly inputs: InputSet;
}

/** A kernel, its weights, and a set of inputs. */
export type BoundsOptions =
  | RmsNormBoundsOptions
  | LayerNormBoundsOptions
  | SoftmaxBoundsOptions
  | SumBoundsOptions
  | DotBoundsOptions
  | MatmulBoundsOptions
  | SquareSumBoundsOptions;
