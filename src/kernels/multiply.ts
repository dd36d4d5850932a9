/**
 * Elementwise multiplication.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { multiplySpecification } from '../specification/elementwise/multiply.ts';
import type { ElementwiseOptions } from '../specification/elementwise/plan.ts';
import { type Numbers, type Unsized, withWidth } from '../specification/operands.ts';
import { lowerElementwise } from '../twins/casts/elementwise.ts';
import type { addKernel } from './add.ts';
import type { Into } from './kernel.ts';
import { type Named, named } from './named.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const multiplyKernel: typeof addKernel = { ...named(multiplySpecification), lower: lowerElementwise };

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
): Result<Out> {
  return run(multiplyKernel, withWidth(options, x), [x, y]);
}
