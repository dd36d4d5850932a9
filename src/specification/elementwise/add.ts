/**
 * What sums of numbers mean.
 *
 * @module
 */

import type { Specification } from '../contract.ts';
import { widen } from '../operands.ts';
import {
  type ElementwiseOptions,
  type ElementwisePlan,
  type Operands,
  planElementwise,
  type RawOperands,
} from './plan.ts';
import { elementwiseReference, elementwiseScalar } from './scalar.ts';

/** The specification. */
export const addSpecification: Specification<ElementwiseOptions, ElementwisePlan, Operands, RawOperands> = {
  name: 'add',
  stages: ['loadX', 'loadY', 'add', 'store'],
  widen: ({ x, y }) => ({ x: widen(x), y: widen(y) }),
  plan: (options) => planElementwise('add', options),
  scalar: elementwiseScalar,
  reference: elementwiseReference,
};
