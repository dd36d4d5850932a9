/**
 * Operands on their way into the engine: loaded by their steps, scaled, laid side by side with their binades.
 *
 * @module
 */
import type { AlignedAccumulator } from '../../accumulators/reduction.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import { binadesOf } from '../../formats/binades.ts';
import type { FloatFormat } from '../../formats/format.ts';
import { exponentOf } from '../../rounding/rounder.ts';
import { type Rounding, roundTo } from '../../rounding/roundTo.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { floats } from '../floats.ts';
import type { Histograms } from '../lanes/histograms.ts';
import { caster } from '../products/caster.ts';
import { NARROW_ZERO_BINADE } from './narrow.ts';
import { isDouble, zeroBinade } from './table.ts';

const COLUMN = 64;
const EIGHT = 8;

/** Block scales as the unit reads them; null: none. */
export interface Factors {
  readonly a: Float64Array | null;
  readonly b: Float64Array | null;
}

/** The scales; null where reading one has something to tell. */
export function factorsOf({ scale }: ProductPlan, { scales }: RawProductInputs): Factors | null {
  if (scale === null || scales === null) return { a: null, b: null };
  const { format, policy } = roundTo(scale.format);
  const unit = new ValueUnit(format, policy);
  let isQuiet = true;
  const read = (x: number): number => {
    const r = unit.round(x);
    if (unit.flags !== 0) isQuiet = false;
    return scale.ignoreSign ? Math.abs(r) : r;
  };
  const factors = { a: scales.a.map(read), b: scales.b.map(read) };
  return isQuiet ? factors : null;
}

/** Loads operands; every function is false where only the specification knows what to do with one. */
export interface Loader {
  readonly x: Pointer;
  readonly xBinades: Pointer;
  readonly y: Pointer;
  readonly yBinades: Pointer;
  /** Columns of a matrix B, from the j-th on. */
  columns(j: number, wide: number): boolean;
  /** Row i of A, against whichever columns. */
  row(i: number, isCounted: boolean): boolean;
  /** Up to eight rows of A, from row r on, and as many of B; or B's one column against each, which lies in X. */
  rows(r: number, wide: number): boolean;
  /** Where the sums start: addends from the r-th on, or zeros. */
  start(acc: Pointer, r: number, wide: number): boolean;
}

/**
 * How outputs lie side by side: columns of B against a row of A; rows of A and of B; or rows of A against the one column that
 * B has, since a product is the same whichever operand is called first.
 */
export function layoutOf({ pairing, scale }: ProductPlan): 'columns' | 'pairs' | 'oneColumn' {
  if (pairing.kind === 'rows') return 'pairs';
  return pairing.columns === 1 && scale === null ? 'oneColumn' : 'columns';
}

/** What a run loads from. */
export interface Source {
  readonly plan: ProductPlan;
  readonly raw: RawProductInputs;
  readonly factors: Factors;
  /** An aligned accumulator that goes by binades; null: none does. */
  readonly aligned: AlignedAccumulator | null;
  /** The totals of `load`. */
  readonly totals: Pointer;
  /** Whether this part of the run counts the loads of B. */
  readonly countsB: boolean;
  /** Panels of eight columns that B's place has. */
  readonly panels: number;
  /** Whether operands and binades are laid down as numbers of binary32. */
  readonly isNarrow: boolean;
  /** Where loaded numbers are counted by their magnitudes, and their stage; null: nowhere. */
  readonly seen: { readonly histograms: Histograms; readonly stage: number } | null;
}

