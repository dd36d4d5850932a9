/**
 * The fast twin of `sum` for any reduction, with a target or without: eight rows side by side go through the reduction's
 * instructions.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import { MagnitudeCounter } from '../../events/magnitudes.ts';
import { Recorder } from '../../events/recorder.ts';
import { binadesOf } from '../../formats/binades.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { storeSum } from '../../specification/stages.ts';
import type { SumPlan } from '../../specification/sum/plan.ts';
import { sumRow } from '../../specification/sum/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { castLoop, castNumbers } from '../casts/loop.ts';
import {
  addCounts,
  addTotals,
  type Counters,
  finishRecorder,
  markFinite,
  replayRows,
  TALLY_BYTES,
  TOTALS,
} from '../counters.ts';
import { floats } from '../floats.ts';
import { compile, everyOf, type Program } from '../instructions/compile.ts';
import { commonOverflowAccounting } from '../instructions/products.ts';
import { openRunner } from '../instructions/runner.ts';
import { zeroBinade } from '../instructions/table.ts';
import { openHistograms } from '../lanes/histograms.ts';
import { WIDEST } from '../lanes/tile.ts';
import type { Twin } from '../twin.ts';

const EIGHT = 8;
const COLUMN = 64;
/** Integers that are summed as they are. */
const LARGEST_INTEGER = 2 ** 31;
/** Other numbers: as far as lanes are exact, and as far as powers of two have inverses. */
const LARGEST = 2 ** 1000;
const FARTHEST = 2 ** 300;

/** What numbers may be, for the twin to take them. */
type Domain = 'integers' | 'numbers' | 'near';

/** A reduction that the instructions carry out. */
interface Sums {
  readonly program: Program;
  readonly overflowAccounting: number;
  /** What numbers must be that no rounding loads; null: a rounding to floats loads all. */
  readonly domain: Domain | null;
}

/** The fast twin of a plan, or null where its steps or its order have none. */
export function compileSum(plan: SumPlan, engine: Engine): Twin<FloatArray> | null {
  const sums = sumsOf(plan);
  if (sums === null || plan.width > WIDEST) return null;
  return {
    items: plan.rows,
    flagSlots: plan.rows,
    seesMagnitudes: true,
    computeRange: (x, out, counters, first, end) =>
      lease(engine, (parts) => sumFast(plan, sums, parts, x, out, counters, first, end)),
    finish: (x, _, counters, recorder) => finishSum(plan, x, counters, recorder),
  };
}

function sumsOf({ reduction, width, load, magnitudes }: SumPlan): Sums | null {
  const elements = { count: width, areRounded: true, areBoth: true, hasAddend: false, block: 0, areSeen: magnitudes };
  const program = compile(reduction, elements);
  if (program === null) return null;
  const { table } = program;
  const isInteger = table.some(({ kind }) => kind === 'integer');
  if (isInteger) {
    if (load !== null && load.format.kind !== 'integer') return null;
    return areRegisters(program, reduction, width, load)
      ? { program, overflowAccounting: 0, domain: 'integers' }
      : null;
  }
  const overflowAccounting = commonOverflowAccounting(table);
  if (overflowAccounting === null) return null;
  // Binades are those of the numbers, which groups do not go by.
  if (table.some((each) => each.kind === 'aligned' && (each.group ?? 1) > 1)) return null;
  const isWhole = table.some(({ kind }) => kind === 'aligned' || kind === 'exact');
  if (load === null) return { program, overflowAccounting, domain: isWhole ? 'near' : 'numbers' };
  const { format } = load;
  if (format.kind !== 'float' || format.nan === 'none' || castLoop(load, 8, 8) === null) return null;
  const isNear = -format.emin + format.mantissaBits < 300 && format.emax < 300;
  return !isWhole || isNear ? { program, overflowAccounting, domain: null } : null;
}

