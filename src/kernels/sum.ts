/**
 * Sums of rows, by any reduction.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { type Numbers, withARow } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import type { SumOptions, SumPlan, SumStage } from '../specification/sum/plan.ts';
import { sumSpecification } from '../specification/sum/sum.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileSum } from '../twins/sums/sum.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const sumKernel: Kernel<Named<SumOptions>, SumPlan, Float64Array, FloatArray> = {
  ...named(sumSpecification),
  compile: compileSum,
};

/**
 * The sum of every row, with a report of every event. Stages: `load`, `sum`, `store`; without a target `sum` alone.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data, but not for integer registers
 * @returns the sums, one a row
 * @throws {@link BittrueError} for shapes that do not fit, options out of range or unknown, neither target nor reduction,
 *   and terms that are no integers in an integer register
 * @example
 * import { sum } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const { output, report } = sum([2048, 1, 1], { rows: 1, width: 3, target: fp16 });
 * output[0]; // 2048
 * report.totals.absorption; // 2
 * const reduction = { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'saturate' } } as const;
 * sum([100, 100, -100], { rows: 1, width: 3, reduction }).output[0]; // 27
 */
export function sum<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Named<SumOptions> & Into<Out>,
): Result<Out, SumStage> {
  return run(sumKernel, options, [x]);
}

/**
 * Plans once, runs many times: `sum.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `sum`. `rows` is what the length gives unless the options name it.
 *
 * @throws {@link BittrueError} for options as `sum` does, and in a run for lengths that do not fit
 * @example
 * import { sum } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const total = sum.prepare({ width: 3, target: fp16 });
 * total([2048, 1, 1]).output[0]; // 2048
 */
sum.prepare = (options: PrepareOptions<Named<SumOptions>, 'rows'> & On): Prepared<[x: Numbers], SumStage> => {
  const run = prepareKernel(sumKernel, options, withARow);
  return (x, own) => run([x], own);
};
