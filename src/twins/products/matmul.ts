/**
 * The fast twin of `matmul`: rows of A against packed columns of B, every output's sum in its own order.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import { layoutBytes, offsetsOf, productJob, productMethod, writeFields } from '../../engine/layouts.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, roundingBlock, writeBlock } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ProductPlan, ProductStage, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { castLoop } from '../casts/loop.ts';
import { addTotals, type Counters, hasNoNaN, NOT_FINITE, TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats } from '../floats.ts';
import type { Twin } from '../twin.ts';
import { openBlocks, PART_BYTES, type Rectangle } from './blocks.ts';
import { canBeOverflowFree, isIdentity, isNearestEven, type Method, methodOf, refine } from './method.ts';
import { openOverflowFree } from './overflowFree.ts';
import { finishLeft, finishProducts } from './replay.ts';

/** Columns that threads take together: two panels of binary32 numbers. */
const ITEM_COLUMNS = 32;

/** Where a job says where the row of A lies. */
const { a: ROW } = /* @__PURE__ */ offsetsOf(productJob);

/** The fast twin of a plan, or null where its unit has none. */
export function compileMatmul(plan: ProductPlan, engine: Engine): Twin<RawProductInputs> | null {
  // An addend that no sum has rounded may not be a value of the output's format.
  if (plan.width === 0) return null;
  const method = methodOf(plan);
  if (method === null || plan.pairing.kind !== 'all' || plan.width * 64 > PART_BYTES) return null;
  if (castLoop(plan.addend, 8, 8) === null) return null;
  if (!isIdentity(method.sum, plan.output) && !isNearestEven(plan.output, method.lane)) return null;
  // Where nothing is counted, no one would see a NaN that a step cannot hold.
  const own = [method.sum, plan.output, ...(method.product === null ? [] : [method.product])];
  if (plan.record === 'off' && own.some(hasNoNaN)) return null;
  const { columns } = plan.pairing;
  const rows = columns === 0 ? 0 : plan.rows / columns;
  // Threads divide the longer side: each loads and packs all of the other.
  const byColumns = columns > rows && columns >= 16 * ITEM_COLUMNS;
  return {
    items: byColumns ? Math.ceil(columns / ITEM_COLUMNS) : rows,
    flagSlots: plan.rows,
    computeRange: (raw, out, counters, first, end) => {
      const part = byColumns
        ? { top: 0, bottom: rows, left: first * ITEM_COLUMNS, right: Math.min(end * ITEM_COLUMNS, columns) }
        : { top: first, bottom: end, left: 0, right: columns };
      return lease(engine, (parts) => matmulFast(plan, refine(plan, method, raw), parts, raw, out, counters, part));
    },
    finish: (raw, _, counters, recorder) => finishProducts(plan, raw, counters, recorder),
  };
}

