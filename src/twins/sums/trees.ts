/**
 * The fast twin of `sum`: rows side by side, every row in its own order.
 *
 * @module
 */
import { Unit } from '../../arithmetic/unit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { SumPlan } from '../../specification/sum/plan.ts';
import { storeSum } from '../../specification/sum/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Account, addTotals, hasNoNaN, settleRow, TOTALS } from '../account.ts';
import { closeRows, openRows } from '../lanes/rows.ts';
import {
  accountRounding,
  addUp,
  clear,
  isUniform,
  placeSum,
  refusesNaN,
  roundingsOf,
  scratchBytes,
} from '../lanes/sums.ts';
import { chooseLane, createTile, PANELS, settle, WIDEST } from '../lanes/tile.ts';
import type { Lowered } from '../twin.ts';
import { concludeSum } from './conclude.ts';

/** The fast twin of a plan, or null where its steps or its order have none. */
export function lowerSum(plan: SumPlan, engine: Engine): Lowered<FloatArray> | null {
  const { load, reduction, width } = plan;
  const steps = roundingsOf(reduction);
  if (load === null || steps === null || width === 0 || width > WIDEST) return null;
  const lane = chooseLane([load, ...steps], []);
  if (lane === null) return null;
  return {
    items: plan.rows,
    accounts: plan.rows,
    pass: (x, out, account, first, end) =>
      lease(engine, (parts) => sumFast(plan, load, lane, parts, x, out, account, first, end)),
    conclude: (x, _, account, recorder) => concludeSum(plan, x, account, recorder),
  };
}

function sumFast(
  plan: SumPlan,
  load: Rounding,
  lane: LaneBytes,
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  account: Account,
  firstRow: number,
  lastRow: number,
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
  const counting = new Recorder(stages, rows, 'counts', 0, account);
  const storer = store === null ? null : new Unit(store.format, store.policy);
  for (let first = firstRow; first < lastRow; first += tile.height) {
    tile.rows = Math.min(tile.height, lastRow - first);
    way.load(first, 0, z, panel);
    clear(tile, acc);
    addUp(tile, sum, { x: z, y: null, panel }, 0, 1, width, acc, scratch);
    accountSums(first);
  }
  const nan = addTotals(core, tile.totals, account.counts, 0);
  const lost = addTotals(core, tile.totals + TOTALS * 8, account.counts, 1);
  const isRefused = nan > 0 && hasNoNaN(load);
  return !isRefused && (lost === 0 || !refusesNaN(sum));

  function accountSums(first: number): void {
    settle(tile, accountRounding(sum), 1);
    closeRows(tile, first, account);
    const { buffer } = core.memory;
    const sums = lane === 4 ? new Float32Array(buffer, acc, tile.rows) : new Float64Array(buffer, acc, tile.rows);
    sums.forEach((value, r) => {
      const y = storer === null ? value : storeSum(storer, value, first + r, plan, counting);
      out[first + r] = y;
      settleRow(account, first + r, Number.isFinite(y));
    });
  }
}
