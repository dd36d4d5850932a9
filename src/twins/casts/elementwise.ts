/**
 * The fast twin of `add` and `multiply`.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import { pointerOf } from '../../engine/tensor.ts';
import type { Recorder } from '../../events/recorder.ts';
import { binadesOf } from '../../formats/binades.ts';
import { binary32 } from '../../formats/catalogue.ts';
import { roundTo } from '../../rounding/roundTo.ts';
import type { ElementwisePlan, RawOperands } from '../../specification/elementwise/plan.ts';
import { elementwiseRow } from '../../specification/elementwise/scalar.ts';
import { widen } from '../../specification/operands.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { addTotals, type Counters, NOT_FINITE, TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats, narrowInto } from '../floats.ts';
import { openHistograms } from '../lanes/histograms.ts';
import { finishPieces, openFlags, PIECE, type Pieces, piecesOf } from '../lanes/pieces.ts';
import { storeLoop } from '../lanes/rows.ts';
import { chooseLane, type PlacedRounding, placeRounding } from '../lanes/tile.ts';
import type { Twin } from '../twin.ts';
import { type CastLoop, castLoop, castNumbers } from './loop.ts';

/** Numbers that go through all stages together: operands and results stay in the first cache. */
const CHUNK = 1024;

/** The fast twin, where the steps have one. Its items are pieces of rows, with counters for every stage. */
export function compileElementwise(plan: ElementwisePlan, engine: Engine): Twin<RawOperands> | null {
  const lane = laneOf(plan);
  if (lane === null) return null;
  const pieces = piecesOf(plan);
  return {
    items: pieces.count,
    flagSlots: pieces.count * plan.stages.length,
    seesMagnitudes: true,
    computeRange: (raw, out, counters, first, end) =>
      lease(engine, (parts) => elementwiseFast(plan, lane, pieces, parts, raw, out, counters, first, end)),
    finish: (raw, _, counters, recorder) => finishElementwise(plan, pieces, raw, counters, recorder),
  };
}

/** Operands without a load are binary32 numbers, or refused: binary64 lanes hold their products, and sums in odd. */
function laneOf({ kernel, load, compute, store }: ElementwisePlan): LaneBytes | null {
  if (load === null || store === null) return chooseLane([compute], [], [8]);
  return chooseLane([load, compute, store], kernel === 'multiply' ? [[load, load]] : []);
}

/** A cast on its way into or out of the lanes. */
interface Way {
  readonly loop: CastLoop;
  readonly at: Pointer;
  /** Its stage; null: it changes no number, and counts nothing. */
  readonly stage: number | null;
}

