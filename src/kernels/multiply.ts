/**
 * Elementwise multiplication.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { multiplySpecification } from '../specification/elementwise/multiply.ts';
import type {
  ElementwiseOptions,
  ElementwisePlan,
  ElementwiseStage,
  Operands,
  RawOperands,
} from '../specification/elementwise/plan.ts';
import { type Numbers, type Unsized, withWidth } from '../specification/operands.ts';
import type { Prepared } from '../specification/prepare.ts';
import { compileElementwise } from '../twins/casts/elementwise.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const multiplyKernel: Kernel<Named<ElementwiseOptions>, ElementwisePlan<'multiply'>, Operands, RawOperands> = {
  ...named(multiplySpecification),
  compile: compileElementwise,
};

/**
 * x_i · y_i, each product rounded once, with a report of every event. Stages on a target's vector unit: `loadX`, `loadY`,
 * `multiply`, `store`; with a format `multiply` alone.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @param y - as many
 * @throws {@link BittrueError} for shapes that do not fit, for neither or both of target and format, and for a NaN where a
 *   format has none
 * @example
 * import { multiply } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const { output, report } = multiply([0.1, 256], [3, 256], { target: fp16 });
 * [...output]; // [0.2998046875, Infinity]
 * report.counts.loadX?.inexact; // 1
 * report.first.overflow?.stage; // 'multiply'
 */
export function multiply<Out extends Float32Array | Float64Array = Float64Array>(
  x: Numbers,
  y: Numbers,
  options: Unsized<Named<ElementwiseOptions>> & Into<Out>,
): Result<Out, ElementwiseStage<'multiply'>> {
  return run(multiplyKernel, withWidth(options, x), [x, y]);
}

/**
 * Plans once, runs many times: `multiply.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `multiply`. Without `width` a run is one row of any length.
 *
 * @throws {@link BittrueError} for options as `multiply` does, and in a run for lengths that do not fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { multiply } from 'bittrue/kernels';
 * const times = multiply.prepare({ format: binary16 });
 * times([256], [256]).output[0]; // Infinity
 */
multiply.prepare = (
  options: Unsized<Named<ElementwiseOptions>> & On,
): Prepared<[x: Numbers, y: Numbers], ElementwiseStage<'multiply'>> => {
  const run = prepareKernel(multiplyKernel, options, (given) => withWidth(given, []));
  return (x, y, own) => run([x, y], own);
};
