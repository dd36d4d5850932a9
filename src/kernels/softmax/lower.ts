/**
 * The fast twin of softmax: elementwise stages, maxima and sums on tiles of rows in binary64 lanes; what a row has one
 * of, and exponentials that the module cannot prove, are formed by the specification itself.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Step } from '../../rounding/step.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Lowered } from '../kernel.ts';
import { type Account, addTotals, conclude, firstRaising, TALLY_BYTES, TOTALS } from '../lowered.ts';
import { closeRows, openRows, type Rows } from '../panels/rows.ts';
import {
  accountStep,
  addUp,
  clear,
  isUniform,
  placeSum,
  refusesNaN,
  type Sum,
  scratchBytes,
  stepsOf,
} from '../panels/sums.ts';
import { chooseLane, createTile, PANELS, type PlacedStep, placeStep, settle, type Tile } from '../panels/tile.ts';
import { expTile, type PlacedExp, placeExp } from './lowerExp.ts';
import type { SoftmaxPlan } from './plan.ts';
import { beginRows, type Row, reciprocal, softmaxRow } from './scalar.ts';

/** Wider rows would not leave a tile room in the caches. */
const WIDEST = 2 ** 17;
/** How `harvest` accounts what `clamp64` counts. */
const SATURATES_INFINITY = 2;

/** The fast twin of a plan, or null where a step or an order has none. */
export function lowerSoftmax(plan: SoftmaxPlan, engine: Engine): Lowered<FloatArray> | null {
  const { unit, width, exp, normalize } = plan;
  const { load, compute, statistics, store, reduction } = unit;
  const sums = stepsOf(reduction);
  if (sums === null || width === 0 || width > WIDEST) return null;
  const own = exp.kind === 'base2Polynomial' ? (exp.step ?? compute) : compute;
  const products: [Step, Step][] = [
    [compute, own],
    [own, own],
  ];
  if (normalize === 'reciprocal') products.push([compute, statistics]);
  if (chooseLane([load, compute, own, statistics, store, ...sums], products, [8]) === null) return null;
  return {
    items: plan.rows,
    accounts: plan.rows,
    pass: (x, out, account, first, end) =>
      lease(engine, (parts) => softmaxFast(plan, parts, x, out, account, first, end)),
    conclude: (x, _, account, recorder) => concludeSoftmax(plan, x, account, recorder),
  };
}

/** A run's placed steps, and where its columns lie. */
interface Work {
  readonly tile: Tile;
  readonly rows: Rows;
  readonly row: Row;
  readonly compute: PlacedStep;
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
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  account: Account,
  first: number,
  end: number,
): boolean {
  const { rows, stages } = plan;
  const counting = new Recorder(stages, rows, 'counts', 0, account);
  // What the constants raise is told once, at the end.
  const row: Row = { ...beginRows(plan, new Recorder(stages, 0, 'off', 0)), recorder: counting };
  const work = prepare(plan, parts, row, x, out);
  if (work === null) return false;
  const { tile } = work;
  for (let r = first; r < end; r += tile.height) {
    tile.rows = Math.min(tile.height, end - r);
    softmaxTile(work, r);
    closeRows(tile, r, account);
  }
  return enterCounts(work, account.counts);
}

function concludeSoftmax(plan: SoftmaxPlan, x: FloatArray, account: Account, recorder: Recorder): void {
  const { width } = plan;
  const row = beginRows(plan, recorder);
  recorder.counts.forEach((count, i) => {
    account.counts[i] = (account.counts[i] as number) + count;
  });
  conclude(recorder, account, () => {
    const y = new Float64Array(width);
    for (const r of firstRaising(account.rowFlags)) {
      recorder.row = r;
      softmaxRow(row, Float64Array.from(x.subarray(r * width, (r + 1) * width)), y);
      recorder.endRow(account.finite[r] !== 0);
    }
  });
}

