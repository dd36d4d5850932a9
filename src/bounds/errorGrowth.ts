/**
 * How far a sum may be from the exact one, for terms of which Σ|t| alone is known.
 *
 * @module
 */
import type { Chain, Terms } from '../accumulators/chain.ts';
import { Reducer } from '../accumulators/reducer.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding } from '../accumulators/walk.ts';
import { roundoff, up } from './outward.ts';
import { Flags } from './ranges.ts';

/** What a sum errs: |computed − exact| ≤ relative · Σ|t| + absolute. */
export interface ErrorGrowth {
  readonly relative: number;
  readonly absolute: number;
}

/** A sum of error factors: what stands in for an accumulator while a reduction's order is followed. */
class ErrorGrowthChain implements Chain {
  private readonly accumulator: Accumulator;
  private readonly relative: number;
  private readonly absolute: number;
  private readonly total: { absolute: number };

  constructor(accumulator: Accumulator, total: { absolute: number }) {
    const { relative, absolute } = roundoff(accumulatorRounding(accumulator));
    this.accumulator = accumulator;
    this.relative = relative;
    this.absolute = absolute;
    this.total = total;
  }

  chain(start: number, { a }: Terms, from: number, stride: number, count: number): number {
    const isStepwise = this.accumulator.kind === 'float' || this.accumulator.kind === 'fixed';
    let error = start;
    for (let k = 0; k < count; k++) {
      const term = a[from + k * stride] as number;
      error = isStepwise ? this.join(error, term) : Math.max(error, term);
    }
    return isStepwise ? error : this.join(error, 0);
  }

  /** With Σ|p| + Σ|q| = A: e_p Σ|p| + e_q Σ|q| + u (A + errors) ≤ (max(e)(1 + u) + u) A. */
  join(p: number, q: number): number {
    const { accumulator, relative } = this;
    if (accumulator.kind !== 'float' && accumulator.kind !== 'fixed' && accumulator.kind !== 'exact') {
      return accumulator.kind === 'integer' ? Math.max(p, q) : Number.POSITIVE_INFINITY;
    }
    this.total.absolute += this.absolute;
    return up(Math.max(p, q) * (1 + relative) + relative);
  }
}

/** The error of a reduction of `count` terms, while nothing overflows; Infinity where nothing bounds it here. */
export function errorGrowth(reduction: Reduction, count: number): ErrorGrowth {
  const total = { absolute: 0 };
  const make = (accumulator: Accumulator): Chain => new ErrorGrowthChain(accumulator, total);
  const relative = new Reducer(reduction, {}, make).sum(new Float64Array(count), null, count, new Flags());
  return { relative: up(relative), absolute: up(total.absolute * (1 + relative)) };
}
