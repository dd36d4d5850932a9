/**
 * Matrix multiplication on a target.
 *
 * @module
 */
import { checkInteger, checkObject } from '../errors/index.ts';
import { type Kernel, type Result, run } from './kernel.ts';
import {
  checkScales,
  type ProductInputs,
  type ProductOptions,
  type ProductPlan,
  planProduct,
  productKeys,
  productStages,
} from './matmul/plan.ts';
import { productReference } from './matmul/reference.ts';
import { productScalar } from './matmul/scalar.ts';
import { type Numbers, numbers } from './norm/plan.ts';

/** Options of `matmul`. */
export interface MatmulOptions extends ProductOptions {
  /** Rows of A and of the output. */
  readonly m: number;
  /** Columns of B and of the output. */
  readonly n: number;
  /** Columns of A, rows of B. */
  readonly k: number;
  /** The addend, m · n numbers, row-major; default none: every sum starts at +0. */
  readonly c?: Numbers;
  /** For units with block scales: [m, ⌈k / block⌉], row-major. */
  readonly scaleA?: Numbers;
  /** For units with block scales: [⌈k / block⌉, n], row-major. */
  readonly scaleB?: Numbers;
}

/** The kernel's contract. Inputs have B and its scales transposed. */
export const matmulKernel: Kernel<MatmulOptions, ProductPlan, ProductInputs> = {
  name: 'matmul',
  stages: productStages,
  plan: (options) => {
    checkObject('options', options, ['m', 'n', 'k', 'c', 'scaleA', 'scaleB', ...productKeys]);
    const m = checkInteger('options.m', options.m, 0, 2 ** 31);
    const n = checkInteger('options.n', options.n, 0, 2 ** 31);
    const k = checkInteger('options.k', options.k, 0, 2 ** 31);
    return planProduct('matmul', options, m * n, k, { kind: 'all', columns: n });
  },
  scalar: productScalar,
  reference: productReference,
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
export function matmul(a: Numbers, b: Numbers, options: MatmulOptions): Result {
  return run(matmulKernel, options, (plan) => {
    const { m, n, k } = options;
    const scales = checkScales(plan, options.scaleA, options.scaleB, m, n);
    return {
      a: numbers('a', a, m * k),
      b: transposed(numbers('b', b, k * n), k, n),
      c: options.c === undefined ? null : numbers('options.c', options.c, m * n),
      scales: scales && { a: scales.a, b: transposed(scales.b, scales.b.length / Math.max(n, 1), n) },
    };
  });
}

function transposed(x: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j] as number;
  }
  return out;
}
