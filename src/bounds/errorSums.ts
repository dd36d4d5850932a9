/**
 * How far sums of estimates may be from the real ones: in the order of a reduction, or in any.
 *
 * @module
 */
import { NONE } from '../accumulators/alignedTerms.ts';
import type { OperandFormats } from '../accumulators/chain.ts';
import { Reducer } from '../accumulators/reducer.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { cutError, ErrorChain, Estimates } from './errorChain.ts';
import { type Estimate, estimate, mostOf, UNKNOWN } from './estimate.ts';
import { down, roundoff, up } from './outward.ts';
import { Flags, limitOf, registerLimit } from './ranges.ts';

/** Whose sums a bound holds for. */
export type Order = 'plan' | 'any';

/** The sum of terms, and of an addend where there is one. */
export type ErrorSum = (terms: readonly Estimate[], start?: Estimate | null) => Estimate;

const sink = /* @__PURE__ */ new Flags();

/** Sums of given estimates, in the plan's order or in any. */
export function errorSum(reduction: Reduction, operands: OperandFormats, order: Order): ErrorSum {
  if (order === 'any') {
    return (terms, start = null) => inAnyOrder(reduction, operands, start === null ? terms : [start, ...terms]);
  }
  const estimates = new Estimates();
  const reducer = new Reducer(
    reduction,
    operands,
    (accumulator, formats = {}) => new ErrorChain(estimates, accumulator, formats),
  );
  return (terms, start = null) => {
    estimates.clear();
    const rows = Float64Array.from(terms, (term) => estimates.enter(term));
    const addend = start === null ? null : estimates.enter(start);
    return estimates.at(reducer.sum(rows, null, terms.length, sink, addend));
  };
}

/** What the sum of numbers that are never negative is at least; 0 where nothing says so. Additions are monotone. */
export function leastSum(reduction: Reduction, terms: readonly Estimate[], order: Order): number {
  let [kept, growth, lost, steps] = [1, 1, 0, 0];
  for (const { accumulator } of leaves(reduction)) {
    if (accumulator.kind !== 'float' && accumulator.kind !== 'exact' && accumulator.kind !== 'fixed') return 0;
    if (accumulator.kind === 'exact' && accumulator.productExponent !== undefined) return 0;
    const { relative, absolute } = roundoff(accumulatorRounding(accumulator));
    kept = down(kept * (1 - relative));
    growth = Math.min(growth, 1 - relative);
    lost += absolute;
    steps += 1;
  }
  let [largest, all] = [0, 0];
  for (const term of terms) {
    const least = Math.max(0, down(term.value - term.error));
    largest = Math.max(largest, least);
    all = down(all + least);
  }
  // What an addition has reached no later one takes away, but for the rounding into each register on the way.
  const alone = order === 'any' && steps > 1 ? 0 : down(kept * largest - up(2 * lost));
  const depth = terms.length + steps + 1;
  let together = all;
  for (let k = 0; k < depth && together > alone; k++) together = down(together * growth);
  return Math.max(0, alone, down(together - up(terms.length * (steps + 1) * lost)));
}

/** What one reduction does at its coarsest. */
interface Coarsest {
  readonly relative: number;
  readonly absolute: number;
  /** The least end of any register. */
  readonly most: number;
}

function coarsest(reduction: Reduction): Coarsest | null {
  let [relative, absolute, most] = [0, 0, Number.POSITIVE_INFINITY];
  for (const { accumulator } of leaves(reduction)) {
    const rounding = accumulatorRounding(accumulator);
    const limit = rounding === null ? registerLimit((accumulator as { bits: number }).bits) : limitOf(rounding.format);
    most = Math.min(most, limit.max, -limit.min);
    if (rounding === null) continue;
    if (rounding.format.kind === 'float' && rounding.format.lowest === 'normal') return null;
    if (accumulator.kind === 'exact' && accumulator.productExponent !== undefined) return null;
    const own = roundoff(rounding);
    relative = Math.max(relative, own.relative);
    absolute = Math.max(absolute, own.absolute);
  }
  return { relative, absolute, most };
}

