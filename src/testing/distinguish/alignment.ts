/**
 * What alignment cuts in a fused sum: the arithmetic of {@link AlignedChain} itself, watched.
 *
 * @module
 */
import { AlignedChain } from '../../accumulators/aligned.ts';
import type { Elements } from '../../accumulators/alignedTerms.ts';
import { placeOf } from '../../accumulators/chain.ts';
import type { AlignedAccumulator } from '../../accumulators/reduction.ts';
import type { Recorder } from '../../events/recorder.ts';

/** One value that alignment cuts. */
export interface Cut {
  /** `term`: a product or a group of them; `addend`: what the sum starts from; `sum`: a sum on the way. */
  readonly of: 'term' | 'addend' | 'sum';
  /** Number of the element, of a group the last one; null for what is no term, and for partial sums. */
  readonly element: number | null;
  readonly exact: number;
  /** Exponent of the last bit that is kept. */
  readonly lastBit: number;
  readonly kept: number;
}

/** The alignment of one fused sum. */
export interface Alignment {
  /** In order. Where the addend enters late, terms are cut first, then their sum and the addend. */
  readonly cuts: readonly Cut[];
  /** What is kept, added up exactly: what the output's rounding gets. */
  readonly sum: number;
}

/** A fused sum that remembers what it cut. */
export class WatchedAligned extends AlignedChain {
  /** The alignment of the last sum. */
  last: Alignment | null = null;
  private cuts: { of: Cut['of']; term: number; exact: number; lastBit: number; kept: number }[] = [];

  protected override cutSum(from: number, to: number, last: number): number {
    let sum = 0;
    for (let n = from; n < to; n++) {
      const kept = super.cutSum(n, n + 1, last);
      this.cuts.push({ of: 'term', term: n, exact: this.terms.values[n] as number, lastBit: last, kept });
      sum += kept;
    }
    return sum;
  }

  protected override cut(value: number, last: number, lost: AlignedAccumulator['lost']): number {
    const kept = super.cut(value, last, lost);
    this.cuts.push({ of: 'sum', term: -1, exact: value, lastBit: last, kept });
    return kept;
  }

  protected override cutAddend(start: number, last: number, lost: AlignedAccumulator['lost']): number {
    const kept = super.cutAddend(start, last, lost);
    (this.cuts.at(-1) as { of: Cut['of'] }).of = 'addend';
    return kept;
  }

  protected override finish(sum: number, start: number, elements: Elements, recorder: Recorder): number {
    const { terms, from, stride, count } = elements;
    const elementOf = (term: number): number | null =>
      term < 0 || terms.joins ? null : placeOf(terms, from + this.elementOf(term, count) * stride);
    this.last = { cuts: this.cuts.map(({ term, ...cut }) => ({ ...cut, element: elementOf(term) })), sum };
    this.cuts = [];
    return super.finish(sum, start, elements, recorder);
  }
}
