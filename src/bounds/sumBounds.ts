/**
 * The bound of a sum of terms, channel by channel: ranges of the terms, of every partial sum, and of what is stored.
 *
 * @module
 */
import type { OperandFormats } from '../accumulators/chain.ts';
import type { Reduction } from '../accumulators/reduction.ts';
import type { NumericEvent } from '../events/event.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { Edges } from './edges.ts';
import { type Growth, growthOf, hasZeros, leastLimit } from './growth.ts';
import { nearestToZero, type Region } from './inputSet.ts';
import { roundoff, up } from './outward.ts';
import { rangeReducer, wraps } from './rangeReducer.ts';
import { Flags, limitOf, type Range, Ranges } from './ranges.ts';
import type { ChannelBounds, Claim, Witness } from './verdict.ts';
import { candidates, type Ends, search } from './witness.ts';

/** Ranges raise no events of their own. */
const sink = /* @__PURE__ */ new Flags();

/** One output's own numbers, loaded. */
export interface Channel {
  readonly weights: Float64Array | null;
  /** Where the sum starts. */
  readonly start: number | null;
  /** Whether loading them makes every run fail. */
  readonly fails?: boolean;
}

/** A sum of terms as the bounds read it. */
export interface BoundedSum {
  readonly region: Region;
  /** Roundings of every element, in order: load, and a scale's product. */
  readonly load: Rounding | null;
  readonly scale: { readonly rounding: Rounding; readonly factor: number } | null;
  /** What the elements become: themselves, products with a weight, their squares. */
  readonly terms: 'elements' | 'products' | 'squares';
  /** Rounding of products and squares; null: they enter the sum exactly. */
  readonly product: Rounding | null;
  readonly reduction: Reduction;
  readonly operands: OperandFormats;
  /** Null: the sum is not stored. */
  readonly store: Rounding | null;
  /** Whether what is rounded once (a scale) makes every run fail. */
  readonly fails: boolean;
  /** Whether sums start from an addend. */
  readonly hasStart: boolean;
  readonly channels: number;
  /** The loaded weights, and where the sum starts. */
  channel(c: number): Channel;
  /** Runs the kernel on one row: its first event that makes the run fail. */
  simulate(x: Float64Array, channel: number): NumericEvent | null;
}

/** An answer for one channel. */
export interface ChannelAnswer extends ChannelBounds {
  readonly reason: string;
  readonly witness?: Witness;
}

/** The loaded elements: ends of their ranges. */
interface Loaded {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly fails: boolean;
}

/** The bounds of all channels. */
export function boundSum(sum: BoundedSum): ChannelAnswer[] {
  const loaded = load(sum);
  const ranges = new Ranges();
  const reducers = {
    noEvent: rangeReducer(sum.reduction, sum.operands, ranges, 'noEvent'),
    sameResult: rangeReducer(sum.reduction, sum.operands, ranges, 'sameResult'),
  };
  const growth = sum.region.ellipsoid === null ? null : growthOf(sum.reduction, sum.region.width, sum.hasStart);
  return Array.from({ length: sum.channels }, (_, c): ChannelAnswer => {
    const given = sum.channel(c);
    const run = (claim: Claim): Run => runClaim(sum, loaded, given, reducers[claim], ranges);
    const whole = run('noEvent');
    const bounded = growth === null ? whole : withGrowth(sum, whole, given, growth);
    const { bound, headroomBits } = bounded;
    if (!bounded.fails) {
      return { verdict: 'proved', claim: 'noEvent', bound, headroomBits, reason: bounded.reason };
    }
    if (wraps(sum.reduction)) {
      const same = run('sameResult');
      if (!same.fails) {
        const reason = 'registers may wrap on the way, and every sum is a number of its register where it is read';
        return { verdict: 'proved', claim: 'sameResult', bound: same.bound, headroomBits: same.headroomBits, reason };
      }
    }
    const found = search(candidates(sum.region, whole.ends, given.weights, sum.terms), c, sum.simulate);
    const { verdict, reason } = judged(found);
    return { verdict, claim: 'noEvent', bound, headroomBits, reason, ...(found === null ? {} : { witness: found }) };
  });
}