/** Whether registers stay below 2^53 between fits. */
function areRegisters({ table }: Program, reduction: Reduction, width: number, load: Rounding | null): boolean {
  if (load !== null && (load.format.kind !== 'integer' || load.format.fractionBits !== 0)) return false;
  const given = load?.format.kind === 'integer' ? Math.max(-load.format.min, load.format.max) : LARGEST_INTEGER;
  const edges = table.map((each) => (each.kind === 'integer' ? 2 ** (each.bits - 1) : Infinity));
  // A chain adds what is given; tiles, lanes and trees add registers.
  const term = reduction.kind === 'sequential' ? given : edges.reduce((most, edge) => Math.max(most, edge), given);
  return table.every((each, i) => {
    return each.kind === 'integer' && (edges[i] as number) + Math.min(everyOf(each), width) * term < 2 ** 53;
  });
}

/** Whether numbers are of a domain. */
function areOf(domain: Domain, values: FloatArray, from: number, to: number, load: Rounding | null): boolean {
  const format = load?.format;
  const [low, high] = format?.kind === 'integer' ? [format.min, format.max] : [-LARGEST_INTEGER, LARGEST_INTEGER];
  for (let i = from; i < to; i++) {
    const x = values[i] as number;
    const a = Math.abs(x);
    if (domain === 'integers') {
      if (!(x >= low && x <= high) || x !== Math.trunc(x)) return false;
    } else if (a - a === 0 && a !== 0) {
      if (domain === 'numbers' ? a >= LARGEST : a >= FARTHEST || a <= 1 / FARTHEST) return false;
    }
  }
  return true;
}

function sumFast(
  plan: SumPlan,
  { program, overflowAccounting, domain }: Sums,
  parts: Lease,
  x: FloatArray,
  out: FloatArray,
  counters: Counters,
  first: number,
  end: number,
): boolean {
  const { rows, width, stages, store, load } = plan;
  const { core } = parts.engine;
  const { take } = parts;
  if (domain !== null && !areOf(domain, x, first * width, end * width, load)) return false;
  const totals = take(3 * TOTALS * 8);
  new Uint8Array(core.memory.buffer, totals, 3 * TOTALS * 8).fill(0);
  const even = Math.max(2, width + (width & 1));
  const [loaded, summed, unused] = [totals, totals + TOTALS * 8, totals + 2 * TOTALS * 8] as const;
  const ones = take(even * COLUMN);
  const binades = take(even * COLUMN);
  const rowsAt = take(EIGHT * even * 8);
  const columns = take(even * COLUMN);
  const histograms = openHistograms(parts, stages.length, counters.magnitudes);
  const loads = load === null ? null : binadesOf(load.format);
  const runner = openRunner(parts, program, {
    ...{ x: 0, xBinades: binades, xShift: 6, xVector: 16, y: ones, yBinades: ones, panels: 1, length: width },
    ...{ product: null, store: null, totals: [unused, summed, unused], overflowAccounting },
    seen: histograms === null ? null : { histograms, product: -1, sum: stages.indexOf('sum') },
  });
  const read = openRead(parts, plan, domain === null ? load : null, loaded);
  const aligned = program.table.find((operation) => operation.kind === 'aligned');
  const least = load?.format.kind === 'float' ? 2 ** load.format.emin : 2 ** -1022;
  const counting = new Recorder(stages, rows, 'counts', 0, counters.counts, counters.rowFlags);
  if (counters.magnitudes !== null) counting.magnitudes = new MagnitudeCounter(stages.length, counters.magnitudes);
  const again = new Recorder(stages, rows, 'counts', 0);
  const replay = sumRow({ ...plan, store: null });
  const storer = store === null ? null : new ValueUnit(store.format, store.policy);
  // All parts are taken now: a part that is taken may grow the memory, and old views end.
  const { buffer } = core.memory;
  new Float64Array(buffer, ones, even * EIGHT).fill(1);
  const dense = new Float64Array(buffer, rowsAt, EIGHT * even).fill(0);
  const results = new Float64Array(buffer, runner.acc, EIGHT);
  for (let r0 = first; r0 < end; r0 += EIGHT) {
    const wide = Math.min(EIGHT, end - r0);
    if (wide < EIGHT) dense.fill(0);
    for (let i = 0; i < wide; i++) {
      const row = rowsAt + i * even * 8;
      counters.rowFlags[r0 + i] = read(x, (r0 + i) * width, row);
      if (loads !== null) histograms?.dense(0, loads, 8, row, width);
    }
    core.call.intoEight(rowsAt, even * 8, even, columns);
    new Uint8Array(buffer).copyWithin(runner.numbers, columns, columns + width * COLUMN);
    if (aligned !== undefined) {
      core.call.binades(columns, even * 4, least, zeroBinade(aligned), binades);
    }
    results.fill(0);
    const found = runner.run(wide);
    // What is left to the specification has been counted already.
    if (histograms !== null && found.includes(0xffff)) return false;
    found.forEach((raised, i) => {
      const r = r0 + i;
      let value = results[i] as number;
      if (raised === 0xffff) value = replay(again, r, Float64Array.from(x.subarray(r * width, (r + 1) * width)));
      counters.rowFlags[r] =
        (counters.rowFlags[r] as number) | (raised === 0xffff ? (again.rowFlags[r] as number) : raised);
      counting.row = r;
      const y = storer === null ? value : storeSum(storer, value, r, stages.indexOf('store'), counting);
      out[r] = y;
      markFinite(counters, r, Number.isFinite(y));
    });
    counters.onPiece?.();
  }
  histograms?.close();
  if (load !== null) addTotals(core, loaded, counters.counts, 0);
  const stage = stages.indexOf('sum');
  addTotals(core, summed, counters.counts, stage);
  addCounts(counters.counts, again.counts, stage, stage + 1);
  return true;
}

