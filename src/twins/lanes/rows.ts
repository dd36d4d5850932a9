/**
 * A kernel's rows on their way into a tile and out again: loaded and stored by a rounding each.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import { pointerOf } from '../../engine/tensor.ts';
import { binadesOf } from '../../formats/binades.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type CastLoop, castLoop, castNumbers } from '../casts/loop.ts';
import { type Counters, NOT_FINITE, TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats } from '../floats.ts';
import { PANELS, type Tile } from './tile.ts';

/** The two ways of one run. */
export interface Rows {
  readonly width: number;
  /** Rounds the tile's rows, from row `first` of the input on, and lays them into panels. */
  load(first: number, stage: number, panels: Pointer, panel: number): void;
  /** Lays panels out as rows, and rounds them into the output. */
  store(first: number, stage: number, panels: Pointer, panel: number): void;
}

/** Opens the ways between arrays and a tile whose rows have `padded` columns, a multiple of four. */
export function openRows(
  parts: Lease,
  tile: Tile,
  load: Rounding,
  store: Rounding | null,
  width: number,
  padded: number,
  x: FloatArray,
  out: FloatArray,
): Rows {
  const { engine, take } = parts;
  const { core, lane, lanes, height, histograms } = tile;
  const loads = binadesOf(load.format);
  const stores = store === null ? null : binadesOf(store.format);
  const from = x.BYTES_PER_ELEMENT as LaneBytes;
  const loader = castLoop(load, from, lane) as CastLoop;
  const storer = store === null ? null : storeLoop(store, lane, out.BYTES_PER_ELEMENT as LaneBytes);
  const to = storer === null || storer.lane === 4 ? lane : (out.BYTES_PER_ELEMENT as LaneBytes);
  const place = (loop: CastLoop | null): Pointer => {
    if (loop === null) return 0;
    const at = take(BLOCK_BYTES);
    writeBlock(core, loop.block, at);
    return at;
  };
  const loadStep = place(loader);
  const storeStep = place(storer);
  const own = take(TALLY_BYTES);
  const spare = take(128);
  const dense = take(height * padded * lane);
  const raw = take(width * 8);
  const insideX = pointerOf(engine, x);
  const insideOut = storer !== null && to === out.BYTES_PER_ELEMENT ? pointerOf(engine, out) : null;
  const { buffer } = core.memory;
  new Uint8Array(buffer, own, TALLY_BYTES).fill(0);
  new Uint8Array(buffer, dense, height * padded * lane).fill(0);
  const rawIn = floats(core, from, raw, width);
  const rawOut = floats(core, to, raw, width);
  const count = (loop: CastLoop, r: number, stage: number): void => {
    const drainTally = loop.lane === 4 ? core.call.drainTally32 : core.call.drainTally64;
    const { words, finite, totals } = tile;
    drainTally(
      own,
      loop.block.overflowAccounting,
      16 / loop.lane,
      totals + stage * TOTALS * 8,
      words + r * 2,
      0,
      finite + r,
    );
  };
  return {
    width,
    load(first, stage, panels, panel) {
      const { rows } = tile;
      const bytes = new Uint8Array(core.memory.buffer);
      bytes.fill(0, tile.words, tile.words + height * 2);
      for (let r = 0; r < height; r++) {
        const row = dense + r * padded * lane;
        if (r >= rows) {
          bytes.fill(0, row, row + padded * lane);
          continue;
        }
        const start = (first + r) * width;
        if (insideX === null) rawIn.set(x.subarray(start, start + width));
        const source = insideX === null ? raw : insideX + start * from;
        castNumbers(core, loader, true, source, from, row, lane, width, loadStep, own, spare);
        count(loader, r, stage);
        histograms?.dense(stage, loads, lane, row, width);
      }
      for (let g = 0; g < PANELS; g++) {
        const rowsOf = dense + g * lanes * padded * lane;
        if (lane === 4) core.call.intoPanel32(rowsOf, padded * lane, padded, panels + g * panel);
        else core.call.intoPanel64(rowsOf, padded * lane, padded, panels + g * panel);
      }
    },
    store(first, stage, panels, panel) {
      if (storer === null || stores === null) return;
      for (let g = 0; g < PANELS; g++) {
        const rowsOf = dense + g * lanes * padded * lane;
        if (lane === 4) core.call.fromPanel32(panels + g * panel, padded, rowsOf, padded * lane);
        else core.call.fromPanel64(panels + g * panel, padded, rowsOf, padded * lane);
      }
      // Only what leaves decides whether a row is finite.
      new Uint8Array(core.memory.buffer, tile.finite, height).fill(1);
      for (let r = 0; r < tile.rows; r++) {
        const start = (first + r) * width;
        const target = insideOut === null ? raw : insideOut + start * to;
        const row = dense + r * padded * lane;
        castNumbers(core, storer, true, row, lane, target, to, width, storeStep, own, spare);
        count(storer, r, stage);
        histograms?.dense(stage, stores, to, target, width);
        if (insideOut === null) out.set(rawOut, start);
      }
    },
  };
}

/** The loop that stores: into numbers as wide as the lane's, or as the output's. */
export function storeLoop(rounding: Rounding, lane: LaneBytes, to: LaneBytes): CastLoop {
  const narrow = lane === 4 ? castLoop(rounding, 4, 4) : null;
  return (narrow?.lane === 4 ? narrow : castLoop(rounding, lane, to)) as CastLoop;
}

/** Enters a finished tile's flags and finiteness into the run's. */
export function closeRows({ core, words, finite, rows }: Tile, first: number, counters: Counters): void {
  const flags = new Uint16Array(core.memory.buffer, words, rows);
  const fine = new Uint8Array(core.memory.buffer, finite, rows);
  for (let r = 0; r < rows; r++) {
    counters.rowFlags[first + r] |= (flags[r] as number) | (fine[r] === 0 ? NOT_FINITE : 0);
  }
  counters.onPiece?.();
}
