/**
 * A function within a kernel: rounded once, or composed.
 *
 * @module
 */

import { operationOf } from '../../arithmetic/exact.ts';
import type { Transcendental } from '../../arithmetic/functions.ts';
import { FunctionUnit } from '../../arithmetic/functionUnit.ts';
import type { Digits } from '../../events/event.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Binades } from '../../formats/binades.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type Composed, composeEach, createComposed } from '../unary/compose.ts';
import { digitsOf } from '../unary/scalar.ts';
import type { Placed } from './place.ts';
import type { Formed } from './plan.ts';

/** A function with its working parts. */
export interface FormedParts {
  readonly name: Transcendental;
  readonly cap: number;
  readonly unit: FunctionUnit;
  readonly binades: Binades;
  readonly digits: Digits;
  readonly composed: Composed | null;
  /** Operations a number. */
  readonly count: number;
}

/** Makes the working parts; the constants of a composition are told to the recorder. */
export function createFormed(
  { function: name, cap, method }: Formed,
  rounding: Rounding,
  recorder: Recorder,
): FormedParts {
  const unit = new FunctionUnit(rounding.format, rounding.policy);
  const composed = method.kind === 'composition' ? createComposed(method, rounding, recorder) : null;
  const own = name as Transcendental;
  return {
    name: own,
    cap,
    unit,
    binades: unit.binades,
    digits: digitsOf(own, cap),
    composed,
    count: composed === null ? 1 : composed.steps.length,
  };
}

const operand: Float64Array = /* @__PURE__ */ new Float64Array(1);
const result: Float64Array = /* @__PURE__ */ new Float64Array(1);

/** f(a), told at its place. */
export function formOne({ name, cap, unit, digits, composed }: FormedParts, a: number, recorder: Placed): number {
  if (composed !== null) {
    operand[0] = a;
    composeEach(composed, operand, result, recorder);
    return result[0] as number;
  }
  recorder.index = recorder.row;
  recorder.step = 0;
  const r = unit.evaluate(name, a, cap, recorder);
  if (unit.flags !== 0) recorder.noteWith(digits, unit.flags, operationOf(name), 0, 0, a, r);
  recorder.see(r, unit.binades);
  return r;
}
