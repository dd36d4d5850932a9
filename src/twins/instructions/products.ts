/**
 * The fast twin of `dot` and `matmul` on units whose sums take any order: eight outputs side by side go through the
 * reduction's instructions.
 *
 * @module
 */
import { accumulatorRounding, lastTree, leaves } from '../../accumulators/walk.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { roundingBlock } from '../../engine/roundingBlock.ts';
import { MagnitudeCounter } from '../../events/magnitudes.ts';
import { binadesOf } from '../../formats/binades.ts';
import type { Format } from '../../formats/format.ts';
import { roundTo } from '../../rounding/roundTo.ts';
import type { ProductPlan, ProductStage, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { castLoop } from '../casts/loop.ts';
import { addTotals, type Counters, hasNoNaN, markFinite, TOTALS } from '../counters.ts';
import { openHistograms } from '../lanes/histograms.ts';
import { chooseLane } from '../lanes/tile.ts';
import { finishLeft, finishProducts } from '../products/replay.ts';
import type { Twin } from '../twin.ts';
import { compile, everyOf, type Operation, type Program } from './compile.ts';
import { createLoader, factorsOf, type Loader, layoutOf } from './load.ts';
import { areNear, areShort } from './narrow.ts';
import { openRunner } from './runner.ts';
import { isDouble, placeRounding } from './table.ts';

/** Bytes of B that lie in the engine's memory at a time. */
const PART_BYTES = 2 ** 22;
/** Outputs side by side. */
const EIGHT = 8;
const COLUMN = 64;
const STAGES = ['product', 'accumulate', 'store'] as const;

/** A unit that the instructions carry out. */
interface Unit {
  /** Whether results are stored as they are: integers, and numbers of binary64. */
  readonly isStored: boolean;
  readonly program: Program;
  /** The program of a run without an addend. */
  readonly bare: Program;
  /** How overflow is accounted in `accumulate`. */
  readonly overflowAccounting: number;
}

/**
 * The fast twin of a plan, or null where its unit has none.
 *
 * @param ends - how many of the columns each row has: others are neither formed nor counted; null: all
 */
export function compileInstructions(
  plan: ProductPlan,
  engine: Engine,
  ends: readonly number[] | null = null,
): Twin<RawProductInputs> | null {
  const unit = unitOf(plan);
  if (unit === null || plan.width * COLUMN > PART_BYTES) return null;
  if (ends !== null && layoutOf(plan) !== 'columns') return null;
  const isShort = areShort(plan, unit.program) && areShort(plan, unit.bare);
  const { pairing, rows } = plan;
  const columns = pairing.kind === 'all' ? pairing.columns : 1;
  return {
    items: columns === 0 ? 0 : rows / columns,
    flagSlots: rows,
    seesMagnitudes: true,
    computeRange: (raw, out, counters, first, end) =>
      lease(engine, (parts) => programFast(plan, unit, isShort, ends, parts, raw, out, counters, first, end)),
    finish: (raw, _, counters, recorder) => finishProducts(plan, raw, counters, recorder),
  };
}

function unitOf(plan: ProductPlan): Unit | null {
  const { a, b, product, reduction, scale, width } = plan;
  const isInteger = a.format.kind === 'integer';
  if (isInteger !== (b.format.kind === 'integer') || (isInteger && (product !== null || scale !== null))) return null;
  const elements = { count: width, areRounded: product !== null, block: scale?.block ?? 0, areSeen: plan.magnitudes };
  const program = compile(reduction, { ...elements, hasAddend: true });
  // Without an addend a tree takes no last join, and a chain may begin with its first element.
  const isSame = lastTree(reduction) === null && leaves(reduction).every(({ start }) => start !== 'first');
  const bare = isSame ? program : compile(reduction, { ...elements, hasAddend: false });
  if (program === null || bare === null) return null;
  const { table } = program;
  if (isInteger) {
    return areRegisters(plan, program) ? { isStored: true, program, bare, overflowAccounting: 0 } : null;
  }
  if (areDoubles(plan, program)) return { isStored: true, program, bare, overflowAccounting: 0 };
  const overflowAccounting = overflowAccountingOf(plan, table);
  return overflowAccounting === null ? null : { isStored: false, program, bare, overflowAccounting };
}

/** Whether all there is are fused sums of binary64 products in binary64. */
function areDoubles({ a, b, addend, product, scale, output }: ProductPlan, { table, ofValues }: Program): boolean {
  if (product !== null || scale !== null || ![a, b, addend, output].every(isDouble)) return false;
  return table.every((each) => each.kind === 'float' && isDouble(each.rounding) && !ofValues.has(each));
}

/**
 * How accumulators account overflow, all alike; null where they differ, go by different exponents of zeros, or give zeros
 * signs.
 */
export function commonOverflowAccounting(table: readonly Operation[]): number | null {
  const blocks = table.map((operation) => {
    const rounding = accumulatorRounding(operation);
    return rounding === null ? null : roundingBlock(rounding, 8);
  });
  if (blocks.some((block) => block === null || block.refusesNaN)) return null;
  const aligned = table.filter((each) => each.kind === 'aligned');
  if (aligned.some(({ zeroSign = 'positive' }) => zeroSign !== 'positive')) return null;
  const rules = new Set(aligned.map(({ zeroRule = 'out' }) => zeroRule));
  const [overflowAccounting = 0, ...others] = new Set(blocks.map((block) => block?.overflowAccounting));
  return rules.size > 1 || others.length > 0 ? null : overflowAccounting;
}

/** How float accumulators account overflow, all alike; null where they differ or ask for what lanes do not have. */
function overflowAccountingOf(plan: ProductPlan, table: readonly Operation[]): number | null {
  const { a, b, addend, product, scale, output } = plan;
  const overflowAccounting = commonOverflowAccounting(table);
  const others = product === null ? [] : [product];
  if (overflowAccounting === null || chooseLane([a, b, output, ...others], [[a, b]], [8]) === null) return null;
  if (castLoop(addend, 8, 8) === null) return null;
  if (others.some(hasNoNaN)) return null;
  const aligned = table.filter((operation) => operation.kind === 'aligned');
  if (table.some(({ kind }) => kind !== 'aligned') && scale !== null) return null;
  const grouped = aligned.find(({ group = 1 }) => group > 1);
  // A term's exponent comes from its operands, in groups from the block scales. A loader prepares only one of the two.
  if (grouped !== undefined && aligned.some(({ group = 1 }) => group === 1)) return null;
  return areExact(plan, grouped?.group ?? 1) ? overflowAccounting : null;
}

/** Whether scaled products, and sums of a group of them, are exact in binary64. */
function areExact({ a, b, scale }: ProductPlan, group: number): boolean {
  if (a.format.kind !== 'float' || b.format.kind !== 'float') return false;
  const factor = scale?.format;
  if (factor !== undefined && factor.kind !== 'float') return false;
  const bits = factor === undefined ? 0 : 2 * factor.precision;
  if (factor !== undefined && Math.max(factor.emax, factor.mantissaBits - factor.emin) > 256) return false;
  const last = a.format.emin - a.format.mantissaBits + b.format.emin - b.format.mantissaBits;
  const span = group === 1 ? a.format.precision + b.format.precision : a.format.emax + b.format.emax + 2 - last;
  return span + Math.ceil(Math.log2(group)) + bits <= 53 && last > -512;
}

/** Whether integer registers stay below 2^53 between fits, and the output holds all that they do. */
function areRegisters({ a, b, addend, output, width }: ProductPlan, { table, ofValues }: Program): boolean {
  const { format } = output;
  const largest = (each: Format): number => {
    return each.kind === 'integer' && each.fractionBits === 0 ? Math.max(-each.min, each.max) : Infinity;
  };
  const product = largest(a.format) * largest(b.format);
  const starts = table.map((each) => (each.kind === 'integer' ? 2 ** (each.bits - 1) : Infinity));
  const widest = starts.reduce((most, start) => Math.max(most, start), largest(addend.format));
  if (format.kind !== 'integer' || largest(format) === Infinity) return false;
  return table.every((each, i) => {
    if (each.kind !== 'integer') return false;
    const edge = starts[i] as number;
    const sum = Math.min(everyOf(each), width) * (ofValues.has(each) ? Math.max(widest, product) : product);
    return format.min <= -edge && format.max >= edge - 1 && widest + sum < 2 ** 53;
  });
}

function programFast(
  plan: ProductPlan,
  unit: Unit,
  isShort: boolean,
  ends: readonly number[] | null,
  parts: Lease,
  raw: RawProductInputs,
  out: FloatArray,
  counters: Counters,
  first: number,
  end: number,
): boolean {
  const { width: k, rows, stages, pairing, output, product } = plan;
  const { core } = parts.engine;
  const { take } = parts;
  // Without outputs operands are loaded all the same.
  if (rows === 0) return false;
  const at = (stage: ProductStage): number => stages.indexOf(stage);
  const layout = layoutOf(plan);
  const isAll = layout === 'columns';
  const isShared = pairing.kind === 'all';
  const n = isShared && isAll ? pairing.columns : EIGHT;
  const totals = take(stages.length * TOTALS * 8);
  new Uint8Array(core.memory.buffer, totals, stages.length * TOTALS * 8).fill(0);
  const totalsOf = (stage: ProductStage): Pointer => totals + Math.max(0, at(stage)) * TOTALS * 8;
  const factors = factorsOf(plan, raw);
  if (factors === null) return false;
  const histograms = openHistograms(parts, stages.length, counters.magnitudes);
  if (histograms !== null && first === 0) seeScales(plan, raw, counters);
  const program = raw.c === null ? unit.bare : unit.program;
  const perPanel = Math.max(1, k) * COLUMN;
  const panels = Math.max(1, Math.min(Math.ceil(n / EIGHT), Math.floor(PART_BYTES / perPanel)));
  const isNarrow = isShort && areNear(plan, raw, first, end);
  const loader = createLoader(parts, {
    ...{ plan, raw, factors, panels, isNarrow },
    aligned: program.table.find((operation) => operation.kind === 'aligned') ?? null,
    totals: totalsOf('load'),
    // Every part of a product of matrices loads all of B; the first counts it.
    countsB: !isShared || first === 0,
    seen: histograms === null ? null : { histograms, stage: at('load') },
  });

  const multiply = product === null ? null : placeRounding(parts, product);
  const store = unit.isStored ? null : placeRounding(parts, output);
  const runner = openRunner(parts, program, {
    ...{
      x: loader.x,
      xBinades: loader.xBinades,
      xShift: layout !== 'pairs' ? 4 : isNarrow ? 5 : 6,
      xVector: layout === 'pairs' ? 16 : 0,
    },
    ...{ y: loader.y, yBinades: loader.yBinades, panels, length: k, isNarrow, product: multiply, store },
    totals: STAGES.map(totalsOf),
    overflowAccounting: unit.overflowAccounting,
    seen: histograms === null ? null : { histograms, product: at('product'), sum: at('accumulate') },
  });
  const stored = binadesOf(output.format);
  const deferred: number[] = [];
  const go = (start: number, wide: number): boolean => {
    if (!loader.start(runner.acc, start, wide)) return false;
    const found = runner.run(wide);
    // What is left to the specification has been counted already.
    if (histograms !== null && found.includes(0xffff)) return false;
    histograms?.dense(at('store'), stored, 8, runner.acc, wide);
    out.set(new Float64Array(core.memory.buffer, runner.acc, wide), start);
    for (let j = 0; j < wide; j++) {
      if (found[j] === 0xffff) deferred.push(start + j);
      else counters.rowFlags[start + j] = found[j] as number;
    }
    counters.onPiece?.();
    return true;
  };
  const widthOf = (i: number): number => ends?.[i] ?? n;
  if (!carryOut(loader, isAll, n, widthOf, panels * EIGHT, first, end, go)) return false;

  let nan = 0;
  stages.forEach((_, stage) => {
    nan += addTotals(core, totals + stage * TOTALS * 8, counters.counts, stage);
  });
  const steps = [plan.a, plan.b, plan.addend, output];
  if (nan > 0 && steps.some(hasNoNaN)) return false;
  finishLeft(plan, raw, out, counters, deferred);
  histograms?.close();
  const [from, to] = isAll ? [first * n, end * n] : [first, end];
  for (let r = from; r < to; r++) markFinite(counters, r, Number.isFinite(out[r]));
  return true;
}

/** Counts the block scales by their magnitudes, as they are read. */
function seeScales({ scale, stages }: ProductPlan, { scales }: RawProductInputs, { magnitudes }: Counters): void {
  if (scale === null || scales === null || magnitudes === null) return;
  const counter = new MagnitudeCounter(stages.length, magnitudes);
  const unit = new ValueUnit(scale.format, roundTo(scale.format).policy);
  for (const x of [...scales.a, ...scales.b]) counter.enter(stages.indexOf('load'), unit.round(x), unit.binades);
}

/** Loads operands part by part and runs the outputs of each. Row i has `widthOf(i)` outputs of the n that it has room for. */
function carryOut(
  loader: Loader,
  isAll: boolean,
  n: number,
  widthOf: (row: number) => number,
  blockColumns: number,
  first: number,
  end: number,
  go: (start: number, wide: number) => boolean,
): boolean {
  if (!isAll) {
    for (let r = first; r < end; r += EIGHT) {
      const wide = Math.min(EIGHT, end - r);
      if (!loader.rows(r, wide) || !go(r, wide)) return false;
    }
    return true;
  }
  for (let j0 = 0; j0 < n; j0 += blockColumns) {
    if (!loader.columns(j0, Math.min(blockColumns, n - j0))) return false;
    for (let i = first; i < end; i++) {
      const wide = Math.min(blockColumns, widthOf(i) - j0);
      if (wide > 0 && !(loader.row(i, j0 === 0) && go(i * n + j0, wide))) return false;
    }
  }
  return true;
}
