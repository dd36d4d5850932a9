/**
 * The fast twin of attention: block by block of queries, tile by tile of keys. The two products run on the twins of `matmul`, what
 * stands between them on tiles of rows; what a row has one of is formed by the specification itself.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import { Recorder } from '../../events/recorder.ts';
import type { RawAttentionInputs } from '../../specification/attention/attention.ts';
import { isLeftOut } from '../../specification/attention/mask.ts';
import type { Row } from '../../specification/attention/operations.ts';
import { type AttentionParts, makeAttentionParts } from '../../specification/attention/parts.ts';
import { Placed } from '../../specification/attention/place.ts';
import type { AttentionPlan } from '../../specification/attention/plan.ts';
import { beginState, isZeroRow, logSumExp, type State } from '../../specification/attention/row.ts';
import { createSums, sumOutput } from '../../specification/products/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { addTotals, type Counters, TOTALS } from '../counters.ts';
import type { Twin } from '../twin.ts';
import { type Lanes, lacksNaN, lanesOf } from './lanes.ts';
import { type HeadOperands, openOperands } from './operands.ts';
import { type Outputs, openOutputs, rescaleRows, storeRows } from './outputs.ts';
import { multiplyPart, openProduct, type PartProduct, partOf } from './products.ts';
import { finishAttention } from './replay.ts';
import { gather, roomLike, scoreTile, seenBy } from './scores.ts';
import { type Factors, openSharing, type Sharing, shareRows } from './shares.ts';

/** Scores of a block at most. */
const MOST_SCORES = 2 ** 18;

/** The twins of a plan's products. */
interface Products {
  readonly scoring: PartProduct;
  readonly valuing: PartProduct;
}

/** The fast twin of a plan, or null where a product, a rounding or an order has none. */
export function compileAttention(plan: AttentionPlan, engine: Engine): Twin<RawAttentionInputs> | null {
  const lanes = lanesOf(plan);
  if (lanes === null || plan.width === 0 || plan.rows === 0) return null;
  let made: AttentionParts | undefined;
  const parts = (): AttentionParts => {
    made ??= makeAttentionParts(plan);
    return made;
  };
  const { stages, depth, tile, keys, width } = plan;
  const at = (name: string): number => (stages as readonly string[]).indexOf(name);
  const scoring = openProduct(
    plan,
    plan.scoring,
    { product: at('scoreProduct'), accumulate: at('score'), store: at('scoreStore') },
    engine,
  );
  const valuing = openProduct(
    plan,
    plan.valuing,
    { product: at('valueProduct'), accumulate: at('value'), store: at('valueStore') },
    engine,
  );
  const count = Math.min(tile, keys);
  const hasEdges = plan.causal || plan.window !== Infinity;
  if (hasEdges && scoring.twinOf(1, depth, null, null) === null) return null;
  if (scoring.twinOf(1, depth, count, null) === null || valuing.twinOf(1, count, width, null) === null) return null;
  return {
    // A log-sum-exp is written into the caller's array, which threads do not have.
    items: plan.logSumExp === null ? plan.rows : 1,
    flagSlots: plan.rows,
    computeRange: (raw, out, counters, first, end) => {
      const [from, to] = plan.logSumExp === null ? [first, end] : [0, plan.rows];
      const products = { scoring, valuing };
      return lease(engine, (own) => attendRange(own, parts(), lanes, products, raw, out, counters, from, to));
    },
    finish: (raw, _, counters, recorder) => finishAttention(parts(), raw, counters, recorder),
  };
}

/** What a range's blocks share. */
interface Work {
  readonly parts: AttentionParts;
  readonly products: Products;
  readonly sharing: Sharing;
  readonly outputs: Outputs;
  readonly scores: FloatArray;
  readonly shares: FloatArray;
  readonly recorder: Recorder;
  readonly counters: Counters;
}

