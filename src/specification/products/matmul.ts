/**
 * What a product of matrices means.
 *
 * @module
 */
import { checkInteger, checkObject } from '../../errors/index.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { transposed } from '../../tensors/transposed.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, numbers, rowsIn, widen, withRows } from '../operands.ts';
import { type Prepared, type PrepareOptions, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import {
  checkScales,
  type ProductInputs,
  type ProductOptions,
  type ProductPlan,
  type ProductStage,
  planProduct,
  productKeys,
  productStages,
  type RawProductInputs,
} from './plan.ts';
import { productReference } from './reference.ts';
import { productScalar } from './scalar.ts';

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

/** The specification; inputs have B and its scales transposed. */
export const matmulSpecification: Specification<MatmulOptions, ProductPlan, ProductInputs, RawProductInputs> = {
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
  inputs: (plan, [a, b], { n, k, m = rowsIn('a', a, k), c, scaleA, scaleB }) => ({
    a: numbers('a', a, m * k),
    b: numbers('b', b, k * n),
    c: c === undefined ? null : numbers('options.c', c, m * n),
    scales: checkScales(plan, scaleA, scaleB, m, n),
  }),
  fit: (plan, arrays, { m, n }) =>
    m === undefined ? withRows(plan, rowsIn('a', arrays[0], plan.width) * (n as number)) : plan,
  perRun: ['c', 'scaleA', 'scaleB'],
  scalar: productScalar,
  reference: productReference,
};

/**
 * As `matmul` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `matmul` of `bittrue/kernels` does, and for an engine
 * @example
 * import { matmul } from 'bittrue/specification';
 * import { h100 } from 'bittrue/targets';
 * matmul([1, 2], [3, 4], { m: 1, n: 1, k: 2, target: h100, unit: 'f16' }).output[0]; // 11
 */
export function matmul<Out extends FloatArray = Float64Array>(
  a: Numbers,
  b: Numbers,
  options: MatmulOptions & Output<Out>,
): Result<Out, ProductStage> {
  return runSpecification(matmulSpecification, options, [a, b]);
}

/**
 * As `matmul.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `matmul` does, and in a run for lengths that do not fit
 * @example
 * import { matmul } from 'bittrue/specification';
 * import { h100 } from 'bittrue/targets';
 * const product = matmul.prepare({ n: 1, k: 2, target: h100, unit: 'f16' });
 * product([1, 2], [3, 4]).output[0]; // 11
 * product([1, 2, 5, 6], [3, 4]).output[1]; // 39
 */
matmul.prepare = (
  options: PrepareOptions<MatmulOptions, 'm'>,
): Prepared<[a: Numbers, b: Numbers], ProductStage, Pick<MatmulOptions, 'c' | 'scaleA' | 'scaleB'>> => {
  const run = prepareSpecification(matmulSpecification, options, (given) => ({ ...given, m: given.m ?? 1 }));
  return (a, b, own) => run([a, b], own);
};
