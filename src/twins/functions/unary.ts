/**
 * The fast twin of `unary`: in formats of 16 bits and fewer, a table of the function over the codes.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import { MagnitudeCounter } from '../../events/magnitudes.ts';
import { CONSTANTS, type Recorder } from '../../events/recorder.ts';
import { binadesOf } from '../../formats/binades.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { widen } from '../../specification/operands.ts';
import type { UnaryPlan } from '../../specification/unary/plan.ts';
import { makeUnaryParts, type UnaryParts, unaryRow } from '../../specification/unary/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type CastLoop, castLoop, castNumbers } from '../casts/loop.ts';
import { addCounts, addTotals, type Counters, hasNoNaN, NOT_FINITE, TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats, narrowInto } from '../floats.ts';
import { openHistograms } from '../lanes/histograms.ts';
import { finishPieces, openFlags, PIECE, type Pieces, piecesOf } from '../lanes/pieces.ts';
import type { Twin } from '../twin.ts';
import { closeMet, type FunctionTable, lookUp, openMet, tableOf, tableShift } from './table.ts';

/** The fast twin of a plan, or null where its numbers have no table. */
export function compileUnary(plan: UnaryPlan, engine: Engine): Twin<FloatArray> | null {
  const { load } = plan;
  if (!hasTable(plan)) return null;
  if (load !== null && (castLoop(load, 8, 4) === null || castLoop(load, 4, 4) === null)) return null;
  let made: UnaryParts | undefined;
  const parts = (): UnaryParts => {
    made ??= makeUnaryParts(plan);
    return made;
  };
  const table = (seesMagnitudes: boolean): FunctionTable => functionTable(plan, seesMagnitudes, parts);
  const pieces = piecesOf(plan);
  return {
    items: pieces.count,
    flagSlots: pieces.count * plan.stages.length,
    seesMagnitudes: true,
    computeRange: (x, out, counters, first, end) =>
      lease(engine, (own) =>
        unaryFast(plan, table(counters.magnitudes !== null), pieces, own, x, out, counters, first, end),
      ),
    finish: (x, _, counters, recorder) => finishUnary(plan, parts(), pieces, x, counters, recorder),
  };
}

function roundingsOf({ load, compute, store, method }: UnaryPlan): Rounding[] {
  const steps = method.kind === 'composition' ? method.steps.map(({ rounding }) => rounding) : [];
  return [load, compute, store, ...steps].filter((rounding) => rounding !== null);
}

function shiftOf({ load, compute }: UnaryPlan): number | null {
  return tableShift((load ?? compute).format);
}

/** Whether a table holds the function of every number that is loaded, or that the function's own format has. */
export function hasTable(plan: UnaryPlan): boolean {
  return shiftOf(plan) !== null && roundingsOf(plan).every(({ policy }) => policy.rounding !== 'stochastic');
}

/** The stages behind the load, of a number that is loaded; of a plan that has a table. */
export function functionTable(plan: UnaryPlan, seesMagnitudes: boolean, parts: () => UnaryParts): FunctionTable {
  const shift = shiftOf(plan) as number;
  const { function: name, cap, method, compute, store, stages } = plan;
  const way = method.kind === 'composition' ? method.given : null;
  const key = JSON.stringify([name, cap, way, compute, store, shift]);
  const behind = stages.slice(stages.indexOf('function'));
  return tableOf(key, shift, behind.length, seesMagnitudes, () => {
    const at = Object.fromEntries(behind.map((stage, i) => [stage, i]));
    const own = { ...parts(), load: null, at };
    const [x, y] = [new Float64Array(1), new Float64Array(1)];
    return (a, recorder) => {
      x[0] = a;
      unaryRow(plan, own, x, y, recorder);
      return y[0] as number;
    };
  });
}

