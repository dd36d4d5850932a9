/**
 * Welford's update in the fast twin: means and sums of squares of a tile's rows.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { NormPlan } from '../../specification/norm/plan.ts';
import { TALLY_BYTES } from '../counters.ts';
import { commitFlags, PANELS, placeRounding, type Tile } from '../lanes/tile.ts';

/** The update, its steps placed. */
export interface Welford {
  /** Means and sums of squares of a tile's rows, which lie in binary64 panels; its events go to a stage. */
  run(tile: Tile, z: Pointer, panel: number, stage: number): { means: number[]; squares: number[] };
}

/** Places the update's steps. `shares`: 1/i for every column, splatted. */
export function openWelford(parts: Lease, { unit, width }: NormPlan, shares: Pointer): Welford {
  const statistics = placeRounding(parts, unit.statistics, 8);
  const accumulate = placeRounding(parts, unit.accumulate, 8);
  const mean = parts.take(16 * PANELS);
  const m2 = parts.take(16 * PANELS);
  const own = parts.take(TALLY_BYTES * PANELS);
  new Uint8Array(parts.engine.core.memory.buffer, own, TALLY_BYTES * PANELS).fill(0);
  return {
    run(tile, z, panel, stage) {
      const { core, rows, tally } = tile;
      const { buffer } = core.memory;
      const means = new Float64Array(buffer, mean, 2 * PANELS).fill(0);
      const squares = new Float64Array(buffer, m2, 2 * PANELS).fill(0);
      const general = [statistics.block.isGeneral, accumulate.block.isGeneral] as const;
      const steps = [statistics.at, accumulate.at] as const;
      core.call.welford64(...general, z, panel, width, shares, mean, m2, ...steps, tally, own, TALLY_BYTES);
      commitFlags(tile, statistics, stage);
      commitFlags({ ...tile, tally: own }, accumulate, stage);
      return { means: Array.from(means.subarray(0, rows)), squares: Array.from(squares.subarray(0, rows)) };
    },
  };
}
