/**
 * What LayerNorm means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitRows, type Numbers, widen, withARow } from '../operands.ts';
import { type Prepared, type PrepareOptions, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import {
  type LayerNormOptions,
  type NormInputs,
  type NormPlan,
  type NormStage,
  normInputs,
  normStages,
  planNorm,
  type RawNormInputs,
} from './plan.ts';
import { normReference } from './reference.ts';
import { normScalar } from './scalar.ts';

/** The specification. */
export const layerNormSpecification: Specification<LayerNormOptions, NormPlan, NormInputs, RawNormInputs> = {
  name: 'layerNorm',
  inputs: normInputs,
  widen: ({ x, residual }) => ({ x: widen(x), residual: residual && widen(residual) }),
  fit: fitRows,
  perRun: ['residual'],
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
): Result<Out, NormStage> {
  return runSpecification(layerNormSpecification, options, [x]);
}

/**
 * As `layerNorm.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `layerNorm` does, and in a run for lengths that do not fit
 * @example
 * import { layerNorm } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * const norm = layerNorm.prepare({ width: 4, target: fp16, gamma: [1, 1, 2, 2] });
 * norm([1, 2, 3, 4]).output[3]; // 2.68359375
 * norm([1, 2, 3, 4, 8, 8, 8, 8]).report.rows; // 2
 */
layerNorm.prepare = (
  options: PrepareOptions<LayerNormOptions, 'rows'>,
): Prepared<[x: Numbers], NormStage, Pick<LayerNormOptions, 'residual'>> => {
  const run = prepareSpecification(layerNormSpecification, options, withARow);
  return (x, own) => run([x], own);
};
