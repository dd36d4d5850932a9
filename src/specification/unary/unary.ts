/**
 * What functions of one number mean.
 *
 * @module
 */
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitElements, type Numbers, rowInputs, type Unsized, widen, withWidth } from '../operands.ts';
import { type Prepared, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import { planUnary, type UnaryOptions, type UnaryPlan, type UnaryStage, unaryStages } from './plan.ts';
import { unaryReference } from './reference.ts';
import { unaryScalar } from './scalar.ts';

/** The specification. */
export const unarySpecification: Specification<UnaryOptions, UnaryPlan, Float64Array, FloatArray> = {
  widen,
  name: 'unary',
  inputs: rowInputs,
  stages: unaryStages,
  plan: planUnary,
  fit: fitElements,
  scalar: unaryScalar,
  reference: unaryReference,
};

/**
 * As `unary` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `unary` of `bittrue/kernels` does, and for an engine
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { unary } from 'bittrue/specification';
 * unary([1, 12], { function: 'exp', format: binary16 }).output[1]; // Infinity
 */
export function unary<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Unsized<UnaryOptions> & Output<Out>,
): Result<Out, UnaryStage> {
  return runSpecification(unarySpecification, withWidth(options, x), [x]);
}

/**
 * As `unary.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `unary` does, and in a run for lengths that do not fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { unary } from 'bittrue/specification';
 * const exp = unary.prepare({ function: 'exp', format: binary16 });
 * exp([0]).output[0]; // 1
 */
unary.prepare = (options: Unsized<UnaryOptions>): Prepared<[x: Numbers], UnaryStage> => {
  const run = prepareSpecification(unarySpecification, options, (given) => withWidth(given, []));
  return (x, own) => run([x], own);
};
