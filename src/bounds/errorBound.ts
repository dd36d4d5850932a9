/**
 * How far a kernel's outputs may be from the real function, without running it.
 *
 * @module
 */

import { eminOf } from '../accumulators/alignedOperands.ts';
import { NONE } from '../accumulators/alignedTerms.ts';
import { Reducer } from '../accumulators/reducer.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { BittrueError, checkName, checkObject } from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import { madeOptions, type Named } from '../kernels/named.ts';
import { FAILURES } from '../rounding/flags.ts';
import { exponentOf } from '../rounding/rounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { Numbers } from '../specification/operands.ts';
import { type DotOptions, dotSpecification } from '../specification/products/dot.ts';
import { type MatmulOptions, matmulSpecification } from '../specification/products/matmul.ts';
import type { ProductInputs, ProductPlan } from '../specification/products/plan.ts';
import type { SumOptions, SumPlan } from '../specification/sum/plan.ts';
import { sumSpecification } from '../specification/sum/sum.ts';
import { Edges } from './edges.ts';
import { ErrorChain, type Estimate, Estimates, isRounded } from './errorChain.ts';
import { roundoff, up } from './outward.ts';
import { Flags, limitOf, registerLimit } from './ranges.ts';

/** Whose sums the bound holds for. */
export interface ErrorBoundOptions {
  /** `plan`: the unit's own order (default); `any`: every tree over every permutation, fused or not; fused
   * and compensated sums, which are no trees, have no such bound. */
  readonly order?: 'plan' | 'any';
}

const sink = /* @__PURE__ */ new Flags();

/**
 * For every output a bound on |kernel − real function| on the given inputs, roundings of load, products, sums and store
 * included; Infinity where an overflow cannot be excluded. The sum is not formed as the target forms it: its partial sums
 * are estimated in binary64, and every rounding may add its unit roundoff of what it rounds.
 *
 * @param kernel - `sum`, `dot` or `matmul`
 * @param inputs - its arrays, as the kernel takes them
 * @param options - its options, and `order`
 * @throws {@link BittrueError} as the kernel does
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
  kernel: 'sum' | 'dot' | 'matmul',
  inputs: readonly Numbers[],
  options: Named<SumOptions | DotOptions | MatmulOptions> & ErrorBoundOptions,
): Float64Array {
  checkName('kernel', kernel, ['sum', 'dot', 'matmul'] as const);
  const { order = 'plan', ...own } = checkObject('options', options, [
    ...Object.keys(options ?? {}),
    'order',
  ]) as ErrorBoundOptions;
  checkName('options.order', order, ['plan', 'any'] as const);
  if (kernel === 'sum') {
    const plan = sumSpecification.plan(madeOptions<SumOptions>(own as Named<SumOptions>));
    return ofSums(plan, sumSpecification.widen(sumSpecification.inputs(plan, inputs, own as SumOptions), plan), order);
  }
  if (kernel === 'dot') {
    const plan = dotSpecification.plan(madeOptions<DotOptions>(own as Named<DotOptions>));
    return ofProducts(
      plan,
      dotSpecification.widen(dotSpecification.inputs(plan, inputs, own as DotOptions), plan),
      order,
    );
  }
  const plan = matmulSpecification.plan(madeOptions<MatmulOptions>(own as Named<MatmulOptions>));
  const raw = matmulSpecification.inputs(plan, inputs, own as MatmulOptions);
  return ofProducts(plan, matmulSpecification.widen(raw, plan), order);
}

/** A number as it is loaded: its error. */
class Loader {
  private readonly unit: ValueUnit | null;

  constructor(rounding: Rounding | null) {
    this.unit = rounding === null ? null : new ValueUnit(rounding.format, { ...rounding.policy, nanInput: 'zero' });
  }

  /** A stochastic load may go either way; another one goes where it goes. */
  error(x: number, { relative, absolute }: { relative: number; absolute: number }): number {
    const { unit } = this;
    if (x - x !== 0) return Number.POSITIVE_INFINITY;
    if (unit === null) return 0;
    const r = unit.round(x);
    if ((unit.flags & FAILURES) !== 0) return Number.POSITIVE_INFINITY;
    if (unit.policy.rounding === 'stochastic') return r === x ? 0 : up(up(relative * Math.abs(x)) + absolute);
    return up(Math.abs(r - x));
  }
}

/** Sums of given estimates, in the plan's order or in any. */
function summer(reduction: Reduction, operands: { a?: Format; b?: Format }, order: 'plan' | 'any') {
  const estimates = new Estimates();
  const reducer = new Reducer(
    reduction,
    operands,
    (accumulator, formats = {}) => new ErrorChain(estimates, accumulator, formats),
  );
  return (terms: readonly Estimate[], start: Estimate | null): Estimate => {
    if (order === 'any') return inAnyOrder(reduction, start === null ? terms : [start, ...terms]);
    estimates.clear();
    const rows = Float64Array.from(terms, (term) => estimates.enter(term));
    const addend = start === null ? null : estimates.enter(start);
    return estimates.at(reducer.sum(rows, null, terms.length, sink, addend));
  };
}

/** Whether a sum is additions, each rounded at most once. */
function isTreeOfAdditions({ kind }: Accumulator): boolean {
  switch (kind) {
    case 'float':
    case 'fixed':
    case 'integer':
    case 'exact':
      return true;
    case 'aligned':
    case 'kahan':
    case 'neumaier':
      return false;
  }
}

