/**
 * What LayerNorm means.
 *
 * @module
 */

import type { Specification } from '../../specification/contract.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type LayerNormOptions, type NormPlan, normStages, planNorm } from '../norm/plan.ts';
import { normReference } from '../norm/reference.ts';
import { normScalar } from '../norm/scalar.ts';
import { widen } from '../operands.ts';

/** The specification. */
export const layerNormSpecification: Specification<LayerNormOptions, NormPlan, Float64Array, FloatArray> = {
  widen,
  name: 'layerNorm',
  stages: normStages,
  plan: (options) => planNorm('layerNorm', options),
  scalar: normScalar,
  constants: ({ gamma, beta }) => [gamma, beta],
  reference: normReference,
};
