/**
 * What a cast means.
 *
 * @module
 */
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import { idealStep } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Specification } from '../contract.ts';
import { widen } from '../operands.ts';
import { type CastOptions, type CastPlan, planCast } from './plan.ts';
import { castRows } from './scalar.ts';

/** The specification. */
export const castSpecification: Specification<CastOptions, CastPlan, Float64Array, FloatArray> = {
  name: 'cast',
  stages: ['cast'],
  widen,
  plan: planCast,
  scalar: (plan, x, recorder) => castRows(plan, plan.step, x, recorder),
  reference(plan, x, output) {
    const recorder = new ExtentRecorder(plan.stages, plan.rows, [plan.step]);
    castRows(plan, idealStep, x, recorder);
    return { ...recorder.room(), error: outputError(plan.step.format, output, x) };
  },
};
