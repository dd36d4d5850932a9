/**
 * The fast twin of `epilogue`: rows in binary64 lanes, operation by operation. A function goes through its table where it
 * has one, else through the specification.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, hasFused, roundingBlock, writeBlock } from '../../engine/roundingBlock.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { EpiloguePlan, EpilogueStage, RawEpilogueInputs } from '../../specification/epilogue/plan.ts';
import {
  type Constants,
  type EpilogueParts,
  epilogueRow,
  makeEpilogueParts,
  roundConstants,
} from '../../specification/epilogue/scalar.ts';
import { widen } from '../../specification/operands.ts';
import { isWithinBinary32 } from '../../specification/run.ts';
import { areFinite } from '../../specification/stages.ts';
import { unaryRow } from '../../specification/unary/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type CastLoop, castLoop, castNumbers } from '../casts/loop.ts';
import {
  addCounts,
  addTotals,
  type Counters,
  finishRecorder,
  markFinite,
  replayRows,
  TALLY_BYTES,
  TOTALS,
} from '../counters.ts';
import { narrowInto } from '../floats.ts';
import { closeMet, lookUp, openMet } from '../functions/table.ts';
import { functionTable, hasTable } from '../functions/unary.ts';
import { openFlags } from '../lanes/pieces.ts';
import { type PlacedRounding, placeRounding } from '../lanes/tile.ts';
import type { Twin } from '../twin.ts';

/** Narrower rows are quicker by the specification: every row's operations are called one by one. */
const NARROWEST = 64;

/** The fast twin, or null where a rounding has no lanes, or rows are narrow. Its items are rows. */
export function compileEpilogue(plan: EpiloguePlan, engine: Engine): Twin<RawEpilogueInputs> | null {
  const { width, rows } = plan;
  if (width < NARROWEST || !hasLanes(plan)) return null;
  const parts = makeEpilogueParts(plan);
  return {
    items: rows,
    flagSlots: rows,
    computeRange: (raw, out, counters, first, end) =>
      lease(engine, (own) => epilogueFast(parts, own, raw, out, counters, first, end)),
    finish: (raw, _, counters, recorder) => finishEpilogue(parts, raw, counters, recorder),
  };
}

/** Whether lanes carry out all operations, products of binary32 numbers exactly. */
function hasLanes({ stages, roundings, load, store, fused }: EpiloguePlan): boolean {
  const has = (stage: EpilogueStage): boolean => stages.includes(stage);
  const { scale, source, add, bias } = roundings;
  const factors = [...(has('scale') ? [scale] : []), ...(has('source') ? [source] : []), ...(fused ? [add] : [])];
  const sums = [...(has('add') ? [add] : []), ...(has('bias') ? [bias] : [])];
  const casts = [load, store].filter((rounding) => rounding !== null);
  if (fused && !hasFused(add)) return false;
  return (
    [...factors, ...sums].every((rounding) => roundingBlock(rounding, 8) !== null) &&
    casts.every((rounding) => castLoop(rounding, 8, 8) !== null) &&
    [...factors, ...(load === null ? [] : [load])].every(({ format }) => isWithinBinary32(format))
  );
}

