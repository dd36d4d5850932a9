/**
 * What a sum of rows means.
 *
 * @module
 */

import { idealReduction, reductionLimit } from '../../accumulators/ideal.ts';
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitRows, type Numbers, rowInputs, widen, withARow } from '../operands.ts';
import { type Prepared, type PrepareOptions, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import { planSum, type SumOptions, type SumPlan, type SumStage, sumStages } from './plan.ts';
import { formatOf, realSums } from './reference.ts';
import { sumRows } from './scalar.ts';

/** The specification. */
export const sumSpecification: Specification<SumOptions, SumPlan, Float64Array, FloatArray> = {
  name: 'sum',
  inputs: rowInputs,
  stages: sumStages,
  widen,
  plan: planSum,
  fit: fitRows,
  scalar: sumRows,
  reference(plan, x, output) {
    const limits = plan.stages.map((stage) =>
      stage === 'sum' ? reductionLimit(plan.reduction) : stage === 'store' ? plan.store : null,
    );
    const recorder = new ExtentRecorder(plan.stages, plan.rows, limits);
    const store = plan.store === null ? null : idealRounding;
    const ideal = { ...plan, reduction: idealReduction(plan.reduction), store };
    sumRows(ideal)(ideal, x, recorder);
    const format = plan.store?.format ?? formatOf(plan.reduction);
    return { ...recorder.room(), error: outputError(format, output, realSums(plan, x)) };
  },
};

/**
 * As `sum` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `sum` of `bittrue/kernels` does, and for an engine
 * @example
 * import { sum } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * sum([2048, 1, 1], { rows: 1, width: 3, target: fp16 }).output[0]; // 2048
 */
export function sum<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: SumOptions & Output<Out>,
): Result<Out, SumStage> {
  return runSpecification(sumSpecification, options, [x]);
}

/**
 * As `sum.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `sum` does, and in a run for lengths that do not fit
 * @example
 * import { sum } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * const total = sum.prepare({ width: 3, target: fp16 });
 * total([2048, 1, 1]).output[0]; // 2048
 */
sum.prepare = (options: PrepareOptions<SumOptions, 'rows'>): Prepared<[x: Numbers], SumStage> => {
  const run = prepareSpecification(sumSpecification, options, withARow);
  return (x, own) => run([x], own);
};