/** Everything that tiles need; null where only the specification can go on. */
function prepare(plan: SoftmaxPlan, parts: Lease, row: Row, x: FloatArray, out: FloatArray): Work | null {
  const { width, unit, stages } = plan;
  const tile = createTile(parts, 8, stages.length);
  const sum = placeSum(parts, unit.reduction, 8);
  const exp = placeExp(parts, row.exp, unit.compute, width);
  if (!isUniform(sum) || exp === null) return null;
  const padded = Math.ceil(width / 4) * 4;
  const panel = padded * 16;
  return {
    tile,
    rows: openRows(parts, tile, unit.load, unit.store, width, padded, x, out),
    row,
    compute: placeStep(parts, unit.compute, 8),
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

function hasNoNaN({ format }: Step): boolean {
  return format.kind !== 'float' || format.nan === 'none';
}

/** The steps of an elementwise stage. */
function stepsIn({ unit, exp }: SoftmaxPlan, stage: string): Step[] {
  if (stage === 'load') return [unit.load];
  if (stage === 'store') return [unit.store];
  const own = stage === 'exp' && exp.kind === 'base2Polynomial' ? exp.step : null;
  return own === null ? [unit.compute] : [unit.compute, own];
}

function softmaxTile(work: Work, first: number): void {
  const { tile, rows, row, compute, z, panel, perRow } = work;
  const { plan, at, recorder } = row;
  const { call } = tile.core;
  const stage = (name: string): number => at[name] as number;
  rows.load(first, stage('load'), z, panel);
  if (row.clamp !== null) clamp(work, row.clamp, stage('clamp'));
  call.largest64(z, panel, plan.width, perRow);
  setPerRow(work, readPerRow(work), (top) => -top);
  each(work, 'add', stage('subtract'));
  expTile(tile, work.exp, compute, z, panel, plan.width, first, stage('exp'), recorder);
  sumUp(work, stage('sum'));
  if (plan.normalize === 'divide') each(work, 'divide', stage('divide'));
  else {
    setPerRow(work, readPerRow(work), (sum, r) => {
      recorder.row = first + r;
      return reciprocal(row, sum);
    });
    each(work, 'multiply', stage('multiply'));
  }
  rows.store(first, stage('store'), z, panel);
}

/** The numbers that the tile's rows have one of. */
function readPerRow({ tile: { core, rows }, perRow }: Work): number[] {
  return Array.from(new Float64Array(core.memory.buffer, perRow, rows));
}

/** Writes one number a row, formed from another; rows that the tile does not have keep theirs. */
function setPerRow({ tile, perRow }: Work, from: readonly number[], form: (a: number, r: number) => number): void {
  new Float64Array(tile.core.memory.buffer, perRow, tile.height).set(from.map(form));
}

/** One operation on every element of z and its row's number, in place. */
function each(
  { tile, compute, z, panel, perRow, rows: { width } }: Work,
  operation: 'add' | 'multiply' | 'divide',
  stage: number,
): void {
  const { call } = tile.core;
  const { block, at } = compute;
  for (let g = 0; g < PANELS; g++) {
    const a = z + g * panel;
    const b = perRow + g * 16;
    const own = tile.tally + g * TALLY_BYTES;
    if (operation !== 'divide') call[`${operation}64`](block.isGeneral, a, b, 0, a, width, at, own);
    else if (block.isGeneral) call.divideGenerally64(a, b, 0, a, width, at, own);
    else call.divide64(a, b, 0, a, width, at, own);
  }
  settle(tile, compute, stage);
}

/** Numbers beyond a bound become that bound. */
function clamp(
  { tile, compute, z, panel, rows: { width } }: Work,
  { low, high }: NonNullable<Row['clamp']>,
  stage: number,
): void {
  for (let g = 0; g < PANELS; g++) {
    tile.core.call.clamp64(z + g * panel, low, high, width, tile.tally + g * TALLY_BYTES);
  }
  settle(tile, { ...compute, block: { ...compute.block, behaviour: SATURATES_INFINITY } }, stage);
}

/** The rows' sums, into `perRow`. */
function sumUp({ tile, sum, z, panel, perRow, scratch, rows: { width } }: Work, stage: number): void {
  clear(tile, perRow);
  addUp(tile, sum, { x: z, y: null, panel }, 0, 1, width, perRow, scratch);
  settle(tile, accountStep(sum), stage);
}
