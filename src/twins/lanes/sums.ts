/**
 * Reductions of a tile's rows: the algebra of order and float accumulator, four panels at a time.
 *
 * @module
 */
import type { FloatAccumulator, OrderedReduction, Reduction } from '../../accumulators/reduction.ts';
import { firstLeaf, leaves } from '../../accumulators/walk.ts';
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { hasFused, type LaneBytes } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { TALLY_BYTES } from '../counters.ts';
import { PANELS, type PlacedRounding, placeRounding, type Tile } from './tile.ts';

/** A reduction whose steps are placed. All accumulators account overflow alike, so one tally serves them. */
export type Sum =
  | {
      readonly kind: 'sequential' | 'pairwise' | 'butterfly';
      readonly rounding: PlacedRounding;
      readonly isFused: boolean;
      readonly isRawLeaf: boolean;
    }
  | {
      readonly kind: 'tiled' | 'strided';
      /** Elements of a tile, or lanes. */
      readonly size: number;
      readonly within: Sum;
      readonly across: Sum | 'chain';
    };

/** The steps of a reduction's accumulators; null where one is no float accumulator, or the order has no fast twin. */
export function roundingsOf(reduction: Reduction): Rounding[] | null {
  if (reduction.kind === 'tiled' || reduction.kind === 'strided') {
    if (reduction.kind === 'strided' ? (reduction.run ?? 1) !== 1 : reduction.short === 'first') return null;
    const within = roundingsOf(reduction.within);
    const across = reduction.across === 'chain' ? [] : roundingsOf(reduction.across);
    return within === null || across === null ? null : [...within, ...across];
  }
  if (reduction.kind === 'split') return null;
  const { accumulator, order, start, lanes } = reduction;
  if (accumulator.kind !== 'float' || order === 'descending' || start === 'first' || lanes !== undefined) return null;
  if (accumulator.fused === true && !hasFused(accumulator.rounding)) return null;
  return [accumulator.rounding];
}

/** Places a reduction that `stepsOf` has steps for. */
export function placeSum(parts: Lease, reduction: Reduction, lane: LaneBytes): Sum {
  if (reduction.kind === 'tiled' || reduction.kind === 'strided') {
    return {
      kind: reduction.kind,
      size: reduction.kind === 'tiled' ? reduction.size : reduction.lanes,
      within: placeSum(parts, reduction.within, lane),
      across: reduction.across === 'chain' ? 'chain' : placeSum(parts, reduction.across, lane),
    };
  }
  const { kind, accumulator, leaf } = reduction as OrderedReduction & { readonly accumulator: FloatAccumulator };
  return {
    kind,
    rounding: placeRounding(parts, accumulator.rounding, lane),
    isFused: accumulator.fused === true,
    isRawLeaf: leaf === 'element',
  };
}

/** The rounding whose account of overflow a sum's tally follows. */
export function countingRounding(sum: Sum): PlacedRounding {
  return firstLeaf(sum).rounding;
}

/** Whether all accumulators account overflow alike. */
export function isUniform(sum: Sum): boolean {
  const { overflowAccounting } = countingRounding(sum).block;
  return leaves(sum).every(({ rounding }) => rounding.block.overflowAccounting === overflowAccounting);
}

/** Whether an accumulator's format has no NaN, so that the specification must see one. */
export function refusesNaN(sum: Sum): boolean {
  return leaves(sum).some(({ rounding }) => rounding.block.refusesNaN);
}

/** Columns in memory: of x, and of y where the terms are products x·y. */
interface Columns {
  readonly x: Pointer;
  readonly y: Pointer | null;
  /** Bytes from panel to panel. */
  readonly panel: number;
}

/** Bytes that the inner sums of n elements need. */
export function scratchBytes(sum: Sum, n: number): number {
  if ('rounding' in sum) return sum.kind === 'sequential' ? 0 : n * 16 * PANELS;
  const inner = scratchBytes(sum.within, sum.kind === 'tiled' ? Math.min(sum.size, n) : Math.ceil(n / sum.size));
  if (sum.across === 'chain') return inner;
  const parts = sum.kind === 'tiled' ? Math.ceil(n / sum.size) : Math.min(sum.size, n);
  return parts * 16 * PANELS + Math.max(inner, scratchBytes(sum.across, parts));
}

/**
 * Adds up n columns from `from` on, `stride` apart: the four vectors at `acc` become the sums. They are where the sum
 * starts: zeros, but for chained tiles. `stage`: where results are counted by their magnitudes.
 */
