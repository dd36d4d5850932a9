/**
 * Cast: every number rounded to a format.
 *
 * @module
 */

import { castSpecification } from '../specification/cast/cast.ts';
import type { CastOptions, CastPlan } from '../specification/cast/plan.ts';
import type { Result } from '../specification/contract.ts';
import { type Numbers, type Unsized, withWidth } from '../specification/operands.ts';
import type { Prepared } from '../specification/prepare.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileCast } from '../twins/casts/cast.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const castKernel: Kernel<Named<CastOptions>, CastPlan, Float64Array, FloatArray> = {
  ...named(castSpecification),
  compile: compileCast,
};

/**
 * Every number rounded to a format, with a report of every event. One stage: `cast`.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, and for a NaN where the format has none
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const { output, report } = cast([1.1, 464, 465], { format: e4m3fn });
 * output[1]; // 448
 * report.totals.overflow; // 1
 * report.first.overflow?.index; // 2
 */
export function cast<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Unsized<Named<CastOptions>> & Into<Out>,
): Result<Out, 'cast'> {
  return run(castKernel, withWidth(options, x), [x]);
}

/**
 * Plans once, runs many times: `cast.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `cast`. Without `width` a run is one row of any length.
 *
 * @throws {@link BittrueError} for options as `cast` does, and in a run for lengths that do not fit
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const narrow = cast.prepare({ format: e4m3fn });
 * narrow([449, 1.06]).output[0]; // 448
 */
cast.prepare = (options: Unsized<Named<CastOptions>> & On): Prepared<[x: Numbers], 'cast'> => {
  const run = prepareKernel(castKernel, options, (given) => withWidth(given, []));
  return (x, own) => run([x], own);
};
