/**
 * Matrix multiplication on a target.
 *
 * @module
 */

import type { Result } from '../specification/contract.ts';
import type { Numbers } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import { type MatmulOptions, matmulSpecification } from '../specification/products/matmul.ts';
import type { ProductInputs, ProductPlan, ProductStage, RawProductInputs } from '../specification/products/plan.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileProduct } from '../twins/products/compile.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. Inputs have B and its scales transposed. */
export const matmulKernel: Kernel<Named<MatmulOptions>, ProductPlan, ProductInputs, RawProductInputs> = {
  ...named(matmulSpecification),
  compile: compileProduct,
};

/**
 * C + A · B, every output as the target's unit forms it: instructions chained along K, or in parts (`splitK`,
 * `promoteEvery`).
 *
 * Stages and events as for `dot`. A row of the report is one output, i · n + j; `masked` means that this output is
 * finite. B's elements are numbered column by column.
 *
 * @param a - [m, k], row-major
 * @param b - [k, n], row-major
 * @returns `output`: [m, n], row-major
 * @throws {@link BittrueError} for shapes that do not fit, formats that the unit does not have, options unknown
 * @example
 * import { matmul } from 'bittrue/kernels';
 * import { h100 } from 'bittrue/targets';
 * const ones = new Float64Array(4096).fill(1);
 * const small = new Float64Array(4096).fill(2 ** -9);
 * small[0] = 448;
 * const shape = { m: 1, n: 1, k: 4096, target: h100, unit: 'fp8Wgmma' };
 * matmul(ones, small, shape).output[0]; // 448
 * matmul(ones, small, { ...shape, promoteEvery: 128 }).output[0]; // 455.75
 */
export function matmul<Out extends FloatArray = Float64Array>(
  a: Numbers,
  b: Numbers,
  options: Named<MatmulOptions> & Into<Out>,
): Result<Out, ProductStage> {
  return run(matmulKernel, options, [a, b]);
}

/**
 * Plans once, runs many times: `matmul.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `matmul`. `m` is what the length of `a` gives unless the options name it. The addend and scales may come with each run, `product(a, b, { c })`.
 *
 * @throws {@link BittrueError} for options as `matmul` does, and in a run for lengths that do not fit
 * @example
 * import { matmul } from 'bittrue/kernels';
 * import { h100 } from 'bittrue/targets';
 * const product = matmul.prepare({ n: 1, k: 2, target: h100, unit: 'f16' });
 * product([1, 2], [3, 4]).output[0]; // 11
 * product([1, 2, 5, 6], [3, 4]).output[1]; // 39
 */
matmul.prepare = (
  options: PrepareOptions<Named<MatmulOptions>, 'm'> & On,
): Prepared<[a: Numbers, b: Numbers], ProductStage, Pick<MatmulOptions, 'c' | 'scaleA' | 'scaleB'>> => {
  const run = prepareKernel(matmulKernel, options, (given) => ({ ...given, m: given.m ?? 1 }));
  return (a, b, own) => run([a, b], own);
};
