/**
 * The fast twin of `matmul`: rows of A against packed columns of B, every output's sum in its own order.
 *
 * @module
 */
import type { FloatAccumulator, Reduction } from '../../accumulators/reduction.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Core, Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, hasFused, type LaneBytes, roundingBlock, writeBlock } from '../../engine/roundingBlock.ts';
import { NOT_FINITE } from '../../events/recorder.ts';
import { formatName } from '../../formats/formatName.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Account, addTotals, hasNoNaN, TALLY_BYTES, TOTALS } from '../account.ts';
import { castLoop } from '../casts/loop.ts';
import { chooseLane } from '../lanes/tile.ts';
import type { Lowered } from '../twin.ts';
import { openBounded } from './bounded.ts';
import { caster } from './caster.ts';
import { concludeProducts, finishLeft } from './replay.ts';

/** Ways of a row, as `assembly/product.ts` numbers them. */
const COUNTED = 0;
const PLAIN = 1;
const CARRIED = 2;
const CARRIED_PLAIN = 3;
const NATIVE = 4;
const NATIVE_PLAIN = 5;
const USUAL = 6;
const ALIGNED = 7;
const ALIGNED_PLAIN = 8;

/** Bytes of B, and of A, that lie in the engine's memory at a time. */
const PART_BYTES = 2 ** 23;

/** Columns that threads take together: two panels of binary32 numbers. */
const ITEM_COLUMNS = 32;

/** A rectangle of outputs. */
interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How the outputs are formed. */
interface Way {
  readonly lane: LaneBytes;
  readonly how: number;
  readonly product: Rounding | null;
  readonly sum: Rounding;
  readonly isFused: boolean;
}

/** The one chain that a reduction is: a sequence, or tiles of it that chain. */
function chainOf(reduction: Reduction): FloatAccumulator | null {
  if (reduction.kind === 'tiled') return reduction.across === 'chain' ? chainOf(reduction.within) : null;
  if (reduction.kind !== 'sequential' || reduction.order === 'descending') return null;
  return reduction.accumulator.kind === 'float' ? reduction.accumulator : null;
}

function isUsual(rounding: Rounding, lane: LaneBytes): boolean {
  const block = roundingBlock(rounding, lane);
  return block !== null && !block.isGeneral;
}

/** Whether a step is the lanes' own binary32 addition. */
function isNative({ format, policy }: Rounding): boolean {
  const { rounding, overflow, subnormals, tininess } = policy;
  const isPlain = rounding === 'tiesToEven' && subnormals === 'gradual' && tininess === 'afterRounding';
  return formatName(format) === 'binary32' && isPlain && (overflow === 'ieee' || overflow === 'infinity');
}

function isSame(a: Rounding, b: Rounding): boolean {
  return formatName(a.format) === formatName(b.format) && JSON.stringify(a.policy) === JSON.stringify(b.policy);
}

/** Whether a format overflows to infinity past a fraction of all ones, and its numbers suit binary32 lanes. */
function carries(rounding: Rounding): boolean {
  const { format } = rounding;
  const block = roundingBlock(rounding, 4);
  if (block === null || block.isGeneral || format.kind !== 'float') return false;
  const { infinities, emax, mantissaBits, max, precision } = format;
  return (
    infinities === 'ieee' &&
    block.constants[4] === Infinity &&
    max === (2 - 2 ** -mantissaBits) * 2 ** emax &&
    precision <= 11 &&
    emax >= 0
  );
}

