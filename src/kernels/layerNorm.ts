/**
 * LayerNorm on a target.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { layerNormSpecification } from '../specification/norm/layerNorm.ts';
import type { LayerNormOptions, NormInputs, NormPlan, NormStage, RawNormInputs } from '../specification/norm/plan.ts';
import { type Numbers, withARow } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileNorm } from '../twins/norm/norm.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const layerNormKernel: Kernel<Named<LayerNormOptions>, NormPlan, NormInputs, RawNormInputs> = {
  ...named(layerNormSpecification),
  compile: compileNorm,
};

/**
 * y = γ · (x − mean) / √(variance + ε) + β for every row, rounded as the target rounds, with a report of every event.
 *
 * Stages, in order: `constants`, `residualAdd`, `load`, `scale`, `sum`, `mean`, `center`, `square`, `squareSum`,
 * `variance`, `epsilon`, `reciprocalSqrt`, `normalize`, `gamma`, `beta` (or `affine`), `store`; those that the options
 * leave out are absent. Each operation is exact on its stored operands, then rounded once.
 *
 * With `variance: 'onePass'` a negative difference E[z²] − m² is the event `negativeVariance`, a failure, whether it is
 * clamped to +0 or kept.
 *
 * With integer registers the differences from the mean are rounded to whole numbers at `center`, for registers hold no others:
 * the result is that of the rounded differences. A fixed-point `compute` or `center` keeps fraction bits.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, and for options out of range or unknown
 * @example
 * import { layerNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));
 * const { output, report } = layerNorm(x, { rows: 1, width: 768, target: fp16 });
 * output[0]; // -0
 * report.ok; // false
 * report.first.overflow?.stage; // 'square'
 * report.first.overflow?.masked; // true
 */
export function layerNorm<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Named<LayerNormOptions> & Into<Out>,
): Result<Out, NormStage> {
  return run(layerNormKernel, options, [x]);
}

/**
 * Plans once, runs many times: `layerNorm.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `layerNorm`. `rows` is what the length gives unless the options name it. A residual may come with each run, `norm(x, { residual })`.
 *
 * @throws {@link BittrueError} for options as `layerNorm` does, and in a run for lengths that do not fit
 * @example
 * import { layerNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const norm = layerNorm.prepare({ width: 4, target: fp16, gamma: [1, 1, 2, 2] });
 * norm([1, 2, 3, 4]).output[3]; // 2.68359375
 * norm([1, 2, 3, 4, 8, 8, 8, 8]).report.rows; // 2
 */
layerNorm.prepare = (
  options: PrepareOptions<Named<LayerNormOptions>, 'rows'> & On,
): Prepared<[x: Numbers], NormStage, Pick<LayerNormOptions, 'residual'>> => {
  const run = prepareKernel(layerNormKernel, options, withARow);
  return (x, own) => run([x], own);
};
