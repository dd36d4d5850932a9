/**
 * Queries, keys and values as the matrix unit reads them, head by head.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { RawAttentionInputs } from '../../specification/attention/attention.ts';
import type { AttentionParts } from '../../specification/attention/parts.ts';
import { isWithinBinary32 } from '../../specification/run.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { transposedInto } from '../../tensors/transposed.ts';
import { addTotals, TOTALS } from '../counters.ts';
import { floats } from '../floats.ts';
import { caster } from '../products/caster.ts';
import { roomLike } from './scores.ts';

/** Numbers that are cast at a time. */
const PIECE = 2 ** 14;

/** The operands of a head. */
export interface HeadOperands {
  /** Keys, one column each: `depth` rows of `keys` numbers. */
  readonly turnedKeys: FloatArray;
  readonly keys: FloatArray;
  readonly values: FloatArray;
  readonly sink: number | undefined;
  /** The queries from row `first` up to `end` of the run. */
  queries(first: number, end: number): FloatArray;
}

/** What the heads of a group share. */
type SharedOperands = Pick<HeadOperands, 'keys' | 'turnedKeys' | 'values'>;

/** Operands on demand. */
export interface Operands {
  head(head: number): HeadOperands;
  /** Enters what reading raised; the number of NaN met. */
  close(counts: Float64Array): number;
}

/** Opens the operands of the rows from `first` up to `end`. Of what several parts of a run read, the first counts. */
export function openOperands(
  own: Lease,
  parts: AttentionParts,
  { q, k, v }: RawAttentionInputs,
  recorder: Recorder,
  first: number,
  end: number,
): Operands {
  const { plan, at, vectorLoad } = parts;
  const { scoring, valuing, queries, keys, depth, width, heads, sharedHeads } = plan;
  const { core } = own.engine;
  const totals = own.take(TOTALS * 8);
  new Uint8Array(core.memory.buffer, totals, TOTALS * 8).fill(0);
  const [raw, loaded] = [own.take(PIECE * 8 + 64), own.take(PIECE * 8 + 64)];
  const reader = (rounding: Rounding) => {
    const [counting, quiet] = [caster(own, rounding, totals, true), caster(own, rounding, totals, false)];
    const to: LaneBytes = isWithinBinary32(rounding.format) ? 4 : 8;
    return (x: FloatArray, counts: boolean): FloatArray => {
      const from = x.BYTES_PER_ELEMENT as LaneBytes;
      const out = to === 4 ? new Float32Array(x.length) : new Float64Array(x.length);
      for (let i = 0; i < x.length; i += PIECE) {
        const n = Math.min(PIECE, x.length - i);
        const source = floats(core, from, raw, n);
        source.set(x.subarray(i, i + n));
        (counts ? counting : quiet).cast(raw, from, loaded, to, n);
        out.set(floats(core, to, loaded, n), i);
      }
      return out;
    };
  };
  const [readQuery, readKey, readValue] = [reader(scoring.a), reader(scoring.b), reader(valuing.b)];
  recorder.stage = at.load;
  recorder.row = -1;
  const sinks =
    plan.sinks?.map((x) => {
      const r = vectorLoad.round(x);
      if (first === 0 && vectorLoad.flags !== 0) recorder.count(vectorLoad.flags, 1);
      return r;
    }) ?? null;
  const group = heads / sharedHeads;
  let known: { readonly which: number; readonly read: SharedOperands } | null = null;
  const shared = (which: number): SharedOperands => {
    if (known?.which === which) return known.read;
    const leader = which * group * queries;
    const isOwn = leader >= first && leader < end;
    const key = readKey(k.subarray(which * keys * depth, (which + 1) * keys * depth), isOwn);
    const turnedKeys = transposedInto(roomLike(key, key.length), key, keys, depth);
    const values = readValue(v.subarray(which * keys * width, (which + 1) * keys * width), isOwn);
    const read = { keys: key, turnedKeys, values };
    known = { which, read };
    return read;
  };
  return {
    head: (head) => ({
      ...shared(Math.floor(head / group)),
      sink: sinks?.[head],
      queries: (from, to) => readQuery(q.subarray(from * depth, to * depth), true),
    }),
    close: (counts) => addTotals(core, totals, counts, at.load),
  };
}