function wayOf(plan: ProductPlan, isCounting: boolean): Way | null {
  const { a, b, product, reduction, scale } = plan;
  const accumulator = chainOf(reduction);
  if (accumulator === null || scale !== null) return null;
  const sum = accumulator.rounding;
  const isFused = accumulator.fused === true;
  if (isFused !== (product === null) || (isFused && !hasFused(sum))) return null;
  if (isFused && isNative(sum) && chooseLane([a, b], [[a, b]], [4]) === 4) {
    return { lane: 4, how: isCounting ? NATIVE : NATIVE_PLAIN, product, sum, isFused };
  }
  const steps = product === null ? [a, b, sum] : [a, b, product, sum];
  const lane = chooseLane(steps, [[a, b]]);
  if (lane === null) return null;
  if (product !== null && lane === 4 && isSame(product, sum) && carries(sum)) {
    return { lane, how: isCounting ? CARRIED : CARRIED_PLAIN, product, sum, isFused };
  }
  const isSimple =
    isUsual(sum, lane) &&
    (product === null || (isUsual(product, lane) && isWithin(product, sum, lane))) &&
    isLoud(sum, lane) &&
    (product === null || isLoud(product, lane));
  return { lane, how: isSimple ? (isCounting ? USUAL : PLAIN) : COUNTED, product, sum, isFused };
}

/** Whether a step's overflow gives an infinity or a NaN, which no later addition removes: the sum's end then shows it. */
function isLoud(rounding: Rounding, lane: LaneBytes): boolean {
  const block = roundingBlock(rounding, lane);
  return block !== null && !Number.isFinite(block.constants[4]) && (block.behaviour & 3) === 0;
}

/** Whether products are values of the sum's format, and the lanes' nearest sum before its rounding changes nothing. */
function isWithin({ format: a }: Rounding, { format: b }: Rounding, lane: LaneBytes): boolean {
  if (a.kind !== 'float' || b.kind !== 'float' || b.precision > (lane === 4 ? 11 : 25)) return false;
  return a.precision <= b.precision && a.emin - a.mantissaBits >= b.emin - b.mantissaBits && a.max <= b.max;
}

/** Whether every value of one step is one of another, which then changes nothing and has nothing to tell. */
function isIdentity({ format: a }: Rounding, { format: b, policy }: Rounding): boolean {
  if (a.kind !== 'float' || b.kind !== 'float' || policy.subnormals !== 'gradual') return false;
  const isWithin = a.precision <= b.precision && a.emin - a.mantissaBits >= b.emin - b.mantissaBits && a.max <= b.max;
  const keepsInfinity = b.infinities !== 'none' && policy.overflow !== 'saturate';
  return isWithin && b.signed && b.negativeZero && b.nan !== 'none' && keepsInfinity && b.lowest === 'subnormal';
}

/** Whether the way's products and sums only round, where they do not overflow. */
function isBoundable({ lane, how, product, sum, isFused }: Way): boolean {
  if (lane !== 4 || isFused || product === null) return false;
  if (how === ALIGNED || how === ALIGNED_PLAIN) return true;
  return isUsual(product, 4) && isUsual(sum, 4) && isWithin(product, sum, 4);
}

/** Whether a step has binary32's exponents and rounds as usual, to at most 11 bits: bfloat16, tf32. */
function isAligned(rounding: Rounding): boolean {
  const { format } = rounding;
  if (format.kind !== 'float' || !isUsual(rounding, 8) || !isLoud(rounding, 8)) return false;
  const { emin, emax, precision, infinities, negativeZero } = format;
  return emin === -126 && emax === 127 && precision <= 11 && infinities === 'ieee' && negativeZero;
}

/** A faster way for formats of eight exponent bits, when these operands' products stay normal in binary32. */
function refine(plan: ProductPlan, way: Way, { a, b }: RawProductInputs): Way {
  const { product, sum, isFused, lane } = way;
  if (lane === 4 || !isAligned(plan.a) || !isAligned(plan.b)) return way;
  const isOff = plan.record === 'off';
  const how = isFused
    ? isNative(sum) && (isOff ? NATIVE_PLAIN : NATIVE)
    : product !== null && isSame(product, sum) && isAligned(sum) && (isOff ? ALIGNED_PLAIN : ALIGNED);
  if (how === false) return way;
  const [least, most] = extent(a);
  const [leastB, mostB] = extent(b);
  // Loading may double a number, and halve it, at most.
  if (!isIdentity(sum, plan.output) && !isUsual(plan.output, 4)) return way;
  const isNormal = least * leastB >= 2 ** -120 && most * mostB <= 2 ** 120;
  return isNormal ? { ...way, lane: 4, how } : way;
}

