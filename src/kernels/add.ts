/**
 * Elementwise addition.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { addSpecification } from '../specification/elementwise/add.ts';
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
export const addKernel: Kernel<Named<ElementwiseOptions>, ElementwisePlan<'add'>, Operands, RawOperands> = {
  ...named(addSpecification),
  compile: compileElementwise,
};

/**
 * x_i + y_i, each sum rounded once, with a report of every event. Stages on a target's vector unit: `loadX`, `loadY`,
 * `add`, `store`; with a format `add` alone.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @param y - as many
 * @throws {@link BittrueError} for shapes that do not fit, for neither or both of target and format, and for a NaN where a
 *   format has none
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { add } from 'bittrue/kernels';
 * const { output, report } = add([2048, 1, 65504], [1, 2, 16], { format: binary16 });
 * [...output]; // [2048, 3, Infinity]
 * report.totals.absorption; // 1
 * report.first.overflow?.exact; // '65520'
 */
export function add<Out extends Float32Array | Float64Array = Float64Array>(
  x: Numbers,
  y: Numbers,
  options: Unsized<Named<ElementwiseOptions>> & Into<Out>,
): Result<Out, ElementwiseStage<'add'>> {
  return run(addKernel, withWidth(options, x), [x, y]);
}

/**
 * Plans once, runs many times: `add.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `add`. Without `width` a run is one row of any length.
 *
 * @throws {@link BittrueError} for options as `add` does, and in a run for lengths that do not fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { add } from 'bittrue/kernels';
 * const plus = add.prepare({ format: binary16 });
 * plus([2048], [1]).output[0]; // 2048
 */
add.prepare = (
  options: Unsized<Named<ElementwiseOptions>> & On,
): Prepared<[x: Numbers, y: Numbers], ElementwiseStage<'add'>> => {
  const run = prepareKernel(addKernel, options, (given) => withWidth(given, []));
  return (x, y, own) => run([x, y], own);
};
