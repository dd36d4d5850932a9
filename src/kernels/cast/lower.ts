/**
 * The fast twin of `cast`.
 *
 * @module
 */
import { Unit } from '../../arithmetic/unit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/step.ts';
import { pointerOf } from '../../engine/tensor.ts';
import { NOT_FINITE, type Recorder } from '../../events/recorder.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { CastPlan } from '../cast.ts';
import { roundEach } from '../elementwise.ts';
import type { Lowered } from '../kernel.ts';
import { type Account, addTotals, TALLY_BYTES, TOTALS } from '../lowered.ts';
import { widen } from '../norm/plan.ts';
import { concludePieces, PIECE, type Pieces, piecesOf } from '../pieces.ts';
import { type CastLoop, castLoop, castNumbers } from './loop.ts';

/** Pieces to one copy in and out of the engine's memory. */
const BATCH = 2;

/** The fast twin, where the step has one. Its items are pieces of rows. */
export function lowerCast(plan: CastPlan, engine: Engine): Lowered<FloatArray> | null {
  if (castLoop(plan.step, 8, 8) === null) return null;
  const pieces = piecesOf(plan);
  return {
    items: pieces.count,
    accounts: pieces.count,
    pass: (x, out, account, first, end) =>
      lease(engine, (parts) => castFast(plan, pieces, parts, x, out, account, first, end)),
    conclude: (x, _, account, recorder) => concludeCast(plan, pieces, x, account, recorder),
  };
}

function castFast(
  { width, step, record }: CastPlan,
  { startOf }: Pieces,
  { engine, take }: Lease,
  x: FloatArray,
  out: FloatArray,
  { counts, rowFlags }: Account,
  firstPiece: number,
  lastPiece: number,
): boolean {
  const { core } = engine;
  const from = x.BYTES_PER_ELEMENT as LaneBytes;
  const preferred = castLoop(step, from, 4);
  // Binary32 lanes leave binary32 numbers; the others write what the caller asks for.
  const to = preferred?.lane === 4 ? 4 : (out.BYTES_PER_ELEMENT as LaneBytes);
  const loop = (to === 4 ? preferred : castLoop(step, from, to)) as CastLoop;
  // Uncounted, NaN would pass unseen into formats without NaN.
  const isCounting = record !== 'off' || loop.block.refusesNaN;
  const block = take(BLOCK_BYTES);
  const tally = take(TALLY_BYTES);
  const spare = take(128);
  const totals = take(TOTALS * 8);
  const word = take(8);
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
  const flag = new Uint16Array(buffer, word, 2);
  const fine = new Uint8Array(buffer, word + 4, 1);
  const xView = from === 4 ? new Float32Array(buffer, near, most) : new Float64Array(buffer, near, most);
  const outView = to === 4 ? new Float32Array(buffer, far, most) : new Float64Array(buffer, far, most);
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
      flag[0] = 0;
      fine[0] = 1;
      if (!isCounting) continue;
      const harvest = loop.lane === 4 ? core.call.harvest32 : core.call.harvest64;
      harvest(tally, loop.block.behaviour, 16 / loop.lane, totals, word, 0, word + 4);
      rowFlags[piece] = (flag[0] as number) | (fine[0] === 0 ? NOT_FINITE : 0);
    }
    if (insideOut === null) out.set(limit - base === most ? outView : outView.subarray(0, limit - base), base);
  }
  return addTotals(core, totals, counts, 0) === 0 || !loop.block.refusesNaN;
}

function concludeCast(plan: CastPlan, pieces: Pieces, x: FloatArray, account: Account, recorder: Recorder): void {
  const { columnOf, startOf } = pieces;
  const unit = new Unit(plan.step.format, plan.step.policy);
  const spare = new Float64Array(PIECE);
  recorder.stage = 0;
  concludePieces(plan, pieces, account, recorder, (piece) => {
    roundEach(unit, widen(x.subarray(startOf(piece), startOf(piece + 1))), spare, recorder, columnOf(piece));
  });
}
