/**
 * Bounds for compensated sums, which are not monotone: a larger term may leave a smaller sum.
 *
 * Followed is the sum together with its compensation, which nearly telescopes: with e₁ … e₅ for the roundings of a step,
 * - Kahan, v = s − c: v′ = v + x + e₁ − e₃ − e₄ and c′ = e₂ + e₃ + e₄ up to signs;
 * - Neumaier, w = s + c: w′ = w + x + e₃ + e₄ + e₅; s itself is a plain chain, and monotone.
 *
 * Each |e| is bounded by what rounds: |e₁| ≤ u (|x| + |c|), |e₂| ≤ u |s + y|, |e₃| ≤ u |t − s| ≤ u (|y| + |e₂|),
 * |e₄| ≤ u (|e₂| + |e₃|), |e₅| ≤ u |c + rest|, and by half a subnormal (or what a flush loses) more.
 *
 * @module
 */
import type { Chain, Terms } from '../accumulators/chain.ts';
import type { CompensatedAccumulator } from '../accumulators/reduction.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { Edges } from './edges.ts';
import { down, type Roundoff, roundoff, up } from './outward.ts';
import { hasHole, type Limit, limitOf, type Range, type Ranges } from './ranges.ts';

/** Ends of something that is no row of the table. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

function plus(p: Interval, q: Interval, slack: number): Interval {
  return { low: down(down(p.low + q.low) - slack), high: up(up(p.high + q.high) + slack) };
}

function magnitudeOf({ low, high }: Interval): number {
  return Math.max(-low, high);
}

/** The common part of two ranges that both hold. */
function both(p: Interval, q: Interval): Interval {
  return { low: Math.max(p.low, q.low), high: Math.min(p.high, q.high) };
}

/** Bounds on Kahan's or Neumaier's sum. */
export class CompensatedChain implements Chain {
  private readonly ranges: Ranges;
  private readonly isKahan: boolean;
  private readonly edges: Edges;
  /** What two operands that are read as zero may take away. */
  private readonly flushed: number;
  private readonly off: Roundoff;
  private readonly limit: Limit;
  private readonly isRefused: boolean;

  constructor(ranges: Ranges, { kind, rounding }: CompensatedAccumulator) {
    this.ranges = ranges;
    this.isKahan = kind === 'kahan';
    this.edges = new Edges(rounding);
    this.flushed = 2 * flushThreshold(rounding.format, rounding.policy);
    this.off = roundoff(rounding);
    this.limit = limitOf(rounding.format);
    // Compensations have either sign, and are zero most of the time.
    this.isRefused = hasHole(rounding.format) || this.limit.min === 0;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number): number {
    const { ranges } = this;
    if (this.isRefused) ranges.fails = true;
    let sum: Interval = ranges.read(start);
    // The sum with its compensation, and a bound on the compensation.
    let total: Interval = sum;
    let lost = 0;
    let { idealLow, idealHigh } = ranges.read(start);
    for (let k = 0; k < count; k++) {
      const x: Range = ranges.read(terms.a[from + k * stride] as number);
      idealLow += x.idealLow;
      idealHigh += x.idealHigh;
      const size = magnitudeOf(x);
      if (this.isKahan) {
        const e1 = this.error(up(size + lost));
        const y = up(up(size + lost) + e1);
        const e2 = this.error(up(magnitudeOf(sum) + y));
        const e3 = this.error(up(y + e2));
        const e4 = this.error(up(e2 + e3));
        this.check(up(y + up(e2 + e3)));
        total = plus(total, x, up(e1 + up(e3 + e4)));
        const next = this.add(sum, plus(x, { low: -lost, high: lost }, e1));
        lost = up(e2 + up(e3 + e4));
        sum = both(next, plus(total, { low: -lost, high: lost }, 0));
      } else {
        const small = Math.min(size, magnitudeOf(sum));
        const e2 = this.error(up(magnitudeOf(sum) + size));
        const e3 = this.error(up(small + e2));
        const e4 = this.error(up(e2 + e3));
        const rest = up(e2 + up(e3 + e4));
        const e5 = this.error(up(lost + rest));
        this.check(Math.max(up(small + up(e2 + e3)), up(lost + up(rest + e5))));
        total = plus(total, x, up(e3 + up(e4 + e5)));
        lost = up(lost + up(rest + e5));
        sum = this.add(sum, x);
      }
      this.hold(sum);
    }
    if (!this.isKahan) {
      const exact = both(total, plus(sum, { low: -lost, high: lost }, 0));
      sum = this.rounded(exact);
      this.hold(sum);
    }
    return ranges.enter({ low: sum.low, high: sum.high, idealLow, idealHigh, factors: null, wrapped: 0 });
  }

  join(p: number, q: number): number {
    const [left, right] = [this.ranges.read(p), this.ranges.read(q)];
    const sum = this.add(left, right);
    const [idealLow, idealHigh] = [left.idealLow + right.idealLow, left.idealHigh + right.idealHigh];
    this.hold(sum);
    return this.ranges.enter({ low: sum.low, high: sum.high, idealLow, idealHigh, factors: null, wrapped: 0 });
  }

  /** What one rounding of a result of that magnitude may add. */
  private error(magnitude: number): number {
    return up(up(this.off.relative * magnitude) + this.off.absolute);
  }

  private add(p: Interval, q: Interval): Interval {
    this.edges.fails = false;
    this.edges.add(p.low, q.low, p.high, q.high);
    return this.told(p.low + q.low, p.high + q.high);
  }

  /** The last addition: each operand may be read as zero, no more than that is lost, and the result is none. */
  private rounded(exact: Interval): Interval {
    const { low, high } = this.flushed === 0 ? exact : plus(exact, { low: 0, high: 0 }, this.flushed);
    this.edges.fails = false;
    this.edges.result(low, high);
    return this.told(low, high);
  }

  /** The ends of a result; after an event, those that an unbounded format would have. */
  private told(exactLow: number, exactHigh: number): Interval {
    const { fails, low, high } = this.edges;
    if (!fails) return { low, high };
    this.ranges.fails = true;
    return { low: down(exactLow), high: up(exactHigh) };
  }

  /** A result on the way must not overflow either. */
  private check(magnitude: number): void {
    if (!(magnitude <= Math.min(this.limit.max, -this.limit.min))) this.ranges.fails = true;
  }

  private hold({ low, high }: Interval): void {
    this.ranges.hold(low, high, this.limit);
  }
}
