/**
 * The fast twin of softmax: elementwise stages, maxima and sums on tiles of rows; what a row has one of, and
 * exponentials that the module cannot prove, are formed by the specification itself.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { hasFused, type LaneBytes } from '../../engine/roundingBlock.ts';
import { MagnitudeCounter } from '../../events/magnitudes.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { SoftmaxPlan } from '../../specification/softmax/plan.ts';
import {
  beginRows,
  makeParts,
  type Parts,
  type Row,
  reciprocal,
  softmaxRow,
} from '../../specification/softmax/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import {
  addCounts,
  addTotals,
  type Counters,
  finishRecorder,
  hasNoNaN,
  replayRows,
  TALLY_BYTES,
  TOTALS,
} from '../counters.ts';
import { floats } from '../floats.ts';
import { closeRows, openRows, type Rows } from '../lanes/rows.ts';
import {
  addUp,
  clear,
  countingRounding,
  isUniform,
  placeSum,
  refusesNaN,
  roundingsOf,
  type Sum,
  scratchBytes,
} from '../lanes/sums.ts';
import {
  chooseLane,
  commitFlags,
  createTile,
  operate,
  PANELS,
  type PlacedRounding,
  placeRounding,
  seePanels,
  type Tile,
  WIDEST,
} from '../lanes/tile.ts';
import type { Twin } from '../twin.ts';
import { expTile, type PlacedExp, placeExp } from './exponential.ts';

/** How `drainTally` accounts what `clamp64` counts. */
const SATURATES_INFINITY = 2;

/** The fast twin of a plan, or null where a rounding or an order has none. */
export function compileSoftmax(plan: SoftmaxPlan, engine: Engine): Twin<FloatArray> | null {
  const { unit, width, exp, normalize } = plan;
  const { load, compute, statistics, store, reduction } = unit;
  const sums = roundingsOf(reduction);
  if (sums === null || width === 0 || width > WIDEST) return null;
  const isPolynomial = exp.kind === 'base2Polynomial';
  const divides = normalize === 'divide';
  const own = isPolynomial ? (exp.rounding ?? compute) : compute;
  if (isPolynomial && exp.fused && !hasFused(own)) return null;
  const products: [Rounding, Rounding][] = divides ? sums.map((sum) => [compute, sum]) : [[compute, statistics]];
  if (isPolynomial) products.push([compute, own], [own, own]);
  const isNarrow = !isPolynomial && (!divides || sums.every((sum) => hasNarrowQuotients(compute, sum)));
  const lane = chooseLane([load, compute, own, statistics, store, ...sums], products, isNarrow ? [4, 8] : [8]);
  if (lane === null) return null;
  let made: Parts | undefined;
  const shared = (): Parts => {
    made ??= makeParts(plan);
    return made;
  };
  return {
    items: plan.rows,
    flagSlots: plan.rows,
    // A polynomial's results stay in lanes.
    seesMagnitudes: !isPolynomial,
    computeRange: (x, out, counters, first, end) =>
      lease(engine, (parts) => softmaxFast(plan, shared(), lane, parts, x, out, counters, first, end)),
    finish: (x, _, counters, recorder) => finishSoftmax(shared(), x, counters, recorder),
  };
}

/** Whether binary32 rounds quotients of two formats' numbers so that rounding them again does no harm; in its range. */
export function hasNarrowQuotients({ format: a }: Rounding, { format: b }: Rounding): boolean {
  if (a.kind !== 'float' || b.kind !== 'float') return false;
  return (
    a.precision + b.precision <= 23 &&
    a.emin - a.mantissaBits - b.emax - 1 >= -126 &&
    a.emax + 1 - b.emin + b.mantissaBits <= 127
  );
}

/** A run's placed steps, and where its columns lie. */
interface Work {
  readonly tile: Tile;
  readonly rows: Rows;
  readonly row: Row;
  readonly compute: PlacedRounding;
  readonly exp: PlacedExp;
  readonly sum: Sum;
  /** Panels of values; bytes from panel to panel. */
  readonly z: Pointer;
  readonly panel: number;
  /** Four vectors of numbers that a row has one of. */
  readonly perRow: Pointer;
  readonly scratch: Pointer;
}

/** The rows from `first` up to `end`, tile by tile. */
function softmaxFast(
  plan: SoftmaxPlan,
  own: Parts,
  lane: LaneBytes,
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  counters: Counters,
  first: number,
  end: number,
): boolean {
  const { rows, stages } = plan;
  const counting = new Recorder(stages, rows, 'counts', 0, counters.counts, counters.rowFlags);
  if (counters.magnitudes !== null) counting.magnitudes = new MagnitudeCounter(stages.length, counters.magnitudes);
  // What the constants raise is told once, at the end.
  const row: Row = { ...own, recorder: counting };
  const work = prepare(plan, lane, parts, row, x, out, counters);
  if (work === null) return false;
  const { tile } = work;
  for (let r = first; r < end; r += tile.height) {
    tile.rows = Math.min(tile.height, end - r);
    softmaxTile(work, r);
    closeRows(tile, r, counters);
  }
  tile.histograms?.close();
  return enterCounts(work, counters.counts);
}

function finishSoftmax(parts: Parts, x: FloatArray, counters: Counters, recorder: Recorder): void {
  const { width } = parts.plan;
  const row = beginRows(parts, recorder);
  addCounts(counters.counts, recorder.counts);
  finishRecorder(recorder, counters, () => {
    const y = new Float64Array(width);
    replayRows(recorder, counters, (r) => {
      softmaxRow(row, Float64Array.from(x.subarray(r * width, (r + 1) * width)), y);
    });
  });
}

