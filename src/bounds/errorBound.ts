/**
 * How far a kernel's outputs may be from the real function, without running it.
 *
 * @module
 */

import { checkName, checkObject } from '../errors/index.ts';
import { madeOptions, type Named } from '../kernels/named.ts';
import type { Plan, Specification } from '../specification/contract.ts';
import { layerNormSpecification } from '../specification/norm/layerNorm.ts';
import type { LayerNormOptions, RmsNormOptions } from '../specification/norm/plan.ts';
import { rmsNormSpecification } from '../specification/norm/rmsNorm.ts';
import type { Numbers } from '../specification/operands.ts';
import { type DotOptions, dotSpecification } from '../specification/products/dot.ts';
import { type MatmulOptions, matmulSpecification } from '../specification/products/matmul.ts';
import type { SoftmaxOptions } from '../specification/softmax/plan.ts';
import { softmaxSpecification } from '../specification/softmax/softmax.ts';
import type { SumOptions } from '../specification/sum/plan.ts';
import { sumSpecification } from '../specification/sum/sum.ts';
import type { Order } from './errorSums.ts';
import { normErrors } from './normErrors.ts';
import { productErrors, sumErrors } from './productErrors.ts';
import { softmaxErrors } from './softmaxErrors.ts';

/** Whose sums the bound holds for. */
export interface ErrorBoundOptions {
  /** `plan`: the unit's own order (default); `any`: every tree over every permutation of a sum's terms, fused or not. */
  readonly order?: 'plan' | 'any';
}

/**
 * For every output a bound on |kernel − real function| on the given inputs, the roundings of every stage from load to store
 * included; Infinity where an overflow or a zero divisor cannot be excluded. Nothing is formed as the target forms it: all
 * is estimated in binary64, and every rounding may add its unit roundoff of what it rounds. Of norms the real function is
 * that of the given ε, γ and β, without a scale; of softmax that of e^x, whatever stands in for it.
 *
 * @param kernel - `sum`, `dot`, `matmul`, `layerNorm`, `rmsNorm` or `softmax`
 * @param inputs - its arrays, as the kernel takes them
 * @param options - its options, and `order`
 * @throws {@link BittrueError} as the kernel does; `unsupported` for block scales, for Newton's iteration, and for Welford's
 *   update in any order but its own
 * @example
 * import { errorBound } from 'bittrue/bounds';
 * import { sum } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 4096 }, () => 1);
 * const options = { rows: 1, width: 4096, target: fp16 };
 * const bound = errorBound('sum', [x], options)[0] ?? 0;
 * 4096 - (sum(x, options).output[0] ?? 0); // 2048
 * bound >= 2048; // true
 */
export function errorBound(
  kernel: 'sum',
  inputs: readonly [Numbers],
  options: Named<SumOptions> & ErrorBoundOptions,
): Float64Array;
export function errorBound(
  kernel: 'dot',
  inputs: readonly [Numbers, Numbers],
  options: Named<DotOptions> & ErrorBoundOptions,
): Float64Array;
export function errorBound(
  kernel: 'matmul',
  inputs: readonly [Numbers, Numbers],
  options: Named<MatmulOptions> & ErrorBoundOptions,
): Float64Array;
export function errorBound(
  kernel: 'layerNorm',
  inputs: readonly [Numbers],
  options: Named<LayerNormOptions> & ErrorBoundOptions,
): Float64Array;
export function errorBound(
  kernel: 'rmsNorm',
  inputs: readonly [Numbers],
  options: Named<RmsNormOptions> & ErrorBoundOptions,
): Float64Array;
export function errorBound(
  kernel: 'softmax',
  inputs: readonly [Numbers],
  options: Named<SoftmaxOptions> & ErrorBoundOptions,
): Float64Array;
export function errorBound(
  kernel: (typeof kernels)[number],
  inputs: readonly Numbers[],
  options: Named<AnyOptions> & ErrorBoundOptions,
): Float64Array {
  checkName('kernel', kernel, kernels);
  const { order = 'plan', ...own } = checkObject('options', options, [
    ...Object.keys(options ?? {}),
    'order',
  ]) as ErrorBoundOptions;
  checkName('options.order', order, ['plan', 'any'] as const);
  switch (kernel) {
    case 'sum':
      return bound(sumSpecification, sumErrors, inputs, own, order);
    case 'dot':
      return bound(dotSpecification, productErrors, inputs, own, order);
    case 'matmul':
      return bound(matmulSpecification, productErrors, inputs, own, order);
    case 'layerNorm':
      return bound(layerNormSpecification, normErrors, inputs, own, order);
    case 'rmsNorm':
      return bound(rmsNormSpecification, normErrors, inputs, own, order);
    case 'softmax':
      return bound(softmaxSpecification, softmaxErrors, inputs, own, order);
  }
}

const kernels = ['sum', 'dot', 'matmul', 'layerNorm', 'rmsNorm', 'softmax'] as const;

type AnyOptions = SumOptions | DotOptions | MatmulOptions | LayerNormOptions | RmsNormOptions | SoftmaxOptions;

function bound<Options extends object, P extends Plan, Inputs, Raw>(
  specification: Specification<Options, P, Inputs, Raw>,
  errors: (plan: P, inputs: Inputs, order: Order) => Float64Array,
  inputs: readonly Numbers[],
  given: object,
  order: Order,
): Float64Array {
  const options = madeOptions<Options>(given as Named<Options>);
  const plan = specification.plan(options);
  return errors(plan, specification.widen(specification.inputs(plan, inputs, options), plan), order);
}
