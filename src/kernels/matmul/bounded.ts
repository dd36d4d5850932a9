/**
 * Rows whose products and sums cannot overflow: what rounds them needs no thresholds. `assembly/bounded.ts` has the loops.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { type Block, stepBlock } from '../../engine/step.ts';
import type { FloatFormat } from '../../formats/format.ts';
import type { Step } from '../../rounding/step.ts';

/** Rows of A against the packed columns of B, in binary32 lanes. */
export interface Bounded {
  /** B's columns have been packed. */
  placeB(width: number): void;
  /** Rows of A have been loaded, from where `rows` is. */
  placeA(rows: Pointer, count: number): void;
  /** Carries out row r from what the accumulators hold; false, and nothing done, where something might overflow. */
  row(r: number): boolean;
}

/** Where things lie: all that a row reads and writes. */
export interface Places {
  readonly packed: Pointer;
  readonly acc: Pointer;
  readonly flags: Pointer;
  readonly tallies: Pointer;
  readonly productTotals: Pointer;
  readonly totals: Pointer;
  /** B's panels at most. */
  readonly panels: number;
}

/** Steps of which every threshold is known. */
export interface BoundedSteps {
  readonly product: Step;
  readonly sum: Step;
  /** Whether sums start from numbers of their own. */
  readonly hasStart: boolean;
  readonly isCounting: boolean;
}

/** Largest magnitudes that a step may meet: below its overflow, and so that binary32 holds them times 2^(24 − precision). */
function roof(block: Block | null, format: FloatFormat): number {
  return Math.min((block?.constants[2] as number | undefined) ?? Infinity, 2 ** (102 + format.precision));
}

/** Room that counting takes, beside a bit for every element. */
const SCRATCH_BYTES = 64 + 64 * 80;

/** Prepares rows of k elements. */
export function openBounded(
  { engine: { core }, take }: Lease,
  k: number,
  { product, sum, hasStart, isCounting }: BoundedSteps,
  { packed, acc, flags, tallies, productTotals, totals, panels }: Places,
): Bounded {
  const { call, memory } = core;
  const format = product.format as FloatFormat;
  const sumFormat = sum.format as FloatFormat;
  const { emin, mantissaBits, precision } = sumFormat;
  const [productBlock, sumBlock] = [stepBlock(product, 4), stepBlock(sum, 4)];
  const split = (p: number): number => 2 ** (24 - p) + 1;
  const length = Math.ceil(k / 16) * 16;
  const constants = take(5 * 16);
  const smallest = take(panels * length * 4);
  const largest = take(k * 4);
  const keys = take(length * 4);
  const reached = take(32);
  const scratch = take(SCRATCH_BYTES + length / 8 + 8);
  new Uint8Array(memory.buffer, scratch, 64).fill(0);
  const job = take(64);
  const tiny = (productBlock?.constants[3] as number | undefined) ?? format.minNormal;
  const values = [
    format.minNormal,
    1.5 * 2 ** (24 - format.precision),
    split(format.precision),
    split(precision),
    tiny,
  ];
  const block = new Float32Array(memory.buffer, constants, 20);
  for (let i = 0; i < 20; i++) block[i] = values[i >> 2] as number;
  const [productRoof, sumRoof] = [roof(productBlock, format), roof(sumBlock, sumFormat)];
  const narrow = 2 ** (23 + emin - mantissaBits);
  let bounds = new Float64Array(0);
  let rows = 0;
  let columns = 0;
  const meet = (at: readonly Pointer[], start: number): Float32Array => {
    call.reach(at[0]!, at[1]!, at[2]!, at[3]!, k, largest, start, constants, reached);
    return new Float32Array(memory.buffer, reached, 8);
  };
  const bound = (found: Float32Array, i: number): number =>
    (found[i] as number) < sumRoof && (found[4 + i] as number) < productRoof ? (found[i] as number) : Infinity;
  return {
    placeB(width) {
      columns = width;
      call.magnitudes(packed, k, width, isCounting, smallest, largest);
    },
    placeA(at, count) {
      rows = at;
      bounds = new Float64Array(hasStart ? 0 : count);
      for (let r = 0; r < bounds.length; r += 4) {
        const four = [0, 1, 2, 3].map((i) => at + Math.min(r + i, count - 1) * k * 4);
        const found = meet(four, 0);
        for (let i = 0; i < Math.min(4, count - r); i++) bounds[r + i] = bound(found, i);
      }
      new Uint32Array(memory.buffer, job, 16).set([
        ...[rows, packed, k, columns, acc, constants, smallest, keys, productTotals, totals],
        ...[productBlock?.behaviour ?? 0, sumBlock?.behaviour ?? 0, flags, tallies],
        ...[isCounting ? 1 : 0, scratch],
      ]);
    },
    row(r) {
      const at = rows + r * k * 4;
      let most = bounds[r] ?? Infinity;
      if (hasStart) {
        let start = 0;
        for (const s of new Float32Array(memory.buffer, acc, columns)) start = Math.max(start, Math.abs(s));
        most = bound(meet([at, at, at, at], start), 0);
      }
      if (most === Infinity) return false;
      // A product beside which binary32 would lose a sum's last place, or the other way round, is no ordinary one.
      const limit = isCounting ? Math.max(format.minNormal, most * 2 ** -22) : format.minNormal;
      new Uint32Array(memory.buffer, job, 1)[0] = at;
      call.boundedRow(job, limit, most <= narrow);
      return true;
    },
  };
}
