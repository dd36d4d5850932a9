/**
 * LayerNorm and RMSNorm, stage by stage: the specification.
 *
 * @module
 */
import { CONSTANTS, Recorder } from '../../events/recorder.ts';
import { NEGATIVE_VARIANCE } from '../../rounding/flags.ts';
import type { Scalar } from '../contract.ts';
import {
  addEach,
  areFinite,
  divideEach,
  multiplyAddEach,
  multiplyEach,
  ordinals,
  roundEach,
  scaleEach,
  subtractFromEach,
} from '../stages.ts';
import { type Constants, roundConstants } from './constants.ts';
import type { NormInputs, NormPlan } from './plan.ts';
import { reciprocalSqrt } from './reciprocalSqrt.ts';
import { elementRoundings } from './roundings.ts';
import { createUnits, type Units } from './units.ts';
import { WelfordReducer } from './welfordChain.ts';

/** What all runs of a plan share. */
export interface Parts {
  readonly plan: NormPlan;
  readonly units: Units;
  readonly constants: Constants;
  readonly welford: WelfordReducer | null;
  /** What rounding the constants raised. */
  readonly raised: Recorder;
  /** The stages' ordinals by name; −1 for a stage that this run does not have. */
  readonly at: Readonly<Record<string, number>>;
  readonly z: Float64Array;
  readonly c: Float64Array;
  readonly q: Float64Array;
}

/** A row under way. */
export interface Row extends Parts {
  readonly recorder: Recorder;
}

/** Rounds the constants, and makes room for a row. */
export function makeParts(plan: NormPlan): Parts {
  const units = createUnits(plan.unit, elementRoundings(plan).square);
  const raised = new Recorder([CONSTANTS], 0, plan.record, plan.limit);
  const constants = roundConstants(plan, units, raised);
  raised.endConstants();
  const { width, unit, welford } = plan;
  const room = new Float64Array(3 * width);
  return {
    plan,
    units,
    constants,
    welford:
      welford && new WelfordReducer(unit.reduction, welford, units, width, constants.reciprocals as Float64Array),
    raised,
    at: ordinals(plan.stages),
    z: room.subarray(0, width),
    c: room.subarray(width, 2 * width),
    q: room.subarray(2 * width),
  };
}

/** Begins the rows of a run. */
export function beginRows(parts: Parts, recorder: Recorder): Row {
  recorder.startFrom(parts.raised);
  return { recorder, ...parts };
}

/** Runs plans over rows. */
export function normScalar(plan: NormPlan): Scalar<NormPlan, NormInputs, Float64Array> {
  const parts = makeParts(plan);
  return ({ rows, width }, inputs, recorder) => normRows(beginRows(parts, recorder), rows, width, inputs);
}

/** Runs every row; `x` has rows · width numbers. */
function normRows(row: Row, rows: number, width: number, { x, residual }: NormInputs): Float64Array {
  const { recorder } = row;
  const output = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    recorder.row = r;
    const y = rowOf(output, r, width);
    normRow(row, rowOf(x, r, width), residual && rowOf(residual, r, width), y);
    recorder.endRow(areFinite(y));
  }
  recorder.end();
  return output;
}

/** A row of a matrix; of one row the matrix itself, which costs no view. */
function rowOf(x: Float64Array, r: number, width: number): Float64Array {
  return x.length === width ? x : x.subarray(r * width, (r + 1) * width);
}

/** One row, every stage. */
export function normRow(row: Row, x: Float64Array, residual: Float64Array | null, y: Float64Array): void {
  const { plan, units, recorder, z, c } = row;
  const epsilon = load(row, x, residual);
  const layer = plan.kernel === 'layerNorm';
  let centered = z;
  let spread: number;
  if (plan.variance === 'welford' && layer) {
    enter(row, 'welford');
    const { mean, m2 } = (row.welford as WelfordReducer).run(z, plan.width, recorder);
    spread = overWidth(row, 'variance', m2);
    center(row, mean);
    centered = c;
  } else if (plan.variance === 'onePass' && layer) {
    const mean = rowMean(row);
    const meanSquare = meanSquareOf(row, z);
    spread = minusSquare(row, meanSquare, mean);
    center(row, mean);
    centered = c;
  } else {
    if (layer) {
      center(row, rowMean(row));
      centered = c;
    }
    spread = meanSquareOf(row, centered);
  }

  const root = inverseRoot(row, spread, epsilon);
  enter(row, 'normalize');
  if (plan.unit.reciprocalSqrt.kind === 'sqrtThenDivide') divideEach(units.normalize, centered, root, c, recorder);
  else scaleEach(units.normalize, centered, root, c, recorder);
  affine(row);
  enter(row, 'store');
  roundEach(units.store, c, y, recorder);
}

