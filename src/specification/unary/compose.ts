/**
 * The steps of a composition, element by element.
 *
 * @module
 */
import type { Algebraic } from '../../arithmetic/exact.ts';
import { exponentialDigits, operationOf } from '../../arithmetic/exact.ts';
import { Exponential } from '../../arithmetic/exponential.ts';
import type { Transcendental } from '../../arithmetic/functions.ts';
import { FunctionUnit, functionDigits } from '../../arithmetic/functionUnit.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Digits } from '../../events/event.ts';
import type { Recorder } from '../../events/recorder.ts';
import { INVALID } from '../../rounding/flags.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { CompositionOperation, ResolvedComposition } from './composition.ts';

/** A step with its working parts; operands are places among an element's values. */
interface Working {
  readonly operation: CompositionOperation;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly to: number;
  readonly parts: Parts;
  readonly digits: Digits | null;
}

/** What one rounding's steps need. */
interface Parts {
  readonly unit: ValueUnit;
  readonly functions: FunctionUnit;
  readonly exponential: Exponential;
}

/** A composition whose constants are rounded. */
export interface Composed {
  readonly steps: readonly Working[];
  /** x, the constants, and what each step gave. */
  readonly values: Float64Array;
}

/** Makes the working parts, and rounds the constants: constant k is step k. */
export function createComposed(
  { constants, steps }: ResolvedComposition,
  compute: Rounding,
  recorder: Recorder,
): Composed {
  const made = new Map<Rounding, Parts>();
  const partsOf = (rounding: Rounding): Parts => {
    const found = made.get(rounding);
    if (found !== undefined) return found;
    const { format, policy } = rounding;
    const parts = {
      unit: new ValueUnit(format, policy),
      functions: new FunctionUnit(format, policy),
      exponential: new Exponential(format, policy),
    };
    made.set(rounding, parts);
    return parts;
  };
  const values = new Float64Array(1 + constants.length + steps.length);
  const { unit } = partsOf(compute);
  constants.forEach((x, k) => {
    const r = unit.round(x);
    if (unit.flags !== 0) recorder.note(unit.flags, 'round', null, k, x, 0, 0, r);
    values[1 + k] = r;
  });
  const working = steps.map(({ operation, operands: [a = 0, b = 0, c = 0], rounding }, j): Working => {
    const to = 1 + constants.length + j;
    const parts = partsOf(rounding ?? compute);
    return { operation, a, b, c, to, parts, digits: digitsOf(operation) };
  });
  return { steps: working, values };
}

function digitsOf(operation: CompositionOperation): Digits | null {
  switch (operation) {
    case 'exp':
      return exponentialDigits;
    case 'exp2':
    case 'log':
    case 'log2':
    case 'tanh':
    case 'sigmoid':
    case 'erf':
    case 'silu':
    case 'gelu':
    case 'geluTanh':
    case 'softplus':
      return ([x]) => functionDigits(operation, x as number, 1);
    default:
      return null;
  }
}

/**
 * out_i by the steps; step j of element i, of `count`, is step i · count + j. A random number's position counts from 0. `from`: the
 * number of the first element in its row, where x is a part of one.
 */
export function composeEach(
  { steps, values }: Composed,
  x: Float64Array,
  out: Float64Array,
  recorder: Recorder,
  from = 0,
): void {
  const base = Math.max(recorder.row, 0) * x.length;
  const last = values.length - 1;
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    values[0] = x[i] as number;
    for (let j = 0; j < steps.length; j++) {
      recorder.step = j;
      carryOut(steps[j] as Working, values, from + i, (from + i) * steps.length + j, recorder);
    }
    out[i] = values[last] as number;
  }
}

function carryOut(step: Working, values: Float64Array, i: number, place: number, recorder: Recorder): void {
  const { operation, parts, digits } = step;
  const { unit, functions } = parts;
  const a = values[step.a] as number;
  const b = values[step.b] as number;
  let r: number;
  if (digits !== null) {
    const name = operation as Transcendental;
    r = functions.evaluate(name, a, 1, recorder);
    if (functions.flags !== 0) recorder.noteWith(digits, functions.flags, operationOf(name), i, place, a, r);
    recorder.see(r, functions.binades);
    values[step.to] = r;
    return;
  }
  const c = values[step.c] as number;
  let { flags } = unit;
  switch (operation) {
    case 'negate':
      values[step.to] = -a;
      return;
    case 'absolute':
      values[step.to] = Math.abs(a);
      return;
    case 'maximum':
      values[step.to] = Math.max(a, b);
      return;
    case 'minimum':
      values[step.to] = Math.min(a, b);
      return;
    case 'floor':
      values[step.to] = Math.floor(a) + 0;
      return;
    case 'nearest':
      values[step.to] = nearest(a);
      return;
    case 'scaleByPowerOfTwo':
      r = scaled(parts, a, b, recorder);
      flags = parts.exponential.flags;
      break;
    case 'add':
      r = unit.add(a, b, recorder);
      flags = unit.flags;
      break;
    case 'subtract':
      r = unit.subtract(a, b, recorder);
      flags = unit.flags;
      break;
    case 'multiply':
      r = unit.multiply(a, b, recorder);
      flags = unit.flags;
      break;
    case 'divide':
      r = unit.divide(a, b, recorder);
      flags = unit.flags;
      break;
    case 'fusedMultiplyAdd':
      r = unit.fusedMultiplyAdd(a, b, c, recorder);
      flags = unit.flags;
      break;
    case 'squareRoot':
      r = unit.squareRoot(a, recorder);
      flags = unit.flags;
      break;
    case 'reciprocalSquareRoot':
      r = unit.reciprocalSquareRoot(a, recorder);
      flags = unit.flags;
      break;
    default:
      r = unit.round(a, recorder);
      flags = unit.flags;
  }
  if (flags !== 0) recorder.note(flags, operation as Algebraic, i, place, a, b, c, r);
  recorder.see(r, unit.binades);
  values[step.to] = r;
}

/** The nearest integer, ties to even; a zero is +0. */
function nearest(t: number): number {
  const low = Math.floor(t);
  const rest = t - low;
  if (!(rest >= 0)) return t + 0;
  return (rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1) + 0;
}

/** p · 2^n; an infinite n makes of it what an infinite power makes: 0, ∞, or NaN with `invalid` (0 · ∞). */
function scaled({ unit, exponential }: Parts, p: number, n: number, recorder: Recorder): number {
  let r: number;
  if (Number.isInteger(n)) return exponential.scaleByPowerOfTwo(p, n, recorder);
  if (n === Infinity || n === -Infinity) {
    r = unit.multiply(p, n > 0 ? Infinity : 0, recorder);
    exponential.flags = unit.flags;
    return r;
  }
  r = unit.round(Number.NaN, recorder);
  exponential.flags = unit.flags | (n === n ? INVALID : 0);
  return r;
}
