/**
 * The fast twin of `dot`: pairs of rows side by side, every sum in its own order.
 *
 * @module
 */

import { Unit } from '../../arithmetic/unit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import { Recorder } from '../../events/recorder.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import { storeSum } from '../../specification/products/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Account, addTotals, hasNoNaN, settleRow, TALLY_BYTES, TOTALS } from '../account.ts';
import { closeRows, openRows } from '../lanes/rows.ts';
import { accountRounding, addUp, clear, isUniform, placeSum, roundingsOf, scratchBytes } from '../lanes/sums.ts';
import { chooseLane, createTile, PANELS, placeRounding, settle, WIDEST } from '../lanes/tile.ts';
import type { Lowered } from '../twin.ts';
import { concludeProducts } from './replay.ts';

/** The fast twin of a plan, or null where its unit has none. */
export function lowerDot(plan: ProductPlan, engine: Engine): Lowered<RawProductInputs> | null {
  const { a, b, product, reduction, scale, width, positiveZeros } = plan;
  const steps = roundingsOf(reduction);
  if (steps === null || scale !== null || positiveZeros || width === 0 || width > WIDEST) return null;
  const all = [a, b, ...steps, ...(product === null ? [] : [product])];
  const lane = chooseLane(all, [[a, b]]);
  if (lane === null || all.some(hasNoNaN)) return null;
  return {
    items: plan.rows,
    accounts: plan.rows,
    pass: (raw, out, account, first, end) =>
      lease(engine, (parts) => dotFast(plan, lane, parts, raw, out, account, first, end)),
    conclude: (raw, _, account, recorder) => concludeProducts(plan, raw, account, recorder),
  };
}

function dotFast(
  plan: ProductPlan,
  lane: LaneBytes,
  parts: Lease,
  { a, b, c }: RawProductInputs,
  out: FloatArray,
  account: Account,
  firstRow: number,
  lastRow: number,
): boolean {
  const { rows, width, stages, reduction, product } = plan;
  const { core } = parts.engine;
  const sum = placeSum(parts, reduction, lane);
  if (c !== null || rows === 0 || !isUniform(sum)) return false;
  const at = (stage: string): number => stages.indexOf(stage);
  const tile = createTile(parts, lane, stages.length);
  const padded = Math.ceil(width / 4) * 4;
  const panel = padded * 16;
  const wayA = openRows(parts, tile, plan.a, null, width, padded, a, out);
  const wayB = openRows(parts, tile, plan.b, null, width, padded, b, out);
  const x = parts.take(panel * PANELS);
  const y = parts.take(panel * PANELS);
  const acc = parts.take(16 * PANELS);
  const scratch = parts.take(scratchBytes(sum, width));
  const multiply = product === null ? null : placeRounding(parts, product, lane);
  const counting = new Recorder(stages, rows, 'counts', 0, account);
  const store = new Unit(plan.output.format, plan.output.policy);
  const { call } = core;
  for (let first = firstRow; first < lastRow; first += tile.height) {
    tile.rows = Math.min(tile.height, lastRow - first);
    wayA.load(first, at('load'), x, panel);
    wayB.load(first, at('load'), y, panel);
    // Loading belongs to no output.
    new Uint16Array(core.memory.buffer, tile.words, tile.height).fill(0);
    if (multiply !== null) {
      for (let g = 0; g < PANELS; g++) {
        const [p, q, own] = [x + g * panel, y + g * panel, tile.tally + g * TALLY_BYTES];
        if (lane === 4) call.multiply32(p, q, 16, p, width, multiply.at, own);
        else call.multiply64(multiply.block.isGeneral, p, q, 16, p, width, multiply.at, own);
      }
      settle(tile, multiply, at('product'));
    }
    clear(tile, acc);
    addUp(tile, sum, { x, y: multiply === null ? y : null, panel }, 0, 1, width, acc, scratch);
    settle(tile, accountRounding(sum), at('accumulate'));
    closeRows(tile, first, account);
    const { buffer } = core.memory;
    const sums = lane === 4 ? new Float32Array(buffer, acc, tile.rows) : new Float64Array(buffer, acc, tile.rows);
    sums.forEach((value, i) => {
      const r = first + i;
      counting.row = r;
      const stored = storeSum(store, value, r, at('store'), counting);
      out[r] = stored;
      settleRow(account, r, Number.isFinite(stored));
    });
  }
  stages.forEach((_, stage) => {
    addTotals(core, tile.totals + stage * TOTALS * 8, account.counts, stage);
  });
  return true;
}
