/**
 * Softmax on a target.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { type Numbers, withARow } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import type { SoftmaxOptions, SoftmaxPlan, SoftmaxStage } from '../specification/softmax/plan.ts';
import { softmaxSpecification } from '../specification/softmax/softmax.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileSoftmax } from '../twins/softmax/softmax.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const softmaxKernel: Kernel<Named<SoftmaxOptions>, SoftmaxPlan, Float64Array, FloatArray> = {
  ...named(softmaxSpecification),
  compile: compileSoftmax,
};

/**
 * y_i = e^(x_i − max) / Σ e^(x_j − max) for every row, rounded as the target rounds, with a report of every event.
 *
 * | stage | operation | rounded to |
 * | --- | --- | --- |
 * | `constants` | the clamp's bounds (load), log2e and coefficients of an approximation | load, exp |
 * | `load` | x̂_i | load |
 * | `clamp` (option) | x̂_i into [low, high]; a changed number counts as `saturation` | exact |
 * | `max` | m, NaN if any x̂_i is | exact |
 * | `subtract` | d_i = x̂_i − m | compute |
 * | `exp` | e_i = e^(d_i), or the approximation's operations | compute |
 * | `sum` | S = Σ e_i by the unit's reduction | accumulate |
 * | `divide` | e_i / S | compute |
 * | or `reciprocal`, `multiply` | r = 1 / S, then e_i · r | statistics, compute |
 * | `store` | y_i | store |
 *
 * A row of −Infinity alone gives NaN with `invalid` in stage `subtract`, as −∞ − (−∞) does.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, and for options out of range or unknown
 * @example
 * import { flashAttentionExp2, softmax } from 'bittrue/kernels';
 * import { fp16, fp32 } from 'bittrue/targets';
 * const { output, report } = softmax([0, 0, -12, -30], { rows: 1, width: 4, target: fp16 });
 * output[0]; // 0.5
 * output[3]; // 0
 * report.counts.exp.underflow; // 2
 * const fast = softmax([1, 2], { rows: 1, width: 2, target: fp32, exp: flashAttentionExp2 });
 * fast.output[0]; // 0.2689305245876312
 * softmax([1, 2], { rows: 1, width: 2, target: fp32 }).output[0]; // 0.2689414322376251
 */
export function softmax<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Named<SoftmaxOptions> & Into<Out>,
): Result<Out, SoftmaxStage> {
  return run(softmaxKernel, options, [x]);
}

/**
 * Plans once, runs many times: `softmax.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `softmax`. `rows` is what the length gives unless the options name it.
 *
 * @throws {@link BittrueError} for options as `softmax` does, and in a run for lengths that do not fit
 * @example
 * import { softmax } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const weights = softmax.prepare({ width: 4, target: fp16 });
 * weights([0, 0, -12, -30]).output[0]; // 0.5
 */
softmax.prepare = (
  options: PrepareOptions<Named<SoftmaxOptions>, 'rows'> & On,
): Prepared<[x: Numbers], SoftmaxStage> => {
  const run = prepareKernel(softmaxKernel, options, withARow);
  return (x, own) => run([x], own);
};
