/**
 * Bounds of LayerNorm and RMSNorm, stage by stage.
 *
 * The worst row of a norm is a hard problem; these are sound bounds and a search for a witness.
 * - Squares: with the computed mean m̂, Σ(z − m̂)² = Σ(z − z̄)² + d (m̂ − z̄)². The first is at most Σ(z − a)² for any a; the
 *   second goes by what the sum and the mean may err.
 * - Normalisation: a sum of squares is no less than any one of them but for its own roundings, so |c| / √(c²/d) bounds
 *   what an element can become by √d and a few roundings, whatever the row.
 *
 * @module
 */

import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { BittrueError } from '../errors/index.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { roundConstants } from '../specification/norm/constants.ts';
import type { NormPlan } from '../specification/norm/plan.ts';
import { elementRoundings } from '../specification/norm/roundings.ts';
import { createUnits } from '../specification/norm/units.ts';
import { Edges } from './edges.ts';
import { errorGrowth } from './errorGrowth.ts';
import { growthOf, hasZeros, leastLimit } from './growth.ts';
import type { Region } from './inputSet.ts';
import { down, roundoff, up } from './outward.ts';
import { rangeReducer } from './rangeReducer.ts';
import { Flags, Ranges } from './ranges.ts';

/** A norm's bound: whether no event can happen, and the room of its square-sum. */
export interface StagesBound {
  /** The first stage that may raise an event; null: none can. */
  readonly stage: string | null;
  readonly bound: number;
  readonly headroomBits: number;
}

const sink = /* @__PURE__ */ new Flags();

/** Refuses forms of single kernels, whose stages have no bound here. */
export function refuseForms(plan: NormPlan): void {
  for (const form of ['rowScale', 'meanSquare', 'groups'] as const) {
    if (plan[form] === null) continue;
    throw new BittrueError('unsupported', `options.${form}`, form, 'a norm of the usual stages');
  }
}

