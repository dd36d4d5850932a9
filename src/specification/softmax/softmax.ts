/**
 * What softmax means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitRows, type Numbers, rowInputs, widen, withARow } from '../operands.ts';
import { type Prepared, type PrepareOptions, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import { planSoftmax, type SoftmaxOptions, type SoftmaxPlan, type SoftmaxStage, softmaxStages } from './plan.ts';
import { softmaxReference } from './reference.ts';
import { softmaxScalar } from './scalar.ts';

/** The specification. */
export const softmaxSpecification: Specification<SoftmaxOptions, SoftmaxPlan, Float64Array, FloatArray> = {
  widen,
  name: 'softmax',
  inputs: rowInputs,
  stages: softmaxStages,
  plan: planSoftmax,
  fit: fitRows,
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
): Result<Out, SoftmaxStage> {
  return runSpecification(softmaxSpecification, options, [x]);
}

/**
 * As `softmax.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `softmax` does, and in a run for lengths that do not fit
 * @example
 * import { softmax } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * const weights = softmax.prepare({ width: 4, target: fp16 });
 * weights([0, 0, -12, -30]).output[0]; // 0.5
 */
softmax.prepare = (options: PrepareOptions<SoftmaxOptions, 'rows'>): Prepared<[x: Numbers], SoftmaxStage> => {
  const run = prepareSpecification(softmaxSpecification, options, withARow);
  return (x, own) => run([x], own);
};
