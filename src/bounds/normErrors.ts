/**
 * How far LayerNorm and RMSNorm may be from the real functions: a running error analysis, stage by stage.
 *
 * The mean's error is common to all centred numbers, and nearly cancels in the sum of their squares: with c = C + η − Δ and
 * ΣC = 0, Σc² = Σ(C + η)² − 2Δ Ση + dΔ². So what each square owes to its own η is counted with it, and what all owe to Δ
 * once.
 *
 * @module
 */
import { eminOf } from '../accumulators/alignedOperands.ts';
import { NONE } from '../accumulators/alignedTerms.ts';
import { leaves } from '../accumulators/walk.ts';
import { BittrueError } from '../errors/index.ts';
import { exponentOf } from '../rounding/rounder.ts';
import { type Constants, roundConstants } from '../specification/norm/constants.ts';
import type { NormInputs, NormPlan } from '../specification/norm/plan.ts';
import { elementRoundings } from '../specification/norm/roundings.ts';
import { createUnits } from '../specification/norm/units.ts';
import { isPlainWelford } from '../specification/norm/welford.ts';
import { ErrorLoader } from './errorLoader.ts';
import { ErrorOperations } from './errorOperations.ts';
import { type ErrorSum, errorSum, leastSum, type Order } from './errorSums.ts';
import { type Estimate, estimate, lostOf, mostOf, UNKNOWN } from './estimate.ts';
import { refuseForms } from './normBounds.ts';
import { down, up } from './outward.ts';
import { Flags } from './ranges.ts';

/** What all rows share. */
interface Parts {
  readonly plan: NormPlan;
  readonly order: Order;
  readonly loader: ErrorLoader;
  readonly compute: ErrorOperations;
  readonly center: ErrorOperations;
  readonly square: ErrorOperations;
  readonly normalize: ErrorOperations;
  readonly accumulate: ErrorOperations;
  readonly statistics: ErrorOperations;
  readonly store: ErrorOperations;
  readonly sum: ErrorSum;
  readonly squareSum: ErrorSum;
  /** The least exponent of what is squared. */
  readonly eminSquare: number;
  readonly scale: Estimate;
  /** 1/d, or d where the unit divides. */
  readonly width: Estimate;
  readonly epsilon: Estimate;
  readonly gamma: readonly Estimate[] | null;
  readonly beta: readonly Estimate[] | null;
  readonly reciprocals: readonly Estimate[] | null;
}

/** A row after its statistics. */
interface Spread {
  readonly centered: readonly Estimate[];
  readonly variance: Estimate;
  /** What the variance, computed or real, is never below. */
  readonly least: number;
}

/** The errors of every output. */
export function normErrors(plan: NormPlan, { x, residual }: NormInputs, order: Order): Float64Array {
  const { rows, width } = plan;
  const output = new Float64Array(rows * width);
  const parts = partsOf(plan, order);
  for (let r = 0; r < rows; r++) {
    const to = output.subarray(r * width, (r + 1) * width);
    if (parts === null) to.fill(Number.POSITIVE_INFINITY);
    else rowErrors(parts, x.subarray(r * width), residual?.subarray(r * width) ?? null, to);
  }
  return output;
}

