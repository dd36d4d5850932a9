/**
 * How far rounding can carry a sum: a factor on the sum of the terms' magnitudes, whatever the terms are.
 *
 * For terms of which only Σ|t| ≤ A is known (a ball, the outputs of a norm) no element's own range helps. Every partial
 * sum, in this order, is at most factor · (A + additive):
 * - an addition may add its unit roundoff: max(f, g) · (1 + u) of two sums with factors f and g;
 * - a chain that rounds to nearest from zero also stays below twice its terms, for |fl(s + x) − s| ≤ 2 |x|: s itself is a
 *   candidate for the result, so the error is at most |x|.
 *
 * @module
 */
import type { Chain, Terms } from '../accumulators/chain.ts';
import { Reducer } from '../accumulators/reducer.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { isNearest, roundoff, up } from './outward.ts';
import { Flags, type Limit, limitOf, missesZero, registerLimit } from './ranges.ts';

/** What rounding adds to a sum. */
export interface Growth {
  /** Infinity where nothing bounds it. */
  readonly factor: number;
  /** What absolute errors (subnormals, fixed point, cut bits) add to Σ|t|. */
  readonly additive: number;
}

/** A sum of factors: what stands in for an accumulator while a reduction's order is followed. */
class GrowthChain implements Chain {
  private readonly relative: number;
  private readonly absolute: number;
  private readonly accumulator: Accumulator;
  private readonly total: { additive: number };

  constructor(accumulator: Accumulator, total: { additive: number }) {
    const { relative, absolute } = roundoff(accumulatorRounding(accumulator));
    this.accumulator = accumulator;
    this.relative = relative;
    this.absolute = absolute;
    this.total = total;
  }

  /** The elements, and the result, are factors. */
  chain(start: number, { a }: Terms, from: number, stride: number, count: number): number {
    const { accumulator, relative } = this;
    const isFloat = accumulator.kind === 'float' || accumulator.kind === 'fixed';
    const doubles = isFloat && start === 0 && isNearest(accumulator.rounding);
    let factor = start;
    let terms = 0;
    for (let k = 0; k < count; k++) {
      const term = a[from + k * stride] as number;
      terms = Math.max(terms, term);
      factor = Math.max(factor, term);
      if (isFloat) {
        factor = up(factor * (1 + relative));
        if (doubles) factor = Math.min(factor, 2 * terms);
        this.total.additive += this.absolute;
      }
    }
    return isFloat ? factor : this.whole(factor);
  }

  join(p: number, q: number): number {
    const { accumulator, relative } = this;
    if (accumulator.kind === 'kahan' || accumulator.kind === 'neumaier') {
      this.total.additive += this.absolute;
      return up(Math.max(p, q) * (1 + relative));
    }
    if (accumulator.kind !== 'float' && accumulator.kind !== 'fixed') return this.whole(Math.max(p, q));
    this.total.additive += this.absolute;
    return up(Math.max(p, q) * (1 + relative));
  }

  /** A sum that is rounded once, after all of its terms. */
  private whole(factor: number): number {
    const { accumulator, relative, absolute, total } = this;
    switch (accumulator.kind) {
      case 'integer':
        return factor;
      case 'exact':
        total.additive += absolute;
        return up(factor * (1 + relative) * 2 ** Math.max(0, accumulator.productExponent ?? 0));
      case 'aligned':
        // Cutting toward zero adds nothing; what other cuts add depends on the exponents.
        if (accumulator.lost !== 'truncate' || (accumulator.addend ?? 'together') !== 'together') return Infinity;
        total.additive += absolute;
        return up(factor * (1 + relative));
      default:
        // Compensated sums: nothing is known here.
        return Number.POSITIVE_INFINITY;
    }
  }
}

/** The growth of a reduction of `count` terms, and of an addend that it starts from. */
export function growthOf(reduction: Reduction, count: number, hasStart = false): Growth {
  const total = { additive: 0 };
  const make = (accumulator: Accumulator): Chain => new GrowthChain(accumulator, total);
  const ones = new Float64Array(count).fill(1);
  const factor = new Reducer(reduction, {}, make).sum(ones, null, count, new Flags(), hasStart ? 1 : null);
  return { factor: Math.max(factor, 1), additive: up(total.additive) };
}

/** The largest magnitude that every register of a reduction holds. */
export function leastLimit(reduction: Reduction): number {
  const limits = leaves(reduction).map(({ accumulator }): Limit => {
    const rounding = accumulatorRounding(accumulator);
    return rounding === null ? registerLimit((accumulator as { bits: number }).bits) : limitOf(rounding.format);
  });
  return limits.reduce((least, { min, max }) => Math.min(least, max, -min), Number.POSITIVE_INFINITY);
}

/** Whether every register of a reduction, and what is stored of it, has a zero to hold. */
export function hasZeros(reduction: Reduction, store: Rounding | null = null): boolean {
  const roundings = [store, ...leaves(reduction).map(({ accumulator }) => accumulatorRounding(accumulator))];
  return roundings.every((rounding) => rounding === null || !missesZero(rounding.format));
}
