/**
 * What happens to running outputs between tiles of keys, and at the end.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import type { Row } from '../../specification/attention/operations.ts';
import type { AttentionParts } from '../../specification/attention/parts.ts';
import { reciprocal, type State } from '../../specification/attention/row.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Counters, NOT_FINITE } from '../counters.ts';
import { floats } from '../floats.ts';
import { openPanelRows, openRowCast, type PanelRows, type RowCast } from '../lanes/panelRows.ts';
import { createTile, operate, PANELS, type PlacedRounding, placeRounding, type Tile } from '../lanes/tile.ts';

/** Everything that a tile of outputs needs. */
export interface Outputs {
  readonly parts: AttentionParts;
  readonly tile: Tile;
  readonly rows: PanelRows;
  /** Null: no output goes on from tile to tile. */
  readonly addend: PlacedRounding | null;
  readonly compute: PlacedRounding | null;
  readonly store: RowCast;
  readonly perRow: Pointer;
  readonly stored: Pointer;
  readonly outBytes: LaneBytes;
}

/** Makes room for tiles of outputs; null where the last rounding has no loop. */
export function openOutputs(own: Lease, parts: AttentionParts, lane: LaneBytes, outBytes: LaneBytes): Outputs | null {
  const { plan } = parts;
  const { unit, valuing, isFlash, divide, width } = plan;
  const tile = createTile(own, lane, plan.stages.length);
  const store = openRowCast(own, tile, unit.store, lane, outBytes);
  if (store === null) return null;
  return {
    ...{ parts, tile, store, outBytes },
    rows: openPanelRows(own, tile, Math.max(1, width)),
    addend: isFlash ? placeRounding(own, valuing.addend, lane) : null,
    compute: divide === 'after' ? placeRounding(own, unit.compute, lane) : null,
    perRow: own.take(16 * PANELS),
    stored: own.take(width * 8 + 64),
  };
}

/** Rows of outputs times a number each, for the product to start from: c_i = f_i · x_i, or x_i rounded. */
export function rescaleRows(
  outputs: Outputs,
  rowsOf: readonly Row[],
  factors: readonly (number | null)[],
  x: FloatArray,
  c: FloatArray,
  counters: Counters,
): void {
  const { parts, addend } = outputs;
  const { width } = parts.plan;
  if (addend === null) return;
  inTiles(outputs, rowsOf, counters, (from) => {
    const numbers = lay(outputs, from, x);
    for (let r = 0; r < outputs.tile.rows; r++) numbers[r] = factors[from + r] ?? 1;
    each(outputs, 'multiply', addend, parts.at.rescaleOutput);
    for (let r = 0; r < outputs.tile.rows; r++) c.set(outputs.rows.row(r, width), (from + r) * width);
  });
}

/** The last stages of some rows: over the sum where that comes last, and stored as row `row.row` of `out`. */
export function storeRows(
  outputs: Outputs,
  rowsOf: readonly Row[],
  statesOf: readonly State[],
  x: FloatArray,
  out: FloatArray,
  counters: Counters,
): void {
  const { parts, tile, rows, compute, stored, outBytes } = outputs;
  const { plan, at } = parts;
  const { width } = plan;
  inTiles(outputs, rowsOf, counters, (from) => {
    const numbers = lay(outputs, from, x);
    if (compute !== null) {
      for (let r = 0; r < tile.rows; r++) {
        const [row, { sum }] = [rowsOf[from + r] as Row, statesOf[from + r] as State];
        row.recorder.row = row.row;
        numbers[r] = plan.normalize === 'reciprocal' ? reciprocal(row, sum) : sum;
      }
      each(outputs, plan.normalize === 'reciprocal' ? 'multiply' : 'divide', compute, at.normalize);
    }
    const result = floats(tile.core, outBytes, stored, width);
    for (let r = 0; r < tile.rows; r++) {
      const { row } = rowsOf[from + r] as Row;
      outputs.store(rows.at(r), stored, width, r, at.store);
      out.set(result, row * width);
      if (!result.every(Number.isFinite)) counters.rowFlags[row] |= NOT_FINITE;
    }
  });
}

/** Goes through rows a tile at a time, and enters their flags. */
function inTiles({ tile }: Outputs, rowsOf: readonly Row[], { rowFlags }: Counters, go: (from: number) => void): void {
  const { core, height, words } = tile;
  for (let from = 0; from < rowsOf.length; from += height) {
    tile.rows = Math.min(height, rowsOf.length - from);
    const own = new Uint16Array(core.memory.buffer, words, height).fill(0);
    go(from);
    for (let r = 0; r < tile.rows; r++) rowFlags[(rowsOf[from + r] as Row).row] |= own[r] as number;
  }
}

/** Lays a tile's rows of x into panels; where a row's own number goes. */
function lay({ parts, tile, rows, perRow }: Outputs, from: number, x: FloatArray): FloatArray {
  const { width } = parts.plan;
  const { core, lane, height } = tile;
  for (let r = 0; r < tile.rows; r++) {
    rows.row(r, width).set(x.subarray((from + r) * width, (from + r + 1) * width));
  }
  return floats(core, lane, perRow, height);
}

/** One operation of every row's numbers and its own, in place. */
function each(
  { parts, tile, rows, perRow }: Outputs,
  operation: 'multiply' | 'divide',
  rounding: PlacedRounding,
  stage: number,
): void {
  const { width } = parts.plan;
  rows.intoPanels(width);
  operate(tile, rounding, operation, rows.panels, rows.panel, { at: perRow, stride: 0, panel: 16 }, width, stage);
  rows.fromPanels(width);
}
