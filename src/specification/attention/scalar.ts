/**
 * Attention, query by query: the specification.
 *
 * @module
 */
import { Reducer } from '../../accumulators/reducer.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { CONSTANTS, Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Scalar } from '../contract.ts';
import { createSums, type Sums } from '../products/scalar.ts';
import { areFinite, ordinals } from '../stages.ts';
import { createFormed, type FormedParts } from './formed.ts';
import type { AttentionStage } from './options.ts';
import type { AttentionPlan } from './plan.ts';
import { attendRow } from './row.ts';

/** Operands: queries, keys, values, head by head, row-major. */
export interface AttentionInputs {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
}

/** What all runs of a plan share. */
export interface AttentionParts {
  readonly plan: AttentionPlan;
  readonly at: Readonly<Record<AttentionStage, number>>;
  readonly scoring: Sums;
  readonly valuing: Sums;
  readonly loadQuery: ValueUnit;
  readonly loadKey: ValueUnit;
  readonly loadShare: ValueUnit;
  readonly loadValue: ValueUnit;
  readonly addend: ValueUnit;
  readonly vectorLoad: ValueUnit;
  readonly scores: ValueUnit;
  readonly compute: ValueUnit;
  readonly probabilities: ValueUnit;
  readonly sum: ValueUnit;
  readonly maximum: ValueUnit;
  readonly store: ValueUnit;
  readonly sums: Reducer;
  readonly exponential: FormedParts;
  readonly softcap: FormedParts | null;
  readonly logarithm: FormedParts;
  readonly scale: number;
  readonly offset: number;
  readonly ln2: number;
  readonly raised: Recorder;
}

/** Operands as the units read them; values column by column. */
export interface Loaded {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly sinks: Float64Array | null;
}

/** Makes the working parts, and rounds the constants. */
export function makeAttentionParts(plan: AttentionPlan): AttentionParts {
  const { scoring, valuing, unit, roundings, exponential } = plan;
  const of = ({ format, policy }: Rounding): ValueUnit => new ValueUnit(format, policy);
  const raised = new Recorder([CONSTANTS], 0, plan.record, plan.limit);
  const constant = (by: ValueUnit, x: number, step: number): number => {
    const r = by.round(x);
    if (by.flags !== 0) raised.note(by.flags, 'round', null, step, x, 0, 0, r);
    return r;
  };
  const [compute, sum, maximum] = [of(unit.compute), of(roundings.sum), of(roundings.maximum)];
  const at = ordinals(plan.stages) as Record<AttentionStage, number>;
  const scale = plan.scale === 1 ? 1 : constant(compute, plan.scale, 0);
  const offset = plan.maximumOffset === 0 ? 0 : constant(maximum, plan.maximumOffset, 1);
  const isBase2 = exponential.function === 'exp2';
  const ln2 = isBase2 && plan.logSumExp !== null ? constant(sum, Math.LN2, 2) : 1;
  const parts = {
    plan,
    at,
    scoring: { ...createSums(scoring), at: { product: at.scoreProduct, accumulate: at.score, store: at.scoreStore } },
    valuing: { ...createSums(valuing), at: { product: at.valueProduct, accumulate: at.value, store: at.valueStore } },
    loadQuery: of(scoring.a),
    loadKey: of(scoring.b),
    loadShare: of(valuing.a),
    loadValue: of(valuing.b),
    addend: of(valuing.addend),
    vectorLoad: of(unit.load),
    scores: of(roundings.scores),
    compute,
    probabilities: of(roundings.probabilities),
    sum,
    maximum,
    store: of(unit.store),
    sums: new Reducer(unit.reduction, {
      a: (plan.sumOf === 'rounded' ? roundings.probabilities : unit.compute).format,
    }),
    exponential: createFormed(exponential, unit.compute, raised),
    softcap: plan.softcap === null ? null : createFormed(plan.softcap, unit.compute, raised),
    logarithm: createFormed(
      { function: isBase2 ? 'log2' : 'log', cap: 1, method: { kind: 'correctlyRounded' } },
      roundings.sum,
      raised,
    ),
    scale,
    offset,
    ln2,
    raised,
  };
  raised.endConstants();
  return parts;
}

/** Runs every query of every head. */
export function attentionScalar(made: AttentionPlan): Scalar<AttentionPlan, AttentionInputs, Float64Array> {
  const parts = makeAttentionParts(made);
  return (plan, inputs, recorder) => {
    recorder.startFrom(parts.raised);
    const loaded = load(parts, inputs, recorder);
    recorder.endConstants();
    const { rows, width, queries } = plan;
    const output = new Float64Array(rows * width);
    for (let r = 0; r < rows; r++) {
      recorder.row = r;
      const out = output.subarray(r * width, (r + 1) * width);
      attendRow(parts, loaded, Math.floor(r / queries), r % queries, out, recorder);
      recorder.endRow(areFinite(out));
    }
    recorder.end();
    return output;
  };
}

/**
 * The operands as the units read them, each once a call. Their events belong to no query (row −1) and are numbered through
 * queries, keys, values and sinks.
 */
function load(parts: AttentionParts, { q, k, v }: AttentionInputs, recorder: Recorder): Loaded {
  const { plan, at } = parts;
  recorder.stage = at.load;
  recorder.row = -1;
  let base = 0;
  const each = (unit: ValueUnit, values: Float64Array, positive: boolean): Float64Array => {
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
  const { scoring, valuing, sharedHeads, keys, width } = plan;
  const query = each(parts.loadQuery, q, scoring.positiveZeros);
  const key = each(parts.loadKey, k, scoring.positiveZeros);
  const value = each(parts.loadValue, v, valuing.positiveZeros);
  const sinks = plan.sinks === null ? null : each(parts.vectorLoad, plan.sinks, false);
  const columns = new Float64Array(value.length);
  for (let h = 0; h < sharedHeads; h++) {
    for (let j = 0; j < keys; j++) {
      for (let d = 0; d < width; d++) {
        columns[(h * width + d) * keys + j] = value[(h * keys + j) * width + d] as number;
      }
    }
  }
  return { q: query, k: key, v: columns, sinks };
}
