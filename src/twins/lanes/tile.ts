/**
 * A tile: up to sixteen rows (eight in binary64 lanes) side by side in four panels, so that a vector holds one column
 * of several rows and every row keeps its own order of operations.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Core, Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type Block, type LaneBytes, roundingBlock, writeBlock } from '../../engine/roundingBlock.ts';
import { type Binades, binadesOf } from '../../formats/binades.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type Counters, TALLY_BYTES, TOTALS } from '../counters.ts';
import { type Histograms, openHistograms } from './histograms.ts';

/** Panels of a tile: four chains at a time hide each other's latency. */
export const PANELS = 4;
/** Wider rows would not leave several of them room side by side. */
export const WIDEST: number = 2 ** 17;

/** A rounding whose constants lie in the engine's memory. */
export interface PlacedRounding {
  readonly block: Block;
  readonly at: Pointer;
  readonly binades: Binades;
}

/** What the stages of a tile share. */
export interface Tile {
  readonly core: Core;
  readonly lane: LaneBytes;
  /** Rows of a panel, and of the whole tile. */
  readonly lanes: number;
  readonly height: number;
  /** Tallies, one a panel. */
  readonly tally: Pointer;
  /** Totals, one a stage. */
  readonly totals: Pointer;
  /** Flags and finiteness of the tile's rows: 16-bit words, and bytes. */
  readonly words: Pointer;
  readonly finite: Pointer;
  /** Where results are counted by their magnitudes; null: nowhere. */
  readonly histograms: Histograms | null;
  /** Rows that the tile holds at the moment. */
  rows: number;
}

/** The narrowest lanes that carry out all of these steps, with products of values of `factors` exact; null for none. */
export function chooseLane(
  steps: readonly Rounding[],
  factors: readonly (readonly [Rounding, Rounding])[],
  lanes: readonly LaneBytes[] = [4, 8],
): LaneBytes | null {
  for (const lane of lanes) {
    if (
      steps.every((rounding) => roundingBlock(rounding, lane) !== null) &&
      factors.every(([a, b]) => isExact(a, b, lane))
    ) {
      return lane;
    }
  }
  return null;
}

/** Whether products of two formats' values are exact, and in range, in lanes of one width. */
function isExact({ format: a }: Rounding, { format: b }: Rounding, lane: LaneBytes): boolean {
  if (a.kind !== 'float' || b.kind !== 'float') return false;
  const [precision, emax, last] = lane === 4 ? [24, 127, -149] : [53, 1023, -1074];
  return (
    a.precision + b.precision <= precision &&
    a.emax + b.emax + 2 <= emax &&
    a.emin - a.mantissaBits + b.emin - b.mantissaBits >= last
  );
}

/** A tile in leased memory, for so many stages; `magnitudes`: what results are counted in. */
export function createTile(
  parts: Lease,
  lane: LaneBytes,
  stages: number,
  magnitudes: Counters['magnitudes'] = null,
): Tile {
  const {
    engine: { core },
    take,
  } = parts;
  const lanes = 16 / lane;
  const height = lanes * PANELS;
  const tile = {
    core,
    lane,
    lanes,
    height,
    tally: take(PANELS * TALLY_BYTES),
    totals: take(stages * TOTALS * 8),
    words: take(height * 2),
    finite: take(height),
    histograms: openHistograms(parts, stages, magnitudes),
    rows: height,
  };
  new Uint8Array(core.memory.buffer, tile.tally, PANELS * TALLY_BYTES).fill(0);
  new Uint8Array(core.memory.buffer, tile.totals, stages * TOTALS * 8).fill(0);
  return tile;
}

/** A rounding placed for a tile's lanes. */
export function placeRounding({ engine: { core }, take }: Lease, rounding: Rounding, lane: LaneBytes): PlacedRounding {
  const block = roundingBlock(rounding, lane) as Block;
  const at = take(BLOCK_BYTES);
  writeBlock(core, block, at);
  return { block, at, binades: binadesOf(rounding.format) };
}

/** Counts n columns of results in every panel by their magnitudes, of the rows that the tile has. */
export function seePanels(
  { histograms, lane, lanes, rows }: Tile,
  binades: Binades,
  stage: number,
  x: Pointer,
  panel: number,
  n: number,
): void {
  if (histograms === null) return;
  for (let g = 0; g < PANELS; g++) {
    const active = Math.min(lanes, Math.max(0, rows - g * lanes));
    histograms.columns(stage, binades, lane, x + g * panel, n, 16, active);
  }
}

/** A second operand: the number at every `stride` bytes of a panel (0: one number a row), panels `panel` bytes apart. */
export interface Beside {
  readonly at: Pointer;
  readonly stride: number;
  readonly panel: number;
}

/** One operation on n columns of every panel and what is beside them, in place: the results of a stage. */
export function operate(
  tile: Tile,
  rounding: PlacedRounding,
  operation: 'add' | 'multiply' | 'divide',
  x: Pointer,
  panel: number,
  y: Beside,
  n: number,
  stage: number,
): void {
  const { call } = tile.core;
  const { block, at, binades } = rounding;
  for (let g = 0; g < PANELS; g++) {
    const a = x + g * panel;
    const b = y.at + g * y.panel;
    const own = tile.tally + g * TALLY_BYTES;
    if (tile.lane === 4) call[`${operation}32`](a, b, y.stride, a, n, at, own);
    else if (operation !== 'divide') call[`${operation}64`](block.isGeneral, a, b, y.stride, a, n, at, own);
    else if (block.isGeneral) call.divideGenerally64(a, b, y.stride, a, n, at, own);
    else call.divide64(a, b, y.stride, a, n, at, own);
  }
  commitFlags(tile, rounding, stage);
  seePanels(tile, binades, stage, x, panel, n);
}

/** Enters what a stage's operations under one rounding have counted, row by row. */
export function commitFlags(tile: Tile, { block }: PlacedRounding, stage: number): void {
  const { core, lane, lanes, tally, totals, words, finite, rows } = tile;
  const drainTally = lane === 4 ? core.call.drainTally32 : core.call.drainTally64;
  for (let g = 0; g < PANELS; g++) {
    const active = Math.min(lanes, Math.max(0, rows - g * lanes));
    const row = g * lanes;
    drainTally(
      tally + g * TALLY_BYTES,
      block.overflowAccounting,
      active,
      totals + stage * TOTALS * 8,
      words + row * 2,
      2,
      // Only outputs say whether a row is finite; the last stage settles that itself.
      finite + row,
    );
  }
}
