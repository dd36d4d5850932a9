/**
 * Operands of a matrix product on their way into the engine: blocks of whole rows of A, and of whole panels of B's columns.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { hasNoNaN } from '../counters.ts';
import { floats } from '../floats.ts';
import { caster } from './caster.ts';

/** Bytes of B, and of A, that lie in the engine's memory at a time. */
export const PART_BYTES: number = 2 ** 23;

/** A rectangle of outputs. */
export interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Blocks of operands, and where they lie. */
export interface Blocks {
  /** Rows of A, and columns of B, of a block at most. */
  readonly rows: number;
  readonly columns: number;
  readonly panels: number;
  /** Loaded rows of A; packed columns of B; where the sums of a row start. */
  readonly a: Pointer;
  readonly packed: Pointer;
  readonly acc: Pointer;
  /** Loads `wide` columns of B from column j on. */
  placeB(j: number, wide: number): void;
  /** Loads `high` rows of A from row i on. Rows that are loaded again are not counted again. */
  placeA(i: number, high: number, isFirst: boolean): void;
  /** Loads what `wide` outputs start from; false where that is −0, which loops keep only where signs of zero are kept. */
  start(output: number, wide: number): boolean;
}

/** Makes room for the blocks of a rectangle of outputs. */
export function openBlocks(
  parts: Lease,
  plan: ProductPlan,
  lane: LaneBytes,
  { a, b, c }: RawProductInputs,
  totals: Pointer,
  { top, bottom, left, right }: Rectangle,
): Blocks {
  const {
    engine: { core },
    take,
  } = parts;
  const { call, memory } = core;
  const { width: k, pairing } = plan;
  const n = pairing.kind === 'all' ? pairing.columns : 1;
  const perVector = 64 / lane;
  const perPanel = k * 64;
  const panels = Math.max(
    1,
    Math.min(Math.ceil((right - left) / perVector), Math.floor(PART_BYTES / Math.max(perPanel, 1))),
  );
  const rows = Math.max(1, Math.min(bottom - top, Math.floor(PART_BYTES / Math.max(k * lane, 1))));
  const columns = panels * perVector;
  const packed = take(panels * perPanel);
  const strip = take(Math.max(1, k) * columns * lane);
  const rawStrip = take(columns * 8);
  const aRows = take(rows * k * lane + 64);
  const rawRow = take(Math.max(k, columns) * 8 + 64);
  const acc = take(columns * lane);
  // Counting tells of NaN, too.
  const asks = (rounding: Rounding): boolean => plan.record !== 'off' || hasNoNaN(rounding);
  const loadA = caster(parts, plan.a, totals, asks(plan.a));
  const loadAgain = caster(parts, plan.a, 0, false);
  // Parts of the same rows, or columns, load the same; the first counts it.
  const loadB = caster(parts, plan.b, totals, asks(plan.b) && top === 0);
  const loadC = caster(parts, plan.addend, totals, asks(plan.addend));
  const from = (x: FloatArray): LaneBytes => x.BYTES_PER_ELEMENT as LaneBytes;
  return {
    ...{ rows, columns, panels, a: aRows, packed, acc },
    placeB(j, wide) {
      if (wide < columns) new Float64Array(memory.buffer, strip, (k * columns * lane) / 8).fill(0);
      const raw = floats(core, from(b), rawStrip, wide);
      for (let r = 0; r < k; r++) {
        raw.set(b.subarray(r * n + j, r * n + j + wide));
        loadB.cast(rawStrip, from(b), strip + r * columns * lane, lane, wide);
      }
      for (let p = 0; p < Math.ceil(wide / perVector); p++) {
        call.packColumns(strip + p * 64, columns * lane, k, packed + p * perPanel);
      }
    },
    placeA(i, high, isFirst) {
      const raw = floats(core, from(a), rawRow, k);
      for (let r = 0; r < high; r++) {
        raw.set(a.subarray((i + r) * k, (i + r + 1) * k));
        (isFirst ? loadA : loadAgain).cast(rawRow, from(a), aRows + r * k * lane, lane, k);
      }
    },
    start(output, wide) {
      new Float64Array(memory.buffer, acc, Math.ceil(wide / perVector) * 8).fill(0);
      if (c === null) return true;
      floats(core, from(c), rawRow, wide).set(c.subarray(output, output + wide));
      loadC.cast(rawRow, from(c), acc, lane, wide);
      const starts = floats(core, lane, acc, wide);
      return starts.every((start) => !Object.is(start, -0));
    },
  };
}