function attendRange(
  own: Lease,
  parts: AttentionParts,
  lanes: Lanes,
  products: Products,
  raw: RawAttentionInputs,
  out: FloatArray,
  counters: Counters,
  first: number,
  end: number,
): boolean {
  const { plan } = parts;
  const { queries, keys, tile, stages, rows } = plan;
  const { core } = own.engine;
  const most = Math.min(tile, keys);
  const block = Math.max(1, Math.min(end - first, queries, Math.max(16, Math.floor(MOST_SCORES / most))));
  const scoresAt = own.take(block * most * lanes.scoreBytes);
  const sharesAt = own.take(block * most * lanes.scores);
  const sharing = openSharing(own, parts, lanes, most, { scores: scoresAt, shares: sharesAt });
  const outputs = openOutputs(own, parts, lanes.outputs, out.BYTES_PER_ELEMENT as 4 | 8);
  if (sharing === null || outputs === null) return false;
  const recorder = new Recorder(stages, rows, 'counts', 0, counters.counts, counters.rowFlags);
  const operands = openOperands(own, parts, raw, recorder, first, end);
  const { buffer } = core.memory;
  const [Scores, Shares] = [lanes.scoreBytes, lanes.scores].map((bytes) => (bytes === 4 ? Float32Array : Float64Array));
  const work: Work = {
    ...{ parts, products, sharing, outputs, recorder, counters },
    scores: new (Scores as Float32ArrayConstructor)(buffer, scoresAt, block * most),
    shares: new (Shares as Float32ArrayConstructor)(buffer, sharesAt, block * most),
  };
  for (let r = first; r < end; ) {
    const head = Math.floor(r / queries);
    const to = Math.min(r + block, end, (head + 1) * queries);
    if (!attendBlock(work, operands.head(head), head, r, to, out)) return false;
    r = to;
  }
  let nan = operands.close(counters.counts);
  for (const own of [sharing.tile, outputs.tile]) {
    stages.forEach((_, stage) => {
      nan += addTotals(core, own.totals + stage * TOTALS * 8, counters.counts, stage);
    });
  }
  return nan === 0 || !lacksNaN(plan);
}

/** The rows from `first` up to `end`, all of one head, into `out`; false where a twin refuses. */
function attendBlock(
  work: Work,
  operands: HeadOperands,
  head: number,
  first: number,
  end: number,
  out: FloatArray,
): boolean {
  const { parts, recorder, outputs, counters } = work;
  const { plan } = parts;
  const { queries, width, keys, tile, isFlash } = plan;
  const placed = new Placed(recorder);
  const none = new Float64Array(0);
  const loaded = { q: none, k: none, v: none, sink: operands.sink };
  const rows: Row[] = [];
  for (let r = first; r < end; r++) {
    const query = r - head * queries;
    if (isZeroRow(plan, head, query)) {
      out.fill(0, r * width, (r + 1) * width);
      if (plan.logSumExp !== null) plan.logSumExp[r] = -Infinity;
    } else rows.push({ parts, loaded, head, query, recorder, placed, row: r });
  }
  const states = rows.map(() => beginState(operands.sink));
  const running = new Float64Array(rows.length * width);
  const hasOutput = rows.map(() => false);
  const q = operands.queries(first, end);
  for (let from = 0; from < keys; from += tile) {
    const to = Math.min(from + tile, keys);
    const active = rows.map((_, i) => i).filter((i) => !isFlash || seesTile(plan, rows[i] as Row, from, to));
    // Those without an output first: their sums start from nothing.
    const order = [...active.filter((i) => !hasOutput[i]), ...active.filter((i) => hasOutput[i])];
    if (order.length === 0) continue;
    if (!attendTile(work, { operands, q, rows, states, running, hasOutput, order, first }, from, to)) return false;
    for (const i of order) hasOutput[i] = true;
    counters.onPiece?.();
  }
  storeRows(outputs, rows, states, running, out, counters);
  if (plan.logSumExp !== null) {
    rows.forEach((row, i) => {
      recorder.row = row.row;
      (plan.logSumExp as Float64Array)[row.row] = logSumExp(row, states[i] as State);
    });
  }
  return true;
}

