/**
 * The fast twin of `matmul` in integer registers of up to 32 bits.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Format, IntegerFormat } from '../../formats/format.ts';
import { eventKinds, OVERFLOW, SATURATION, WRAP } from '../../rounding/flags.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Counters } from '../counters.ts';
import type { Twin } from '../twin.ts';
import { finishProducts } from './replay.ts';

/** Columns of B in a panel. */
const COLUMNS = 16;
/** Bytes of B's panels that are held at a time, unless one panel has more. */
const PART_BYTES = 2 ** 24;

/** A register, and after how many elements of a chain it clamps or wraps. */
interface Register {
  readonly bits: number;
  readonly saturates: boolean;
  readonly every: number;
}

/** The register of a reduction that is one chain, or tiles that chain; elements are counted from each tile on. */
function registerOf(reduction: Reduction, width: number): Register | null {
  const isTiled = reduction.kind === 'tiled' && reduction.across === 'chain';
  const inner = isTiled ? reduction.within : reduction;
  if (inner.kind !== 'sequential' || inner.order === 'descending' || inner.accumulator.kind !== 'integer') return null;
  const { bits, overflow, when = 'everyStep' } = inner.accumulator;
  const size = isTiled ? reduction.size : width;
  const every = when === 'everyStep' ? 1 : when === 'atEnd' ? size : when.every;
  // Within a tile of its own, a count that does not divide the tile begins anew.
  if (isTiled && every !== 1 && every !== size && size % every !== 0) return null;
  return { bits, saturates: overflow === 'saturate', every: Math.max(1, every) };
}

function isNarrow(format: Format): format is IntegerFormat {
  return format.kind === 'integer' && format.fractionBits === 0 && format.min >= -32768 && format.max <= 32767;
}

/** The fast twin of a plan, or null where its unit has none. */
export function compileIntegers(plan: ProductPlan, engine: Engine): Twin<RawProductInputs> | null {
  const { a, b, addend, output, product, reduction, scale, width, pairing } = plan;
  const register = registerOf(reduction, width);
  if (register === null || product !== null || scale !== null || pairing.kind !== 'all') return null;
  if (!isNarrow(a.format) || !isNarrow(b.format) || addend.format.kind !== 'integer') return null;
  const { bits, every } = register;
  const largest = (format: IntegerFormat): number => Math.max(-format.min, format.max);
  // Between fits the exact sum stays within 32 bits; that of a 32-bit register is added up apart.
  const between = Math.min(every, width) * largest(a.format) * largest(b.format);
  if (bits > 32 || (bits === 32 ? 0 : 2 ** (bits - 1)) + between >= 2 ** 31) return null;
  const { format } = output;
  if (format.kind !== 'integer' || format.fractionBits !== 0) return null;
  if (format.min > -(2 ** (bits - 1)) || format.max < 2 ** (bits - 1) - 1) return null;
  const { columns } = pairing;
  return {
    items: columns === 0 ? 0 : plan.rows / columns,
    flagSlots: plan.rows,
    computeRange: (raw, out, counters, first, end) =>
      lease(engine, (parts) => integersFast(plan, register, parts, raw, out, counters, first, end)),
    finish: (raw, _, counters, recorder) => finishProducts(plan, raw, counters, recorder),
  };
}

/** The largest magnitude, or −1 where not every number is an integer of a format: then loading has something to tell. */
function largestWithin(values: FloatArray, min: number, max: number): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    if (!(x >= min && x <= max) || x !== Math.trunc(x)) return -1;
    const magnitude = Math.abs(x);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** Panels of sixteen columns from j0 on, two rows of B in one lane; an odd last row is beside zeros. */
function packPairs(b: FloatArray, k: number, n: number, j0: number, wide: number, packed: Int32Array): void {
  const pairs = (k + 1) >> 1;
  for (let e = 0; e < pairs; e++) {
    const first = 2 * e * n + j0;
    const isPair = 2 * e + 1 < k;
    for (let from = 0; from < wide; from += COLUMNS) {
      const at = (from * pairs + e * COLUMNS) | 0;
      const end = Math.min(COLUMNS, wide - from);
      for (let j = 0; j < end; j++) {
        const low = b[first + from + j] as number;
        const high = isPair ? (b[first + n + from + j] as number) : 0;
        packed[at + j] = (low & 0xffff) | (high << 16);
      }
    }
  }
}

function integersFast(
  plan: ProductPlan,
  { bits, saturates, every }: Register,
  { engine: { core }, take }: Lease,
  { a, b, c }: RawProductInputs,
  out: FloatArray,
  counters: Counters,
  firstRow: number,
  lastRow: number,
): boolean {
  const { width: k, rows, stages, pairing } = plan;
  const n = pairing.kind === 'all' ? pairing.columns : 1;
  if (rows === 0 || k === 0) return false;
  const [first, second] = [plan.a.format as IntegerFormat, plan.b.format as IntegerFormat];
  if (largestWithin(a.subarray(firstRow * k, lastRow * k), first.min, first.max) < 0) return false;
  const largest = largestWithin(b, second.min, second.max);
  if (largest < 0) return false;
  // A start beyond the register would be clamped with the first sum; it must not leave 32 bits before.
  if (c !== null && largestWithin(c, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) < 0) return false;
  const isCounting = plan.record !== 'off';
  const raised = saturates ? OVERFLOW | SATURATION : WRAP;
  const pairs = (k + 1) >> 1;
  const panel = pairs * COLUMNS * 4;
  const panels = Math.min(Math.ceil(n / COLUMNS), Math.max(1, Math.floor(PART_BYTES / panel)));
  const packed = take(panels * panel);
  const row = take(pairs * 4);
  const acc = take(panels * COLUMNS * 4);
  const reach = take(pairs * 8);
  const changes = take(64);
  const flags = take(panels * COLUMNS * 2);
  const { buffer } = core.memory;
  const columns = new Int32Array(buffer, packed, (panels * panel) / 4);
  if (n % COLUMNS !== 0) columns.fill(0);
  new Int32Array(buffer, acc, panels * COLUMNS).fill(0);
  const own = new Int16Array(buffer, row, pairs * 2).fill(0);
  let changed = 0;
  for (let j0 = 0; j0 < n; j0 += panels * COLUMNS) {
    const wide = Math.min(panels * COLUMNS, n - j0);
    const sums = new Int32Array(buffer, acc, wide);
    const found = new Uint16Array(buffer, flags, wide);
    packPairs(b, k, n, j0, wide, columns);
    for (let i = firstRow; i < lastRow; i++) {
      const start = i * n + j0;
      for (let e = 0; e < k; e++) own[e] = a[i * k + e] as number;
      if (c === null) sums.fill(0);
      else sums.set(c.subarray(start, start + wide));
      changed += core.call.integerRow(
        isCounting,
        saturates,
        row,
        packed,
        panel,
        k,
        every,
        wide,
        acc,
        bits,
        largest,
        reach,
        changes,
        flags,
        raised,
      );
      out.set(sums, start);
      if (isCounting) counters.rowFlags.set(found, start);
      counters.onPiece?.();
    }
  }
  if (!isCounting) return true;
  const base = stages.indexOf('accumulate') * eventKinds.length;
  eventKinds.forEach((_, kind) => {
    if (raised & (1 << kind)) counters.counts[base + kind] = (counters.counts[base + kind] as number) + changed;
  });
  return true;
}
