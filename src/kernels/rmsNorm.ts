/**
 * RMSNorm on a target.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import type { NormPlan, RmsNormOptions } from '../specification/norm/plan.ts';
import { rmsNormSpecification } from '../specification/norm/rmsNorm.ts';
import type { Numbers } from '../specification/operands.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { lowerNorm } from '../twins/norm/norm.ts';
import type { Into, Kernel } from './kernel.ts';
import { type Named, named } from './named.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const rmsNormKernel: Kernel<Named<RmsNormOptions>, NormPlan, Float64Array, FloatArray> = {
  ...named(rmsNormSpecification),
  lower: lowerNorm,
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
): Result<Out> {
  return run(rmsNormKernel, options, [x]);
}