function elementwiseFast(
  plan: ElementwisePlan,
  lane: LaneBytes,
  { startOf }: Pieces,
  parts: Lease,
  { x, y }: RawOperands,
  out: FloatArray,
  { counts, rowFlags, magnitudes, onPiece }: Counters,
  firstPiece: number,
  lastPiece: number,
): boolean {
  const { kernel, load, compute, store, stages, width } = plan;
  const { engine, take } = parts;
  const { core } = engine;
  const { call } = core;
  const flagsOf = openFlags(parts);
  const plain = roundTo(binary32);
  const way = (loop: CastLoop, stage: number | null): Way => {
    const at = take(BLOCK_BYTES);
    writeBlock(core, loop.block, at);
    return { loop, at, stage };
  };
  const bytesOf = (data: FloatArray): LaneBytes => (load === null ? 4 : (data.BYTES_PER_ELEMENT as LaneBytes));
  const inX = way(castLoop(load ?? plain, bytesOf(x), lane) as CastLoop, load === null ? null : 0);
  const inY = way(castLoop(load ?? plain, bytesOf(y), lane) as CastLoop, load === null ? null : 1);
  const operation = placeRounding(parts, compute, lane);
  const wanted = out.BYTES_PER_ELEMENT as LaneBytes;
  const storer = store === null ? null : storeLoop(store, lane, wanted);
  const to = storer?.lane === 4 ? 4 : wanted;
  const last = stages.length - 1;
  const outward = storer === null ? way(castLoop(plain, lane, 4) as CastLoop, null) : way(storer, last);
  // Nothing happens to a binary64 result that is stored as it is.
  const isDirect = storer === null && to === 8;

  const most = Math.min(CHUNK, width);
  const room = most * 8 + 64;
  const [a, b, c, spare] = [take(room), take(room), take(room), take(128)] as const;
  const [rawX, rawY] = [take(room), take(room)] as const;
  const tally = take(stages.length * TALLY_BYTES);
  const totals = take(stages.length * TOTALS * 8);
  const histograms = openHistograms(parts, stages.length, magnitudes);
  const binades = [load, load, compute, store].map((one) => (one === null ? null : binadesOf(one.format)));
  const see = (stage: number, bytes: LaneBytes, at: Pointer, n: number): void => {
    const reach = binades[stage];
    if (reach != null) histograms?.dense(stage, reach, bytes, at, n);
  };
  const { buffer } = core.memory;
  new Uint8Array(buffer, tally, stages.length * TALLY_BYTES).fill(0);
  new Uint8Array(buffer, totals, stages.length * TOTALS * 8).fill(0);
  const bytes = new Uint8Array(buffer);
  const readX = reader(engine, x, bytesOf(x), rawX, most);
  const readY = reader(engine, y, bytesOf(y), rawY, most);
  const insideOut = to === wanted ? pointerOf(engine, out) : null;
  const outView = floats(core, to, c, most);
  const cast = ({ loop, at, stage }: Way, source: Pointer, from: LaneBytes, goal: Pointer, as: LaneBytes, n: number) =>
    castNumbers(core, loop, stage !== null, source, from, goal, as, n, at, tally + (stage ?? 0) * TALLY_BYTES, spare);
  const lanes = 16 / lane;
  const of = load === null ? 0 : 2;

  for (let piece = firstPiece; piece < lastPiece; piece++) {
    const end = startOf(piece + 1);
    for (let start = startOf(piece); start < end; start += CHUNK) {
      const n = Math.min(CHUNK, end - start);
      const [fromX, fromY] = [readX(start, n), readY(start, n)];
      if (fromX < 0 || fromY < 0) return false;
      cast(inX, fromX, bytesOf(x), a, lane, n);
      cast(inY, fromY, bytesOf(y), b, lane, n);
      see(0, lane, a, n);
      see(1, lane, b, n);
      const vectors = Math.ceil(n / lanes);
      const isWhole = n % lanes === 0;
      if (!isWhole) {
        // Zeros in the last vector's spare lanes: nothing happens to them.
        bytes.fill(0, a + n * lane, a + vectors * 16);
        bytes.fill(0, b + n * lane, b + vectors * 16);
      }
      const goal = insideOut === null ? c : insideOut + start * to;
      operate(operation, vectors, isDirect && isWhole ? goal : a);
      see(2, lane, a, n);
      if (!isDirect) cast(outward, a, lane, goal, to, n);
      else if (!isWhole) bytes.copyWithin(goal, a, a + n * 8);
      see(3, to, goal, n);
      if (insideOut === null) out.set(n === most ? outView : outView.subarray(0, n), start);
    }
    stages.forEach((_, stage) => {
      const flags = flagsOf(blockOf(stage), tally + stage * TALLY_BYTES, totals + stage * TOTALS * 8);
      // Only what leaves decides whether a row is finite.
      rowFlags[piece * stages.length + stage] = stage === last ? flags : flags & ~NOT_FINITE;
    });
    onPiece?.();
  }
  histograms?.close();
  return stages.every((_, stage) => {
    const nan = addTotals(core, totals + stage * TOTALS * 8, counts, stage);
    return nan === 0 || !blockOf(stage).refusesNaN;
  });

  function operate({ block, at }: PlacedRounding, n: number, result: Pointer): void {
    const own = tally + of * TALLY_BYTES;
    if (lane === 4) (kernel === 'add' ? call.add32 : call.multiply32)(a, b, 16, result, n, at, own);
    else (kernel === 'add' ? call.add64 : call.multiply64)(block.isGeneral, a, b, 16, result, n, at, own);
  }

  function blockOf(stage: number): PlacedRounding['block'] {
    if (stage === of) return operation.block;
    return [inX, inY, outward, outward][stage]?.loop.block as PlacedRounding['block'];
  }
}

/**
 * Where n numbers from `start` on lie in the engine's memory, as numbers of so many bytes: in place, or copied to `raw`.
 * −1 where one of them is no number of binary32, though it should be.
 */
function reader(
  engine: Engine,
  data: FloatArray,
  bytes: LaneBytes,
  raw: Pointer,
  most: number,
): (start: number, n: number) => Pointer {
  const isNarrowed = data.BYTES_PER_ELEMENT !== bytes;
  const inside = isNarrowed ? null : pointerOf(engine, data);
  if (inside !== null) return (start) => inside + start * bytes;
  const view = floats(engine.core, bytes, raw, most);
  return (start, n) => {
    const values = data.subarray(start, start + n);
    if (!isNarrowed) view.set(values);
    else if (!narrowInto(view as Float32Array, values)) return -1;
    return raw;
  };
}

function finishElementwise(
  plan: ElementwisePlan,
  pieces: Pieces,
  { x, y }: RawOperands,
  counters: Counters,
  recorder: Recorder,
): void {
  const { columnOf, startOf } = pieces;
  const replay = elementwiseRow(plan);
  const spare = new Float64Array(PIECE);
  finishPieces(plan, pieces, counters, recorder, (piece) => {
    const [start, end] = [startOf(piece), startOf(piece + 1)];
    const out = spare.subarray(0, end - start);
    replay(recorder, widen(x.subarray(start, end)), widen(y.subarray(start, end)), out, columnOf(piece));
  });
}
