/**
 * What RMSNorm means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, rowInputs, widen } from '../operands.ts';
import { runSpecification } from '../run.ts';
import { type NormPlan, normStages, planNorm, type RmsNormOptions } from './plan.ts';
import { normReference } from './reference.ts';
import { normScalar } from './scalar.ts';

/** The specification. */
export const rmsNormSpecification: Specification<RmsNormOptions, NormPlan, Float64Array, FloatArray> = {
  widen,
  name: 'rmsNorm',
  inputs: rowInputs,
  stages: normStages,
  plan: (options) => planNorm('rmsNorm', options),
  scalar: normScalar,
  constants: ({ gamma, beta }) => [gamma, beta],
  reference: normReference,
};

/**
 * As `rmsNorm` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `rmsNorm` of `bittrue/kernels` does, and for an engine
 * @example
 * import { rmsNorm } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * rmsNorm([300, 300], { rows: 1, width: 2, target: fp16 }).report.totals.overflow; // 2
 */
export function rmsNorm<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: RmsNormOptions & Output<Out>,
): Result<Out> {
  return runSpecification(rmsNormSpecification, options, [x]);
}
