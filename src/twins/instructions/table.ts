/**
 * Accumulators laid into the engine's memory, by the fields of `assembly/programJob.ts`.
 *
 * @module
 */
import type { AlignedAccumulator, ExactAccumulator, IntegerAccumulator } from '../../accumulators/reduction.ts';
import { accumulatorRounding } from '../../accumulators/walk.ts';
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type Block, roundingBlock, writeBlock } from '../../engine/roundingBlock.ts';
import type { FloatFormat } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Operation } from './compile.ts';

/** Bytes of an accumulator's fields. */
const FIELDS = 104;
const LOSSES = ['truncate', 'floor', 'odd'];
/** The exponent of a zero by MMA-Sim's first rule, and of a late addend that is zero, as a power of two. */
const ZERO_BINADE: number = 2 ** -126;

/** A rounding placed in memory. */
export interface Placed {
  readonly at: Pointer;
  readonly isGeneral: boolean;
  readonly behaviour: number;
}

/** Places a rounding that binary64 lanes carry out. */
export function placeRounding({ engine: { core }, take }: Lease, rounding: Rounding): Placed {
  const block = roundingBlock(rounding, 8) as Block;
  const at = take(BLOCK_BYTES);
  writeBlock(core, block, at);
  return { at, isGeneral: block.isGeneral, behaviour: block.behaviour };
}

/** Whether a rounding is the lanes' own binary64 rounding. */
export function isDouble({ format, policy }: Rounding): boolean {
  const { rounding, overflow, subnormals } = policy;
  const isUsual = rounding === 'tiesToEven' && subnormals === 'gradual';
  return formatName(format) === 'binary64' && isUsual && (overflow === 'ieee' || overflow === 'infinity');
}

/** The binade of elements that are zero; 0 where they take no part. */
export function zeroBinade({ zeroRule }: AlignedAccumulator): number {
  return zeroRule === 'mmasim1' ? ZERO_BINADE : 0;
}

/** Places a table of accumulators: a pointer each. */
export function placeTable(parts: Lease, table: readonly Operation[]): Pointer {
  const {
    engine: { core },
    take,
  } = parts;
  const pointers = table.map((operation) => {
    const rounding = accumulatorRounding(operation);
    // Sums in binary64 round as their lanes do.
    const placed = rounding === null || isDouble(rounding) ? null : placeRounding(parts, rounding);
    const at = take(FIELDS);
    const { buffer } = core.memory;
    new Uint8Array(buffer, at, FIELDS).fill(0);
    const view = new DataView(buffer, at, FIELDS);
    if (placed !== null) {
      view.setUint32(0, placed.at, true);
      view.setUint32(4, placed.isGeneral ? 1 : 0, true);
    }
    if (operation.kind === 'aligned') writeAligned(view, operation);
    else if (operation.kind === 'exact') writeExact(view, operation);
    else if (operation.kind === 'integer') writeInteger(view, operation);
    else if (operation.kind === 'neumaier') view.setUint32(8, 1, true);
    return at;
  });
  // Copies name the first entry, which need not exist.
  const table32 = take(Math.max(1, pointers.length) * 4);
  new Uint32Array(core.memory.buffer, table32, Math.max(1, pointers.length)).set(
    pointers.length === 0 ? [table32] : pointers,
  );
  return table32;
}

function writeAligned(view: DataView, accumulator: AlignedAccumulator): void {
  const { fractionBits, lost, zeroRule, zeroGroups, leastExponent = null, addend = 'together' } = accumulator;
  const { lanes = 1, group = 1, productOverflow, output } = accumulator;
  const { emin, emax } = output.format as FloatFormat;
  const late = addend === 'together' ? null : addend;
  const settle = late?.settle ?? null;
  const words = [
    LOSSES.indexOf(lost),
    late === null ? 0 : late.far === 'cut' ? 1 : 2,
    late === null ? 0 : LOSSES.indexOf(late.lost),
    // Without a late addend there is one lane.
    late === null ? 1 : lanes,
    group,
    zeroRule === 'mmasim1' ? 1 : zeroGroups === 'scale' ? 2 : 0,
  ];
  words.forEach((word, i) => {
    view.setUint32(8 + 4 * i, word, true);
  });
  const numbers = [
    2 ** -fractionBits,
    2 ** emin,
    leastExponent === null ? 0 : 2 ** leastExponent,
    late === null ? zeroBinade(accumulator) : ZERO_BINADE,
    productOverflow === 'infinity' ? 2 ** (emax + 1) : Infinity,
    late === null ? 1 : 2 ** -late.sumBits,
    late === null ? 1 : 2 ** -late.addendBits,
    late === null ? 1 : 2 ** -(late.addendBits + 1),
    settle === null ? 0 : 2 ** -settle,
  ];
  numbers.forEach((number, i) => {
    view.setFloat64(32 + 8 * i, number, true);
  });
}

function writeExact(view: DataView, { productExponent = 0 }: ExactAccumulator): void {
  view.setFloat64(32, 2 ** productExponent, true);
}

/** After how many elements of a chain a register clamps or wraps. */
export function everyOf({ when = 'everyStep' }: IntegerAccumulator): number {
  return when === 'everyStep' ? 1 : when === 'atEnd' ? 2 ** 31 : when.every;
}

function writeInteger(view: DataView, accumulator: IntegerAccumulator): void {
  const { bits, overflow } = accumulator;
  view.setUint32(0, overflow === 'saturate' ? 1 : 0, true);
  view.setUint32(4, everyOf(accumulator), true);
  [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 2 ** bits, 2 ** -bits].forEach((number, i) => {
    view.setFloat64(8 + 8 * i, number, true);
  });
}
