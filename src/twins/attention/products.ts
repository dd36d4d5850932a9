/**
 * The two products of attention, part by part, on the twins of `matmul`.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import { eventKinds } from '../../rounding/flags.ts';
import type { AttentionPlan } from '../../specification/attention/plan.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Counters, createCounters, NOT_FINITE } from '../counters.ts';
import { compileInstructions } from '../instructions/products.ts';
import { compileProduct } from '../products/compile.ts';
import type { Twin } from '../twin.ts';

const KINDS = eventKinds.length;

/** Ordinals of a product's stages among those of attention; −1 for one that it does not have. */
export interface ProductStages {
  readonly product: number;
  readonly accumulate: number;
  readonly store: number;
}

/** A product's parts: their plans and twins, by their sizes. */
export interface PartProduct {
  readonly plan: ProductPlan;
  readonly at: ProductStages;
  /**
   * The twin of m rows by n columns along k, of which each row may have only the first so many, or of m rows one by one (n null);
   * null where there is none.
   */
  twinOf(m: number, k: number, n: number | null, ends: readonly number[] | null): Twin<RawProductInputs> | null;
}

/** The parts of one of the products. */
export function openProduct(
  { record }: AttentionPlan,
  product: ProductPlan,
  at: ProductStages,
  engine: Engine,
): PartProduct {
  const known = new Map<string, Twin<RawProductInputs> | null>();
  return {
    plan: product,
    at,
    twinOf(m, k, n, ends) {
      const key = `${m} ${k} ${n} ${ends}`;
      let twin = known.get(key);
      if (twin === undefined) {
        const part = partOf(product, record, m, k, n);
        const isWhole = n !== null && ends === null;
        twin = isWhole ? compileProduct(part, engine) : compileInstructions(part, engine, ends);
        known.set(key, twin);
      }
      return twin;
    },
  };
}

/** The plan of a part: of m rows by n columns, or (n null) of m rows one by one. */
export function partOf(
  product: ProductPlan,
  record: AttentionPlan['record'],
  m: number,
  k: number,
  n: number | null,
): ProductPlan {
  const rows = m * (n ?? 1);
  const pairing = n === null ? ({ kind: 'rows' } as const) : ({ kind: 'all', columns: n } as const);
  return { ...product, kernel: n === null ? 'dot' : 'matmul', record, rows, size: rows, width: k, pairing };
}

/** Operands of a part: A of m rows by k, B of k by n (n null: of m rows by k), where sums start, how many columns rows have. */
export interface PartOperands {
  readonly m: number;
  readonly k: number;
  readonly n: number | null;
  readonly a: FloatArray;
  readonly b: FloatArray;
  readonly c: FloatArray | null;
  readonly ends?: readonly number[] | null;
}

/** Runs a part into `out`; false where it has no twin, or the twin refuses. `rowOf`: the number of its i-th row. */
export function multiplyPart(
  { at, twinOf, plan }: PartProduct,
  { m, k, n, ends = null, ...operands }: PartOperands,
  out: FloatArray,
  { counts, rowFlags, onPiece }: Counters,
  rowOf: (i: number) => number,
): boolean {
  if (m === 0 || n === 0) return true;
  const twin = twinOf(m, k, n, ends);
  if (twin === null) return false;
  const own = createCounters(plan.stages.length, twin.flagSlots, (bytes) => new ArrayBuffer(bytes));
  const counters = onPiece === undefined ? own : { ...own, onPiece };
  if (!twin.computeRange({ ...operands, scales: null }, out, counters, 0, twin.items)) return false;
  plan.stages.forEach((stage, s) => {
    // What is multiplied here has been loaded: reading it once more tells nothing.
    const into = stage === 'load' ? -1 : at[stage];
    if (into < 0) return;
    for (let kind = 0; kind < KINDS; kind++) {
      counts[into * KINDS + kind] = (counts[into * KINDS + kind] as number) + (own.counts[s * KINDS + kind] as number);
    }
  });
  const columns = n ?? 1;
  for (let i = 0; i < m; i++) {
    let raised = 0;
    for (let j = i * columns; j < (i + 1) * columns; j++) raised |= own.rowFlags[j] as number;
    rowFlags[rowOf(i)] |= raised & ~NOT_FINITE;
  }
  return true;
}