/** Everything that tiles need; null where only the specification can go on. */
function prepare(
  plan: SoftmaxPlan,
  lane: LaneBytes,
  parts: Lease,
  row: Row,
  x: FloatArray,
  out: FloatArray,
  counters: Counters,
): Work | null {
  const { width, unit, stages } = plan;
  const tile = createTile(parts, lane, stages.length, counters.magnitudes);
  const sum = placeSum(parts, unit.reduction, lane);
  const exp = placeExp(parts, row.exp, unit.compute, width);
  if (!isUniform(sum) || exp === null) return null;
  const padded = Math.ceil(width / 4) * 4;
  const panel = padded * 16;
  return {
    tile,
    rows: openRows(parts, tile, unit.load, unit.store, width, padded, x, out),
    row,
    compute: placeRounding(parts, unit.compute, lane),
    exp,
    sum,
    z: parts.take(panel * PANELS),
    panel,
    perRow: parts.take(16 * PANELS),
    scratch: parts.take(scratchBytes(sum, width)),
  };
}

/** Adds what the tiles have counted to `counts`; false where a format without NaN has met one. */
function enterCounts({ tile, row, sum }: Work, counts: Float64Array): boolean {
  const { plan } = row;
  let isRefused = false;
  plan.stages.forEach((stage, ordinal) => {
    const nan = addTotals(tile.core, tile.totals + ordinal * TOTALS * 8, counts, ordinal);
    if (nan > 0 && (stage === 'sum' ? refusesNaN(sum) : stepsIn(plan, stage).some(hasNoNaN))) isRefused = true;
  });
  return !isRefused;
}

/** The steps of an elementwise stage. */
function stepsIn({ unit, exp }: SoftmaxPlan, stage: string): Rounding[] {
  if (stage === 'load') return [unit.load];
  if (stage === 'store') return [unit.store];
  const own = stage === 'exp' && exp.kind === 'base2Polynomial' ? exp.rounding : null;
  return own === null ? [unit.compute] : [unit.compute, own];
}

function softmaxTile(work: Work, first: number): void {
  const { tile, rows, row, compute, z, panel, perRow } = work;
  const { plan, at, recorder } = row;
  const { call } = tile.core;
  const stage = (name: string): number => at[name] as number;
  rows.load(first, stage('load'), z, panel);
  if (row.clamp !== null) clamp(work, row.clamp, stage('clamp'));
  if (tile.lane === 4) call.largest32(z, panel, plan.width, perRow);
  else call.largest64(z, panel, plan.width, perRow);
  tile.histograms?.dense(stage('max'), row.units.load.binades, tile.lane, perRow, tile.rows);
  formPerRow(work, (top) => -top);
  each(work, 'add', stage('subtract'));
  expTile(tile, work.exp, compute, z, panel, plan.width, (r) => first + r, stage('exp'), recorder);
  seePanels(tile, compute.binades, stage('exp'), z, panel, plan.width);
  sumUp(work, stage('sum'));
  if (plan.normalize === 'divide') each(work, 'divide', stage('divide'));
  else {
    formPerRow(work, (sum, r) => {
      recorder.row = first + r;
      return reciprocal(row, sum);
    });
    each(work, 'multiply', stage('multiply'));
  }
  rows.store(first, stage('store'), z, panel);
}

/** The numbers that the rows of a full tile have one of. */
function viewPerRow({ tile: { core, lane, height }, perRow }: Work): FloatArray {
  return floats(core, lane, perRow, height);
}

/** Forms each row's number from the one that it has; rows that the tile does not have keep theirs. */
function formPerRow(work: Work, form: (a: number, r: number) => number): void {
  const numbers = viewPerRow(work);
  for (let r = 0; r < work.tile.rows; r++) numbers[r] = form(numbers[r] as number, r);
}

/** One operation on every element of z and its row's number, in place. */
function each(
  { tile, compute, z, panel, perRow, rows: { width } }: Work,
  operation: 'add' | 'multiply' | 'divide',
  stage: number,
): void {
  operate(tile, compute, operation, z, panel, { at: perRow, stride: 0, panel: 16 }, width, stage);
}

/** Numbers beyond a bound become that bound. */
function clamp(
  { tile, row, compute, z, panel, rows: { width } }: Work,
  { low, high }: NonNullable<Row['clamp']>,
  stage: number,
): void {
  for (let g = 0; g < PANELS; g++) {
    const own = tile.tally + g * TALLY_BYTES;
    if (tile.lane === 4) tile.core.call.clamp32(z + g * panel, low, high, width, own);
    else tile.core.call.clamp64(z + g * panel, low, high, width, own);
  }
  commitFlags(tile, { ...compute, block: { ...compute.block, overflowAccounting: SATURATES_INFINITY } }, stage);
  seePanels(tile, row.units.load.binades, stage, z, panel, width);
}

/** The rows' sums, into `perRow`. */
function sumUp({ tile, sum, z, panel, perRow, scratch, rows: { width } }: Work, stage: number): void {
  clear(tile, perRow);
  addUp(tile, sum, { x: z, y: null, panel }, 0, 1, width, perRow, scratch, stage);
  commitFlags(tile, countingRounding(sum), stage);
}