/** Whether a query sees some key of a tile. */
function seesTile(plan: AttentionPlan, { head, query }: Row, first: number, end: number): boolean {
  if (plan.mask !== null) return !isLeftOut(plan, head, query, first, end);
  const [low, high] = seenBy(plan, query);
  return Math.max(low, first) < Math.min(high, end);
}

/** A block under way. */
interface Block {
  readonly operands: HeadOperands;
  /** Queries of the block, from row `first` on. */
  readonly q: FloatArray;
  readonly first: number;
  readonly rows: readonly Row[];
  readonly states: readonly State[];
  /** Outputs so far, row by row. */
  readonly running: FloatArray;
  readonly hasOutput: readonly boolean[];
  /** The rows that take part. */
  readonly order: readonly number[];
}

function attendTile(work: Work, block: Block, from: number, to: number): boolean {
  const { parts, products, sharing, scores, shares, counters } = work;
  const { plan } = parts;
  const { depth, width } = plan;
  const { operands, running, order } = block;
  const count = to - from;
  const rows = order.map((i) => block.rows[i] as Row);
  const states = order.map((i) => block.states[i] as State);
  const given = {
    rows: rows.map(({ row }) => row),
    queries: rows.map(({ query }) => query),
    q: gather(
      block.q,
      depth,
      rows.map(({ row }) => row - block.first),
    ),
    keys: operands.keys,
    turnedKeys: operands.turnedKeys,
  };
  if (!scoreTile(plan, products.scoring, given, from, to, scores, counters)) return false;
  const factors: Factors = [];
  for (let r = 0; r < rows.length; r += sharing.tile.height) {
    shareRows(sharing, rows, states, r, from, to, factors, counters);
  }
  const isFresh = order.filter((i) => !block.hasOutput[i]).length;
  const values = operands.values.subarray(from * width, to * width);
  for (const [low, high] of [
    [0, isFresh],
    [isFresh, rows.length],
  ] as const) {
    const m = high - low;
    if (m === 0) continue;
    const own = rows.slice(low, high);
    const places = order.slice(low, high);
    const a = shares.subarray(low * count, high * count);
    let c: FloatArray | null = null;
    if (low > 0 || isFresh === 0) {
      const before = gather(running, width, places);
      c = roomLike(before, m * width);
      rescaleRows(work.outputs, own, factors.slice(low, high), before, c, counters);
    }
    const into = roomLike(running, m * width);
    const start = c === null ? null : c.map((x) => x + 0);
    const part = { m, k: count, n: width, a, b: values, c: start };
    if (!multiplyPart(products.valuing, part, into, counters, (i) => (own[i] as Row).row)) return false;
    if (c !== null) signZeros(plan, part, c, into);
    places.forEach((i, r) => {
      running.set(into.subarray(r * width, (r + 1) * width), i * width);
    });
  }
  return true;
}

/**
 * Sums that start from −0 were formed from +0, which differs where nothing but zeros was added: these are formed again. What they
 * raise is the same.
 */
function signZeros(
  plan: AttentionPlan,
  { m, k, n, a, b }: { m: number; k: number; n: number; a: FloatArray; b: FloatArray },
  c: FloatArray,
  out: FloatArray,
): void {
  if (plan.valuing.positiveZeros) return;
  let sums: ReturnType<typeof createSums> | null = null;
  for (let i = 0; i < m * n; i++) {
    if (!(Object.is(c[i], -0) && out[i] === 0)) continue;
    const part = partOf(plan.valuing, 'off', m, k, n);
    sums ??= createSums(part);
    const [row, column] = [Math.floor(i / n), i % n];
    const x = Float64Array.from(a.subarray(row * k, (row + 1) * k));
    const y = Float64Array.from({ length: k }, (_, e) => b[e * n + column] as number);
    out[i] = sumOutput(sums, i, x, y, -0, null, new Recorder(part.stages, part.rows, 'off', 0));
  }
}