/** Null: a constant makes every run fail. */
function partsOf(plan: NormPlan, order: Order): Parts | null {
  const { unit, width, gamma, beta, epsilon, scale } = plan;
  if (unit.reciprocalSqrt.kind === 'newton') {
    throw new BittrueError('unsupported', 'options.target', 'newton', "a unit whose 1/√ is not Newton's iteration");
  }
  refuseForms(plan);
  const isWelford = plan.kernel === 'layerNorm' && plan.variance === 'welford';
  if (isWelford && order === 'any') {
    throw new BittrueError('unsupported', 'options.order', order, "plan: Welford's update is one chain");
  }
  if (plan.welford !== null && !isPlainWelford(plan.welford, unit.reduction)) {
    throw new BittrueError('unsupported', 'options.welford', plan.welford.given, 'the default form on one chain');
  }
  const { center, square, normalize } = elementRoundings(plan);
  const flags = new Flags();
  const constants: Constants = roundConstants(plan, createUnits(unit, square), flags);
  if (flags.fails) return null;
  const constant = (real: number, rounded: number): Estimate =>
    estimate(real, up(up(Math.abs(rounded - real)) + lostOf(real)));
  const each = (real: Float64Array | null, rounded: Float64Array | null): Estimate[] | null =>
    real && Array.from(real, (x, i) => constant(x, (rounded as Float64Array)[i] as number));
  const statistics = new ErrorOperations(unit.statistics);
  return {
    plan,
    order,
    loader: new ErrorLoader(unit.load),
    compute: new ErrorOperations(unit.compute),
    center: new ErrorOperations(center),
    square: new ErrorOperations(plan.fusedSquare ? null : square),
    normalize: new ErrorOperations(normalize),
    accumulate: new ErrorOperations(unit.accumulate),
    statistics,
    store: new ErrorOperations(unit.store),
    sum: errorSum(unit.reduction, { a: unit.compute.format }, order),
    squareSum: errorSum(unit.reduction, { a: square.format }, order),
    eminSquare: eminOf(square.format, NONE),
    scale: constant(scale, constants.scale),
    width: unit.mean === 'divide' ? constant(width, constants.width) : constant(1 / width, constants.width),
    epsilon: constant(epsilon * scale * scale, constants.epsilon),
    gamma: each(gamma, constants.gamma),
    beta: each(beta, constants.beta),
    reciprocals:
      constants.reciprocals && Array.from(constants.reciprocals, (rounded, i) => constant(1 / (i + 1), rounded)),
  };
}

function rowErrors(parts: Parts, x: Float64Array, residual: Float64Array | null, output: Float64Array): void {
  const { plan, loader, compute, statistics, epsilon } = parts;
  const z: Estimate[] = [];
  for (let k = 0; k < plan.width; k++) {
    const one = residual === null ? loader.load(x[k] as number) : loader.loadSum(x[k] as number, residual[k] as number);
    z.push(plan.scale === 1 ? one : compute.multiply(one, parts.scale));
  }
  const { centered, variance, least } = spreadOf(parts, z);
  const w = statistics.add(variance, epsilon);
  // Neither ε nor the variance is below these, and their sum loses no more than a rounding.
  const both = Math.max(0, down(Math.max(0, down(epsilon.value - epsilon.error)) + least));
  const root = rootOf(parts, w, down(both - statistics.lossOf(both)));
  const divides = plan.unit.reciprocalSqrt.kind === 'sqrtThenDivide';
  for (let k = 0; k < plan.width; k++) {
    const c = centered[k] as Estimate;
    const n = divides ? parts.normalize.divide(c, root) : parts.normalize.multiply(c, root);
    output[k] = parts.store.round(affine(parts, n, k)).error;
  }
}

/** 1/√w, or √w where the unit divides by it. */
function rootOf({ plan, statistics }: Parts, w: Estimate, least: number): Estimate {
  switch (plan.unit.reciprocalSqrt.kind) {
    case 'correctlyRounded':
      return statistics.reciprocalSquareRoot(w, least);
    case 'sqrtThenReciprocal':
      return statistics.divide(estimate(1, 0), statistics.squareRoot(w, least));
    case 'sqrtThenDivide':
      return statistics.squareRoot(w, least);
    case 'newton':
      return UNKNOWN;
  }
}

function affine({ plan, normalize, gamma, beta }: Parts, n: Estimate, k: number): Estimate {
  const [g, b] = [gamma?.[k], beta?.[k]];
  if (plan.affine === 'fused') return normalize.multiplyAdd(n, g as Estimate, b as Estimate);
  const scaled = g === undefined ? n : normalize.multiply(n, g);
  return b === undefined ? scaled : normalize.add(scaled, b);
}

function spreadOf(parts: Parts, z: readonly Estimate[]): Spread {
  const { plan, statistics, center } = parts;
  if (plan.kernel === 'rmsNorm') return ofSquares(parts, z, null);
  if (plan.variance === 'welford') return welford(parts, z);
  const mean = overWidth(parts, parts.sum(z));
  if (plan.variance === 'twoPass') return ofSquares(parts, z, mean);
  const { variance: meanSquare } = ofSquares(parts, z, null);
  const variance = statistics.subtract(meanSquare, statistics.multiply(mean, mean));
  const centered = z.map((one) => center.subtract(one, mean));
  if (plan.negativeVariance === 'keep') return { centered, variance, least: Number.NEGATIVE_INFINITY };
  // The real one is not negative, and what is raised to 0 comes no further from it.
  return { centered, variance: { ...variance, value: Math.max(0, variance.value) }, least: 0 };
}

