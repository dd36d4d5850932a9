/**
 * Attention, query by query: the specification.
 *
 * @module
 */
import type { Recorder } from '../../events/recorder.ts';
import { transposedInto } from '../../tensors/transposed.ts';
import type { Scalar } from '../contract.ts';
import { areFinite, operandReader } from '../stages.ts';
import { type AttentionInputs, type AttentionParts, type Loaded, loadedOf, makeAttentionParts } from './parts.ts';
import type { AttentionPlan } from './plan.ts';
import { attendRow } from './row.ts';

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
      const [head, query] = [Math.floor(r / queries), r % queries];
      attendRow(parts, loadedOf(plan, loaded, head, query), head, query, out, recorder);
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
  const each = operandReader(recorder);
  const { scoring, valuing, sharedHeads, keys, width } = plan;
  const query = each(parts.loadQuery, q, scoring.positiveZeros);
  const key = each(parts.loadKey, k, scoring.positiveZeros);
  const value = each(parts.loadValue, v, valuing.positiveZeros);
  const sinks = plan.sinks === null ? null : each(parts.vectorLoad, plan.sinks, false);
  const columns = new Float64Array(value.length);
  for (let h = 0; h < sharedHeads; h++) {
    const [from, to] = [h * keys * width, (h + 1) * keys * width];
    transposedInto(columns.subarray(from, to), value.subarray(from, to), keys, width);
  }
  return { q: query, k: key, v: columns, sinks };
}
