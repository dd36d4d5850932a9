/**
 * Elementwise stages: one operation and one rounding an element, with its event.
 *
 * @module
 */
import { multiplyPlainly, scalePlainly, subtractPlainly } from '../arithmetic/plain.ts';
import type { ValueUnit } from '../arithmetic/valueUnit.ts';
import { watcherOf } from '../events/extent.ts';
import type { Recorder } from '../events/recorder.ts';

/** The number of a row's first element; an element's number keys its random bits. */
function place(recorder: Recorder, width: number): number {
  recorder.step = 0;
  return Math.max(recorder.row, 0) * width;
}

/** The ordinal of every stage, by name. */
export function ordinals(stages: readonly string[]): Record<string, number> {
  const at: Record<string, number> = {};
  for (let i = 0; i < stages.length; i++) at[stages[i] as string] = i;
  return at;
}

/** Whether all numbers are finite. */
export function areFinite(x: Float64Array): boolean {
  for (let i = 0; i < x.length; i++) {
    const a = x[i] as number;
    if (a - a !== 0) return false;
  }
  return true;
}

/** out_i = round(x_i); `from`: the number of the first element in its row, where x is a part of one. */
export function roundEach(unit: ValueUnit, x: Float64Array, out: Float64Array, recorder: Recorder, from = 0): void {
  const watcher = watcherOf(unit.format, recorder);
  if (watcher !== null) {
    out.set(x);
    watcher.noteAll(x);
    return;
  }
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const r = unit.round(a, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'round', from + i, from + i, a, 0, 0, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/**
 * Rounds arrays of operands one after the other, each once a call: their events belong to no row, and are numbered through all
 * arrays. `positive`: zeros lose their sign.
 */
export function operandReader(
  recorder: Recorder,
): (unit: ValueUnit, values: Float64Array, positive: boolean) => Float64Array {
  recorder.row = -1;
  let base = 0;
  return (unit, values, positive) => {
    const out = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const x = values[i] as number;
      recorder.index = base + i;
      recorder.step = 0;
      const r = unit.round(x, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'round', base + i, base + i, x, 0, 0, r);
      out[i] = positive ? r + 0 : r;
    }
    recorder.seeAll(out, unit.binades);
    base += values.length;
    return out;
  };
}

/** out_i = x_i + y_i; `from` as for `roundEach`. */
export function addEach(
  unit: ValueUnit,
  x: Float64Array,
  y: Float64Array,
  out: Float64Array,
  recorder: Recorder,
  from = 0,
): void {
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const b = y[i] as number;
    const r = unit.add(a, b, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'add', from + i, from + i, a, b, 0, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/** out_i = x_i − b */
export function subtractFromEach(
  unit: ValueUnit,
  x: Float64Array,
  b: number,
  out: Float64Array,
  recorder: Recorder,
): void {
  const watcher = watcherOf(unit.format, recorder);
  if (watcher !== null) {
    watcher.countEach(x, b);
    subtractPlainly(unit, x, b, out);
    watcher.noteAll(out, x.length);
    return;
  }
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const r = unit.subtract(a, b, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'subtract', i, i, a, b, 0, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/** out_i = x_i · b */
export function scaleEach(unit: ValueUnit, x: Float64Array, b: number, out: Float64Array, recorder: Recorder): void {
  const watcher = watcherOf(unit.format, recorder);
  if (watcher !== null) {
    scalePlainly(unit, x, b, out);
    watcher.noteAll(out, x.length);
    return;
  }
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const r = unit.multiply(a, b, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'multiply', i, i, a, b, 0, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/** out_i = x_i / b */
export function divideEach(unit: ValueUnit, x: Float64Array, b: number, out: Float64Array, recorder: Recorder): void {
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const r = unit.divide(a, b, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'divide', i, i, a, b, 0, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/** out_i = x_i · y_i; `from` as for `roundEach`. */
export function multiplyEach(
  unit: ValueUnit,
  x: Float64Array,
  y: Float64Array,
  out: Float64Array,
  recorder: Recorder,
  from = 0,
): void {
  const watcher = watcherOf(unit.format, recorder);
  if (watcher !== null) {
    multiplyPlainly(unit, x, y, out);
    watcher.noteAll(out, x.length);
    return;
  }
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const b = y[i] as number;
    const r = unit.multiply(a, b, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'multiply', from + i, from + i, a, b, 0, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/** out_i = x_i · y_i + z_i, rounded once */
export function multiplyAddEach(
  unit: ValueUnit,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  out: Float64Array,
  recorder: Recorder,
): void {
  const base = place(recorder, x.length);
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    const a = x[i] as number;
    const b = y[i] as number;
    const c = z[i] as number;
    const r = unit.fusedMultiplyAdd(a, b, c, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'fusedMultiplyAdd', i, i, a, b, c, r);
    out[i] = r;
  }
  recorder.seeAll(out, unit.binades);
}

/** Output number r, one a row, as it is stored. */
export function storeSum(unit: ValueUnit, sum: number, r: number, stage: number, recorder: Recorder): number {
  recorder.stage = stage;
  recorder.index = r;
  recorder.step = 0;
  const stored = unit.round(sum, recorder);
  if (unit.flags !== 0) recorder.note(unit.flags, 'round', null, 0, sum, 0, 0, stored);
  recorder.see(stored, unit.binades);
  return stored;
}
