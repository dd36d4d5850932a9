/**
 * The fast twin of `cast`.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import { pointerOf } from '../../engine/tensor.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { CastPlan } from '../../specification/cast/plan.ts';
import { widen } from '../../specification/operands.ts';
import { roundEach } from '../../specification/stages.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { addNonFinite, addTotals, type Counters, TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats } from '../floats.ts';
import { finishPieces, openFlags, PIECE, type Pieces, piecesOf } from '../lanes/pieces.ts';
import type { Twin } from '../twin.ts';
import { type CastLoop, castLoop, castNumbers } from './loop.ts';

/** Pieces to one copy in and out of the engine's memory. */
const BATCH = 2;

/** The fast twin, where the step has one. Its items are pieces of rows. */
export function compileCast(plan: CastPlan, engine: Engine): Twin<FloatArray> | null {
  if (castLoop(plan.rounding, 8, 8) === null) return null;
  const pieces = piecesOf(plan);
  return {
    items: pieces.count,
    flagSlots: pieces.count,
    computeRange: (x, out, counters, first, end) =>
      lease(engine, (parts) => castFast(plan, pieces, parts, x, out, counters, first, end)),
    finish: (x, _, counters, recorder) => finishCast(plan, pieces, x, counters, recorder),
  };
}

function castFast(
  { width, rounding, record }: CastPlan,
  { startOf }: Pieces,
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  { counts, rowFlags, onPiece }: Counters,
  firstPiece: number,
  lastPiece: number,
): boolean {
  const { engine, take } = parts;
  const { core } = engine;
  const flagsOf = openFlags(parts);
  const from = x.BYTES_PER_ELEMENT as LaneBytes;
  const preferred = castLoop(rounding, from, 4);
  // Binary32 lanes leave binary32 numbers; the others write what the caller asks for.
  const to = preferred?.lane === 4 ? 4 : (out.BYTES_PER_ELEMENT as LaneBytes);
  const loop = (to === 4 ? preferred : castLoop(rounding, from, to)) as CastLoop;
  // Uncounted, NaN would pass unseen into formats without NaN.
  const isCounting = record !== 'off' || loop.block.refusesNaN;
  const block = take(BLOCK_BYTES);
  const tally = take(TALLY_BYTES);
  const spare = take(128);
  const totals = take(TOTALS * 8);
  const insideX = pointerOf(engine, x);
  const insideOut = to === out.BYTES_PER_ELEMENT ? pointerOf(engine, out) : null;
  const batch = width <= PIECE ? Math.max(1, Math.floor((BATCH * PIECE) / Math.max(width, 1))) : BATCH;
  const most = Math.min(batch * Math.min(width, PIECE), startOf(lastPiece) - startOf(firstPiece));
  const near = insideX === null ? take(most * from) : 0;
  const far = insideOut === null ? take(most * to) : 0;
  writeBlock(core, loop.block, block);
  const { buffer } = core.memory;
  new Uint8Array(buffer, tally, TALLY_BYTES).fill(0);
  new Float64Array(buffer, totals, TOTALS).fill(0);
  const xView = floats(core, from, near, most);
  const outView = floats(core, to, far, most);
  for (let first = firstPiece; first < lastPiece; first += batch) {
    const end = Math.min(first + batch, lastPiece);
    const base = startOf(first);
    const limit = startOf(end);
    if (insideX === null) xView.set(x.subarray(base, limit));
    for (let piece = first; piece < end; piece++) {
      const start = startOf(piece);
      const n = startOf(piece + 1) - start;
      const source = insideX === null ? near + (start - base) * from : insideX + start * from;
      const target = insideOut === null ? far + (start - base) * to : insideOut + start * to;
      castNumbers(core, loop, isCounting, source, from, target, to, n, block, tally, spare);
      if (isCounting) rowFlags[piece] = flagsOf(loop.block, tally, totals);
    }
    if (insideOut === null) out.set(limit - base === most ? outView : outView.subarray(0, limit - base), base);
    onPiece?.();
  }
  addNonFinite(core, totals, counts);
  return addTotals(core, totals, counts, 0) === 0 || !loop.block.refusesNaN;
}

/** Tells a finished run, of `castCodes` too: what it counts is what `cast` counts. */
export function finishCast(
  plan: CastPlan,
  pieces: Pieces,
  x: FloatArray,
  counters: Counters,
  recorder: Recorder,
): void {
  const { columnOf, startOf } = pieces;
  const unit = new ValueUnit(plan.rounding.format, plan.rounding.policy);
  const spare = new Float64Array(PIECE);
  recorder.stage = 0;
  recorder.nonFiniteInputs = counters.counts[counters.counts.length - 1] as number;
  finishPieces(plan, pieces, counters, recorder, (piece) => {
    roundEach(unit, widen(x.subarray(startOf(piece), startOf(piece + 1))), spare, recorder, columnOf(piece));
  });
}
