/**
 * Accumulators laid into the engine's memory, by the fields of `src/engine/layouts.ts`.
 *
 * @module
 */
import type { AlignedAccumulator, IntegerAccumulator } from '../../accumulators/reduction.ts';
import { accumulatorRounding } from '../../accumulators/walk.ts';
import type { Lease } from '../../engine/engine.ts';
import {
  alignedFields,
  compensatedFields,
  exactFields,
  type Fields,
  floatFields,
  integerFields,
  type Layout,
  layoutBytes,
  loss,
  writeFields,
} from '../../engine/layouts.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type Block, roundingBlock, writeBlock } from '../../engine/roundingBlock.ts';
import { type Binades, binadesOf } from '../../formats/binades.ts';
import { binary64 } from '../../formats/binary64.ts';
import type { FloatFormat } from '../../formats/format.ts';
import { areEqual } from '../../formats/nameOf.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { everyOf, type Operation } from './compile.ts';

/** The exponent of a zero by MMA-Sim's first rule, and of a late addend that is zero, as a power of two. */
const ZERO_BINADE: number = 2 ** -126;

/** A rounding placed in memory. */
export interface Placed {
  readonly at: Pointer;
  readonly isGeneral: boolean;
  readonly overflowAccounting: number;
  readonly binades: Binades;
}

/** Places a rounding that binary64 lanes carry out. */
export function placeRounding({ engine: { core }, take }: Lease, rounding: Rounding): Placed {
  const block = roundingBlock(rounding, 8) as Block;
  const at = take(BLOCK_BYTES);
  writeBlock(core, block, at);
  const { isGeneral, overflowAccounting } = block;
  return { at, isGeneral, overflowAccounting, binades: binadesOf(rounding.format) };
}

/** The exponents of what an accumulator holds. */
export function binadesOfResults(operation: Operation): Binades {
  const rounding = accumulatorRounding(operation);
  return rounding === null
    ? { least: 0, most: (operation as IntegerAccumulator).bits - 1 }
    : binadesOf(rounding.format);
}

/** Whether a rounding is the lanes' own binary64 rounding. */
export function isDouble({ format, policy }: Rounding): boolean {
  const { rounding, overflow, subnormals } = policy;
  const isNearestEven = rounding === 'tiesToEven' && subnormals === 'gradual';
  return isNearestEven && (overflow === 'ieee' || overflow === 'infinity') && areEqual(format, binary64);
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
  const write = (operation: Operation): Pointer => {
    const rounding = accumulatorRounding(operation);
    // Sums in binary64 round as their lanes do.
    const placed = rounding === null || isDouble(rounding) ? null : placeRounding(parts, rounding);
    const own = {
      rounding: placed?.at ?? 0,
      isGeneral: placed?.isGeneral ? 1 : 0,
      cutBits: rounding?.policy.rounding === 'towardZero' ? 52 - (rounding.format as FloatFormat).mantissaBits : 0,
    };
    const fields = <L extends Layout>(layout: L, values: Fields<L>): Pointer => {
      const at = take(layoutBytes(layout));
      writeFields(core, at, layout, values);
      return at;
    };
    switch (operation.kind) {
      case 'aligned':
        return fields(alignedFields, { ...own, ...alignedNumbers(operation) });
      case 'exact':
        return fields(exactFields, { ...own, factor: 2 ** (operation.productExponent ?? 0) });
      case 'integer':
        return fields(integerFields, integerNumbers(operation));
      case 'float':
        return fields(floatFields, own);
      case 'kahan':
      case 'neumaier':
        return fields(compensatedFields, { ...own, isNeumaier: operation.kind === 'neumaier' ? 1 : 0 });
    }
  };
  const pointers = table.map(write);
  // Copies name the first entry, which need not exist.
  const table32 = take(Math.max(1, pointers.length) * 4);
  new Uint32Array(core.memory.buffer, table32, Math.max(1, pointers.length)).set(
    pointers.length === 0 ? [table32] : pointers,
  );
  return table32;
}

function alignedNumbers(accumulator: AlignedAccumulator): Omit<Fields<typeof alignedFields>, keyof typeof floatFields> {
  const { fractionBits, lost, zeroRule, zeroGroups, leastExponent = null, addend = 'together' } = accumulator;
  const { lanes = 1, group = 1, productOverflow, output } = accumulator;
  const { emin, emax } = output.format as FloatFormat;
  const late = addend === 'together' ? null : addend;
  const settle = late?.settle ?? null;
  return {
    lost: loss[lost],
    late: late === null ? 0 : late.far === 'cut' ? 1 : 2,
    lateLost: late === null ? 0 : loss[late.lost],
    // Without a late addend there is one lane.
    lanes: late === null ? 1 : lanes,
    group,
    zeroGroups: zeroRule === 'mmasim1' ? 1 : zeroGroups === 'scale' ? 2 : 0,
    fraction: 2 ** -fractionBits,
    addendBinade: 2 ** emin,
    least: leastExponent === null ? 0 : 2 ** leastExponent,
    zeroBinade: late === null ? zeroBinade(accumulator) : ZERO_BINADE,
    limit: productOverflow === 'infinity' ? 2 ** (emax + 1) : Infinity,
    sumFraction: late === null ? 1 : 2 ** -late.sumBits,
    lateFraction: late === null ? 1 : 2 ** -late.addendBits,
    far: late === null ? 1 : 2 ** -(late.addendBits + 1),
    settle: settle === null ? 0 : 2 ** -settle,
  };
}

function integerNumbers(accumulator: IntegerAccumulator): Fields<typeof integerFields> {
  const { bits, overflow } = accumulator;
  return {
    saturates: overflow === 'saturate' ? 1 : 0,
    every: everyOf(accumulator),
    low: -(2 ** (bits - 1)),
    high: 2 ** (bits - 1) - 1,
    modulus: 2 ** bits,
    inverse: 2 ** -bits,
  };
}