/** The bound of a row of the region. */
export function boundNorm(plan: NormPlan, region: Region): StagesBound {
  refuseForms(plan);
  const { unit, width: d } = plan;
  const { center, square, normalize } = elementRoundings(plan);
  const flags = new Flags();
  const constants = roundConstants(plan, createUnits(unit, square), flags);
  let stage: string | null = flags.fails ? 'constants' : null;
  const check = (name: string, fails: boolean): void => {
    if (fails) stage ??= name;
  };
  const ranges = new Ranges();

  const loader = new Edges(unit.load);
  const scaler = new Edges(unit.compute);
  const low = new Float64Array(d);
  const high = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    loader.round(region.low[k] as number, region.high[k] as number);
    if (plan.scale !== 1) scaler.multiply(loader.low, constants.scale, loader.high, constants.scale);
    const last = plan.scale === 1 ? loader : scaler;
    low[k] = last.low;
    high[k] = last.high;
  }
  check('load', loader.fails);
  check('scale', scaler.fails);

  const isLayer = plan.kernel === 'layerNorm';
  // Welford's update and the difference of large sums have no bound here.
  if (isLayer && plan.variance !== 'twoPass') check(plan.variance === 'welford' ? 'welford' : 'variance', true);

  const statistics = new Edges(unit.statistics);
  const overWidth = (from: number, to: number): void =>
    unit.mean === 'divide'
      ? statistics.divide(from, constants.width, to, constants.width)
      : statistics.multiply(from, constants.width, to, constants.width);

  // Magnitudes of what is squared, and a bound on their sum of squares.
  let most = low.map((x, k) => Math.max(-x, high[k] as number));
  let squares = sumOfSquares(most);
  if (region.ellipsoid !== null) squares = Math.min(squares, loadedSquares(plan, region, constants.scale));
  if (isLayer) {
    const terms = low.map((x, k) =>
      ranges.enter({ ...plain, low: x, high: high[k] as number, idealLow: x, idealHigh: high[k] as number }),
    );
    const reducer = rangeReducer(unit.reduction, { a: unit.compute.format }, ranges, 'noEvent');
    const sum = ranges.read(reducer.sum(terms, null, d, sink));
    check('sum', ranges.fails);
    overWidth(sum.low, sum.high);
    check('mean', statistics.fails);
    const mean = { low: statistics.low, high: statistics.high };
    const centering = new Edges(center);
    const spread = centredSquares(low, high);
    most = most.map((_, k) => {
      centering.add(low[k] as number, -mean.high, high[k] as number, -mean.low);
      return Math.max(-centering.low, centering.high);
    });
    check('center', centering.fails);
    // |m̂ − z̄|: what the sum may err, over d, and the roundings of 1/d and of the mean; or from one end to the other.
    const magnitude = low.reduce((total, x, k) => up(total + Math.max(-x, high[k] as number)), 0);
    const error = errorGrowth(unit.reduction, d);
    const { relative, absolute } = roundoff(unit.statistics);
    const largest = Math.max(-sum.low, sum.high);
    const rho = unit.mean === 'divide' ? 1 / constants.width : constants.width;
    const ofMean = up(up(largest * (Math.abs(rho - 1 / d) + rho * (relative + 2 ** -50))) + absolute);
    const byError = up(up(up(magnitude * error.relative) + error.absolute) / d + ofMean);
    const ends = { low: low.reduce((t, x) => down(t + x), 0) / d, high: high.reduce((t, x) => up(t + x), 0) / d };
    const apart = up(up(Math.max(mean.high, ends.high)) - down(Math.min(mean.low, ends.low)));
    const off = Math.min(byError, apart);
    const rounded = roundoff(center);
    const exact = up(Math.min(spread, squares) + up(d * up(off * off)));
    const norm = up(up(Math.sqrt(exact) * (1 + rounded.relative)) + up(Math.sqrt(d) * rounded.absolute));
    squares = Math.min(sumOfSquares(most), up(norm * norm));
  }

  const { largest, room } = boundSquares(plan, most, squares, check);
  statistics.fails = false;
  overWidth(0, largest);
  check('variance', statistics.fails);
  const variance = statistics.high;
  statistics.fails = false;
  statistics.add(0, constants.epsilon, variance, constants.epsilon);
  check('epsilon', statistics.fails);
  const root = rootRange(plan, statistics.low, statistics.high);
  check('reciprocalSqrt', root === null);
  const reach =
    root === null ? Number.POSITIVE_INFINITY : normalizedReach(plan, most, root, constants.epsilon, constants.width);

  const elements = new Edges(normalize);
  const store = new Edges(unit.store);
  elements.result(-reach, reach);
  check('normalize', elements.fails || reach === Number.POSITIVE_INFINITY);
  // A divisor that the unit reads as zero.
  if (unit.reciprocalSqrt.kind === 'sqrtThenDivide')
    check('normalize', root !== null && root.low < flushThreshold(normalize.format, normalize.policy));
  const affine = { gamma: false, beta: false };
  for (let k = 0; k < d; k++) {
    let reached = reach;
    const gamma = Math.abs(constants.gamma?.[k] ?? 1);
    const beta = Math.abs(constants.beta?.[k] ?? 0);
    if (plan.affine === 'fused') {
      elements.fails = false;
      elements.result(-up(up(reached * gamma) + beta), up(up(reached * gamma) + beta));
      affine.gamma ||= elements.fails;
      reached = Math.max(-elements.low, elements.high);
    } else {
      if (constants.gamma !== null) {
        elements.fails = false;
        elements.multiply(-reached, gamma, reached, gamma);
        affine.gamma ||= elements.fails;
        reached = Math.max(-elements.low, elements.high);
      }
      if (constants.beta !== null) {
        elements.fails = false;
        elements.add(-reached, -beta, reached, beta);
        affine.beta ||= elements.fails;
        reached = Math.max(-elements.low, elements.high);
      }
    }
    store.round(-reached, reached);
  }
  check(plan.affine === 'fused' ? 'affine' : 'gamma', affine.gamma);
  check('beta', affine.beta);
  check('store', store.fails);
  return { stage, ...room };
}

const plain = { factors: null, wrapped: 0 } as const;

function sumOfSquares(magnitudes: Float64Array): number {
  return magnitudes.reduce((sum, x) => up(sum + up(x * x)), 0);
}

/** The most that Σ(z − z̄)² can be: at most Σ(z − a)² for the middle a of all intervals. */
function centredSquares(low: Float64Array, high: Float64Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  low.forEach((x, k) => {
    least = Math.min(least, x);
    most = Math.max(most, high[k] as number);
  });
  const a = (least + most) / 2;
  return low.reduce((sum, x, k) => up(sum + up(up(Math.max(a - x, (high[k] as number) - a)) ** 2)), 0);
}

/** Σ z² over an ellipsoid, roundings of load and scale included. */
function loadedSquares({ unit, scale, width }: NormPlan, { ellipsoid }: Region, factor: number): number {
  if (ellipsoid === null) return Number.POSITIVE_INFINITY;
  const { center, axes, radius } = ellipsoid;
  const longest = axes.reduce((most, axis) => Math.max(most, Math.abs(axis)), 0);
  let norm = up(up(Math.sqrt(sumOfSquares(center))) + up(radius * longest));
  const through = (x: number, { relative, absolute }: ReturnType<typeof roundoff>): number =>
    up(up(x * (1 + relative)) + up(Math.sqrt(width) * absolute));
  norm = through(norm, roundoff(unit.load));
  if (scale !== 1) norm = through(up(norm * factor), roundoff(unit.compute));
  return up(norm * norm);
}

