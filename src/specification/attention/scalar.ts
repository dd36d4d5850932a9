/**
 * Attention, query by query: the specification.
 *
 * @module
 */
import type { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Scalar } from '../contract.ts';
import { areFinite } from '../stages.ts';
import { type AttentionInputs, type AttentionParts, type Loaded, makeAttentionParts } from './parts.ts';
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
