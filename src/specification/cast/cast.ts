/**
 * What a cast means.
 *
 * @module
 */

import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import { binadesOf } from '../../formats/binades.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitElements, type Numbers, rowInputs, type Unsized, widen, withWidth } from '../operands.ts';
import { type Prepared, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import { type CastOptions, type CastPlan, planCast } from './plan.ts';
import { castRows } from './scalar.ts';

/** The specification. */
export const castSpecification: Specification<CastOptions, CastPlan, Float64Array, FloatArray> = {
  name: 'cast',
  inputs: rowInputs,
  stages: ['cast'],
  widen,
  results: ({ rounding }) => binadesOf(rounding.format),
  plan: planCast,
  fit: fitElements,
  scalar({ rounding: { format, policy } }) {
    const unit = new ValueUnit(format, policy);
    return (plan, x, recorder) => castRows(plan, unit, x, recorder);
  },
  reference(plan, x, output) {
    const recorder = new ExtentRecorder(plan.stages, plan.rows, [plan.rounding]);
    castRows(plan, new ValueUnit(idealRounding.format, idealRounding.policy), x, recorder);
    return { ...recorder.room(), error: outputError(plan.rounding.format, output, x) };
  },
};

/**
 * As `cast` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `cast` of `bittrue/kernels` does, and for an engine
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { cast } from 'bittrue/specification';
 * cast([449, 1.06], { format: e4m3fn }).output[0]; // 448
 */
export function cast<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Unsized<CastOptions> & Output<Out>,
): Result<Out, 'cast'> {
  return runSpecification(castSpecification, withWidth(options, x), [x]);
}

/**
 * As `cast.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `cast` does, and in a run for lengths that do not fit
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { cast } from 'bittrue/specification';
 * const narrow = cast.prepare({ format: e4m3fn });
 * narrow([449, 1.06]).output[0]; // 448
 */
cast.prepare = (options: Unsized<CastOptions>): Prepared<[x: Numbers], 'cast'> => {
  const run = prepareSpecification(castSpecification, options, (given) => withWidth(given, []));
  return (x, own) => run([x], own);
};