/** The smallest magnitude other than zero, and the largest; of no numbers, one. Infinities count as none. */
function extent(x: FloatArray): [number, number] {
  let least = Infinity;
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const a = Math.abs(x[i] as number);
    if (a < least && a > 0) least = a;
    if (a > most && a !== Infinity) most = a;
  }
  return [least === Infinity ? 1 : least, most === 0 ? 1 : most];
}

/** The fast twin of a plan, or null where its unit has none. */
export function lowerMatmul(plan: ProductPlan, engine: Engine): Lowered<RawProductInputs> | null {
  // An addend that no sum has rounded may not be a value of the output's format.
  if (plan.width === 0) return null;
  const way = wayOf(plan, plan.record !== 'off');
  if (way === null || plan.pairing.kind !== 'all' || plan.width * 64 > PART_BYTES) return null;
  if (castLoop(plan.addend, 8, 8) === null) return null;
  if (!isIdentity(way.sum, plan.output) && !isUsual(plan.output, way.lane)) return null;
  // Where nothing is counted, no one would see a NaN that a step cannot hold.
  const own = [way.sum, plan.output, ...(way.product === null ? [] : [way.product])];
  if (plan.record === 'off' && own.some(hasNoNaN)) return null;
  const { columns } = plan.pairing;
  const rows = columns === 0 ? 0 : plan.rows / columns;
  // Threads divide the longer side: each loads and packs all of the other.
  const byColumns = columns > rows && columns >= 16 * ITEM_COLUMNS;
  return {
    items: byColumns ? Math.ceil(columns / ITEM_COLUMNS) : rows,
    accounts: plan.rows,
    pass: (raw, out, account, first, end) => {
      const part = byColumns
        ? { top: 0, bottom: rows, left: first * ITEM_COLUMNS, right: Math.min(end * ITEM_COLUMNS, columns) }
        : { top: first, bottom: end, left: 0, right: columns };
      return lease(engine, (parts) => matmulFast(plan, refine(plan, way, raw), parts, raw, out, account, part));
    },
    conclude: (raw, _, account, recorder) => concludeProducts(plan, raw, account, recorder),
  };
}

function floats({ memory }: Core, lane: LaneBytes, at: Pointer, n: number): FloatArray {
  return lane === 4 ? new Float32Array(memory.buffer, at, n) : new Float64Array(memory.buffer, at, n);
}

