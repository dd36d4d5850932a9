/**
 * The fast twin of `sum`: rows side by side, every row in its own order.
 *
 * @module
 */
import { Unit } from '../../arithmetic/unit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { LaneBytes } from '../../engine/step.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Step } from '../../rounding/step.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Lowered } from '../kernel.ts';
import { addTotals, conclude, firstRaising, TOTALS } from '../lowered.ts';
import { closeRows, openRows } from '../panels/rows.ts';
import { accountStep, addUp, clear, isUniform, placeSum, refusesNaN, scratchBytes, stepsOf } from '../panels/sums.ts';
import { chooseLane, createTile, PANELS, settle } from '../panels/tile.ts';
import type { SumPlan } from '../sum.ts';
import { storeSum, sumRow } from './scalar.ts';

/** Wider rows would not leave a tile room in the caches. */
const WIDEST = 2 ** 17;

/** The fast twin of a plan, or null where its steps or its order have none. */
export function lowerSum(plan: SumPlan, engine: Engine): Lowered<FloatArray> | null {
  const { load, reduction, width } = plan;
  const steps = stepsOf(reduction);
  if (load === null || steps === null || width === 0 || width > WIDEST) return null;
  const lane = chooseLane([load, ...steps], []);
  if (lane === null) return null;
  return (x, out, recorder) => lease(engine, (parts) => sumFast(plan, load, lane, parts, x, out, recorder));
}

function sumFast(
  plan: SumPlan,
  load: Step,
  lane: LaneBytes,
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  recorder: Recorder,
): boolean {
  const { rows, width, stages, reduction, store } = plan;
  const { core } = parts.engine;
  const sum = placeSum(parts, reduction, lane);
  if (!isUniform(sum)) return false;
  const tile = createTile(parts, lane, stages.length);
  const padded = Math.ceil(width / 4) * 4;
  const panel = padded * 16;
  const way = openRows(parts, tile, load, null, width, padded, x, out);
  const z = parts.take(panel * PANELS);
  const acc = parts.take(16 * PANELS);
  const scratch = parts.take(scratchBytes(sum, width));
  const counting = new Recorder(stages, rows, 'counts', 0);
  const storer = store === null ? null : new Unit(store.format, store.policy);
  const finite = new Uint8Array(rows);
  for (let first = 0; first < rows; first += tile.height) {
    tile.rows = Math.min(tile.height, rows - first);
    way.load(first, 0, z, panel);
    clear(tile, acc);
    addUp(tile, sum, { x: z, y: null, panel }, 0, 1, width, acc, scratch);
    accountSums(first);
  }
  const nan = addTotals(core, tile.totals, counting.counts, 0);
  const lost = addTotals(core, tile.totals + TOTALS * 8, counting.counts, 1);
  if ((nan > 0 && load.format.kind === 'float' && load.format.nan === 'none') || (lost > 0 && refusesNaN(sum))) {
    return false;
  }
  recorder.endConstants();
  conclude(recorder, { counts: counting.counts, rowFlags: counting.rowFlags, finite }, () => {
    const replay = sumRow(plan, recorder);
    for (const r of firstRaising(counting.rowFlags)) {
      replay(r, Float64Array.from(x.subarray(r * width, (r + 1) * width)));
      recorder.endRow(finite[r] !== 0);
    }
  });
  return true;

  function accountSums(first: number): void {
    settle(tile, accountStep(sum), 1);
    closeRows(way, tile, first, counting.rowFlags, finite);
    const { buffer } = core.memory;
    const sums = lane === 4 ? new Float32Array(buffer, acc, tile.rows) : new Float64Array(buffer, acc, tile.rows);
    sums.forEach((value, r) => {
      const y = storer === null ? value : storeSum(storer, value, first + r, plan, counting);
      out[first + r] = y;
      finite[first + r] = Number.isFinite(y) ? 1 : 0;
    });
  }
}