/** residualAdd, load, scale: the row as the statistics see it, in z; its ε. */
function load(row: Row, x: Float64Array, residual: Float64Array | null): number {
  const { plan, units, constants, recorder, at, z } = row;
  let source = x;
  if (residual !== null) {
    recorder.stage = at.residualAdd as number;
    addEach(units.load, x, residual, z, recorder);
    source = z;
  }
  recorder.stage = at.load as number;
  roundEach(units.load, source, z, recorder);
  if (plan.scale !== 1) {
    recorder.stage = at.scale as number;
    scaleEach(units.compute, z, constants.scale, z, recorder);
  }
  return plan.rowScale === null ? constants.epsilon : plan.rowScale.enter(row);
}

/** The mean of v_i². */
function meanSquareOf(row: Row, values: Float64Array): number {
  const { meanSquare } = row.plan;
  return meanSquare === null ? overWidth(row, 'variance', squareSum(row, values)) : meanSquare.of(row, values);
}

function enter({ recorder, at }: Row, stage: string, step = 0): void {
  recorder.stage = at[stage] as number;
  recorder.index = recorder.row;
  recorder.step = step;
}

function rowMean(row: Row): number {
  enter(row, 'sum');
  const sum = row.units.sum.sum(row.z, null, row.plan.width, row.recorder);
  return overWidth(row, 'mean', sum);
}

/** 1/√(variance + ε), or √(variance + ε) for `sqrtThenDivide`. */
export function inverseRoot(row: Row, variance: number, epsilon = row.constants.epsilon): number {
  const { plan, units, recorder } = row;
  const { statistics } = units;
  enter(row, 'epsilon');
  const w = statistics.add(variance, epsilon, recorder);
  if (statistics.flags !== 0) recorder.note(statistics.flags, 'add', null, 0, variance, epsilon, 0, w);
  recorder.see(w, statistics.binades);
  enter(row, 'reciprocalSqrt');
  return reciprocalSqrt(plan.unit.reciprocalSqrt, statistics, w, recorder);
}

/** A sum times round(1/d), or over round(d). */
export function overWidth(row: Row, stage: string, sum: number): number {
  enter(row, stage);
  const { plan, units, constants, recorder } = row;
  const divides = plan.unit.mean === 'divide';
  const { statistics } = units;
  const r = divides
    ? statistics.divide(sum, constants.width, recorder)
    : statistics.multiply(sum, constants.width, recorder);
  // A form of Welford's update may give a negative sum.
  const flags = statistics.flags | (r < 0 && stage === 'variance' ? NEGATIVE_VARIANCE : 0);
  if (flags !== 0) recorder.note(flags, divides ? 'divide' : 'multiply', null, 0, sum, constants.width, 0, r);
  recorder.see(r, statistics.binades);
  return r;
}

/** c_i = z_i − mean */
function center(row: Row, mean: number): void {
  enter(row, 'center');
  subtractFromEach(row.units.center, row.z, mean, row.c, row.recorder);
}

/** Σ v_i², the squares rounded first unless the accumulator takes exact products. */
function squareSum(row: Row, values: Float64Array): number {
  const { plan, units, recorder, q } = row;
  if (plan.fusedSquare) {
    enter(row, 'squareSum');
    return units.squareSum.sum(values, values, plan.width, recorder);
  }
  enter(row, 'square');
  multiplyEach(units.square, values, values, q, recorder);
  enter(row, 'squareSum');
  return units.squareSum.sum(q, null, plan.width, recorder);
}

/** onePass: E[z²] − m·m; a negative difference is told, and becomes +0 unless it is kept. */
export function minusSquare(row: Row, meanSquare: number, mean: number): number {
  const { recorder } = row;
  const { statistics } = row.units;
  enter(row, 'variance', 1);
  const square = statistics.multiply(mean, mean, recorder);
  if (statistics.flags !== 0) recorder.note(statistics.flags, 'multiply', null, 1, mean, mean, 0, square);
  recorder.see(square, statistics.binades);
  enter(row, 'variance', 2);
  const difference = statistics.subtract(meanSquare, square, recorder);
  const flags = statistics.flags | (difference < 0 ? NEGATIVE_VARIANCE : 0);
  if (flags !== 0) recorder.note(flags, 'subtract', null, 2, meanSquare, square, 0, difference);
  const isKept = row.plan.negativeVariance === 'keep' || !(difference < 0 || Object.is(difference, -0));
  const stored = isKept ? difference : 0;
  recorder.see(stored, statistics.binades);
  return stored;
}

/** γ and β, in c. */
function affine(row: Row): void {
  const { plan, units, constants, recorder, c } = row;
  const { groups, width } = plan;
  const own = (all: Float64Array | null): Float64Array | null =>
    all === null || groups === null ? all : rowOf(all, recorder.row % groups.groups, width);
  const [gamma, beta] = [own(constants.gamma), own(constants.beta)];
  if (plan.affine === 'fused') {
    enter(row, 'affine');
    multiplyAddEach(units.normalize, c, gamma as Float64Array, beta as Float64Array, c, recorder);
    return;
  }
  if (gamma !== null) {
    enter(row, 'gamma');
    multiplyEach(units.normalize, c, gamma, c, recorder);
  }
  if (beta !== null) {
    enter(row, 'beta');
    addEach(units.normalize, c, beta, c, recorder);
  }
}
