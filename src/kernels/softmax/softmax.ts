/**
 * What softmax means.
 *
 * @module
 */

import type { Specification } from '../../specification/contract.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { widen } from '../operands.ts';
import { planSoftmax, type SoftmaxOptions, type SoftmaxPlan, softmaxStages } from '../softmax/plan.ts';
import { softmaxReference } from '../softmax/reference.ts';
import { softmaxScalar } from '../softmax/scalar.ts';

/** The specification. */
export const softmaxSpecification: Specification<SoftmaxOptions, SoftmaxPlan, Float64Array, FloatArray> = {
  widen,
  name: 'softmax',
  stages: softmaxStages,
  plan: planSoftmax,
  scalar: softmaxScalar,
  reference: softmaxReference,
};
