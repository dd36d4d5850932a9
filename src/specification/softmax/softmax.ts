/**
 * What softmax means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, rowInputs, widen } from '../operands.ts';
import { runSpecification } from '../run.ts';
import { planSoftmax, type SoftmaxOptions, type SoftmaxPlan, softmaxStages } from './plan.ts';
import { softmaxReference } from './reference.ts';
import { softmaxScalar } from './scalar.ts';

/** The specification. */
export const softmaxSpecification: Specification<SoftmaxOptions, SoftmaxPlan, Float64Array, FloatArray> = {
  widen,
  name: 'softmax',
  inputs: rowInputs,
  stages: softmaxStages,
  plan: planSoftmax,
  scalar: softmaxScalar,
  reference: softmaxReference,
};

/**
 * As `softmax` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `softmax` of `bittrue/kernels` does, and for an engine
 * @example
 * import { softmax } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * softmax([0, 0, -12, -30], { rows: 1, width: 4, target: fp16 }).output[0]; // 0.5
 */
export function softmax<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: SoftmaxOptions & Output<Out>,
): Result<Out> {
  return runSpecification(softmaxSpecification, options, [x]);
}