/** The verdict that a search ends with. */
export function judged(found: Witness | null): { verdict: 'overflows' | 'unknown'; reason: string } {
  if (found === null) {
    return {
      verdict: 'unknown',
      reason: 'the bound allows an overflow, and no input of the set was found to raise one',
    };
  }
  const { kind, stage } = found.event;
  const isOverflow = kind === 'overflow' || kind === 'saturation' || kind === 'wrap';
  return { verdict: isOverflow ? 'overflows' : 'unknown', reason: `the witness raises ${kind} in stage ${stage}` };
}

function load({ region, load: rounding, scale }: BoundedSum): Loaded {
  const { width } = region;
  const [low, high] = [Float64Array.from(region.low), Float64Array.from(region.high)];
  let fails = false;
  const loader = rounding === null ? null : new Edges(rounding);
  const scaler = scale === null ? null : new Edges(scale.rounding);
  for (let k = 0; k < width; k++) {
    if (loader !== null) {
      loader.round(low[k] as number, high[k] as number);
      low[k] = loader.low;
      high[k] = loader.high;
    }
    if (scaler !== null && scale !== null) {
      scaler.multiply(low[k] as number, scale.factor, high[k] as number, scale.factor);
      low[k] = scaler.low;
      high[k] = scaler.high;
    }
  }
  fails = (loader?.fails ?? false) || (scaler?.fails ?? false);
  return { low, high, fails };
}

/** One claim, tried. */
interface Run {
  readonly fails: boolean;
  /** Whether what fails is the sum, or what is stored of it, and nothing before. */
  readonly onlySum: boolean;
  readonly bound: number;
  readonly headroomBits: number;
  readonly reason: string;
  /** The inputs' ends where each term is least and largest. */
  readonly ends: Ends;
}

function runClaim(
  sum: BoundedSum,
  loaded: Loaded,
  { weights, start, fails = false }: Channel,
  reducer: { sum: ReturnType<typeof rangeReducer>['sum'] },
  ranges: Ranges,
): Run {
  const { region, product, store } = sum;
  const { width } = region;
  ranges.clear();
  const multiplier = product === null ? null : new Edges(product);
  const rows = new Float64Array(width);
  const ends: Ends = { low: new Float64Array(width), high: new Float64Array(width) };
  for (let k = 0; k < width; k++) {
    const [low, high] = [loaded.low[k] as number, loaded.high[k] as number];
    const [least, most] = [region.low[k] as number, region.high[k] as number];
    if (sum.terms === 'elements') {
      ends.low[k] = least;
      ends.high[k] = most;
      rows[k] = ranges.enter({ low, high, idealLow: low, idealHigh: high, factors: null, wrapped: 0 });
      continue;
    }
    let factors: NonNullable<Range['factors']>;
    if (sum.terms === 'products') {
      const w = (weights as Float64Array)[k] as number;
      const falls = w < 0;
      ends.low[k] = falls ? most : least;
      ends.high[k] = falls ? least : most;
      factors = { low: { a: falls ? high : low, b: w }, high: { a: falls ? low : high, b: w } };
    } else {
      const large = Math.max(-low, high);
      const small = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
      ends.low[k] = nearestToZero(least, most);
      ends.high[k] = -least > most ? least : most;
      factors = { low: { a: small, b: small }, high: { a: large, b: large } };
    }
    const [idealLow, idealHigh] = [factors.low.a * factors.low.b, factors.high.a * factors.high.b];
    if (multiplier === null)
      rows[k] = ranges.enter({ low: idealLow, high: idealHigh, idealLow, idealHigh, factors, wrapped: 0 });
    else {
      multiplier.multiply(factors.low.a, factors.low.b, factors.high.a, factors.high.b);
      const { low: l, high: h } = multiplier;
      rows[k] = ranges.enter({ low: l, high: h, idealLow, idealHigh, factors: null, wrapped: 0 });
    }
  }
  const before = sum.fails || fails || loaded.fails || (multiplier?.fails ?? false);
  const addend =
    start === null
      ? null
      : ranges.enter({ low: start, high: start, idealLow: start, idealHigh: start, factors: null, wrapped: 0 });
  const result = ranges.read(reducer.sum(rows, null, width, sink, addend));
  const storer = store === null ? null : new Edges(store);
  storer?.round(result.low, result.high);
  const sumFails = ranges.fails || (storer?.fails ?? false);
  return {
    fails: before || sumFails,
    onlySum: !before,
    bound: ranges.bound,
    headroomBits: ranges.headroomBits,
    reason: 'every stage stays in range with all terms at their largest and at their least, and so it does between',
    ends,
  };
}