/** Reads a row into the engine's memory; what its loads raised. */
function openRead(
  parts: Lease,
  { width }: SumPlan,
  load: Rounding | null,
  totals: number,
): (x: FloatArray, first: number, to: number) => number {
  const {
    engine: { core },
    take,
  } = parts;
  const line = take(width * 8 + 64);
  const at = take(BLOCK_BYTES);
  const tally = take(TALLY_BYTES);
  const spare = take(128);
  const wordAt = take(8);
  new Uint8Array(core.memory.buffer, tally, TALLY_BYTES).fill(0);
  let placed = 0;
  return (x, first, to) => {
    const { buffer } = core.memory;
    const from = x.BYTES_PER_ELEMENT as LaneBytes;
    if (load === null) {
      const numbers = new Float64Array(buffer, to, width);
      for (let i = 0; i < width; i++) numbers[i] = x[first + i] as number;
      return 0;
    }
    const loop = castLoop(load, from, 8) as NonNullable<ReturnType<typeof castLoop>>;
    if (placed !== from) writeBlock(core, loop.block, at);
    placed = from;
    const raw = floats(core, from, line, width);
    raw.set(x.subarray(first, first + width));
    const word = new Uint16Array(buffer, wordAt, 1);
    word[0] = 0;
    castNumbers(core, loop, true, line, from, to, 8, width, at, tally, spare);
    const drainTally = loop.lane === 4 ? core.call.drainTally32 : core.call.drainTally64;
    drainTally(tally, loop.block.overflowAccounting, 16 / loop.lane, totals, wordAt, 0, 0);
    return word[0] as number;
  };
}

/** Reports a finished run: counts and flags from the counters, first events from rows summed again. */
function finishSum(plan: SumPlan, x: FloatArray, counters: Counters, recorder: Recorder): void {
  const { width } = plan;
  recorder.endConstants();
  finishRecorder(recorder, counters, () => {
    const replay = sumRow(plan);
    replayRows(recorder, counters, (r) => {
      replay(recorder, r, Float64Array.from(x.subarray(r * width, (r + 1) * width)));
    });
  });
}