/** Opens the way of a run's operands. */
export function createLoader(parts: Lease, source: Source): Loader {
  const { plan, raw, factors, aligned, totals, countsB, panels, isNarrow, seen } = source;
  const { width: k, pairing, scale } = plan;
  const {
    engine: { core },
    take,
  } = parts;
  const { call, memory } = core;
  const layout = layoutOf(plan);
  const isAll = layout === 'columns';
  const isSplat = layout !== 'pairs';
  const n = pairing.kind === 'all' ? pairing.columns : 1;
  const block = scale?.block ?? Math.max(1, k);
  const blocks = scale === null ? 0 : Math.ceil(k / block);
  // Rows are padded to a whole number of vectors, of two numbers and of four.
  const even = k + (k & 1);
  const four = Math.ceil(k / 4) * 4;
  const blockColumns = panels * EIGHT;
  const take64 = (count: number): Pointer => take(Math.max(2, count) * 8);
  const flat = take64(isSplat ? four : EIGHT * even);
  const flatBinades = take64(isSplat ? four : EIGHT * even);
  const strip = take64(isAll ? k * blockColumns : EIGHT * even);
  const stripBinades = aligned === null ? strip : take64(isAll ? k * blockColumns : EIGHT * even);
  const x = take64(even * (isSplat ? 2 : EIGHT));
  const xBinades = aligned === null ? x : take64(even * (isSplat ? 2 : EIGHT));
  const y = take64(Math.max(1, panels) * even * EIGHT);
  const yBinades = aligned === null ? y : take64(panels * even * EIGHT);
  const line = take64(Math.max(k, blockColumns, EIGHT));
  const reader = (own: Rounding, isCounted: boolean): Read => {
    const read = createRead(parts, plan, own, line, isCounted ? totals : null);
    if (seen === null || !isCounted) return read;
    const binades = binadesOf(own.format);
    return (values, first, count, to) => {
      if (!read(values, first, count, to)) return false;
      seen.histograms.dense(seen.stage, binades, 8, to, count);
      return true;
    };
  };
  const readA = [reader(plan.a, false), reader(plan.a, true)] as const;
  const readB = reader(plan.b, countsB);
  const readC = reader(plan.addend, true);
  const isGrouped = (aligned?.group ?? 1) > 1;
  const numbers = (at: Pointer, count: number): Float64Array => new Float64Array(memory.buffer, at, count);
  const ofZero = aligned === null ? 0 : isNarrow ? NARROW_ZERO_BINADE : zeroBinade(aligned);
  /** So many columns of eight numbers, shortened where the sums want them so. */
  const settle = (at: Pointer, columns: number): void => {
    if (isNarrow) call.narrow(at, columns * EIGHT, at);
  };
  const zerosJoin = aligned?.zeroRule === 'mmasim1';
  const factorBinade = binadeReader(scale?.format as FloatFormat | undefined, zerosJoin);
  /** The binades of `count` numbers at `from`, and their scales: factor number `first + ⌊i / per⌋ · stride`. */
  const finish = (
    own: Rounding,
    from: Pointer,
    binades: Pointer,
    count: number,
    all: Float64Array | null,
    first: number,
    per: number,
  ): void => {
    if (aligned === null) return;
    const least = 2 ** (own.format as FloatFormat).emin;
    call.binades(from, (count + 1) >> 1, least, ofZero, binades);
    const powers = numbers(binades, count);
    if (isGrouped) powers.fill(1);
    if (all === null) return;
    const values = numbers(from, count);
    for (let i = 0; i < count; i++) {
      const factor = all[first + Math.floor(i / per)] as number;
      values[i] = (values[i] as number) * factor;
      powers[i] = (powers[i] as number) * factorBinade(factor);
    }
  };
  const rowOf = (
    read: Read,
    values: FloatArray,
    own: Rounding,
    i: number,
    to: Pointer,
    binades: Pointer,
    all: Float64Array | null,
  ): boolean => {
    if (!read(values, i * k, k, to)) return false;
    finish(own, to, binades, k, all, i * blocks, block);
    return true;
  };
  /** Eight rows, as columns of eight numbers. */
  const eight = (
    [at, binades]: readonly [Pointer, Pointer],
    [to, toBinades]: readonly [Pointer, Pointer],
    row: (i: number, to: Pointer, binades: Pointer) => boolean,
    wide: number,
  ): boolean => {
    numbers(at, EIGHT * even).fill(0);
    if (aligned !== null) numbers(binades, EIGHT * even).fill(0);
    for (let i = 0; i < wide; i++) if (!row(i, at + i * even * 8, binades + i * even * 8)) return false;
    call.intoEight(at, even * 8, even, to);
    settle(to, even);
    if (aligned !== null) {
      call.intoEight(binades, even * 8, even, toBinades);
      settle(toBinades, even);
    }
    return true;
  };
  const splatTo = (from: Pointer, to: Pointer): void => {
    if (!isNarrow) call.splat64(from, k, to);
    else {
      call.narrow(from, four, from);
      call.splat32(from, k, to);
    }
  };
  /** One row of A, or the one column of B, for all lanes alike. */
  const splat = (read: Read, values: FloatArray, own: Rounding, i: number, all: Float64Array | null): boolean => {
    if (!rowOf(read, values, own, i, flat, flatBinades, all)) return false;
    splatTo(flat, x);
    if (aligned !== null) splatTo(flatBinades, xBinades);
    return true;
  };
  let isColumnLoaded = false;
  return {
    x,
    xBinades,
    y,
    yBinades,
    columns(j, wide) {
      const used = Math.ceil(wide / EIGHT);
      numbers(strip, k * blockColumns).fill(0);
      if (aligned !== null) numbers(stripBinades, k * blockColumns).fill(0);
      for (let e = 0; e < k; e++) {
        const to = strip + e * blockColumns * 8;
        if (!readB(raw.b, e * n + j, wide, to)) return false;
        const own = factors.b?.subarray(Math.floor(e / block) * n + j) ?? null;
        finish(plan.b, to, stripBinades + e * blockColumns * 8, wide, own, 0, 1);
      }
      for (let p = 0; p < used; p++) {
        call.packColumns(strip + p * COLUMN, blockColumns * 8, k, y + p * k * COLUMN);
        if (aligned !== null)
          call.packColumns(stripBinades + p * COLUMN, blockColumns * 8, k, yBinades + p * k * COLUMN);
      }
      settle(y, used * k);
      if (aligned !== null) settle(yBinades, used * k);
      return true;
    },
    row: (i, isCounted) => splat(readA[isCounted ? 1 : 0], raw.a, plan.a, i, factors.a),
    rows(r, wide) {
      const rowsOf =
        (read: Read, values: FloatArray, own: Rounding, all: Float64Array | null) =>
        (i: number, to: Pointer, binades: Pointer): boolean =>
          rowOf(read, values, own, r + i, to, binades, all);
      const ofA = rowsOf(readA[1], raw.a, plan.a, factors.a);
      if (layout === 'oneColumn') {
        isColumnLoaded ||= splat(readB, raw.b, plan.b, 0, null);
        return isColumnLoaded && eight([strip, stripBinades], [y, yBinades], ofA, wide);
      }
      const ofB = rowsOf(readB, raw.b, plan.b, factors.b);
      return (
        eight([flat, flatBinades], [x, xBinades], ofA, wide) && eight([strip, stripBinades], [y, yBinades], ofB, wide)
      );
    },
    start(acc, r, wide) {
      numbers(acc, Math.ceil(wide / EIGHT) * EIGHT).fill(0);
      return raw.c === null || readC(raw.c, r, wide, acc);
    },
  };
}

