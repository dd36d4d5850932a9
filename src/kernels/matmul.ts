/**
 * Matrix multiplication on a target.
 *
 * @module
 */
import { checkInteger, checkObject } from '../errors/index.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Into, Kernel, Result } from './kernel.ts';
import { lowerIntegers } from './matmul/integer.ts';
import { lowerMatmul } from './matmul/lower.ts';
import {
  checkScales,
  type ProductInputs,
  type ProductOptions,
  type ProductPlan,
  planProduct,
  productKeys,
  productStages,
  type RawProductInputs,
} from './matmul/plan.ts';
import { productReference } from './matmul/reference.ts';
import { productScalar } from './matmul/scalar.ts';
import { type Numbers, numbers, widen } from './operands.ts';
import { lowerProgram } from './program/lower.ts';
import { run } from './run.ts';

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
export const matmulKernel: Kernel<MatmulOptions, ProductPlan, ProductInputs, RawProductInputs> = {
  name: 'matmul',
  stages: productStages,
  plan: (options) => {
    checkObject('options', options, ['m', 'n', 'k', 'c', 'scaleA', 'scaleB', ...productKeys]);
    const m = checkInteger('options.m', options.m, 0, 2 ** 31);
    const n = checkInteger('options.n', options.n, 0, 2 ** 31);
    const k = checkInteger('options.k', options.k, 0, 2 ** 31);
    return planProduct('matmul', options, m * n, k, { kind: 'all', columns: n });
  },
  widen({ a, b, c, scales }, { pairing, width }) {
    const n = pairing.kind === 'all' ? pairing.columns : 1;
    const blocks = scales === null ? 0 : scales.b.length / Math.max(n, 1);
    return {
      a: widen(a),
      b: transposed(b, width, n),
      c: c && widen(c),
      scales: scales && { a: scales.a, b: transposed(scales.b, blocks, n) },
    };
  },
  scalar: productScalar,
  lower: (plan, engine) => lowerIntegers(plan, engine) ?? lowerMatmul(plan, engine) ?? lowerProgram(plan, engine),
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
export function matmul<Out extends FloatArray = Float64Array>(
  a: Numbers,
  b: Numbers,
  options: MatmulOptions & Into<Out>,
): Result<Out> {
  return run(matmulKernel, options, (plan) => {
    const { m, n, k } = options;
    return {
      a: numbers('a', a, m * k),
      b: numbers('b', b, k * n),
      c: options.c === undefined ? null : numbers('options.c', options.c, m * n),
      scales: checkScales(plan, options.scaleA, options.scaleB, m, n),
    };
  });
}

function transposed(x: FloatArray, rows: number, columns: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j] as number;
  }
  return out;
}
