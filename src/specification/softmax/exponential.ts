/**
 * The stage `exp`: every element's e^x, with the events of each of its operations.
 *
 * @module
 */
import type { Algebraic } from '../../arithmetic/exact.ts';
import { exponentialDigits } from '../../arithmetic/exact.ts';
import { Exponential } from '../../arithmetic/exponential.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Base2Polynomial, ResolvedExp } from './method.ts';

/** A method whose constants are rounded. */
export type ExpStage =
  | { readonly kind: 'correctlyRounded'; readonly exponential: Exponential }
  | {
      readonly kind: 'base2Polynomial';
      readonly method: Required<Base2Polynomial>;
      readonly unit: ValueUnit;
      readonly exponential: Exponential;
      readonly log2e: number;
      readonly coefficients: Float64Array;
      /** Operations an element. */
      readonly count: number;
    };

/** Makes the working parts, and rounds the constants: log2e is step 2, the coefficients have their index. */
export function createExpStage(exp: ResolvedExp, compute: Rounding, recorder: Recorder): ExpStage {
  const exponential = new Exponential(compute.format, compute.policy);
  if (exp.kind === 'correctlyRounded') return { kind: exp.kind, exponential };
  const rounding = exp.rounding ?? compute;
  const unit = new ValueUnit(rounding.format, rounding.policy);
  const constant = (x: number, index: number | null, at: number): number => {
    const r = unit.round(x);
    if (unit.flags !== 0) recorder.note(unit.flags, 'round', index, at, x, 0, 0, r);
    return r;
  };
  const log2e = constant(exp.log2e, null, 2);
  const coefficients = Float64Array.from(exp.coefficients, (c, i) => constant(c, i, i));
  const count = 3 + (coefficients.length - 1) * (exp.fused ? 1 : 2);
  return { kind: exp.kind, method: exp, unit, exponential, log2e, coefficients, count };
}

/** out_i = e^(x_i). Operation j of element i, of `count` an element, is step i · count + j. */
export function expEach(stage: ExpStage, x: Float64Array, out: Float64Array, recorder: Recorder): void {
  const base = Math.max(recorder.row, 0) * x.length;
  const { exponential } = stage;
  for (let i = 0; i < x.length; i++) {
    recorder.index = base + i;
    recorder.step = 0;
    const a = x[i] as number;
    if (stage.kind === 'base2Polynomial') {
      out[i] = base2Polynomial(stage, a, i, recorder);
    } else {
      const r = exponential.exp(a, recorder);
      if (exponential.flags !== 0) recorder.noteWith(exponentialDigits, exponential.flags, 'exponential', i, i, a, r);
      recorder.see(r, exponential.binades);
      out[i] = r;
    }
  }
}

/** The nearest integer, ties to even. */
function nearest(t: number): number {
  const low = Math.floor(t);
  const rest = t - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** Enters the unit's last operation for element i, whose operations are numbered from `first`; takes the next number. */
function note(
  unit: ValueUnit,
  recorder: Recorder,
  operation: Algebraic,
  i: number,
  first: number,
  a: number,
  b: number,
  c: number,
  r: number,
): number {
  if (unit.flags !== 0) recorder.note(unit.flags, operation, i, first + recorder.step, a, b, c, r);
  recorder.see(r, unit.binades);
  recorder.step += 1;
  return r;
}

/** The steps of `Base2Polynomial`, for one element; a random number's position counts them from 0. */
function base2Polynomial(
  stage: ExpStage & { kind: 'base2Polynomial' },
  x: number,
  i: number,
  recorder: Recorder,
): number {
  const { method, unit, exponential, log2e, coefficients, count } = stage;
  const first = i * count;
  const product = note(unit, recorder, 'multiply', i, first, x, log2e, 0, unit.multiply(x, log2e, recorder));
  const t = method.lowest !== null && product < method.lowest ? method.lowest : product;
  let p: number;
  let n = 0;
  if (Number.isFinite(t)) {
    // An integer: its zero has no sign.
    n = (method.reduction === 'floor' ? Math.floor(t) : nearest(t)) + 0;
    const f = note(unit, recorder, 'subtract', i, first, t, n, 0, unit.subtract(t, n, recorder));
    p = coefficients[coefficients.length - 1] as number;
    for (let k = coefficients.length - 2; k >= 0; k--) {
      const c = coefficients[k] as number;
      if (method.fused) {
        p = note(unit, recorder, 'fusedMultiplyAdd', i, first, p, f, c, unit.fusedMultiplyAdd(p, f, c, recorder));
      } else {
        const scaled = note(unit, recorder, 'multiply', i, first, p, f, 0, unit.multiply(p, f, recorder));
        p = note(unit, recorder, 'add', i, first, scaled, c, 0, unit.add(scaled, c, recorder));
      }
    }
  } else {
    p = t === -Infinity ? 0 : t;
  }
  recorder.step = count - 1;
  const r = exponential.scaleByPowerOfTwo(p, n, recorder);
  if (exponential.flags !== 0) recorder.note(exponential.flags, 'scaleByPowerOfTwo', i, first + count - 1, p, n, 0, r);
  recorder.see(r, exponential.binades);
  return r;
}