function matmulFast(
  plan: ProductPlan,
  method: Method,
  parts: Lease,
  raw: RawProductInputs,
  out: FloatArray,
  { counts, rowFlags, onPiece }: Counters,
  part: Rectangle,
): boolean {
  const { a, b, c } = raw;
  const { width: k, rows, stages, pairing, output } = plan;
  const n = pairing.kind === 'all' ? pairing.columns : 1;
  const { name, lane, product, sum } = method;
  // The loops add numbers of the sum's format. An addend of another format may be none, so the specification runs.
  if (c !== null && product !== null && !isIdentity(plan.addend, sum)) return false;
  if (rows === 0) return false;
  if (plan.positiveZeros && sum.policy.rounding === 'towardNegative') return false;
  const { core } = parts.engine;
  const { call, memory } = core;
  const { take } = parts;
  const isCounting = plan.record !== 'off';
  const at = (stage: ProductStage): number => stages.indexOf(stage);
  const totals = take(stages.length * TOTALS * 8);
  new Uint8Array(memory.buffer, totals, stages.length * TOTALS * 8).fill(0);
  const totalsOf = (stage: ProductStage): Pointer => totals + Math.max(0, at(stage)) * TOTALS * 8;
  const sumAt = place(parts, sum, lane);
  const productAt = product === null ? sumAt : place(parts, product, lane);
  const sumBlock = roundingBlock(sum, lane);
  const productBlock = product === null ? null : roundingBlock(product, lane);
  const blocks = openBlocks(parts, plan, lane, raw, totalsOf('load'), part);
  const { acc, packed, panels } = blocks;
  const flags = take(blocks.columns * 2);
  const tallies = take(9 * TALLY_BYTES);
  new Uint8Array(memory.buffer, tallies, 9 * TALLY_BYTES).fill(0);
  const overflowFree =
    k > 0 && product !== null && canBeOverflowFree(method)
      ? openOverflowFree(
          parts,
          k,
          { a: plan.a, b: plan.b, product, sum, hasStart: c !== null, isCounting },
          {
            ...{ packed, acc, flags, tallies, panels },
            productTotals: totalsOf('product'),
            totals: totalsOf('accumulate'),
          },
        )
      : null;
  const isStored = isIdentity(sum, output);
  const outputBlock = isStored ? null : roundingBlock(output, lane);
  const outputAt = isStored ? 0 : place(parts, output, lane);
  const job = take(layoutBytes(productJob));
  const { format } = sum;
  const fields = {
    ...{ a: 0, b: packed, length: k, acc, product: productAt, sum: sumAt, flags, tallies, panel: k * 64 },
    productTotals: totalsOf('product'),
    totals: totalsOf('accumulate'),
    productOverflowAccounting: productBlock?.overflowAccounting ?? 0,
    overflowAccounting: sumBlock?.overflowAccounting ?? 0,
    shift: format.kind === 'float' ? 23 - format.mantissaBits : 0,
    isFused: product === null ? 1 : 0,
    isGeneral: (sumBlock?.isGeneral ?? false) || (productBlock?.isGeneral ?? false) ? 1 : 0,
  };
  const deferred: number[] = [];
  for (let j0 = part.left; j0 < part.right; j0 += blocks.columns) {
    const wide = Math.min(blocks.columns, part.right - j0);
    blocks.placeB(j0, wide);
    overflowFree?.placeB(wide);
    writeFields(core, job, productJob, { ...fields, width: wide });
    const row32 = new Uint32Array(memory.buffer, job + ROW, 1);
    const sums = floats(core, lane, acc, wide);
    const found = new Uint16Array(memory.buffer, flags, wide);
    for (let i0 = part.top; i0 < part.bottom; i0 += blocks.rows) {
      const high = Math.min(blocks.rows, part.bottom - i0);
      blocks.placeA(i0, high, j0 === 0);
      overflowFree?.placeA(blocks.a, high);
      for (let r = 0; r < high; r++) {
        const start = (i0 + r) * n + j0;
        if (!blocks.start(start, wide)) return false;
        if (isCounting) found.fill(0);
        row32[0] = blocks.a + r * k * lane;
        const isOverflowFree = overflowFree?.row(r, wide) === true;
        if (k > 0 && !isOverflowFree) {
          (lane === 4 ? call.productRow32 : call.productRow64)(productMethod[name], isCounting, job);
        }
        if (outputBlock !== null) {
          const store = lane === 4 ? call.storeRow32 : call.storeRow64;
          store(acc, wide, outputAt, outputBlock.overflowAccounting, totalsOf('store'), flags, tallies);
        }
        out.set(sums, start);
        onPiece?.();
        if (!isCounting) continue;
        // Sums without overflow are finite; what is stored of them may not be.
        if (isOverflowFree && outputBlock === null) {
          rowFlags.set(found, start);
          continue;
        }
        for (let j = 0; j < wide; j++) {
          const raised = found[j] as number;
          if (raised === 0xffff) deferred.push(start + j);
          else rowFlags[start + j] = raised | (Number.isFinite(out[start + j]) ? 0 : NOT_FINITE);
        }
      }
    }
  }

  let nan = 0;
  stages.forEach((_, stage) => {
    nan += addTotals(core, totals + stage * TOTALS * 8, counts, stage);
  });
  const steps = [plan.a, plan.b, plan.addend, plan.output, sum, ...(product === null ? [] : [product])];
  if (nan > 0 && steps.some(hasNoNaN)) return false;
  if (!isCounting) return true;

  // Outputs that a short cut could not count; their stores have been counted.
  finishLeft(plan, { a, b, c, scales: null }, out, { counts, rowFlags, magnitudes: null }, deferred, at('store'));
  for (const r of deferred) if (!Number.isFinite(out[r])) rowFlags[r] |= NOT_FINITE;
  return true;
}

/** Places a rounding's constants. Methods without a block of their own meet no threshold but zero. */
function place({ engine: { core }, take }: Lease, rounding: Rounding, lane: LaneBytes): Pointer {
  const at = take(BLOCK_BYTES);
  const block = roundingBlock(rounding, lane);
  if (block === null) new Uint8Array(core.memory.buffer, at, BLOCK_BYTES).fill(0);
  else writeBlock(core, block, at);
  return at;
}
