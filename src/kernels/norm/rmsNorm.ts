/**
 * What RMSNorm means.
 *
 * @module
 */

import type { Specification } from '../../specification/contract.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type NormPlan, normStages, planNorm, type RmsNormOptions } from '../norm/plan.ts';
import { normReference } from '../norm/reference.ts';
import { normScalar } from '../norm/scalar.ts';
import { widen } from '../operands.ts';

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