/** The stages `square` and `squareSum`: what the sum is at most. */
function boundSquares(
  plan: NormPlan,
  most: Float64Array,
  squares: number,
  check: (stage: string, fails: boolean) => void,
): { largest: number; room: { bound: number; headroomBits: number } } {
  const { unit, width: d } = plan;
  const { square } = elementRoundings(plan);
  const ranges = new Ranges();
  const squaring = new Edges(square);
  const rows = most.map((x) => {
    const factors = { low: { a: 0, b: 0 }, high: { a: x, b: x } };
    if (plan.fusedSquare)
      return ranges.enter({ low: 0, high: x * x, idealLow: 0, idealHigh: x * x, factors, wrapped: 0 });
    squaring.multiply(0, 0, x, x);
    return ranges.enter({ ...plain, low: squaring.low, high: squaring.high, idealLow: 0, idealHigh: x * x });
  });
  check('square', squaring.fails);
  const reducer = rangeReducer(unit.reduction, { a: square.format }, ranges, 'noEvent');
  const boxed = ranges.read(reducer.sum(rows, null, d, sink));
  const off = roundoff(plan.fusedSquare ? null : square);
  const terms = up(up(squares * (1 + off.relative)) + up(d * off.absolute));
  const growth = growthOf(unit.reduction, d);
  const together = up(growth.factor * up(terms + growth.additive));
  const limit = leastLimit(unit.reduction);
  check('squareSum', ranges.fails && !(together <= limit && hasZeros(unit.reduction)));
  const isCloser = together < ranges.bound;
  const bound = isCloser ? together : ranges.bound;
  return {
    largest: Math.min(together, ranges.fails ? Number.POSITIVE_INFINITY : boxed.high),
    room: { bound, headroomBits: isCloser ? Math.log2(limit / together) : ranges.headroomBits },
  };
}

/** What 1/√w, or √w where the unit divides by it, may be; null where an event may happen or nothing bounds it. */
function rootRange({ unit }: NormPlan, low: number, high: number): { low: number; high: number } | null {
  const edges = new Edges(unit.statistics);
  switch (unit.reciprocalSqrt.kind) {
    case 'correctlyRounded':
      edges.reciprocalSquareRoot(low, high);
      break;
    case 'sqrtThenReciprocal':
      edges.squareRoot(low, high);
      edges.divide(1, edges.high, 1, edges.low);
      break;
    case 'sqrtThenDivide':
      edges.squareRoot(low, high);
      if (!(edges.low > 0)) edges.fails = true;
      break;
    case 'newton':
      return null;
  }
  return edges.fails ? null : { low: edges.low, high: edges.high };
}

/** The largest magnitude of a normalised element, before its rounding. */
function normalizedReach(
  plan: NormPlan,
  most: Float64Array,
  root: { low: number; high: number },
  epsilon: number,
  width: number,
): number {
  const { unit } = plan;
  const divides = unit.reciprocalSqrt.kind === 'sqrtThenDivide';
  const largest = most.reduce((x, y) => Math.max(x, y), 0);
  // Apart: the largest element, and the largest 1/√.
  const apart = divides ? up(largest / root.low) : up(largest * root.high);
  const kinds = leaves(unit.reduction).map(({ accumulator }) => accumulator.kind);
  const { format } = unit.statistics;
  // Roots of the smallest numbers must be normal, for their roundings to be relative.
  const hasNormalRoots = format.kind === 'float' && (format.minSubnormal ?? format.minNormal) >= format.minNormal ** 2;
  if (!hasNormalRoots || !kinds.every((kind) => kind === 'float' || kind === 'exact')) return apart;
  // Together: the computed sum is at least c² but for the roundings of the square and of every register on its way.
  const { square } = elementRoundings(plan);
  const offs = [
    ...(plan.fusedSquare ? [] : [roundoff(square)]),
    ...leaves(unit.reduction).map(({ accumulator }) => roundoff(accumulatorRounding(accumulator))),
  ];
  const statistics = roundoff(unit.statistics);
  const kept = offs.reduce((share, { relative }) => share * (1 - relative), 1);
  const lost = offs.reduce((all, { absolute }) => all + absolute, 0);
  const rho = unit.mean === 'divide' ? 1 / width : width;
  // w ≥ c² a − b + ε̂, by these roundings. Where b ≤ ε̂, c/√w ≤ 1/√a. Else above c² = 2b/a, w ≥ c² a/2; below, c is small.
  const share = kept * rho * (1 - statistics.relative) ** 3 * (1 - 2 ** -40);
  const floor = up(lost * rho + 4 * statistics.absolute);
  const grown = (1 + statistics.relative) ** 4 * (1 + 2 ** -40);
  if (floor <= epsilon * (1 - statistics.relative))
    return Math.min(apart, up(grown / Math.sqrt(share)) + 4 * statistics.absolute * largest);
  const small = up(Math.sqrt(up((2 * floor) / share)));
  const below = divides ? up(small / root.low) : up(small * root.high);
  const above = up(grown * Math.sqrt(2 / share)) + 4 * statistics.absolute * largest;
  return Math.min(apart, Math.max(below, above));
}
