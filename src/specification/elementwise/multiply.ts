/**
 * What products of numbers mean.
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
export const multiplySpecification: Specification<
  ElementwiseOptions,
  ElementwisePlan<'multiply'>,
  Operands,
  RawOperands
> = /* @__PURE__ */ elementwiseSpecification('multiply');

/**
 * As `multiply` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `multiply` of `bittrue/kernels` does, and for an engine
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { multiply } from 'bittrue/specification';
 * multiply([256], [256], { format: binary16 }).output[0]; // Infinity
 */
export function multiply<Out extends FloatArray = Float64Array>(
  x: Numbers,
  y: Numbers,
  options: Unsized<ElementwiseOptions> & Output<Out>,
): Result<Out, ElementwiseStage<'multiply'>> {
  return runSpecification(multiplySpecification, withWidth(options, x), [x, y]);
}

/**
 * As `multiply.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `multiply` does, and in a run for lengths that do not fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { multiply } from 'bittrue/specification';
 * const times = multiply.prepare({ format: binary16 });
 * times([256], [256]).output[0]; // Infinity
 */
multiply.prepare = (
  options: Unsized<ElementwiseOptions>,
): Prepared<[x: Numbers, y: Numbers], ElementwiseStage<'multiply'>> => {
  const run = prepareSpecification(multiplySpecification, options, (given) => withWidth(given, []));
  return (x, y, own) => run([x, y], own);
};
