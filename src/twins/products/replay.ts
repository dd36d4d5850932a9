/**
 * What the fast twin of `matmul` leaves to the specification: events in detail.
 *
 * @module
 */
import type { BlockScales } from '../../accumulators/chain.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { Recorder } from '../../events/recorder.ts';
import { eventKinds } from '../../rounding/flags.ts';
import { type Rounding, roundTo } from '../../rounding/roundTo.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import { createSums, sumOutput } from '../../specification/products/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { addCounts, type Counters, finishRecorder, replayRows } from '../counters.ts';

/** Operands of the fast twin. */
type Operands = RawProductInputs;

/** Runs single outputs again. */
export function replayOutputs(
  plan: ProductPlan,
  { a, b, c, scales }: Operands,
): (r: number, recorder: Recorder) => number {
  const { width: k, pairing } = plan;
  const parts = createSums(plan);
  const reader = ({ format, policy }: Rounding): ((x: number) => number) => {
    const unit = new ValueUnit(format, policy);
    return (x) => unit.round(x);
  };
  const zero = plan.positiveZeros ? 0 : -0;
  const [readA, readB, readC] = [reader(plan.a), reader(plan.b), reader(plan.addend)];
  const scalesOf = scaleReader(plan, scales);
  return (r, recorder) => {
    // Rows of A pair with rows of B, or with columns.
    const [i, from, stride] =
      pairing.kind === 'rows' ? [r, r * k, 1] : [Math.floor(r / pairing.columns), r % pairing.columns, pairing.columns];
    const x = Float64Array.from({ length: k }, (_, e) => readA(a[i * k + e] as number) + zero);
    const y = Float64Array.from({ length: k }, (_, e) => readB(b[from + e * stride] as number) + zero);
    const start = c === null ? null : readC(c[r] as number) + zero;
    return sumOutput(parts, r, x, y, start, scalesOf(i, pairing.kind === 'rows' ? r : from), recorder);
  };
}

/** The block scales of a row of A and a column, or row, of B. */
function scaleReader(
  { scale, width, pairing }: ProductPlan,
  scales: Operands['scales'],
): (i: number, j: number) => BlockScales | null {
  if (scale === null || scales === null) return () => null;
  const { format, policy } = roundTo(scale.format);
  const unit = new ValueUnit(format, policy);
  const read = (x: number): number => (scale.ignoreSign ? Math.abs(unit.round(x)) : unit.round(x));
  const blocks = Math.ceil(width / scale.block);
  const [along, across] = pairing.kind === 'rows' ? [1, blocks] : [pairing.columns, 1];
  return (i, j) => ({
    a: Float64Array.from({ length: blocks }, (_, e) => read(scales.a[i * blocks + e] as number)),
    b: Float64Array.from({ length: blocks }, (_, e) => read(scales.b[j * across + e * along] as number)),
    block: scale.block,
  });
}

/** Tells a finished run: counts and flags from the counters, first events from operands and outputs gone through again. */
export function finishProducts(plan: ProductPlan, raw: Operands, counters: Counters, recorder: Recorder): void {
  finishRecorder(recorder, counters, () => {
    explainLoad(plan, raw, counters.counts, recorder);
    const replay = replayOutputs(plan, raw);
    replayRows(recorder, counters, (r) => {
      replay(r, recorder);
    });
  });
}

/** Forms outputs that a fast pass has left to the specification, and counts their stages, up to number `end`. */
export function finishLeft(
  plan: ProductPlan,
  raw: Operands,
  out: FloatArray,
  { counts, rowFlags }: Counters,
  left: readonly number[],
  end?: number,
): void {
  if (left.length === 0) return;
  const own = new Float64Array(counts.length);
  const recorder = new Recorder(plan.stages, plan.rows, 'counts', 0, own, rowFlags);
  const replay = replayOutputs(plan, raw);
  for (const r of left) {
    rowFlags[r] = 0;
    out[r] = replay(r, recorder);
  }
  addCounts(counts, own, 0, end);
}

/** An array of operands: how it is read, and which number of it comes i-th. */
export interface ReadOperand {
  readonly rounding: Rounding;
  readonly values: FloatArray;
  readonly place?: (i: number) => number;
}

/** Loads operands again, in the order of their numbers, until every kind that was counted in a stage has its first event. */
export function explainOperands(
  operands: readonly ReadOperand[],
  stage: number,
  counts: Float64Array,
  recorder: Recorder,
): void {
  recorder.stage = stage;
  recorder.row = -1;
  let wanted = 0;
  for (let kind = 0; kind < eventKinds.length; kind++) {
    if (counts[stage * eventKinds.length + kind] !== 0) wanted |= 1 << kind;
  }
  let base = 0;
  for (const { rounding, values, place = (i: number) => i } of operands) {
    const unit = new ValueUnit(rounding.format, rounding.policy);
    for (let i = 0; i < values.length && wanted !== 0; i++) {
      const x = values[place(i)] as number;
      const r = unit.round(x, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'round', base + i, base + i, x, 0, 0, r);
      wanted &= ~unit.flags;
    }
    base += values.length;
  }
  recorder.endConstants();
}

function explainLoad(plan: ProductPlan, { a, b, c }: Operands, counts: Float64Array, recorder: Recorder): void {
  const { width: k, stages, pairing } = plan;
  const n = pairing.kind === 'all' ? pairing.columns : 1;
  const operands: ReadOperand[] = [
    { rounding: plan.a, values: a },
    // A matrix B is numbered column by column.
    { rounding: plan.b, values: b, place: (i) => (pairing.kind === 'rows' ? i : (i % k) * n + Math.floor(i / k)) },
  ];
  if (c !== null) operands.push({ rounding: plan.addend, values: c });
  explainOperands(operands, stages.indexOf('load'), counts, recorder);
}
