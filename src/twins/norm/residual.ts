/**
 * The residual addition of the fast twin: a tile's rows and their residuals, added before they are loaded.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { NormPlan } from '../../specification/norm/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { TALLY_BYTES, TOTALS } from '../counters.ts';
import { placeRounding, type Tile } from '../lanes/tile.ts';

/** Numbers from here on have sums that binary64 may not hold. */
const HUGE = 2 ** 1000;

/** The way of a tile's sums. */
export interface Residual {
  /** Sums of a tile's rows, dense. */
  readonly sums: Float64Array;
  /** Adds the tile's rows from the `first` on; false where a number is too large for it. */
  add(first: number, stage: number): boolean;
  /** Enters the flags of the last additions into the tile's. */
  settle(): void;
}

/** Opens the way from rows and residuals to their sums. */
export function openResidual(
  parts: Lease,
  tile: Tile,
  { unit, width }: NormPlan,
  x: FloatArray,
  residual: FloatArray,
): Residual {
  const { take } = parts;
  const { core, height } = tile;
  const { block, at, binades } = placeRounding(parts, unit.load, 8);
  const even = width + (width & 1);
  const [one, other] = [take(even * 8), take(even * 8)];
  const dense = take(height * width * 8 + 8);
  const tally = take(TALLY_BYTES);
  const words = take(height * 2);
  const { buffer } = core.memory;
  new Uint8Array(buffer, tally, TALLY_BYTES).fill(0);
  const [first64, second64] = [new Float64Array(buffer, one, even), new Float64Array(buffer, other, even)];
  first64.fill(0);
  second64.fill(0);
  const sums = new Float64Array(buffer, dense, height * width);
  const flags = new Uint16Array(buffer, words, height);
  const { call } = core;
  return {
    sums,
    add(first, stage) {
      flags.fill(0);
      for (let r = 0; r < tile.rows; r++) {
        const start = (first + r) * width;
        const end = start + width;
        first64.set(x.subarray(start, end));
        second64.set(residual.subarray(start, end));
        for (let i = 0; i < width; i++) if (isHuge(first64[i] as number) || isHuge(second64[i] as number)) return false;
        call.add64(block.isGeneral, one, other, 16, one, even / 2, at, tally);
        call.drainTally64(tally, block.overflowAccounting, 2, tile.totals + stage * TOTALS * 8, words + r * 2, 0, 0);
        tile.histograms?.dense(stage, binades, 8, one, width);
        sums.set(first64.subarray(0, width), r * width);
      }
      return true;
    },
    settle() {
      const own = new Uint16Array(buffer, tile.words, height);
      for (let r = 0; r < tile.rows; r++) own[r] = (own[r] as number) | (flags[r] as number);
    },
  };
}

function isHuge(x: number): boolean {
  return (x >= HUGE || x <= -HUGE) && x - x === 0;
}
