/**
 * How far softmax may be from the real function: a running error analysis, stage by stage.
 *
 * @module
 */
import type { SoftmaxPlan } from '../specification/softmax/plan.ts';
import { ErrorLoader } from './errorLoader.ts';
import { ErrorOperations } from './errorOperations.ts';
import { errorSum, leastSum, type Order } from './errorSums.ts';
import { type Estimate, estimate, lostOf } from './estimate.ts';
import { down, up } from './outward.ts';
import { polynomialError } from './polynomialError.ts';

/** The errors of every output. */
export function softmaxErrors(plan: SoftmaxPlan, x: Float64Array, order: Order): Float64Array {
  const { rows, width, unit, clamp, exp } = plan;
  const loader = new ErrorLoader(unit.load);
  const compute = new ErrorOperations(unit.compute);
  const statistics = new ErrorOperations(unit.statistics);
  const store = new ErrorOperations(unit.store);
  const sum = errorSum(unit.reduction, { a: unit.compute.format }, order);
  const bounds = clamp && { low: bound(loader, clamp.low), high: bound(loader, clamp.high) };
  const polynomial = exp.kind === 'base2Polynomial' ? polynomialError(exp, unit.compute) : null;
  const exponential = polynomial ?? ((d: Estimate): Estimate => compute.result(...correct(d, compute.unread(d))));
  // The largest element's is e⁰, as it is rounded.
  const most = new ErrorLoader(unit.compute).load(1);
  const one = polynomial === null ? Array.from({ length: width }, (_, k) => (k === 0 ? most : estimate(0, 0))) : null;
  const output = new Float64Array(rows * width);
  for (let r = 0; r < rows && width > 0; r++) {
    const z = Array.from(x.subarray(r * width, (r + 1) * width), (given) => {
      const loaded = loader.load(given);
      return bounds === null ? loaded : clamped(loaded, bounds);
    });
    const { top, at } = largestOf(z);
    const terms = z.map((each, k) => (k === at && one !== null ? most : exponential(compute.subtract(each, top))));
    const total = sum(terms);
    const least = Math.max(
      leastSum(unit.reduction, terms, order),
      one === null ? 0 : leastSum(unit.reduction, one, order),
    );
    const inverse = plan.normalize === 'reciprocal' ? statistics.divide(estimate(1, 0), total, least) : null;
    terms.forEach((term, k) => {
      const y = inverse === null ? compute.divide(term, total, least) : compute.multiply(term, inverse);
      output[r * width + k] = store.round(y).error;
    });
  }
  return output;
}

/**
 * The largest of all, and which it is where no other can be: its exponent is 0. Else it is no further from the real one than
 * the worst of them.
 */
function largestOf(z: readonly Estimate[]): { readonly top: Estimate; readonly at: number | null } {
  const first = z.reduce((p, { value }, k) => (value > (z[p] as Estimate).value ? k : p), 0);
  const found = z[first] as Estimate;
  const least = down(found.value - found.error);
  if (z.every(({ value, error }, k) => k === first || up(value + error) < least)) return { top: found, at: first };
  const worst = z.reduce((most, { error }) => Math.max(most, error), 0);
  return { top: estimate(found.value, worst), at: null };
}

/** A bound of a clamp, as it is loaded. */
function bound(loader: ErrorLoader, x: number): Estimate {
  return Number.isFinite(x) ? loader.load(x) : { ...estimate(0, 0), value: x };
}

/** A median is no further from the real one than the worst of its three. */
function clamped(z: Estimate, { low, high }: { readonly low: Estimate; readonly high: Estimate }): Estimate {
  const value = Math.min(Math.max(z.value, low.value), high.value);
  return estimate(value, Math.max(z.error, low.error, high.error));
}

/** e^d before its rounding, for a d that is never above 0; `unread`: what reading it may lose. */
function correct(d: Estimate, unread: number): [value: number, error: number] {
  if (!(d.error < Number.POSITIVE_INFINITY)) return [0, d.error];
  const value = Math.exp(Math.min(0, d.value));
  const error = up(d.error + unread);
  const most = up(Math.exp(Math.min(0, up(d.value + error))) * (1 + 2 ** -50));
  const least = down(Math.exp(Math.min(0, down(d.value - error))) * (1 - 2 ** -50));
  return [value, up(Math.min(up(most * error), up(most - least)) + 8 * lostOf(value))];
}
