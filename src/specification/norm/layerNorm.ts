/**
 * What LayerNorm means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, rowInputs, widen } from '../operands.ts';
import { runSpecification } from '../run.ts';
import { type LayerNormOptions, type NormPlan, normStages, planNorm } from './plan.ts';
import { normReference } from './reference.ts';
import { normScalar } from './scalar.ts';

/** The specification. */
export const layerNormSpecification: Specification<LayerNormOptions, NormPlan, Float64Array, FloatArray> = {
  widen,
  name: 'layerNorm',
  inputs: rowInputs,
  stages: normStages,
  plan: (options) => planNorm('layerNorm', options),
  scalar: normScalar,
  constants: ({ gamma, beta }) => [gamma, beta],
  reference: normReference,
};

/**
 * As `layerNorm` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `layerNorm` of `bittrue/kernels` does, and for an engine
 * @example
 * import { layerNorm } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));
 * layerNorm(x, { rows: 1, width: 768, target: fp16 }).report.first.overflow?.stage; // 'square'
 */
export function layerNorm<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: LayerNormOptions & Output<Out>,
): Result<Out> {
  return runSpecification(layerNormSpecification, options, [x]);
}
