/**
 * Functions of one number, element by element: the specification.
 *
 * @module
 */
import { exponentialDigits, operationOf } from '../../arithmetic/exact.ts';
import type { Transcendental } from '../../arithmetic/functions.ts';
import { FunctionUnit, functionDigits } from '../../arithmetic/functionUnit.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Digits } from '../../events/event.ts';
import { CONSTANTS, Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Scalar } from '../contract.ts';
import { areFinite, ordinals, roundEach } from '../stages.ts';
import { type Composed, composeEach, createComposed } from './compose.ts';
import { isTranscendental, type UnaryPlan } from './plan.ts';

/** What all runs of a plan share. */
export interface UnaryParts {
  readonly load: ValueUnit | null;
  readonly store: ValueUnit | null;
  readonly compute: ValueUnit;
  readonly functions: FunctionUnit;
  readonly digits: Digits;
  readonly composed: Composed | null;
  /** What rounding the constants raised. */
  readonly raised: Recorder;
  readonly at: Readonly<Record<string, number>>;
}

/** Makes the working parts, and rounds the constants. */
export function makeUnaryParts({ stages, record, limit, ...plan }: UnaryPlan): UnaryParts {
  const unitOf = ({ format, policy }: Rounding): ValueUnit => new ValueUnit(format, policy);
  const raised = new Recorder([CONSTANTS], 0, record, limit);
  const composed = plan.method.kind === 'composition' ? createComposed(plan.method, plan.compute, raised) : null;
  raised.endConstants();
  return {
    load: plan.load === null ? null : unitOf(plan.load),
    store: plan.store === null ? null : unitOf(plan.store),
    compute: unitOf(plan.compute),
    functions: new FunctionUnit(plan.compute.format, plan.compute.policy),
    digits: digitsOf(plan.function as Transcendental, plan.cap),
    composed,
    raised,
    at: ordinals(stages),
  };
}

/** What forms the digits of a function's events. */
export function digitsOf(name: Transcendental, cap: number): Digits {
  return name === 'exp' ? exponentialDigits : ([x]) => functionDigits(name, x as number, cap);
}

/** Runs every row. */
export function unaryScalar(made: UnaryPlan): Scalar<UnaryPlan, Float64Array, Float64Array> {
  const parts = makeUnaryParts(made);
  return ({ rows, width, stages }, x, recorder) => {
    const output = new Float64Array(rows * width);
    if (stages[0] === CONSTANTS) recorder.startFrom(parts.raised);
    for (let r = 0; r < rows; r++) {
      recorder.row = r;
      const out = output.subarray(r * width, (r + 1) * width);
      unaryRow(made, parts, x.subarray(r * width, (r + 1) * width), out, recorder);
      recorder.endRow(areFinite(out));
    }
    recorder.end();
    return output;
  };
}

/** One row, or a part of one whose first element is number `from`. */
export function unaryRow(
  plan: UnaryPlan,
  parts: UnaryParts,
  x: Float64Array,
  out: Float64Array,
  recorder: Recorder,
  from = 0,
): void {
  const { load, store, composed, at } = parts;
  let loaded = x;
  if (load !== null) {
    recorder.stage = at.load as number;
    roundEach(load, x, out, recorder, from);
    loaded = out;
  }
  recorder.stage = at.function as number;
  if (composed !== null) composeEach(composed, loaded, out, recorder, from);
  else evaluateEach(plan, parts, loaded, out, recorder, from);
  if (store === null) return;
  recorder.stage = at.store as number;
  roundEach(store, out, out, recorder, from);
}

/** out_i = f(x_i), rounded once. */
function evaluateEach(
  { function: name, cap }: UnaryPlan,
  { compute, functions, digits }: UnaryParts,
  x: Float64Array,
  out: Float64Array,
  recorder: Recorder,
  from: number,
): void {
  const base = Math.max(recorder.row, 0) * x.length;
  recorder.step = 0;
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    let r: number;
    if (isTranscendental(name)) {
      r = functions.evaluate(name, a, cap, recorder);
      if (functions.flags !== 0)
        recorder.noteWith(digits, functions.flags, operationOf(name), from + i, from + i, a, r);
    } else r = ofUnit(name, compute, a, from + i, recorder);
    out[i] = r;
  }
  recorder.seeAll(out, compute.binades);
}

/** The functions that are a unit's own operations. */
function ofUnit(
  name: 'reciprocal' | 'sqrt' | 'rsqrt' | 'relu',
  unit: ValueUnit,
  a: number,
  i: number,
  recorder: Recorder,
): number {
  let r: number;
  switch (name) {
    case 'reciprocal':
      r = unit.divide(1, a, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'divide', i, i, 1, a, 0, r);
      return r;
    case 'sqrt':
      r = unit.squareRoot(a, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'squareRoot', i, i, a, 0, 0, r);
      return r;
    case 'rsqrt':
      r = unit.reciprocalSquareRoot(a, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'reciprocalSquareRoot', i, i, a, 0, 0, r);
      return r;
    case 'relu': {
      // NaN stays; −0 and all below become +0.
      const kept = a > 0 || a !== a ? a : 0;
      r = unit.round(kept, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'round', i, i, kept, 0, 0, r);
      return r;
    }
  }
}
