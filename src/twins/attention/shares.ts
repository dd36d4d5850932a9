/**
 * From scores to shares, a tile of rows at a time: scale, soft cap, mask, maximum, exponential, sum.
 *
 * @module
 */
import { Exponential } from '../../arithmetic/exponential.ts';
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import { maskOf } from '../../specification/attention/mask.ts';
import type { Row } from '../../specification/attention/operations.ts';
import type { AttentionParts } from '../../specification/attention/parts.ts';
import { raiseMaximum, reciprocal, rescaledSum, type State } from '../../specification/attention/row.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Counters } from '../counters.ts';
import { floats } from '../floats.ts';
import { openPanelRows, openRowCast, type PanelRows, type RowCast } from '../lanes/panelRows.ts';
import { addUp, clear, countingRounding, isUniform, placeSum, type Sum, scratchBytes } from '../lanes/sums.ts';
import {
  type Beside,
  commitFlags,
  createTile,
  operate,
  PANELS,
  type PlacedRounding,
  placeRounding,
  type Tile,
} from '../lanes/tile.ts';
import { expTile, type PlacedExp, placeExp } from '../softmax/exponential.ts';
import { formTile, openFunction, type PanelFunction } from './formed.ts';
import type { Lanes } from './lanes.ts';
import { seenBy } from './scores.ts';

/** Everything that a tile of rows needs. */
export interface Sharing {
  readonly parts: AttentionParts;
  readonly tile: Tile;
  readonly rows: PanelRows;
  readonly loadScore: RowCast;
  readonly roundShare: RowCast;
  readonly loadShare: RowCast;
  readonly compute: PlacedRounding;
  readonly sum: Sum;
  /** Null: exponentials of another base, or composed. */
  readonly exp: PlacedExp | null;
  readonly exponential: PanelFunction;
  readonly softcap: PanelFunction | null;
  /** The scale, in every lane. */
  readonly scale: Pointer;
  /** What a mask adds, in panels. */
  readonly mask: Pointer;
  readonly perRow: Pointer;
  readonly scratch: Pointer;
  /** Where rows of scores come from, and shares go. */
  readonly scoresAt: Pointer;
  readonly sharesAt: Pointer;
  readonly scoreBytes: LaneBytes;
}

/** Makes room for tiles of so many keys at most; null where a rounding has no loop. `at`: room for a block's scores and shares. */
export function openSharing(
  own: Lease,
  parts: AttentionParts,
  { scores: lane, scoreBytes }: Lanes,
  most: number,
  at: { readonly scores: Pointer; readonly shares: Pointer },
): Sharing | null {
  const { plan } = parts;
  const { unit, roundings, valuing, exponential, softcap } = plan;
  const { core } = own.engine;
  const tile = createTile(own, lane, plan.stages.length);
  const sum = placeSum(own, unit.reduction, lane);
  const isPlain = exponential.function === 'exp' && exponential.method.kind === 'correctlyRounded';
  const stage = {
    kind: 'correctlyRounded',
    exponential: new Exponential(unit.compute.format, unit.compute.policy),
  } as const;
  const rows = openPanelRows(own, tile, most);
  const loadScore = openRowCast(own, tile, roundings.scores, scoreBytes, lane);
  const roundShare = openRowCast(own, tile, roundings.probabilities, lane, lane);
  const loadShare = openRowCast(own, tile, valuing.a, lane, lane);
  if (!isUniform(sum) || loadScore === null || roundShare === null || loadShare === null) return null;
  const scale = own.take(16);
  if (lane === 4) new Float32Array(core.memory.buffer, scale, 4).fill(parts.scale);
  else new Float64Array(core.memory.buffer, scale, 2).fill(parts.scale);
  return {
    ...{ parts, tile, rows, loadScore, roundShare, loadShare, sum, scale, scoreBytes },
    compute: placeRounding(own, unit.compute, lane),
    exp: isPlain ? placeExp(own, stage, unit.compute, most) : null,
    exponential: openFunction(exponential, parts.exponential, unit.compute, unit.compute),
    softcap:
      softcap === null || parts.softcap === null
        ? null
        : openFunction(softcap, parts.softcap, plan.scale === 1 ? roundings.scores : unit.compute, unit.compute),
    mask: plan.mask === null ? 0 : own.take(PANELS * rows.panel),
    perRow: own.take(16 * PANELS),
    scratch: own.take(Math.max(16, scratchBytes(sum, most))),
    scoresAt: at.scores,
    sharesAt: at.shares,
  };
}

