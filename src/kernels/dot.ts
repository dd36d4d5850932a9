/**
 * Dot products on a target.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import { type Numbers, withARow } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import { type DotOptions, dotSpecification } from '../specification/products/dot.ts';
import type { ProductInputs, ProductPlan, ProductStage, RawProductInputs } from '../specification/products/plan.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileInstructions } from '../twins/instructions/products.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const dotKernel: Kernel<Named<DotOptions>, ProductPlan, ProductInputs, RawProductInputs> = {
  ...named(dotSpecification),
  compile: compileInstructions,
};

/**
 * c_r + Σ_k a_rk · b_rk for every row, as the target's unit forms it.
 *
 * Stages: `load` (every operand once; its events belong to no row and are numbered through A, B, C and the scales),
 * `product` (where products are rounded), `accumulate`, `store`. In `accumulate` an event of a sum that is rounded as a
 * whole bears no index, and the number of its last element as step.
 *
 * @param a - rows · width numbers, row-major
 * @param b - rows · width numbers, row-major
 * @throws {@link BittrueError} for shapes that do not fit, formats that the unit does not have, options unknown
 * @example
 * import { dot } from 'bittrue/kernels';
 * import { a100, h100 } from 'bittrue/targets';
 * const a = [1, 2 ** -12, -1, 0];
 * const b = [1, 2 ** -13, 1, 0];
 * const shape = { rows: 1, width: 4, unit: 'f16' };
 * dot(a, b, { ...shape, target: h100 }).output[0]; // 2.9802322387695312e-8
 * dot(a, b, { ...shape, target: a100 }).output[0]; // 0
 */
export function dot<Out extends FloatArray = Float64Array>(
  a: Numbers,
  b: Numbers,
  options: Named<DotOptions> & Into<Out>,
): Result<Out, ProductStage> {
  return run(dotKernel, options, [a, b]);
}

/**
 * Plans once, runs many times: `dot.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `dot`. `rows` is what the length gives unless the options name it. Addends and scales may come with each run, `product(a, b, { c })`.
 *
 * @throws {@link BittrueError} for options as `dot` does, and in a run for lengths that do not fit
 * @example
 * import { dot } from 'bittrue/kernels';
 * import { a100 } from 'bittrue/targets';
 * const product = dot.prepare({ width: 2, target: a100, unit: 'f16' });
 * product([1, 2], [3, 4]).output[0]; // 11
 * product([1, 2], [3, 4], { c: [0.5] }).output[0]; // 11.5
 */
dot.prepare = (
  options: PrepareOptions<Named<DotOptions>, 'rows'> & On,
): Prepared<[a: Numbers, b: Numbers], ProductStage, Pick<DotOptions, 'c' | 'scaleA' | 'scaleB'>> => {
  const run = prepareKernel(dotKernel, options, withARow);
  return (a, b, own) => run([a, b], own);
};
