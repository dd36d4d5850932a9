/**
 * Softmax, stage by stage: the specification.
 *
 * @module
 */
import { CONSTANTS, Recorder } from '../../events/recorder.ts';
import { SATURATION } from '../../rounding/flags.ts';
import type { Scalar } from '../contract.ts';
import { createUnits, type Units } from '../norm/units.ts';
import { areFinite, divideEach, ordinals, roundEach, scaleEach, subtractFromEach } from '../stages.ts';
import { createExpStage, type ExpStage, expEach } from './exponential.ts';
import type { SoftmaxPlan } from './plan.ts';

/** What all runs of a plan share. */
export interface Parts {
  readonly plan: SoftmaxPlan;
  readonly units: Units;
  readonly exp: ExpStage;
  readonly clamp: { readonly low: number; readonly high: number } | null;
  /** What rounding the constants raised. */
  readonly raised: Recorder;
  /** The stages' ordinals by name; −1 for a stage that this run does not have. */
  readonly at: Readonly<Record<string, number>>;
  readonly z: Float64Array;
}

/** A row under way. */
export interface Row extends Parts {
  readonly recorder: Recorder;
}

/** Rounds the constants, and makes room for a row. */
export function makeParts(plan: SoftmaxPlan): Parts {
  const raised = new Recorder([CONSTANTS], 0, plan.record, plan.limit);
  const units = createUnits(plan.unit);
  const at = ordinals(plan.stages);
  const clamp = plan.clamp === null ? null : roundBounds(plan.clamp, units, raised);
  const exp = createExpStage(plan.exp, plan.unit.compute, raised);
  raised.endConstants();
  return { plan, units, exp, clamp, raised, at, z: new Float64Array(plan.width) };
}

/** Begins the rows of a run. */
export function beginRows(parts: Parts, recorder: Recorder): Row {
  recorder.startFrom(parts.raised);
  return { recorder, ...parts };
}

/** Runs plans over rows. */
export function softmaxScalar(plan: SoftmaxPlan): Scalar<SoftmaxPlan, Float64Array, Float64Array> {
  const parts = makeParts(plan);
  return ({ rows, width }, x, recorder) => softmaxRows(beginRows(parts, recorder), rows, width, x);
}

/** Runs every row; `x` has rows · width numbers. */
function softmaxRows(row: Row, rows: number, width: number, x: Float64Array): Float64Array {
  const { recorder } = row;
  const output = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    recorder.row = r;
    const y = output.subarray(r * width, (r + 1) * width);
    // A row without numbers has no operations.
    if (width > 0) softmaxRow(row, x.subarray(r * width, (r + 1) * width), y);
    recorder.endRow(areFinite(y));
  }
  recorder.end();
  return output;
}

/** The clamp's bounds, rounded as inputs are: constants, steps 0 and 1. */
function roundBounds(
  { low, high }: { low: number; high: number },
  { load }: Units,
  recorder: Recorder,
): Parts['clamp'] {
  const bound = (x: number, step: number): number => {
    if (!Number.isFinite(x)) return x;
    const r = load.round(x);
    if (load.flags !== 0) recorder.note(load.flags, 'round', null, step, x, 0, 0, r);
    return r;
  };
  return { low: bound(low, 0), high: bound(high, 1) };
}

function enter({ recorder, at }: Row, stage: string): void {
  recorder.stage = at[stage] as number;
  recorder.index = recorder.row;
  recorder.step = 0;
}

/** One row, every stage. */
export function softmaxRow(row: Row, x: Float64Array, y: Float64Array): void {
  const { plan, units, exp, recorder, z } = row;
  enter(row, 'load');
  roundEach(units.load, x, z, recorder);
  if (row.clamp !== null) {
    enter(row, 'clamp');
    clampEach(row.clamp, z, recorder);
    recorder.seeAll(z, units.load.binades);
  }
  enter(row, 'max');
  const top = maximum(z);
  recorder.see(top, units.load.binades);
  enter(row, 'subtract');
  subtractFromEach(units.compute, z, top, z, recorder);
  enter(row, 'exp');
  expEach(exp, z, z, recorder);
  enter(row, 'sum');
  const sum = units.sum.sum(z, null, z.length, recorder);
  if (plan.normalize === 'divide') {
    enter(row, 'divide');
    divideEach(units.compute, z, sum, z, recorder);
  } else {
    const r = reciprocal(row, sum);
    enter(row, 'multiply');
    scaleEach(units.compute, z, r, z, recorder);
  }
  enter(row, 'store');
  roundEach(units.store, z, y, recorder);
}

/** 1 / sum. */
export function reciprocal(row: Row, sum: number): number {
  enter(row, 'reciprocal');
  const { recorder } = row;
  const { statistics } = row.units;
  const r = statistics.divide(1, sum, recorder);
  if (statistics.flags !== 0) recorder.note(statistics.flags, 'divide', null, 0, 1, sum, 0, r);
  recorder.see(r, statistics.binades);
  return r;
}

/** Numbers beyond a bound become that bound; NaN passes. */
function clampEach({ low, high }: { low: number; high: number }, z: Float64Array, recorder: Recorder): void {
  for (let i = 0; i < z.length; i++) {
    const a = z[i] as number;
    if (!(a < low || a > high)) continue;
    const r = a < low ? low : high;
    recorder.note(SATURATION, 'clamp', i, i, a, 0, 0, r);
    z[i] = r;
  }
}

/** IEEE 754-2019 §9.6 maximum: NaN if any is NaN, and +0 above −0. Exact. */
function maximum(z: Float64Array): number {
  let top = z[0] as number;
  for (let i = 1; i < z.length; i++) top = Math.max(top, z[i] as number);
  return top;
}
