/**
 * RMSNorm on a target.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import type { NormInputs, NormPlan, NormStage, RawNormInputs, RmsNormOptions } from '../specification/norm/plan.ts';
import { rmsNormSpecification } from '../specification/norm/rmsNorm.ts';
import { type Numbers, withARow } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileNorm } from '../twins/norm/norm.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const rmsNormKernel: Kernel<Named<RmsNormOptions>, NormPlan, NormInputs, RawNormInputs> = {
  ...named(rmsNormSpecification),
  compile: compileNorm,
};

/**
 * y = γ · x / √(mean of x² + ε) for every row, rounded as the target rounds, with a report of every event.
 * The stages are LayerNorm's without `sum`, `mean`, `center` and `beta`.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, and for options out of range or unknown
 * @example
 * import { rmsNorm } from 'bittrue/kernels';
 * import { fp16Tile64 } from 'bittrue/targets';
 * const x = new Float64Array(4096).fill(4);
 * const plain = rmsNorm(x, { rows: 1, width: 4096, target: fp16Tile64 });
 * plain.report.first.overflow?.stage; // 'squareSum'
 * plain.report.first.overflow?.operands; // [32768, 32768]
 * const scaled = rmsNorm(x, { rows: 1, width: 4096, target: fp16Tile64, scale: 1 / 256 });
 * scaled.report.ok; // true
 * scaled.output[0]; // 1
 */
export function rmsNorm<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Named<RmsNormOptions> & Into<Out>,
): Result<Out, NormStage> {
  return run(rmsNormKernel, options, [x]);
}

/**
 * Plans once, runs many times: `rmsNorm.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `rmsNorm`. `rows` is what the length gives unless the options name it. A residual may come with each run, `norm(x, { residual })`.
 *
 * @throws {@link BittrueError} for options as `rmsNorm` does, and in a run for lengths that do not fit
 * @example
 * import { rmsNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const norm = rmsNorm.prepare({ width: 2, target: fp16 });
 * norm([3, 4]).output[0]; // 0.8486328125
 * norm([300, 400]).report.ok; // false
 */
rmsNorm.prepare = (
  options: PrepareOptions<Named<RmsNormOptions>, 'rows'> & On,
): Prepared<[x: Numbers], NormStage, Pick<RmsNormOptions, 'residual'>> => {
  const run = prepareKernel(rmsNormKernel, options, withARow);
  return (x, own) => run([x], own);
};
