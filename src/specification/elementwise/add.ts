/**
 * What sums of numbers mean.
 *
 * @module
 */

import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, type Unsized, withWidth } from '../operands.ts';
import { type Prepared, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import type { ElementwiseOptions, ElementwisePlan, ElementwiseStage, Operands, RawOperands } from './plan.ts';
import { elementwiseSpecification } from './specification.ts';

/** The specification. */
export const addSpecification: Specification<
  ElementwiseOptions,
  ElementwisePlan<'add'>,
  Operands,
  RawOperands
> = /* @__PURE__ */ elementwiseSpecification('add');

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
): Result<Out, ElementwiseStage<'add'>> {
  return runSpecification(addSpecification, withWidth(options, x), [x, y]);
}

/**
 * As `add.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `add` does, and in a run for lengths that do not fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { add } from 'bittrue/specification';
 * const plus = add.prepare({ format: binary16 });
 * plus([2048], [1]).output[0]; // 2048
 */
add.prepare = (options: Unsized<ElementwiseOptions>): Prepared<[x: Numbers, y: Numbers], ElementwiseStage<'add'>> => {
  const run = prepareSpecification(addSpecification, options, (given) => withWidth(given, []));
  return (x, y, own) => run([x, y], own);
};