/** n terms in any tree: every one passes at most n additions, each with the coarsest rounding of the reduction. */
function inAnyOrder(reduction: Reduction, terms: readonly Estimate[]): Estimate {
  let [relative, absolute, most] = [0, 0, Number.POSITIVE_INFINITY];
  for (const { accumulator } of leaves(reduction)) {
    const rounding = accumulatorRounding(accumulator);
    const limit = rounding === null ? registerLimit((accumulator as { bits: number }).bits) : limitOf(rounding.format);
    most = Math.min(most, limit.max, -limit.min);
    if (!isTreeOfAdditions(accumulator)) return { value: 0, error: Number.POSITIVE_INFINITY, exponent: NONE };
    if (rounding === null) continue;
    if (rounding.format.kind === 'float' && rounding.format.lowest === 'normal') most = 0;
    const own = roundoff(rounding);
    relative = Math.max(relative, own.relative);
    absolute = Math.max(absolute, own.absolute);
  }
  const n = terms.length + leaves(reduction).length;
  let [value, all, given] = [0, 0, 0];
  for (const term of terms) {
    value += term.value;
    all = up(all + up(Math.abs(term.value) + term.error));
    given = up(given + term.error);
  }
  // (1 + u)^n − 1, no less: products of up-rounded factors.
  let growth = 1;
  for (let k = 0; k < n; k++) growth = up(growth * (1 + relative));
  let error = up(up(given + up((growth - 1) * all)) + up(n * up(absolute * growth) + all * n * 2 ** -53));
  if (!(up(up(all * growth) + n * absolute * growth) <= most)) error = Number.POSITIVE_INFINITY;
  return { value, error, exponent: NONE };
}

function stored({ value, error }: Estimate, store: Rounding | null): number {
  if (store === null) return error;
  if (!isRounded(new Edges(store), value, error)) return Number.POSITIVE_INFINITY;
  const { relative, absolute } = roundoff(store);
  return up(error + up(up(relative * up(Math.abs(value) + error)) + absolute));
}

function ofSums(
  { rows, width, reduction, load, store }: SumPlan,
  x: Float64Array,
  order: 'plan' | 'any',
): Float64Array {
  const loader = new Loader(load);
  const off = roundoff(load);
  const sum = summer(reduction, load === null ? {} : { a: load.format }, order);
  return Float64Array.from({ length: rows }, (_, r) => {
    const row = x.subarray(r * width, (r + 1) * width);
    const terms = Array.from(row, (value): Estimate => ({ value, error: loader.error(value, off), exponent: NONE }));
    return stored(sum(terms, null), store);
  });
}

function ofProducts(plan: ProductPlan, { a, b, c, scales }: ProductInputs, order: 'plan' | 'any'): Float64Array {
  const { rows, width, pairing, product, reduction, output } = plan;
  if (scales !== null || plan.scale !== null) {
    throw new BittrueError(
      'unsupported',
      'options.unit',
      String(plan.configuration.unit),
      'a unit without block scales',
    );
  }
  const [loadA, loadB, loadC] = [new Loader(plan.a), new Loader(plan.b), new Loader(plan.addend)];
  const [offA, offB, offC] = [roundoff(plan.a), roundoff(plan.b), roundoff(plan.addend)];
  const offP = roundoff(product);
  const edges = product === null ? null : new Edges(product);
  const errorsA = a.map((x) => loadA.error(x, offA));
  const errorsB = b.map((x) => loadB.error(x, offB));
  const [eminA, eminB] = [eminOf(plan.a.format, NONE), eminOf(plan.b.format, NONE)];
  const sum = summer(
    reduction,
    product === null ? { a: plan.a.format, b: plan.b.format } : { a: product.format },
    order,
  );
  return Float64Array.from({ length: rows }, (_, r) => {
    const i = (pairing.kind === 'rows' ? r : Math.floor(r / pairing.columns)) * width;
    const j = (pairing.kind === 'rows' ? r : r % pairing.columns) * width;
    const terms: Estimate[] = [];
    for (let k = 0; k < width; k++) {
      const [x, y] = [a[i + k] as number, b[j + k] as number];
      const [ex, ey] = [errorsA[i + k] as number, errorsB[j + k] as number];
      const value = x * y;
      const given = up(up(Math.abs(x) * ey) + up(up(Math.abs(y) + ey) * ex) + Math.abs(value) * 2 ** -53);
      const whole = up(Math.abs(value) + given);
      let error = product === null ? given : up(given + up(up(offP.relative * whole) + offP.absolute));
      if (edges !== null && !isRounded(edges, value, given)) error = Number.POSITIVE_INFINITY;
      const [mx, my] = [up(Math.abs(x) + ex), up(Math.abs(y) + ey)];
      const isAligned =
        product === null && mx < Number.POSITIVE_INFINITY && my < Number.POSITIVE_INFINITY && x !== 0 && y !== 0;
      const exponent = isAligned ? Math.max(exponentOf(mx), eminA) + Math.max(exponentOf(my), eminB) : NONE;
      terms.push({ value, error, exponent });
    }
    const start =
      c === null ? null : { value: c[r] as number, error: loadC.error(c[r] as number, offC), exponent: NONE };
    return stored(sum(terms, start), output);
  });
}