function overWidth({ plan, statistics, width }: Parts, sum: Estimate): Estimate {
  return plan.unit.mean === 'divide' ? statistics.divide(sum, width) : statistics.multiply(sum, width);
}

/** The mean of the squares, of what is centred where there is a mean. */
function ofSquares(parts: Parts, z: readonly Estimate[], mean: Estimate | null): Spread {
  const { plan, center, squareSum, order, statistics, width } = parts;
  const centered = mean === null ? z : z.map((one) => center.subtract(one, mean));
  const terms = centered.map((c) => squared(parts, c));
  let sum = squareSum(terms);
  if (mean !== null) sum = { ...sum, error: Math.min(sum.error, errorOfCentred(parts, centered, mean, terms, sum)) };
  const variance = overWidth(parts, sum);
  const divides = plan.unit.mean === 'divide';
  const least = leastSum(plan.unit.reduction, terms, order);
  const share = down(divides ? least / mostOf(width) : least * Math.max(0, down(width.value - width.error)));
  return { centered, variance, least: down(share - statistics.lossOf(share)) };
}

function squared({ plan, square, eminSquare }: Parts, c: Estimate): Estimate {
  const term = square.multiply(c, c);
  const most = mostOf(c);
  if (!plan.fusedSquare || c.value === 0 || !Number.isFinite(most)) return term;
  return { ...term, exponent: 2 * Math.max(exponentOf(most), eminSquare) };
}

/** The error of Σc²: what every square owes to its own errors, what all owe to the mean's, and what the additions add. */
function errorOfCentred(
  { plan, square }: Parts,
  centered: readonly Estimate[],
  mean: Estimate,
  terms: readonly Estimate[],
  sum: Estimate,
): number {
  const counts = leaves(plan.unit.reduction).some(
    ({ accumulator }) => accumulator.kind === 'exact' && accumulator.productExponent !== undefined,
  );
  if (counts || !(sum.error < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
  let [given, owned, own, values, magnitudes] = [0, 0, 0, 0, 0];
  centered.forEach((c, k) => {
    // η: all of an element's error but for the mean's.
    const eta = up(Math.max(0, c.error - mean.error));
    const most = mostOf(c);
    const rounding = up(square.lossOf(up(most * most)) + up(2 * up(square.unread(c) * most)));
    given = down(given + (terms[k] as Estimate).error);
    owned = up(owned + up(up(up(up(2 * most) + eta) * eta) + up(rounding + lostOf(c.value * c.value))));
    own = up(own + eta);
    values += c.value;
    magnitudes = up(magnitudes + Math.abs(c.value));
  });
  // ΣC is 0, and that of the estimates nearly.
  const drift = up(Math.abs(values) + up(centered.length * 2 ** -52 * magnitudes));
  const common = up(up(2 * up(mean.error * up(own + drift))) + up(centered.length * up(mean.error * mean.error)));
  return up(up(Math.max(0, up(sum.error - given)) + owned) + common);
}

/** Welford's update, whose mean forgets its errors: mean′ = mean (1 − 1/i) + x/i. */
function welford(parts: Parts, z: readonly Estimate[]): Spread {
  const { statistics, accumulate, center, reciprocals } = parts;
  let mean = estimate(0, 0);
  let sum = estimate(0, 0);
  z.forEach((x, i) => {
    const share = (reciprocals as readonly Estimate[])[i] as Estimate;
    const delta = statistics.subtract(x, mean);
    const next = statistics.add(mean, statistics.multiply(delta, share));
    // The operands have the old mean's error in common: counted 1 + 1/i times, 1 − 1/i of it is left.
    const forgotten = 2 * mean.error * share.value * (1 - 2 ** -40);
    if (next.error < Number.POSITIVE_INFINITY) mean = { ...next, error: up(Math.max(0, next.error - forgotten)) };
    else mean = next;
    sum = accumulate.add(sum, accumulate.multiply(delta, statistics.subtract(x, mean)));
  });
  const variance = overWidth(parts, sum);
  return { centered: z.map((x) => center.subtract(x, mean)), variance, least: Number.NEGATIVE_INFINITY };
}