export function addUp(
  tile: Tile,
  sum: Sum,
  columns: Columns,
  from: number,
  stride: number,
  n: number,
  acc: Pointer,
  scratch: Pointer,
  stage: number,
): void {
  if (n === 0) return;
  if ('rounding' in sum) {
    if (sum.kind !== 'sequential') tree(tile, sum, columns, from, stride, n, acc, scratch, stage);
    else if (tile.histograms === null) chain(tile, sum, columns, from, stride, n, acc);
    else steps(tile, sum, columns, from, stride, n, acc, stage);
    return;
  }
  const { size, within, across } = sum;
  const isTiled = sum.kind === 'tiled';
  const count = isTiled ? Math.ceil(n / size) : Math.min(size, n);
  const { call } = tile.core;
  const panel = count * 16;
  const rest = across === 'chain' ? scratch : scratch + panel * PANELS;
  for (let i = 0; i < count; i++) {
    if (across !== 'chain') clear(tile, acc);
    if (isTiled)
      addUp(tile, within, columns, from + i * size * stride, stride, Math.min(size, n - i * size), acc, rest, stage);
    else addUp(tile, within, columns, from + i * stride, stride * size, Math.ceil((n - i) / size), acc, rest, stage);
    if (across !== 'chain') call.scatter(acc, scratch + i * 16, panel);
  }
  if (across === 'chain') return;
  clear(tile, acc);
  addUp(tile, across, { x: scratch, y: null, panel }, 0, 1, count, acc, rest, stage);
}

export function clear({ core }: Tile, acc: Pointer): void {
  new Float64Array(core.memory.buffer, acc, 2 * PANELS).fill(0);
}

function chain(
  { core: { call }, lane, tally }: Tile,
  { rounding: { block, at }, isFused }: Extract<Sum, { rounding: PlacedRounding }>,
  { x, y, panel }: Columns,
  from: number,
  stride: number,
  n: number,
  acc: Pointer,
): void {
  const a = x + from * 16;
  // An unfused accumulator is given rounded products: they lie in x alone.
  if (isFused && y !== null) {
    const b = y + from * 16;
    if (lane === 4) call.fusedChain32(a, b, panel, stride * 16, n, acc, at, tally, TALLY_BYTES);
    else call.fusedChain64(block.isGeneral, a, b, panel, stride * 16, n, acc, at, tally, TALLY_BYTES);
  } else if (lane === 4) call.chain32(a, panel, stride * 16, n, acc, at, tally, TALLY_BYTES);
  else call.chain64(block.isGeneral, a, panel, stride * 16, n, acc, at, tally, TALLY_BYTES);
}

/** A chain step by step, each sum counted. */
function steps(
  tile: Tile,
  sum: Extract<Sum, { rounding: PlacedRounding }>,
  columns: Columns,
  from: number,
  stride: number,
  n: number,
  acc: Pointer,
  stage: number,
): void {
  for (let k = 0; k < n; k++) {
    chain(tile, sum, columns, from + k * stride, stride, 1, acc);
    // The rows' sums lie side by side.
    tile.histograms?.dense(stage, sum.rounding.binades, tile.lane, acc, tile.rows);
  }
}

/** Level by level from the leaves: neighbours (pairwise), or i with i + half (butterfly). */
function tree(
  { core, lane, tally, lanes, rows, histograms }: Tile,
  { kind, rounding: { block, at, binades }, isFused, isRawLeaf }: Extract<Sum, { rounding: PlacedRounding }>,
  { x, y, panel }: Columns,
  from: number,
  stride: number,
  n: number,
  acc: Pointer,
  scratch: Pointer,
  stage: number,
): void {
  const { call, memory } = core;
  const bytes = new Uint8Array(memory.buffer);
  for (let g = 0; g < PANELS; g++) {
    const active = Math.min(lanes, Math.max(0, rows - g * lanes));
    const level = scratch + g * n * 16;
    const own = tally + g * TALLY_BYTES;
    const a = x + g * panel + from * 16;
    // The accumulators' vectors are zero here: a tree has no start of its own.
    const zero = acc + g * 16;
    if (isRawLeaf) {
      for (let i = 0; i < n; i++) bytes.copyWithin(level + i * 16, a + i * stride * 16, a + i * stride * 16 + 16);
    } else if (isFused && y !== null) {
      const b = y + g * panel + from * 16;
      if (lane === 4) call.fusedLeaf32(a, stride * 16, b, stride * 16, zero, level, n, at, own);
      else call.fusedLeaf64(block.isGeneral, a, stride * 16, b, stride * 16, zero, level, n, at, own);
    } else if (lane === 4) call.join32(zero, 0, a, stride * 16, level, n, at, own);
    else call.join64(block.isGeneral, zero, 0, a, stride * 16, level, n, at, own);
    if (!isRawLeaf) histograms?.columns(stage, binades, lane, level, n, 16, active);
    for (let size = n; size > 1; ) {
      const half = Math.ceil(size / 2);
      const joins = Math.floor(size / 2);
      const step = kind === 'pairwise' ? 32 : 16;
      const other = kind === 'pairwise' ? level + 16 : level + half * 16;
      if (lane === 4) call.join32(level, step, other, step, level, joins, at, own);
      else call.join64(block.isGeneral, level, step, other, step, level, joins, at, own);
      histograms?.columns(stage, binades, lane, level, joins, 16, active);
      if (kind === 'pairwise' && size % 2 === 1) {
        bytes.copyWithin(level + joins * 16, level + (size - 1) * 16, level + size * 16);
      }
      size = half;
    }
    bytes.copyWithin(zero, level, level + 16);
  }
}
