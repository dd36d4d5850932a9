/**
 * A wrapping register of which only the result is asked: it may wrap on the way. Its sum is right modulo 2^bits, so it is
 * right where it is read if the sum without any wrap is a number of the register.
 *
 * @module
 */
import type { Chain, Terms } from '../accumulators/chain.ts';
import type { IntegerAccumulator } from '../accumulators/reduction.ts';
import type { Range, Ranges } from './ranges.ts';

/** The sums that an unbounded register would hold. */
export class WrappingChain implements Chain {
  private readonly ranges: Ranges;
  private readonly bits: number;

  constructor(ranges: Ranges, { bits }: IntegerAccumulator) {
    this.ranges = ranges;
    this.bits = bits;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number): number {
    let sum = this.part(start);
    for (let k = 0; k < count; k++) sum = this.add(sum, this.part(terms.a[from + k * stride] as number));
    return this.ranges.enter(sum);
  }

  join(p: number, q: number): number {
    return this.ranges.enter(this.add(this.part(p), this.part(q)));
  }

  /** What a narrower register left must be right; of an equal or a wider one the lower bits are. */
  private part(row: number): Range {
    const range = this.ranges.at(row);
    return range.wrapped >= this.bits ? range : this.ranges.read(row);
  }

  private add(p: Range, q: Range): Range {
    const [low, high] = [p.low + q.low, p.high + q.high];
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high))) this.ranges.fails = true;
    const [idealLow, idealHigh] = [p.idealLow + q.idealLow, p.idealHigh + q.idealHigh];
    return { low, high, idealLow, idealHigh, factors: null, wrapped: this.bits };
  }
}
