/**
 * What `add` and `multiply` have in common: all but the operation.
 *
 * @module
 */
import { binadesOf } from '../../formats/binades.ts';
import type { Specification } from '../contract.ts';
import { fitElements, widen } from '../operands.ts';
import {
  type ElementwiseOptions,
  type ElementwisePlan,
  elementwiseInputs,
  type Operands,
  planElementwise,
  type RawOperands,
} from './plan.ts';
import { elementwiseReference, elementwiseScalar } from './scalar.ts';

/** The specification of one of the two. */
export function elementwiseSpecification<Name extends 'add' | 'multiply'>(
  name: Name,
): Specification<ElementwiseOptions, ElementwisePlan<Name>, Operands, RawOperands> {
  return {
    name,
    inputs: elementwiseInputs,
    stages: ['loadX', 'loadY', name, 'store'],
    widen: ({ x, y }) => ({ x: widen(x), y: widen(y) }),
    plan: (options) => planElementwise(name, options),
    fit: fitElements,
    results: ({ load, compute }) => (load === null ? binadesOf(compute.format) : null),
    scalar: elementwiseScalar,
    reference: elementwiseReference,
  };
}
