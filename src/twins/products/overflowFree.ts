/**
 * Rows whose products and sums cannot overflow: what rounds them needs no thresholds. `assembly/products/overflowFree.ts` has the loops.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import {
  layoutBytes,
  offsetsOf,
  overflowFreeConstants,
  overflowFreeJob,
  sumRange,
  writeConstants,
  writeFields,
} from '../../engine/layouts.ts';
import type { Pointer } from '../../engine/module.ts';
import { type Block, roundingBlock } from '../../engine/roundingBlock.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { exponentOf } from '../../rounding/rounder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';

/** Where a job says where the row of A lies. */
const { a: A } = /* @__PURE__ */ offsetsOf(overflowFreeJob);

/** Rows of A against the packed columns of B, in binary32 lanes. */
export interface OverflowFree {
  /** B's columns have been packed. */
  placeB(width: number): void;
  /** Rows of A have been loaded, from where `rows` is. */
  placeA(rows: Pointer, count: number): void;
  /**
   * Carries out row r, `width` columns, from what the accumulators hold; false, and nothing done, where something might
   * overflow.
   */
  row(r: number, width: number): boolean;
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
export interface OverflowFreeRoundings {
  readonly a: Rounding;
  readonly b: Rounding;
  readonly product: Rounding;
  readonly sum: Rounding;
  /** Whether sums start from numbers of their own. */
  readonly hasStart: boolean;
  readonly isCounting: boolean;
}

/** Largest magnitudes that a step may meet: below its overflow, and so that binary32 holds them times 2^(24 − precision). */
function overflowBound(block: Block | null, format: FloatFormat): number {
  return Math.min((block?.constants.over as number | undefined) ?? Infinity, 2 ** (102 + format.precision));
}

/** Bits of a format's significands. */
function bitsOf(format: Format): number {
  return format.kind === 'float' ? format.precision : Infinity;
}

/** Room for a run of 256 steps: replaced ones, rounded products, and what is to be looked at. */
const RUN = 256;
const SCRATCH_BYTES = (RUN / 8) * 144 + RUN * 64 + RUN * 80;

/** Prepares rows of k elements. */
export function openOverflowFree(
  { engine: { core }, take }: Lease,
  k: number,
  { a, b, product, sum, hasStart, isCounting }: OverflowFreeRoundings,
  { packed, acc, flags, tallies, productTotals, totals, panels }: Places,
): OverflowFree {
  const { call, memory } = core;
  const format = product.format as FloatFormat;
  const sumFormat = sum.format as FloatFormat;
  const [productBlock, sumBlock] = [roundingBlock(product, 4), roundingBlock(sum, 4)];
  const split = (p: number): number => 2 ** (24 - p) + 1;
  const length = Math.ceil(k / 16) * 16;
  const constants = take(layoutBytes(overflowFreeConstants));
  const smallest = take(panels * length * 4);
  const largest = take(k * 4);
  const oddParts = isCounting ? take(panels * k * 32) : 0;
  const leastOddParts = isCounting ? take(panels * length * 2) : 0;
  const zeros = isCounting ? take(panels * Math.ceil(k / RUN) * 64) : 0;
  const factors = take(length * 16);
  const keys = take(length * 4);
  const exact = take(length * 2);
  const bounds = take(32);
  const scratch = take(SCRATCH_BYTES + length / 8 + 8);
  const job = take(layoutBytes(overflowFreeJob));
  const tiny = (productBlock?.constants.tiny as number | undefined) ?? format.minNormal;
  writeConstants(
    core,
    constants,
    overflowFreeConstants,
    {
      least: format.minNormal,
      roundingConstant: 1.5 * 2 ** (24 - format.precision),
      productSplit: split(format.precision),
      split: split(sumFormat.precision),
      tiny,
    },
    4,
  );
  const [aBits, bBits] = [bitsOf(a.format), bitsOf(b.format)];
  const hasFactors = aBits <= format.precision && aBits + bBits <= 23;
  const [productLimit, sumLimit] = [overflowBound(productBlock, format), overflowBound(sumBlock, sumFormat)];
  /** The least exponent that scaled numbers may be moved by: binary32 holds the quanta of both formats. */
  const lowest = Math.max(format.mantissaBits - format.emin, sumFormat.mantissaBits - sumFormat.emin) - 149;
  /** Sums up to here are exact in binary32. */
  const narrow = 2 ** (23 + sumFormat.emin - sumFormat.mantissaBits);
  let sums = new Float64Array(0);
  let products = new Float64Array(0);
  let rows = 0;
  const meet = (at: readonly Pointer[], start: number): Float32Array => {
    call.magnitudeBound(at[0]!, at[1]!, at[2]!, at[3]!, k, largest, start, constants, bounds);
    return new Float32Array(memory.buffer, bounds, 8);
  };
  return {
    placeB(width) {
      call.magnitudes(packed, k, width, smallest, largest, oddParts, leastOddParts, zeros);
      writeFields(core, job, overflowFreeJob, {
        ...{
          a: 0,
          b: packed,
          length: k,
          width,
          acc,
          constants,
          smallest,
          oddParts,
          leastOddParts,
          zeros,
          factors,
          keys,
          exact,
        },
        ...{ productTotals, totals, flags, tallies, scratch },
        productOverflowAccounting: productBlock?.overflowAccounting ?? 0,
        overflowAccounting: sumBlock?.overflowAccounting ?? 0,
        isCounting: isCounting ? 1 : 0,
        hasFactors: hasFactors ? 1 : 0,
      });
    },
    placeA(at, count) {
      rows = at;
      sums = new Float64Array(count);
      products = new Float64Array(count);
      for (let r = 0; r < count && !hasStart; r += 4) {
        const four = [0, 1, 2, 3].map((i) => at + Math.min(r + i, count - 1) * k * 4);
        const found = meet(four, 0);
        sums.set(found.subarray(0, Math.min(4, count - r)), r);
        products.set(found.subarray(4, 4 + Math.min(4, count - r)), r);
      }
    },
    row(r, width) {
      const at = rows + r * k * 4;
      let [most, largestProduct] = [sums[r] as number, products[r] as number];
      if (hasStart) {
        let start = 0;
        for (const s of new Float32Array(memory.buffer, acc, width)) start = Math.max(start, Math.abs(s));
        const found = meet([at, at, at, at], start);
        [most, largestProduct] = [found[0] as number, found[4] as number];
      }
      if (!(most < sumLimit && largestProduct < productLimit)) return false;
      const isNarrow = most <= narrow;
      const isWide = most * 2 ** -22 > format.minNormal;
      let unit = 1;
      if (isCounting && !isNarrow && largestProduct > 0) {
        // A product below 2^e loses no sum from 2^(e − precision) on, which shall be 2.
        const e = exponentOf(largestProduct * (1 + 2 ** -format.mantissaBits)) + 1;
        const shift = 1 + sumFormat.precision - e;
        if (shift < lowest) return false;
        unit = 2 ** Math.min(shift, 100);
        if (most * unit >= 2 ** (102 + sumFormat.precision)) return false;
      }
      new Uint32Array(memory.buffer, job + A, 1)[0] = at;
      return (
        call.overflowFreeRow(job, unit, isNarrow ? sumRange.narrow : isWide ? sumRange.wide : sumRange.normal) !== 0
      );
    },
  };
}
