/**
 * What LayerNorm means.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Specification } from '../contract.ts';
import { widen } from '../operands.ts';
import { type LayerNormOptions, type NormPlan, normStages, planNorm } from './plan.ts';
import { normReference } from './reference.ts';
import { normScalar } from './scalar.ts';

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
