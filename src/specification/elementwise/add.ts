/**
 * What sums of numbers mean.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, type Unsized, widen, withWidth } from '../operands.ts';
import { runSpecification } from '../run.ts';
import {
  type ElementwiseOptions,
  type ElementwisePlan,
  elementwiseInputs,
  type Operands,
  planElementwise,
  type RawOperands,
} from './plan.ts';
import { elementwiseReference, elementwiseScalar } from './scalar.ts';

/** The specification. */
export const addSpecification: Specification<ElementwiseOptions, ElementwisePlan, Operands, RawOperands> = {
  name: 'add',
  inputs: elementwiseInputs,
  stages: ['loadX', 'loadY', 'add', 'store'],
  widen: ({ x, y }) => ({ x: widen(x), y: widen(y) }),
  plan: (options) => planElementwise('add', options),
  scalar: elementwiseScalar,
  reference: elementwiseReference,
};

/**
 * As `add` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `add` of `bittrue/kernels` does, and for an engine
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { add } from 'bittrue/specification';
 * add([2048], [1], { format: binary16 }).output[0]; // 2048
 */
export function add<Out extends FloatArray = Float64Array>(
  x: Numbers,
  y: Numbers,
  options: Unsized<ElementwiseOptions> & Output<Out>,
): Result<Out> {
  return runSpecification(addSpecification, withWidth(options, x), [x, y]);
}
