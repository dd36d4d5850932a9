/**
 * What a cast to codes means.
 *
 * @module
 */
import { Recorder } from '../../events/recorder.ts';
import type { CodeArray, FloatArray } from '../../tensors/tensor.ts';
import { castSpecification } from '../cast/cast.ts';
import { castRows } from '../cast/scalar.ts';
import type { Specification } from '../contract.ts';
import { widen } from '../operands.ts';
import { type CastCodesOptions, type CodesPlan, openCodes, planCodes } from './plan.ts';
import { codesScalar } from './scalar.ts';

/** The specification. */
export const castCodesSpecification: Specification<CastCodesOptions, CodesPlan, Float64Array, FloatArray, CodeArray> = {
  name: 'castCodes',
  stages: ['cast'],
  widen,
  open: openCodes,
  plan: planCodes,
  scalar: codesScalar,
  // The codes' values are those of `cast`.
  reference(plan, x) {
    const values = castRows(plan, plan.step, x, new Recorder(plan.stages, plan.rows, 'off', 0));
    return castSpecification.reference(plan, x, values);
  },
};
