/**
 * What RMSNorm means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Specification } from '../contract.ts';
import { widen } from '../operands.ts';
import { type NormPlan, normStages, planNorm, type RmsNormOptions } from './plan.ts';
import { normReference } from './reference.ts';
import { normScalar } from './scalar.ts';

/** The specification. */
export const rmsNormSpecification: Specification<RmsNormOptions, NormPlan, Float64Array, FloatArray> = {
  widen,
  name: 'rmsNorm',
  stages: normStages,
  plan: (options) => planNorm('rmsNorm', options),
  scalar: normScalar,
  constants: ({ gamma, beta }) => [gamma, beta],
  reference: normReference,
};
