/**
 * Rows of numbers in the engine's memory, laid into a tile's panels and out of them, and cast on the way.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { castLoop, castNumbers } from '../casts/loop.ts';
import { TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats } from '../floats.ts';
import { PANELS, type Tile } from './tile.ts';

/** A tile's rows, one after the other and in panels. */
export interface PanelRows {
  readonly panels: Pointer;
  /** Bytes from panel to panel. */
  readonly panel: number;
  /** Where a row lies; its numbers. */
  at(row: number): Pointer;
  row(row: number, width: number): FloatArray;
  /** Lays the rows' first `width` numbers into panels, and back. */
  intoPanels(width: number): void;
  fromPanels(width: number): void;
}

/** Makes room for rows of so many numbers at most. */
export function openPanelRows({ engine: { core }, take }: Lease, tile: Tile, most: number): PanelRows {
  const { lane, lanes, height } = tile;
  const stride = Math.ceil(most / 4) * 4 * lane;
  const panel = (stride / lane) * 16;
  const dense = take(height * stride);
  const panels = take(PANELS * panel);
  new Uint8Array(core.memory.buffer, dense, height * stride).fill(0);
  new Uint8Array(core.memory.buffer, panels, PANELS * panel).fill(0);
  const { call } = core;
  const [into, from] = lane === 4 ? [call.intoPanel32, call.fromPanel32] : [call.intoPanel64, call.fromPanel64];
  return {
    panels,
    panel,
    at: (row) => dense + row * stride,
    row: (row, width) => floats(core, lane, dense + row * stride, width),
    intoPanels(width) {
      const columns = Math.ceil(width / 4) * 4;
      for (let g = 0; g < PANELS; g++) into(dense + g * lanes * stride, stride, columns, panels + g * panel);
    },
    fromPanels(width) {
      const columns = Math.ceil(width / 4) * 4;
      for (let g = 0; g < PANELS; g++) from(panels + g * panel, columns, dense + g * lanes * stride, stride);
    },
  };
}

/** Casts n numbers of a tile's row, and enters what happened in the row's flags and a stage's totals. */
export type RowCast = (source: Pointer, target: Pointer, n: number, row: number, stage: number) => void;

/** A rounding's cast between numbers of so many bytes; null where it has no loop. */
export function openRowCast(
  { engine: { core }, take }: Lease,
  { words, finite, totals }: Tile,
  rounding: Rounding,
  from: LaneBytes,
  to: LaneBytes,
): RowCast | null {
  const loop = castLoop(rounding, from, to);
  if (loop === null) return null;
  const [at, own, spare] = [take(BLOCK_BYTES), take(TALLY_BYTES), take(128)];
  writeBlock(core, loop.block, at);
  new Uint8Array(core.memory.buffer, own, TALLY_BYTES).fill(0);
  const drainTally = loop.lane === 4 ? core.call.drainTally32 : core.call.drainTally64;
  const { overflowAccounting } = loop.block;
  return (source, target, n, row, stage) => {
    castNumbers(core, loop, true, source, from, target, to, n, at, own, spare);
    const into = totals + stage * TOTALS * 8;
    drainTally(own, overflowAccounting, 16 / loop.lane, into, words + row * 2, 0, finite + row);
  };
}
