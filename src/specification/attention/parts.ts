/**
 * The working parts of attention, made once for all runs of a plan.
 *
 * @module
 */
import { Reducer } from '../../accumulators/reducer.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { CONSTANTS, Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { createSums, type Sums } from '../products/scalar.ts';
import { ordinals } from '../stages.ts';
import { createFormed, type FormedParts } from './formed.ts';
import type { AttentionStage } from './options.ts';
import type { AttentionPlan } from './plan.ts';

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

/** What one query reads of them: its own numbers, and the keys and values of its head. */
export interface QueryLoaded {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly sink: number | undefined;
}

/** The part that a query of a head reads. */
export function loadedOf(
  { queries, keys, depth, width, heads, sharedHeads }: AttentionPlan,
  { q, k, v, sinks }: Loaded,
  head: number,
  query: number,
): QueryLoaded {
  const shared = Math.floor(head / (heads / sharedHeads));
  const row = head * queries + query;
  return {
    q: q.subarray(row * depth, (row + 1) * depth),
    k: k.subarray(shared * keys * depth, (shared + 1) * keys * depth),
    v: v.subarray(shared * keys * width, (shared + 1) * keys * width),
    sink: sinks?.[head],
  };
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