/** Reads `count` numbers from the `first` on into the engine's memory. */
type Read = (values: FloatArray, first: number, count: number, to: Pointer) => boolean;

function createRead(parts: Lease, plan: ProductPlan, own: Rounding, line: Pointer, totals: Pointer | null): Read {
  const { core } = parts.engine;
  const { memory } = core;
  const { format } = own;
  const zero = plan.positiveZeros ? 0 : -0;
  if (format.kind === 'integer') {
    return (values, first, count, to) => {
      const numbers = new Float64Array(memory.buffer, to, count);
      for (let i = 0; i < count; i++) {
        const value = values[first + i] as number;
        // Other numbers have something to tell when they are loaded.
        if (!(value >= format.min && value <= format.max) || value !== Math.trunc(value)) return false;
        numbers[i] = value + 0;
      }
      return true;
    };
  }
  if (isDouble(own)) {
    // Any number is a value of the format as it stands.
    return (values, first, count, to) => {
      const numbers = new Float64Array(memory.buffer, to, count);
      for (let i = 0; i < count; i++) numbers[i] = (values[first + i] as number) + zero;
      return true;
    };
  }
  const load = caster(parts, own, totals ?? 0, totals !== null);
  return (values, first, count, to) => {
    if (count === 0) return true;
    const from = values.BYTES_PER_ELEMENT as LaneBytes;
    const raw = floats(core, from, line, count);
    raw.set(values.subarray(first, first + count));
    load.cast(line, from, to, 8, count);
    if (plan.positiveZeros) {
      const numbers = new Float64Array(memory.buffer, to, count);
      for (let i = 0; i < count; i++) numbers[i] = (numbers[i] as number) + 0;
    }
    return true;
  };
}

/** The binade of a scale, as a power of two; a zero's is the least, or 0 where zeros take no part. */
function binadeReader(format: FloatFormat | undefined, zerosJoin: boolean): (factor: number) => number {
  if (format === undefined) return () => 1;
  const { emin } = format;
  return (factor) => (factor === 0 ? (zerosJoin ? 2 ** emin : 0) : 2 ** Math.max(exponentOf(factor), emin));
}