/**
 * n terms in any tree, fused or not: each passes at most n additions, a register for every leaf of the reduction, and a
 * rounding of its product, each with the coarsest rounding of the reduction; fused and compensated sums add errors of their own.
 */
function inAnyOrder(reduction: Reduction, operands: OperandFormats, terms: readonly Estimate[]): Estimate {
  const own = coarsest(reduction);
  let [value, all, given] = [0, 0, 0];
  for (const term of terms) {
    value += term.value;
    all = up(all + mostOf(term));
    given = up(given + term.error);
  }
  if (own === null || !(all < Number.POSITIVE_INFINITY)) return UNKNOWN;
  const n = terms.length;
  const depth = 2 * n + leaves(reduction).length + 1;
  const operations = n * (leaves(reduction).length + 3);
  // (1 + u)^depth, no less: products of up-rounded factors.
  let growth = 1;
  for (let k = 0; k < depth; k++) growth = up(growth * (1 + own.relative));
  const added = up(up(operations * own.absolute) * growth);
  // What sums on the way may reach; it holds if the errors that follow from it say so.
  const reach = up(2 * up(up(all * growth) + added));
  let special = 0;
  for (const { accumulator } of leaves(reduction)) {
    special = up(special + specialError(accumulator, operands, terms, all, reach));
  }
  const most = up(up(up(all + special) * growth) + added);
  // Compensations and cuts were judged by what sums may reach, and what is formed of them is at most twice as large.
  if (!(special === 0 ? most <= own.most : most <= reach && 2 * reach <= own.most)) return UNKNOWN;
  const error = up(up(given + special) + up(up((growth - 1) * up(all + special)) + added) + up(all * n * 2 ** -53));
  return estimate(value, error);
}

/** What an accumulator loses in any order beyond one rounding an addition; no sum on the way exceeds `reach`. */
function specialError(
  accumulator: Accumulator,
  operands: OperandFormats,
  terms: readonly Estimate[],
  all: number,
  reach: number,
): number {
  const n = terms.length;
  switch (accumulator.kind) {
    case 'float':
    case 'fixed':
    case 'exact':
    case 'integer':
      return 0;
    case 'aligned': {
      // At most n blocks with a term of their own, and n − 1 sums of two of them, which are results.
      const worst = terms.reduce((p, q) => (mostOf(q) > mostOf(p) ? q : p), estimate(reach, 0));
      const exponent = terms.reduce((e, term) => Math.max(e, term.exponent), NONE);
      const start = estimate(reach, 0);
      const one = Math.max(
        cutError(accumulator, operands, start, [{ ...worst, exponent: NONE }]),
        cutError(accumulator, operands, start, [{ ...worst, exponent }]),
        cutError(accumulator, { a: accumulator.output.format }, start, [{ ...worst, exponent: NONE }]),
      );
      return up(2 * n * one);
    }
    case 'kahan':
    case 'neumaier': {
      const { relative: u, absolute } = roundoff(accumulator.rounding);
      const rounded = (x: number): number => up(up(u * x) + absolute);
      // The roundings of a step at their largest: of the sum, of what is taken back, of the rest. Terms and sums that enter a
      // chain, and the chains, are 3n together; what rounds the terms themselves is in the additions' growth.
      const e2 = rounded(reach);
      const e3 = rounded(up(reach + e2));
      const rest = up(e2 + up(e3 + rounded(up(e2 + e3))));
      const again = rounded(up(e2 + e3));
      if (accumulator.kind === 'kahan') {
        // Σ(e₁ + e₃ + e₄) but for u |x|, and the compensation that a chain ends with; |y| ≤ |x| + 2 rest.
        const step = up(up(rounded(rest) + rounded(up(2 * rest + e2))) + again);
        return up(up(2 * u * all) + up(3 * n * up(2 * step + rest)));
      }
      // Σ(e₃ + e₄ + e₅) but for u |x|: the compensation grows to 3n rests, and rounds with each.
      const lost = up((3 * n * up(rest + absolute)) / Math.max(0, 1 - 3 * n * u));
      if (!(lost < reach)) return Number.POSITIVE_INFINITY;
      return up(up(u * all) + up(3 * n * up(up(rounded(e2) + again) + rounded(up(lost + rest)))));
    }
  }
}
