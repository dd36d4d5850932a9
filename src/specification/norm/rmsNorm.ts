/**
 * What RMSNorm means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitRows, type Numbers, widen, withARow } from '../operands.ts';
import { type Prepared, type PrepareOptions, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import {
  type NormInputs,
  type NormPlan,
  type NormStage,
  normInputs,
  normStages,
  planNorm,
  type RawNormInputs,
  type RmsNormOptions,
} from './plan.ts';
import { normReference } from './reference.ts';
import { normScalar } from './scalar.ts';

/** The specification. */
export const rmsNormSpecification: Specification<RmsNormOptions, NormPlan, NormInputs, RawNormInputs> = {
  name: 'rmsNorm',
  inputs: normInputs,
  widen: ({ x, residual }) => ({ x: widen(x), residual: residual && widen(residual) }),
  fit: fitRows,
  perRun: ['residual'],
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
): Result<Out, NormStage> {
  return runSpecification(rmsNormSpecification, options, [x]);
}

/**
 * As `rmsNorm.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `rmsNorm` does, and in a run for lengths that do not fit
 * @example
 * import { rmsNorm } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * const norm = rmsNorm.prepare({ width: 2, target: fp16 });
 * norm([3, 4]).output[0]; // 0.8486328125
 * norm([300, 400]).report.ok; // false
 */
rmsNorm.prepare = (
  options: PrepareOptions<RmsNormOptions, 'rows'>,
): Prepared<[x: Numbers], NormStage, Pick<RmsNormOptions, 'residual'>> => {
  const run = prepareSpecification(rmsNormSpecification, options, withARow);
  return (x, own) => run([x], own);
};