function unaryFast(
  plan: UnaryPlan,
  table: FunctionTable,
  { startOf }: Pieces,
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  { counts, rowFlags, magnitudes, onPiece }: Counters,
  first: number,
  end: number,
): boolean {
  const { load, stages, width } = plan;
  const at = stages.indexOf('function');
  const histograms = openHistograms(parts, stages.length, magnitudes);
  const seen = magnitudes === null ? null : new MagnitudeCounter(stages.length, magnitudes);
  const see: See = (n, loaded) => {
    if (load !== null) histograms?.dense(at - 1, binadesOf(load.format), 4, loaded, n);
  };
  const loader = load === null ? null : openLoader(parts, load, x, Math.min(PIECE, width), see);
  const plain = new Float32Array(loader === null ? Math.min(PIECE, width) : 0);
  const met = openMet();
  for (let piece = first; piece < end; piece++) {
    const start = startOf(piece);
    const n = startOf(piece + 1) - start;
    const numbers = loader === null ? plain.subarray(0, n) : loader.load(start, n);
    // What is no number of the table's is formed by the specification.
    if (loader === null && !narrowInto(numbers, x.subarray(start, start + n))) return false;
    const areFinite = lookUp(table, numbers, out, start, met);
    if (areFinite === null) return false;
    if (loader !== null) rowFlags[piece * stages.length + at - 1] = loader.flags() & ~NOT_FINITE;
    closeMet(table, met, counts, seen, at).forEach((raised, stage) => {
      rowFlags[piece * stages.length + at + stage] = raised;
    });
    if (!areFinite) rowFlags[piece * stages.length + at] |= NOT_FINITE;
    onPiece?.();
  }
  histograms?.close();
  return loader === null || loader.close(counts, at - 1);
}

/** Numbers loaded by a rounding, a piece at a time. */
interface Loader {
  load(start: number, n: number): Float32Array;
  /** The flags of the last piece. */
  flags(): number;
  /** Enters the counts; false where a format without NaN has met one. */
  close(counts: Float64Array, stage: number): boolean;
}

/** Counts n loaded numbers, which lie in the engine's memory, by their magnitudes. */
type See = (n: number, loaded: Pointer) => void;

function openLoader(parts: Lease, load: Rounding, x: FloatArray, most: number, see: See): Loader {
  const {
    engine: { core },
    take,
  } = parts;
  const from = x.BYTES_PER_ELEMENT as LaneBytes;
  const loop = castLoop(load, from, 4) as CastLoop;
  const [block, tally, spare, totals] = [take(BLOCK_BYTES), take(TALLY_BYTES), take(128), take(TOTALS * 8)];
  const [raw, loaded] = [take(most * 8 + 64), take(most * 4 + 64)];
  const flagsOf = openFlags(parts);
  const { buffer } = core.memory;
  writeBlock(core, loop.block, block);
  new Uint8Array(buffer, tally, TALLY_BYTES).fill(0);
  new Uint8Array(buffer, totals, TOTALS * 8).fill(0);
  const view = (at: Pointer, n: number): FloatArray => floats(core, from, at, n);
  return {
    load(start, n) {
      view(raw, n).set(x.subarray(start, start + n));
      castNumbers(core, loop, true, raw, from, loaded, 4, n, block, tally, spare);
      see(n, loaded);
      return new Float32Array(buffer, loaded, n);
    },
    flags: () => flagsOf(loop.block, tally, totals),
    close: (counts, stage) => addTotals(core, totals, counts, stage) === 0 || !hasNoNaN(load),
  };
}

function finishUnary(
  plan: UnaryPlan,
  parts: UnaryParts,
  pieces: Pieces,
  x: FloatArray,
  counters: Counters,
  recorder: Recorder,
): void {
  const { columnOf, startOf } = pieces;
  if (plan.stages[0] === CONSTANTS) {
    recorder.startFrom(parts.raised);
    addCounts(counters.counts, recorder.counts);
  }
  const spare = new Float64Array(PIECE);
  finishPieces(plan, pieces, counters, recorder, (piece) => {
    const [start, end] = [startOf(piece), startOf(piece + 1)];
    unaryRow(plan, parts, widen(x.subarray(start, end)), spare.subarray(0, end - start), recorder, columnOf(piece));
  });
}
