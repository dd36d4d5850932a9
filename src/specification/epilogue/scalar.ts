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

/** Runs every row. Constants are rounded once a call: α, β, the bias, those of a composition. */
export function epilogueScalar(made: EpiloguePlan): Scalar<EpiloguePlan, EpilogueInputs, Float64Array> {
  const unitOf = ({ format, policy }: Rounding): ValueUnit => new ValueUnit(format, policy);
  const units = Object.fromEntries(
    Object.entries(made.roundings).map(([name, rounding]) => [name, unitOf(rounding)]),
  ) as unknown as Record<EpilogueOperation, ValueUnit>;
  const loader = made.load === null ? null : unitOf(made.load);
  const storer = made.store === null ? null : unitOf(made.store);
  const { activation, fused } = made;
  const function_ = activation === null ? null : makeUnaryParts(activation);
  return (plan, { x, c, bias }, recorder) => {
    const { rows, width, stages } = plan;
    const at = ordinals(stages);
    const own = roundConstants(plan, units, loader, function_, bias, recorder);
    const output = new Float64Array(rows * width);
    const source = new Float64Array(c === null ? 0 : width);
    const factors = new Float64Array(fused ? width : 0).fill(own.alpha);
    const addends = new Float64Array(own.bias === null ? 0 : width);
    if (own.bias !== null && plan.bias === 'columns') addends.set(own.bias);
    const enter = (stage: string): void => {
      recorder.stage = at[stage] as number;
    };
    for (let r = 0; r < rows; r++) {
      recorder.row = r;
      const y = output.subarray(r * width, (r + 1) * width);
      y.set(x.subarray(r * width, (r + 1) * width));
      if (c !== null) {
        source.set(c.subarray(r * width, (r + 1) * width));
        if (loader !== null) {
          enter('load');
          roundEach(loader, source, source, recorder);
        }
      }
      if (plan.alpha !== null && !fused) {
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
        if (plan.bias === 'rows') addends.fill(own.bias[r] as number);
        addEach(units.bias, y, addends, y, recorder);
      }
      if (activation !== null && own.activation !== null) unaryRow(activation, own.activation, y, y, recorder);
      if (storer !== null) {
        enter('store');
        roundEach(storer, y, y, recorder);
      }
      recorder.endRow(areFinite(y));
    }
    recorder.end();
    return output;
  };
}

/** What a call rounds once. */
interface Constants {
  readonly alpha: number;
  readonly beta: number;
  readonly bias: Float64Array | null;
  /** The function's parts, its stage that of this kernel. */
  readonly activation: UnaryParts | null;
}

/** α as the operation that reads it rounds, β likewise, the bias as it is loaded. */
function roundConstants(
  { alpha, beta, fused, activation, roundings, stages }: EpiloguePlan,
  units: Readonly<Record<EpilogueOperation, ValueUnit>>,
  loader: ValueUnit | null,
  function_: UnaryParts | null,
  bias: Float64Array | null,
  recorder: Recorder,
): Constants {
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