/** The same where the set is an ellipsoid, and Σ|t| is bounded together rather than element by element. */
function withGrowth(sum: BoundedSum, whole: Run, { weights, start }: Channel, growth: Growth): Run {
  const terms = up(termsMagnitude(sum, weights) + Math.abs(start ?? 0));
  const bound = up(growth.factor * up(terms + growth.additive));
  const limit = leastLimit(sum.reduction);
  const stored = sum.store === null ? null : roundoff(sum.store);
  const isStored =
    sum.store === null ||
    stored === null ||
    up(up(bound * (1 + stored.relative)) + stored.absolute) <= smallerEnd(sum.store);
  // No bound on magnitudes excludes a zero where a format has none.
  const isSafe = bound <= limit && isStored && hasZeros(sum.reduction, sum.store);
  const headroomBits = bound === 0 ? Number.POSITIVE_INFINITY : Math.log2(limit / bound);
  const isCloser = headroomBits > whole.headroomBits;
  return {
    ...whole,
    fails: whole.fails && !(whole.onlySum && isSafe),
    ...(isCloser ? { bound, headroomBits } : {}),
    reason: whole.fails
      ? `the terms' magnitudes add up to at most ${brief(terms)}, which rounding in this order can raise to ${brief(bound)}`
      : whole.reason,
  };
}

function brief(x: number): string {
  return String(Number(x.toPrecision(6)));
}

function smallerEnd({ format }: Rounding): number {
  const { min, max } = limitOf(format);
  return Math.min(max, -min);
}

/** What Σ|t| is at most, roundings of the terms included. */
function termsMagnitude(
  { region, load: loader, scale, terms, product }: BoundedSum,
  weights: Float64Array | null,
): number {
  const { center, axes, radius } = region.ellipsoid as NonNullable<Region['ellipsoid']>;
  const { width } = region;
  const through = (magnitude: number, rounding: Rounding | null, count: number): number => {
    if (rounding === null) return magnitude;
    const { relative, absolute } = roundoff(rounding);
    return up(up(magnitude * (1 + relative)) + up(count * absolute));
  };
  if (terms === 'squares') {
    // ‖x‖ ≤ ‖center‖ + radius · max|axis|; an absolute error in every element adds √d of them to the norm.
    let norm = up(up(length(center)) + up(radius * axes.reduce((most, axis) => Math.max(most, Math.abs(axis)), 0)));
    norm = through(norm, loader, up(Math.sqrt(width)));
    if (scale !== null) norm = through(up(norm * scale.factor), scale.rounding, up(Math.sqrt(width)));
    return through(up(norm * norm), product, width);
  }
  // Σ|w (center + axis n)| ≤ Σ|w center| + radius ‖w axis‖ by Cauchy–Schwarz, and is so for some n.
  const weight = (k: number): number => (weights === null ? 1 : (weights[k] as number));
  let fixed = 0;
  let spread = 0;
  let all = 0;
  for (let k = 0; k < width; k++) {
    const w = Math.abs(weight(k));
    fixed = up(fixed + up(w * Math.abs(center[k] as number)));
    spread = up(spread + up(up(w * Math.abs(axes[k] as number)) ** 2));
    all = up(all + w);
  }
  let magnitude = up(fixed + up(radius * up(Math.sqrt(spread))));
  if (loader !== null) {
    const { relative, absolute } = roundoff(loader);
    magnitude = up(up(magnitude * (1 + relative)) + up(all * absolute));
  }
  return through(magnitude, product, width);
}

/** ‖x‖₂, no less. */
function length(x: Float64Array): number {
  let squares = 0;
  for (const value of x) squares = up(squares + up(value * value));
  return up(Math.sqrt(squares));
}
