/**
 * An epilogue, row by row: the specification.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Scalar } from '../contract.ts';
import { addEach, areFinite, multiplyAddEach, ordinals, roundEach, scaleEach } from '../stages.ts';
import { createComposed } from '../unary/compose.ts';
import { makeUnaryParts, type UnaryParts, unaryRow } from '../unary/scalar.ts';
import type { EpilogueInputs, EpilogueOperation, EpiloguePlan } from './plan.ts';

/** What all runs of a plan share. */
export interface EpilogueParts {
  readonly plan: EpiloguePlan;
  readonly units: Readonly<Record<EpilogueOperation, ValueUnit>>;
  readonly loader: ValueUnit | null;
  readonly storer: ValueUnit | null;
  readonly function: UnaryParts | null;
  /** Ordinals of the stages. */
  readonly at: Readonly<Record<string, number>>;
}

/** Makes the working parts. */
export function makeEpilogueParts(plan: EpiloguePlan): EpilogueParts {
  const unitOf = ({ format, policy }: Rounding): ValueUnit => new ValueUnit(format, policy);
  const units = Object.entries(plan.roundings).map(([name, rounding]) => [name, unitOf(rounding)]);
  return {
    plan,
    units: Object.fromEntries(units) as EpilogueParts['units'],
    loader: plan.load === null ? null : unitOf(plan.load),
    storer: plan.store === null ? null : unitOf(plan.store),
    function: plan.activation === null ? null : makeUnaryParts(plan.activation),
    at: ordinals(plan.stages),
  };
}

/** Runs every row. */
export function epilogueScalar(made: EpiloguePlan): Scalar<EpiloguePlan, EpilogueInputs, Float64Array> {
  const parts = makeEpilogueParts(made);
  return ({ rows, width }, { x, c, bias }, recorder) => {
    const row = epilogueRow(parts, roundConstants(parts, bias, recorder), width);
    const output = x.slice(0, rows * width);
    for (let r = 0; r < rows; r++) {
      recorder.row = r;
      const [start, end] = [r * width, (r + 1) * width];
      const y = output.subarray(start, end);
      row(r, y, c?.subarray(start, end) ?? null, recorder);
      recorder.endRow(areFinite(y));
    }
    recorder.end();
    return output;
  };
}

/** Runs a row of sums y, in place, where the recorder stands. */
export function epilogueRow(
  { plan, units, loader, storer, at }: EpilogueParts,
  own: Constants,
  width: number,
): (r: number, y: Float64Array, c: Float64Array | null, recorder: Recorder) => void {
  const { alpha, fused, bias, activation } = plan;
  const source = new Float64Array(plan.beta === null ? 0 : width);
  const factors = new Float64Array(fused ? width : 0).fill(own.alpha);
  const addends = new Float64Array(own.bias === null ? 0 : width);
  if (own.bias !== null && bias === 'columns') addends.set(own.bias);
  return (r, y, c, recorder) => {
    const enter = (stage: string): void => {
      recorder.stage = at[stage] as number;
    };
    if (c !== null) {
      source.set(c);
      if (loader !== null) {
        enter('load');
        roundEach(loader, source, source, recorder);
      }
    }
    if (alpha !== null && !fused) {
      enter('scale');
      scaleEach(units.scale, y, own.alpha, y, recorder);
    }
    if (c !== null) {
      enter('source');
      scaleEach(units.source, source, own.beta, source, recorder);
      enter('add');
      if (fused) multiplyAddEach(units.add, y, factors, source, y, recorder);
      else addEach(units.add, y, source, y, recorder);
    }
    if (own.bias !== null) {
      enter('bias');
      if (bias === 'rows') addends.fill(own.bias[r] as number);
      addEach(units.bias, y, addends, y, recorder);
    }
    if (activation !== null && own.activation !== null) unaryRow(activation, own.activation, y, y, recorder);
    if (storer !== null) {
      enter('store');
      roundEach(storer, y, y, recorder);
    }
  };
}

/** What a call rounds once. */
export interface Constants {
  readonly alpha: number;
  readonly beta: number;
  readonly bias: Float64Array | null;
  /** The function's parts, its stage that of this kernel. */
  readonly activation: UnaryParts | null;
}

/** Rounds once a call: α as the operation that reads it does, β likewise, the bias as it is loaded, constants of a composition. */
export function roundConstants(
  { plan, units, loader, function: function_ }: EpilogueParts,
  bias: Float64Array | null,
  recorder: Recorder,
): Constants {
  const { alpha, beta, fused, activation, roundings, stages } = plan;
  recorder.row = -1;
  recorder.stage = Math.max(0, stages.indexOf('constants'));
  const one = (unit: ValueUnit, x: number, index: number | null, step: number): number => {
    recorder.index = index ?? 0;
    recorder.step = step;
    const r = unit.round(x, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, 'round', index, step, x, 0, 0, r);
    return r;
  };
  const first = alpha === null ? 1 : one(fused ? units.add : units.scale, alpha, null, 0);
  const second = beta === null ? 1 : one(units.source, beta, null, 1);
  const own = bias === null || loader === null ? bias : bias.map((x, i) => one(loader, x, i, i));
  let parts = function_;
  if (activation !== null && parts !== null) {
    const { method } = activation;
    const composed = method.kind === 'composition' ? createComposed(method, roundings.activation, recorder) : null;
    parts = { ...parts, composed, at: { function: stages.indexOf('activation') } };
  }
  recorder.endConstants();
  return { alpha: first, beta: second, bias: own, activation: parts };
}
