/**
 * Chains and joins whose every result is monotone in every term: floats, fixed point, integer registers, exact sums.
 *
 * Rounding never turns a larger exact value into a smaller result (under every mode but the stochastic one, with flushing,
 * saturation and overflow to infinity), so the accumulator itself, run on all terms' least values and on their largest,
 * gives the ends of every sum. Where neither run raises an event no input between does.
 *
 * @module
 */
import type { Chain, OperandFormats, Terms } from '../accumulators/chain.ts';
import { createChain } from '../accumulators/create.ts';
import type { Accumulator } from '../accumulators/reduction.ts';
import { towards } from './outward.ts';
import { Flags, hasHole, type Limit, limitOf, type Range, type Ranges, registerLimit } from './ranges.ts';

type Monotone = Exclude<Accumulator, { readonly kind: 'aligned' | 'kahan' | 'neumaier' }>;

/** The accumulator that a stochastic one can reach at an end. */
function ending(accumulator: Monotone, side: 'low' | 'high'): Monotone {
  switch (accumulator.kind) {
    case 'float':
    case 'fixed':
      return { ...accumulator, rounding: towards(accumulator.rounding, side) };
    case 'exact':
      return { ...accumulator, output: towards(accumulator.output, side) };
    default:
      return accumulator;
  }
}

function limits(accumulator: Monotone): Limit {
  switch (accumulator.kind) {
    case 'float':
    case 'fixed':
      return limitOf(accumulator.rounding.format);
    case 'exact':
      return limitOf(accumulator.output.format);
    case 'integer':
      return registerLimit(accumulator.bits);
  }
}

/** After so many terms of a chain the register is rounded, clamped or wrapped. */
function termsAtOnce(accumulator: Monotone): number {
  if (accumulator.kind === 'exact') return Number.POSITIVE_INFINITY;
  if (accumulator.kind !== 'integer') return 1;
  const { when = 'everyStep' } = accumulator;
  return when === 'everyStep' ? 1 : when === 'atEnd' ? Number.POSITIVE_INFINITY : when.every;
}

/** One end's run. */
interface End {
  readonly chain: Chain;
  readonly flags: Flags;
  sum: number;
  /** Room for terms. */
  a: Float64Array;
  b: Float64Array;
}

/** The two runs side by side. */
export class MonotoneChain implements Chain {
  private readonly ranges: Ranges;
  private readonly low: End;
  private readonly high: End;
  private readonly limit: Limit;
  private readonly hole: boolean;
  private readonly atOnce: number;
  private readonly factor: number;

  constructor(ranges: Ranges, accumulator: Monotone, operands: OperandFormats) {
    const end = (side: 'low' | 'high'): End => ({
      chain: createChain(ending(accumulator, side), operands),
      flags: new Flags(),
      sum: 0,
      a: new Float64Array(1),
      b: new Float64Array(1),
    });
    this.ranges = ranges;
    this.low = end('low');
    this.high = end('high');
    this.limit = limits(accumulator);
    this.hole =
      accumulator.kind !== 'integer' &&
      hasHole('output' in accumulator ? accumulator.output.format : accumulator.rounding.format);
    this.atOnce = termsAtOnce(accumulator);
    this.factor = accumulator.kind === 'exact' ? 2 ** (accumulator.productExponent ?? 0) : 1;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number): number {
    const { ranges, low, high } = this;
    const begin = ranges.read(start);
    this.begin();
    low.sum = begin.low;
    high.sum = begin.high;
    let { idealLow, idealHigh } = begin;
    const group: Range[] = [];
    for (let done = 0; done < count; ) {
      const some = Math.min(this.atOnce, count - done);
      group.length = 0;
      for (let k = 0; k < some; k++) {
        const range = ranges.read(terms.a[from + (done + k) * stride] as number);
        idealLow += range.idealLow * this.factor;
        idealHigh += range.idealHigh * this.factor;
        group.push(range);
      }
      run(low, group, 'low');
      run(high, group, 'high');
      this.hold(idealLow, idealHigh);
      done += some;
    }
    return this.result(idealLow, idealHigh);
  }

  join(p: number, q: number): number {
    const { ranges, low, high } = this;
    const [left, right] = [ranges.read(p), ranges.read(q)];
    this.begin();
    low.sum = low.chain.join(left.low, right.low, 0, low.flags);
    high.sum = high.chain.join(left.high, right.high, 0, high.flags);
    const [idealLow, idealHigh] = [left.idealLow + right.idealLow, left.idealHigh + right.idealHigh];
    this.hold(idealLow, idealHigh);
    return this.result(idealLow, idealHigh);
  }

  private begin(): void {
    this.low.flags.raised = 0;
    this.high.flags.raised = 0;
  }

  /** What the register may hold now; after an event, what it should. */
  private hold(idealLow: number, idealHigh: number): void {
    const { low, high, ranges } = this;
    const least = low.flags.fails ? idealLow : low.sum;
    const most = high.flags.fails ? idealHigh : high.sum;
    ranges.hold(least, most, this.limit);
    if (low.flags.fails || high.flags.fails || (this.hole && low.sum < 0 && high.sum > 0)) ranges.fails = true;
  }

  private result(idealLow: number, idealHigh: number): number {
    const { low, high } = this;
    // Once something may fail the ends are those that an unbounded register would have.
    const fails = low.flags.fails || high.flags.fails;
    return this.ranges.enter({
      low: fails ? idealLow : low.sum,
      high: fails ? idealHigh : high.sum,
      idealLow,
      idealHigh,
      factors: null,
      wrapped: 0,
    });
  }
}

/** Runs one end over some terms. */
function run(end: End, group: readonly Range[], side: 'low' | 'high'): void {
  const count = group.length;
  if (end.a.length < count) {
    end.a = new Float64Array(count);
    end.b = new Float64Array(count);
  }
  const { a, b } = end;
  const isProduct = group[0]?.factors != null;
  for (let k = 0; k < count; k++) {
    const range = group[k] as Range;
    a[k] = range.factors?.[side].a ?? range[side];
    b[k] = range.factors?.[side].b ?? 1;
  }
  const terms: Terms = { a, b: isProduct ? b : null, places: null, joins: false, scales: null };
  end.sum = end.chain.chain(end.sum, terms, 0, 1, count, end.flags);
}