function matmulFast(
  plan: ProductPlan,
  way: Way,
  parts: Lease,
  { a, b, c }: RawProductInputs,
  out: FloatArray,
  { counts, rowFlags, onPiece }: Account,
  { top, bottom, left, right }: Rectangle,
): boolean {
  const { width: k, rows, stages, pairing, output } = plan;
  const n = pairing.kind === 'all' ? pairing.columns : 1;
  const { lane, how, product, sum, isFused } = way;
  // The loops add numbers of the sum's format. An addend of another format may be none, so the specification runs.
  if (c !== null && product !== null && !isIdentity(plan.addend, sum)) return false;
  if (rows === 0) return false;
  if (plan.positiveZeros && sum.policy.rounding === 'towardNegative') return false;
  const { core } = parts.engine;
  const { call } = core;
  const { take } = parts;
  const isCounting = plan.record !== 'off';
  const at = (stage: string): number => stages.indexOf(stage);
  const columns = 64 / lane;
  const totals = take(stages.length * TOTALS * 8);
  new Uint8Array(core.memory.buffer, totals, stages.length * TOTALS * 8).fill(0);
  const totalsOf = (stage: string): Pointer => totals + Math.max(0, at(stage)) * TOTALS * 8;

  const place = (rounding: Rounding): Pointer => {
    const pointer = take(BLOCK_BYTES);
    const block = roundingBlock(rounding, lane);
    // Ways without a block of their own meet no threshold but zero.
    if (block === null) new Uint8Array(core.memory.buffer, pointer, BLOCK_BYTES).fill(0);
    else writeBlock(core, block, pointer);
    return pointer;
  };
  const sumBlock = roundingBlock(sum, lane);
  const productBlock = product === null ? null : roundingBlock(product, lane);
  const sumAt = place(sum);
  const productAt = product === null ? sumAt : place(product);

  // Blocks of whole panels of B's columns, and of whole rows of A.
  const perPanel = k * 64;
  const panels = Math.max(
    1,
    Math.min(Math.ceil((right - left) / columns), Math.floor(PART_BYTES / Math.max(perPanel, 1))),
  );
  const blockRows = Math.max(1, Math.min(bottom - top, Math.floor(PART_BYTES / Math.max(k * lane, 1))));
  const blockColumns = panels * columns;
  const packed = take(panels * perPanel);
  const strip = take(Math.max(1, k) * blockColumns * lane);
  const rawStrip = take(blockColumns * 8);
  const aRows = take(blockRows * k * lane + 64);
  const rawRow = take(Math.max(k, blockColumns) * 8 + 64);
  const acc = take(blockColumns * lane);
  const flags = take(blockColumns * 2);
  const tallies = take(9 * TALLY_BYTES);
  const bounded =
    k > 0 && product !== null && isBoundable(way)
      ? openBounded(
          parts,
          k,
          { a: plan.a, b: plan.b, product, sum, hasStart: c !== null, isCounting },
          {
            ...{ packed, acc, flags, tallies, panels },
            productTotals: totalsOf('product'),
            totals: totalsOf('accumulate'),
          },
        )
      : null;
  const job = take(80);
  new Uint8Array(core.memory.buffer, tallies, 9 * TALLY_BYTES).fill(0);
  // Counting tells of NaN, too.
  const judges = (rounding: Rounding): boolean => isCounting || hasNoNaN(rounding);
  const loadA = [caster(parts, plan.a, totalsOf('load'), judges(plan.a)), caster(parts, plan.a, 0, false)] as const;
  // Parts of the same rows, or columns, load the same; the first counts it.
  const loadB = caster(parts, plan.b, totalsOf('load'), judges(plan.b) && top === 0);
  const loadC = caster(parts, plan.addend, totalsOf('load'), judges(plan.addend));
  const from = (x: FloatArray): LaneBytes => x.BYTES_PER_ELEMENT as LaneBytes;
  const isStored = isIdentity(sum, output);
  const outputBlock = isStored ? null : roundingBlock(output, lane);
  const outputAt = isStored ? 0 : place(output);
  const odd: number[] = [];
  for (let j0 = left; j0 < right; j0 += blockColumns) {
    const wide = Math.min(blockColumns, right - j0);
    const used = Math.ceil(wide / columns);
    if (wide < blockColumns) new Float64Array(core.memory.buffer, strip, (k * blockColumns * lane) / 8).fill(0);
    const raw = floats(core, from(b), rawStrip, wide);
    for (let r = 0; r < k; r++) {
      raw.set(b.subarray(r * n + j0, r * n + j0 + wide));
      loadB.cast(rawStrip, from(b), strip + r * blockColumns * lane, lane, wide);
    }
    for (let p = 0; p < used; p++) call.packColumns(strip + p * 64, blockColumns * lane, k, packed + p * perPanel);
    bounded?.placeB(wide);
    for (let i0 = top; i0 < bottom; i0 += blockRows) {
      const high = Math.min(blockRows, bottom - i0);
      for (let r = 0; r < high; r++) {
        floats(core, from(a), rawRow, k).set(a.subarray((i0 + r) * k, (i0 + r + 1) * k));
        loadA[j0 === 0 ? 0 : 1].cast(rawRow, from(a), aRows + r * k * lane, lane, k);
      }
      bounded?.placeA(aRows, high);
      writeJob(core, job, {
        a: aRows,
        b: packed,
        length: k,
        width: wide,
        acc,
        product: productAt,
        step: sumAt,
        productTotals: totalsOf('product'),
        totals: totalsOf('accumulate'),
        productBehaviour: productBlock?.behaviour ?? 0,
        behaviour: sumBlock?.behaviour ?? 0,
        flags,
        tallies,
        ...carryOf(sum),
        isFused: isFused ? 1 : 0,
        isGeneral: (sumBlock?.isGeneral ?? false) || (productBlock?.isGeneral ?? false) ? 1 : 0,
        panel: perPanel,
      });
      const words = new Uint32Array(core.memory.buffer, job, 20);
      const sums = floats(core, lane, acc, wide);
      const cleared = new Float64Array(core.memory.buffer, acc, used * 8);
      const found = new Uint16Array(core.memory.buffer, flags, wide);
      for (let r = 0; r < high; r++) {
        const i = i0 + r;
        cleared.fill(0);
        if (c !== null) {
          floats(core, from(c), rawRow, wide).set(c.subarray(i * n + j0, i * n + j0 + wide));
          loadC.cast(rawRow, from(c), acc, lane, wide);
          // A start of −0, or what loading makes one, stays −0 only where signs of zero are kept.
          for (let j = 0; j < wide; j++) if (Object.is(sums[j], -0)) return false;
        }
        if (isCounting) found.fill(0);
        words[0] = aRows + r * k * lane;
        const isBounded = bounded?.row(r, wide) === true;
        if (k > 0 && !isBounded) {
          if (lane === 4) call.productRow32(how, job);
          else call.productRow64(how, job);
        }
        const start = i * n + j0;
        if (outputBlock !== null) {
          const store = lane === 4 ? call.storeRow32 : call.storeRow64;
          store(acc, wide, outputAt, outputBlock.behaviour, totalsOf('store'), flags, tallies);
        }
        out.set(sums, start);
        onPiece?.();
        if (!isCounting) continue;
        // Bounded sums are finite; what is stored of them may not be.
        if (isBounded && outputBlock === null) {
          rowFlags.set(found, start);
          continue;
        }
        for (let j = 0; j < wide; j++) {
          const raised = found[j] as number;
          if (raised === 0xffff) odd.push(start + j);
          else rowFlags[start + j] = raised | (Number.isFinite(out[start + j]) ? 0 : NOT_FINITE);
        }
      }
    }
  }

  let nan = 0;
  stages.forEach((_, stage) => {
    nan += addTotals(core, totals + stage * TOTALS * 8, counts, stage);
  });
  const steps = [plan.a, plan.b, plan.addend, plan.output, sum, ...(product === null ? [] : [product])];
  if (nan > 0 && steps.some(hasNoNaN)) return false;
  if (!isCounting) return true;

  // Outputs that a short cut could not count; their stores have been counted.
  finishLeft(plan, { a, b, c, scales: null }, out, { counts, rowFlags }, odd, at('store'));
  for (const r of odd) if (!Number.isFinite(out[r])) rowFlags[r] |= NOT_FINITE;
  return true;
}

/** 2^(127 − emax), and the bit that a carried sum is rounded at. */
function carryOf({ format }: Rounding): { shift: number; scale: number } {
  if (format.kind !== 'float') return { shift: 1, scale: 1 };
  return { shift: 23 - format.mantissaBits, scale: 2 ** (127 - format.emax) };
}

/** Fields of `assembly/product.ts`'s job, in order. */
const FIELDS = [
  ...['a', 'b', 'length', 'width', 'acc', 'product', 'step', 'productTotals', 'totals', 'productBehaviour'],
  ...['behaviour', 'flags', 'tallies', 'shift', 'scale', 'isFused', 'isGeneral', 'panel'],
] as const;

function writeJob({ memory }: Core, at: Pointer, fields: Readonly<Record<string, number>>): void {
  const words = new Uint32Array(memory.buffer, at, FIELDS.length);
  FIELDS.forEach((name, i) => {
    if (name === 'scale') new Float32Array(memory.buffer, at + i * 4, 1)[0] = fields[name] as number;
    else words[i] = fields[name] as number;
  });
}
