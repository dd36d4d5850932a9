/**
 * What softmax means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Specification } from '../contract.ts';
import { widen } from '../operands.ts';
import { planSoftmax, type SoftmaxOptions, type SoftmaxPlan, softmaxStages } from './plan.ts';
import { softmaxReference } from './reference.ts';
import { softmaxScalar } from './scalar.ts';

/** The specification. */
export const softmaxSpecification: Specification<SoftmaxOptions, SoftmaxPlan, Float64Array, FloatArray> = {
  widen,
  name: 'softmax',
  stages: softmaxStages,
  plan: planSoftmax,
  scalar: softmaxScalar,
  reference: softmaxReference,
};
