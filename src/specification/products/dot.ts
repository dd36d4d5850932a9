/**
 * What the dot products of rows mean.
 *
 * @module
 */
import { checkInteger, checkObject } from '../../errors/index.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, numbers, rowsIn, widen, withARow, withRows } from '../operands.ts';
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

/** Options of `dot`. */
export interface DotOptions extends ProductOptions {
  readonly rows: number;
  /** Elements to a sum, K. */
  readonly width: number;
  /** Addends, one a row; default none: every sum starts at +0. */
  readonly c?: Numbers;
  /** For units with block scales: rows · ⌈width / block⌉ factors, row-major. */
  readonly scaleA?: Numbers;
  readonly scaleB?: Numbers;
}

/** The specification. */
export const dotSpecification: Specification<DotOptions, ProductPlan, ProductInputs, RawProductInputs> = {
  name: 'dot',
  stages: productStages,
  plan: (options) => {
    checkObject('options', options, ['rows', 'width', 'c', 'scaleA', 'scaleB', ...productKeys]);
    const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
    const width = checkInteger('options.width', options.width, 0, 2 ** 31);
    return planProduct('dot', options, rows, width, { kind: 'rows' });
  },
  widen: ({ a, b, c, scales }) => ({ a: widen(a), b: widen(b), c: c && widen(c), scales }),
  inputs: (plan, [a, b], { c, scaleA, scaleB }) => ({
    a: numbers('a', a, plan.rows * plan.width),
    b: numbers('b', b, plan.rows * plan.width),
    c: c === undefined ? null : numbers('options.c', c, plan.rows),
    scales: checkScales(plan, scaleA, scaleB, plan.rows, plan.rows),
  }),
  fit: (plan, arrays, options) =>
    options.rows === undefined ? withRows(plan, rowsIn('a', arrays[0], plan.width)) : plan,
  perRun: ['c', 'scaleA', 'scaleB'],
  scalar: productScalar,
  reference: productReference,
};

/**
 * As `dot` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `dot` of `bittrue/kernels` does, and for an engine
 * @example
 * import { dot } from 'bittrue/specification';
 * import { a100 } from 'bittrue/targets';
 * dot([1, 2 ** -12], [1, 2 ** -13], { rows: 1, width: 2, target: a100, unit: 'f16' }).output[0]; // 1
 */
export function dot<Out extends FloatArray = Float64Array>(
  a: Numbers,
  b: Numbers,
  options: DotOptions & Output<Out>,
): Result<Out, ProductStage> {
  return runSpecification(dotSpecification, options, [a, b]);
}

/**
 * As `dot.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `dot` does, and in a run for lengths that do not fit
 * @example
 * import { dot } from 'bittrue/specification';
 * import { a100 } from 'bittrue/targets';
 * const product = dot.prepare({ width: 2, target: a100, unit: 'f16' });
 * product([1, 2], [3, 4]).output[0]; // 11
 * product([1, 2], [3, 4], { c: [0.5] }).output[0]; // 11.5
 */
dot.prepare = (
  options: PrepareOptions<DotOptions, 'rows'>,
): Prepared<[a: Numbers, b: Numbers], ProductStage, Pick<DotOptions, 'c' | 'scaleA' | 'scaleB'>> => {
  const run = prepareSpecification(dotSpecification, options, withARow);
  return (a, b, own) => run([a, b], own);
};