/** What a tile of keys has made of a row's state, for its outputs; null: nothing. */
export type Factors = (number | null)[];

/**
 * The shares of some rows from their scores, which lie in their order: the rows from `from` on, as many as a tile has. States go on
 * to the tile; `factors[i]` is what row i's output is multiplied by.
 */
export function shareRows(
  sharing: Sharing,
  rowsOf: readonly Row[],
  statesOf: readonly State[],
  from: number,
  first: number,
  end: number,
  factors: Factors,
  { counts, rowFlags }: Counters,
): void {
  const { parts, tile, rows, compute, perRow, scale, mask } = sharing;
  const { plan, at } = parts;
  const { core, lane, height } = tile;
  const { memory } = core;
  const ownNumbers: Beside = { at: perRow, stride: 0, panel: 16 };
  const count = end - first;
  tile.rows = Math.min(height, rowsOf.length - from);
  const own = rowsOf.slice(from, from + tile.rows);
  const states = statesOf.slice(from, from + tile.rows);
  const number = Math.floor(first / plan.tile);
  new Uint16Array(memory.buffer, tile.words, height).fill(0);
  for (let r = 0; r < tile.rows; r++) {
    const source = sharing.scoresAt + (from + r) * count * sharing.scoreBytes;
    sharing.loadScore(source, rows.at(r), count, r, at.scores);
  }
  rows.intoPanels(count);
  if (parts.scale !== 1) each(sharing, 'multiply', { at: scale, stride: 0, panel: 0 }, count, at.scale);
  const seen = own.map(({ query }) => seenBy(plan, query));
  const low = (r: number): number => Math.max(0, (seen[r]?.[0] ?? 0) - first);
  const high = (r: number): number => Math.min(count, Math.max(low(r), (seen[r]?.[1] ?? 0) - first));
  if (sharing.softcap !== null) {
    formTile(tile, sharing.softcap, rows.panels, rows.panel, own, low, high, at.softcap, counts, rowFlags);
  }
  if (plan.mask !== null) {
    eachLane(sharing, mask, count, (r, column) => {
      const { head, query } = own[r] as Row;
      return column >= low(r) && column < high(r) ? maskOf(plan, head, query, first + column) : 0;
    });
    each(sharing, 'add', { at: mask, stride: 16, panel: rows.panel }, count, at.mask);
  }
  leaveOut(sharing, low, high, count);
  if (lane === 4) core.call.largest32(rows.panels, rows.panel, count, perRow);
  else core.call.largest64(rows.panels, rows.panel, count, perRow);
  const numbers = floats(core, lane, perRow, height);
  const raised = own.map((row, r) => {
    const state = states[r] as State;
    row.recorder.row = row.row;
    const found = raiseMaximum(row, state, Math.max(state.top, numbers[r] as number), number);
    factors[from + r] = found.factor;
    numbers[r] = -found.reference;
    return found;
  });
  each(sharing, 'add', ownNumbers, count, at.subtract);
  if (sharing.exp !== null) {
    const { recorder } = own[0] as Row;
    const rowOf = (r: number): number => (own[r] as Row).row;
    expTile(tile, sharing.exp, compute, rows.panels, rows.panel, count, rowOf, at.exp, recorder);
  } else {
    const { exponential } = sharing;
    formTile(
      tile,
      exponential,
      rows.panels,
      rows.panel,
      own,
      () => 0,
      () => count,
      at.exp,
      counts,
      rowFlags,
    );
  }
  if (plan.divide === 'after') {
    rows.fromPanels(count);
    roundShares(sharing, from, count, plan.sumOf === 'rounded');
  }
  clear(tile, perRow);
  addUp(
    tile,
    sharing.sum,
    { x: rows.panels, y: null, panel: rows.panel },
    0,
    1,
    count,
    perRow,
    sharing.scratch,
    at.sum,
  );
  commitFlags(tile, countingRounding(sharing.sum), at.sum);
  for (let r = 0; r < tile.rows; r++) {
    const [row, state] = [own[r] as Row, states[r] as State];
    const { largest, reference, factor } = raised[r] as (typeof raised)[number];
    row.recorder.row = row.row;
    const total = numbers[r] as number;
    state.sum = state.hasMaximum ? rescaledSum(row, state.sum, factor, total, number) : total;
    state.top = largest;
    state.maximum = reference;
    state.hasMaximum = true;
    if (plan.divide === 'before') numbers[r] = plan.normalize === 'reciprocal' ? reciprocal(row, state.sum) : state.sum;
  }
  if (plan.divide === 'before') {
    each(sharing, plan.normalize === 'reciprocal' ? 'multiply' : 'divide', ownNumbers, count, at.share);
    rows.fromPanels(count);
    roundShares(sharing, from, count, false);
  }
  const words = new Uint16Array(memory.buffer, tile.words, tile.rows);
  for (let r = 0; r < tile.rows; r++) rowFlags[(own[r] as Row).row] |= words[r] as number;
}