function epilogueFast(
  parts: EpilogueParts,
  own: Lease,
  { x, c, bias }: RawEpilogueInputs,
  out: FloatArray,
  counters: Counters,
  first: number,
  end: number,
): boolean {
  const { plan, at } = parts;
  const { width, rows, stages, roundings, load, store, fused } = plan;
  const { core } = own.engine;
  const { call } = core;
  const { buffer } = core.memory;
  const vectors = (width + 1) >> 1;
  const numbers = (): [Pointer, Float64Array] => {
    const place = own.take(vectors * 16);
    const view = new Float64Array(buffer, place, vectors * 2);
    // The spare lane of the last vector: nothing happens to zeros.
    view.fill(0);
    return [place, view.subarray(0, width)];
  };
  const tallies = own.take(stages.length * TALLY_BYTES);
  const totals = own.take(stages.length * TOTALS * 8);
  new Uint8Array(buffer, tallies, stages.length * TALLY_BYTES).fill(0);
  new Uint8Array(buffer, totals, stages.length * TOTALS * 8).fill(0);
  const spare = own.take(128);
  const flagsOf = openFlags(own);
  const tallyOf = (stage: EpilogueStage): Pointer => tallies + (at[stage] as number) * TALLY_BYTES;
  const silent = new Recorder(stages, rows, 'off', 0);
  const constants = roundConstants(parts, bias && widen(bias), silent);
  const [sums, y] = numbers();
  const [source, sourceView] = numbers();
  const [factors, factorsView] = numbers();
  const [addends, addendsView] = numbers();
  const blocks: [stage: EpilogueStage, PlacedRounding['block']][] = [];
  /** Opens an operation of two arrays, or of three, in place of the first. */
  const open = (stage: 'scale' | 'source' | 'add' | 'bias'): PlacedRounding | null => {
    if (!stages.includes(stage)) return null;
    const placed = placeRounding(own, roundings[stage], 8);
    blocks.push([stage, placed.block]);
    return placed;
  };
  const openCast = (stage: 'load' | 'store', rounding: Rounding | null): ((a: Pointer) => void) | null => {
    if (rounding === null || !stages.includes(stage)) return null;
    const loop = castLoop(rounding, 8, 8) as CastLoop;
    const block = own.take(BLOCK_BYTES);
    writeBlock(core, loop.block, block);
    blocks.push([stage, loop.block]);
    return (a) => castNumbers(core, loop, true, a, 8, a, 8, width, block, tallyOf(stage), spare);
  };
  const [loadSource, scale, weigh, add, addBias, storeSums] = [
    openCast('load', load),
    open('scale'),
    open('source'),
    open('add'),
    open('bias'),
    openCast('store', store),
  ];
  const times = ({ block, at: rounding }: PlacedRounding, a: Pointer, factor: number, stage: EpilogueStage): void => {
    factorsView.fill(factor);
    call.multiply64(block.isGeneral, a, factors, 16, a, vectors, rounding, tallyOf(stage));
  };
  const activate = openFunction(parts, constants, counters);
  const narrow = new Float32Array(Math.max(width, constants.bias?.length ?? 0));
  const areBinary32 = (values: Float64Array): boolean => narrowInto(narrow, values);
  if (constants.bias !== null && !areBinary32(constants.bias)) return false;
  if (constants.bias !== null && plan.bias === 'columns') addendsView.set(constants.bias);
  for (let r = first; r < end; r++) {
    const start = r * width;
    y.set(x.subarray(start, start + width));
    if (!areBinary32(y)) return false;
    if (c !== null) {
      sourceView.set(c.subarray(start, start + width));
      if (loadSource !== null) loadSource(source);
      else if (!areBinary32(sourceView)) return false;
    }
    if (scale !== null) times(scale, sums, constants.alpha, 'scale');
    if (weigh !== null) times(weigh, source, constants.beta, 'source');
    if (add !== null) {
      const { block, at: rounding } = add;
      if (fused) {
        factorsView.fill(constants.alpha);
        call.fused64(block.isGeneral, sums, factors, source, sums, vectors, rounding, tallyOf('add'));
      } else call.add64(block.isGeneral, sums, source, 16, sums, vectors, rounding, tallyOf('add'));
    }
    if (addBias !== null) {
      const { block, at: rounding } = addBias;
      if (plan.bias === 'rows') addendsView.fill(constants.bias?.[r] as number);
      call.add64(block.isGeneral, sums, addends, 16, sums, vectors, rounding, tallyOf('bias'));
    }
    activate?.(r, y);
    storeSums?.(sums);
    let raised = 0;
    for (const [stage, block] of blocks) {
      raised |= flagsOf(block, tallyOf(stage), totals + (at[stage] as number) * TOTALS * 8);
    }
    counters.rowFlags[r] |= raised;
    markFinite(counters, r, areFinite(y));
    out.set(y, start);
    counters.onPiece?.();
  }
  return blocks.every(([stage, block]) => {
    const ordinal = at[stage] as number;
    return addTotals(core, totals + ordinal * TOTALS * 8, counters.counts, ordinal) === 0 || !block.refusesNaN;
  });
}

/** Opens the function of a row, in place: by its table, or where that lacks a number, or there is none, by the specification. */
function openFunction(
  { plan: { activation, stages, rows, width }, function: own, at }: EpilogueParts,
  constants: Constants,
  { counts, rowFlags }: Counters,
): ((r: number, y: Float64Array) => void) | null {
  const parts = constants.activation;
  if (activation === null || own === null || parts === null) return null;
  const recorder = new Recorder(stages, rows, 'counts', 0, counts, rowFlags);
  const table = hasTable(activation) ? functionTable(activation, false, () => own) : null;
  const met = openMet();
  const [narrow, formed] = [new Float32Array(width), new Float64Array(width)];
  return (r, y) => {
    recorder.row = r;
    narrow.set(y);
    if (table !== null && narrowInto(narrow, y) && lookUp(table, narrow, formed, 0, met) !== null) {
      y.set(formed);
      for (const raised of closeMet(table, met, counts, null, at.activation as number)) rowFlags[r] |= raised;
    } else {
      met.fill(0);
      unaryRow(activation, parts, y, y, recorder);
    }
  };
}

function finishEpilogue(
  parts: EpilogueParts,
  { x, c, bias }: RawEpilogueInputs,
  counters: Counters,
  recorder: Recorder,
): void {
  const { width } = parts.plan;
  const constants = roundConstants(parts, bias && widen(bias), recorder);
  addCounts(counters.counts, recorder.counts);
  const row = epilogueRow(parts, constants, width);
  finishRecorder(recorder, counters, () => {
    replayRows(recorder, counters, (r) => {
      const [start, end] = [r * width, (r + 1) * width];
      row(r, Float64Array.from(x.subarray(start, end)), c && widen(c.subarray(start, end)), recorder);
    });
  });
}
