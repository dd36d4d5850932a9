/**
 * What sums of numbers mean.
 *
 * @module
 */

import type { Specification } from '../../specification/contract.ts';
import {
  type ElementwiseOptions,
  type ElementwisePlan,
  type Operands,
  planElementwise,
  type RawOperands,
} from '../elementwise/plan.ts';
import { elementwiseReference, elementwiseScalar } from '../elementwise/scalar.ts';
import { widen } from '../operands.ts';

/** The specification. */
export const addSpecification: Specification<ElementwiseOptions, ElementwisePlan, Operands, RawOperands> = {
  name: 'add',
  stages: ['loadX', 'loadY', 'add', 'store'],
  widen: ({ x, y }) => ({ x: widen(x), y: widen(y) }),
  plan: (options) => planElementwise('add', options),
  scalar: elementwiseScalar,
  reference: elementwiseReference,
};