/** Shares as they are stored, and as the second product reads them; `again`: the sum is to add up the former. */
function roundShares({ parts, tile, rows, ...own }: Sharing, from: number, count: number, again: boolean): void {
  const { at } = parts;
  for (let r = 0; r < tile.rows; r++) own.roundShare(rows.at(r), rows.at(r), count, r, at.probabilities);
  if (again) rows.intoPanels(count);
  for (let r = 0; r < tile.rows; r++) {
    own.loadShare(rows.at(r), own.sharesAt + (from + r) * count * tile.lane, count, r, at.loadProbabilities);
  }
}

/** One operation on every element of the panels, in place. */
function each(
  { tile, rows, compute }: Sharing,
  operation: 'add' | 'multiply' | 'divide',
  y: Beside,
  n: number,
  stage: number,
): void {
  operate(tile, compute, operation, rows.panels, rows.panel, y, n, stage);
}

/** A panel's numbers. */
function panelOf({ tile: { core, lane }, rows: { panel } }: Sharing, panels: Pointer, g: number): FloatArray {
  return floats(core, lane, panels + g * panel, panel / lane);
}

/** Fills panels by row and column. */
function eachLane(
  sharing: Sharing,
  panels: Pointer,
  count: number,
  value: (row: number, column: number) => number,
): void {
  const { lanes, rows } = sharing.tile;
  for (let r = 0; r < rows; r++) {
    const z = panelOf(sharing, panels, Math.floor(r / lanes));
    for (let i = 0; i < count; i++) z[i * lanes + (r % lanes)] = value(r, i);
  }
}

/** Keys that a row does not see have the score −∞. */
function leaveOut(sharing: Sharing, low: (row: number) => number, high: (row: number) => number, count: number): void {
  const { lanes, rows } = sharing.tile;
  for (let r = 0; r < rows; r++) {
    const [from, to] = [low(r), high(r)];
    if (from === 0 && to === count) continue;
    const z = panelOf(sharing, sharing.rows.panels, Math.floor(r / lanes));
    for (let i = 0; i < from; i++) z[i * lanes + (r % lanes)] = -Infinity;
    for (let i = to; i < count; i++) z[i * lanes + (r % lanes)] = -Infinity;
  }
}
