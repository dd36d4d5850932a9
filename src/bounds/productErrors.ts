/**
 * How far sums and products may be from the real ones.
 *
 * @module
 */
import { eminOf } from '../accumulators/alignedOperands.ts';
import { NONE, ZERO_EXPONENT } from '../accumulators/alignedTerms.ts';
import { leaves } from '../accumulators/walk.ts';
import { BittrueError } from '../errors/index.ts';
import { exponentOf } from '../rounding/rounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { ProductInputs, ProductPlan } from '../specification/products/plan.ts';
import type { SumPlan } from '../specification/sum/plan.ts';
import { ErrorLoader } from './errorLoader.ts';
import { ErrorOperations } from './errorOperations.ts';
import { errorSum, type Order } from './errorSums.ts';
import { type Estimate, mostOf } from './estimate.ts';
import { up } from './outward.ts';

/** What a stage that stores makes of an estimate: its error. */
function storer(store: Rounding | null): (sum: Estimate) => number {
  if (store === null) return ({ error }) => error;
  const operations = new ErrorOperations(store);
  return (sum) => operations.round(sum).error;
}

/** The errors of sums. */
export function sumErrors(plan: SumPlan, x: Float64Array, order: Order): Float64Array {
  const { rows, width, reduction, load, store } = plan;
  const loader = new ErrorLoader(load);
  const sum = errorSum(reduction, load === null ? {} : { a: load.format }, order);
  const stored = storer(store);
  return Float64Array.from({ length: rows }, (_, r) => {
    const row = x.subarray(r * width, (r + 1) * width);
    return stored(sum(Array.from(row, (value) => loader.load(value))));
  });
}

/** The errors of products. */
export function productErrors(plan: ProductPlan, { a, b, c, scales }: ProductInputs, order: Order): Float64Array {
  const { rows, width, pairing, product, reduction, output } = plan;
  if (scales !== null || plan.scale !== null) {
    throw new BittrueError(
      'unsupported',
      'options.unit',
      String(plan.configuration.unit),
      'a unit without block scales',
    );
  }
  const [loadA, loadB, loadC] = [new ErrorLoader(plan.a), new ErrorLoader(plan.b), new ErrorLoader(plan.addend)];
  const loadedA = Array.from(a, (x) => loadA.load(x));
  const loadedB = Array.from(b, (x) => loadB.load(x));
  const multiplier = new ErrorOperations(product);
  // Fused steps read the factors themselves, and take small ones for zeros where they flush.
  const fused = leaves(reduction).flatMap(({ accumulator }) =>
    accumulator.kind === 'float' && accumulator.fused ? [new ErrorOperations(accumulator.rounding)] : [],
  );
  // By MMA-Sim's first rule a zero has an exponent of its own, and its product with a large number a large one.
  const zerosJoin = leaves(reduction).some(
    ({ accumulator }) => accumulator.kind === 'aligned' && accumulator.zeroRule === 'mmasim1',
  );
  const least = zerosJoin ? ZERO_EXPONENT : NONE;
  const [eminA, eminB] = [plan.a, plan.b].map(({ format }) => Math.max(eminOf(format, NONE), least)) as [
    number,
    number,
  ];
  const sum = errorSum(
    reduction,
    product === null ? { a: plan.a.format, b: plan.b.format } : { a: product.format },
    order,
  );
  const stored = storer(output);
  return Float64Array.from({ length: rows }, (_, r) => {
    const i = (pairing.kind === 'rows' ? r : Math.floor(r / pairing.columns)) * width;
    const j = (pairing.kind === 'rows' ? r : r % pairing.columns) * width;
    const terms: Estimate[] = [];
    for (let k = 0; k < width; k++) {
      const [x, y] = [loadedA[i + k] as Estimate, loadedB[j + k] as Estimate];
      const term = multiplier.multiply(x, y);
      const unread = fused.reduce((most, reader) => Math.max(most, reader.unreadProduct(x, y)), 0);
      const [mx, my] = [mostOf(x), mostOf(y)];
      const isAligned = product === null && Number.isFinite(mx + my) && ((x.value !== 0 && y.value !== 0) || zerosJoin);
      const exponent = isAligned ? Math.max(exponentOf(mx), eminA) + Math.max(exponentOf(my), eminB) : NONE;
      terms.push({ value: term.value, error: up(term.error + unread), exponent });
    }
    const start = c === null ? null : loadC.load(c[r] as number);
    return stored(sum(terms, start));
  });
}
