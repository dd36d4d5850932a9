/**
 * What the fast twin of attention leaves to the specification: events in detail.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { RawAttentionInputs } from '../../specification/attention/attention.ts';
import type { AttentionParts, QueryLoaded } from '../../specification/attention/parts.ts';
import { attendRow } from '../../specification/attention/row.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { transposed } from '../../tensors/transposed.ts';
import { addCounts, type Counters, finishRecorder, replayRows } from '../counters.ts';
import { explainOperands, type ReadOperand } from '../products/replay.ts';

/** Tells a finished run: counts and flags from the counters, first events from queries gone through again. */
export function finishAttention(
  parts: AttentionParts,
  raw: RawAttentionInputs,
  counters: Counters,
  recorder: Recorder,
): void {
  const { plan, at } = parts;
  const { scoring, valuing, unit, width, queries } = plan;
  recorder.startFrom(parts.raised);
  addCounts(counters.counts, recorder.counts);
  finishRecorder(recorder, counters, () => {
    const operands: ReadOperand[] = [
      { rounding: scoring.a, values: raw.q },
      { rounding: scoring.b, values: raw.k },
      { rounding: valuing.b, values: raw.v },
    ];
    if (plan.sinks !== null) operands.push({ rounding: unit.load, values: plan.sinks });
    explainOperands(operands, at.load, counters.counts, recorder);
    const loaded = loaderOf(parts, raw);
    const out = new Float64Array(width);
    replayRows(recorder, counters, (r) => {
      const [head, query] = [Math.floor(r / queries), r % queries];
      attendRow(parts, loaded(head, query), head, query, out, recorder);
    });
  });
}

/** Reads what a query needs, and keeps the keys and values of the last head. */
function loaderOf(
  { plan, vectorLoad }: AttentionParts,
  { q, k, v }: RawAttentionInputs,
): (head: number, query: number) => QueryLoaded {
  const { scoring, valuing, heads, sharedHeads, queries, keys, depth, width, sinks } = plan;
  const read = ({ format, policy }: Rounding, x: FloatArray, isPositive: boolean): Float64Array => {
    const unit = new ValueUnit(format, policy);
    const zero = isPositive ? 0 : -0;
    return Float64Array.from(x, (a) => unit.round(a) + zero);
  };
  let known = -1;
  let own: Pick<QueryLoaded, 'k' | 'v'> = { k: new Float64Array(0), v: new Float64Array(0) };
  return (head, query) => {
    const shared = Math.floor(head / (heads / sharedHeads));
    if (shared !== known) {
      const values = v.subarray(shared * keys * width, (shared + 1) * keys * width);
      const columns = transposed(read(valuing.b, values, valuing.positiveZeros), keys, width);
      const key = k.subarray(shared * keys * depth, (shared + 1) * keys * depth);
      own = { k: read(scoring.b, key, scoring.positiveZeros), v: columns };
      known = shared;
    }
    const row = head * queries + query;
    const x = q.subarray(row * depth, (row + 1) * depth);
    const sink = sinks === null ? undefined : vectorLoad.round(sinks[head] as number);
    return { ...own, q: read(scoring.a, x, scoring.positiveZeros), sink };
  };
}
