/**
 * The scores of some queries and a tile of keys: rectangles and stairs of what they see, each one product.
 *
 * @module
 */
import type { AttentionPlan } from '../../specification/attention/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Counters } from '../counters.ts';
import { multiplyPart, type PartOperands, type PartProduct } from './products.ts';

/** Keys that are no longer halved where queries see different ones, and queries that are worth a product of their own. */
const PIECE = 32;
/** Scores that are formed together where a query sees keys in the midst of so many. */
const MOST_EDGE = 4096;

/** The keys that a query sees: from the first up to the second. */
export function seenBy({ causal, window, keys, queries }: AttentionPlan, query: number): readonly [number, number] {
  const own = query + keys - queries;
  const isBounded = causal || window !== Infinity;
  const end = isBounded ? Math.max(0, Math.min(keys, own + 1)) : keys;
  return [window === Infinity ? 0 : Math.min(end, Math.max(0, own - window + 1)), end];
}

/** Queries as the matrix unit reads them, and the keys of their head, as rows and as columns. */
export interface ScoreOperands {
  readonly rows: readonly number[];
  readonly queries: readonly number[];
  readonly q: FloatArray;
  readonly keys: FloatArray;
  readonly turnedKeys: FloatArray;
}

/** Columns from `from` up to `to` of a matrix whose rows have `width` numbers. */
function columnsOf(x: FloatArray, height: number, width: number, from: number, to: number): FloatArray {
  if (from === 0 && to === width) return x;
  const n = to - from;
  const out = roomLike(x, height * n);
  for (let r = 0; r < height; r++) out.set(x.subarray(r * width + from, r * width + to), r * n);
  return out;
}

/** The same columns, the last first. */
function reversedColumns(x: FloatArray, height: number, width: number): FloatArray {
  const out = roomLike(x, x.length);
  for (let r = 0; r < height; r++) out.set(x.subarray(r * width, (r + 1) * width).toReversed(), r * width);
  return out;
}

/** A tile under way. */
interface Tile {
  readonly plan: AttentionPlan;
  readonly product: PartProduct;
  readonly operands: ScoreOperands;
  /** The keys that each row sees: from the first up to the second. */
  readonly seen: readonly (readonly [number, number])[];
  readonly first: number;
  readonly end: number;
  readonly out: FloatArray;
  readonly counters: Counters;
}

/** Scores of the keys from `first` up to `end`, row-major into `out`; 0 of a key that is not seen. False where a twin refuses. */
export function scoreTile(
  plan: AttentionPlan,
  product: PartProduct,
  operands: ScoreOperands,
  first: number,
  end: number,
  out: FloatArray,
  counters: Counters,
): boolean {
  const { rows, queries } = operands;
  const seen = queries.map((query) => seenBy(plan, query));
  out.fill(0, 0, rows.length * (end - first));
  const every = rows.map((_, r) => r);
  return score({ plan, product, operands, seen, first, end, out, counters }, every, first, end);
}

/**
 * Scores of some rows and the keys from `from` up to `to`: those that see them all in one product, the others by halves, until few
 * keys are left.
 */
function score(tile: Tile, which: readonly number[], from: number, to: number): boolean {
  const [lowOf, highOf] = [(r: number) => tile.seen[r]?.[0] as number, (r: number) => tile.seen[r]?.[1] as number];
  const some = which.filter((r) => Math.max(lowOf(r), from) < Math.min(highOf(r), to));
  const [begins, ends] = [(r: number) => lowOf(r) > from, (r: number) => highOf(r) < to];
  const partly = some.filter((r) => begins(r) || ends(r));
  const whole = some.filter((r) => !begins(r) && !ends(r));
  const areFew = to - from <= PIECE;
  if (partly.length > 0 && !areFew) {
    const middle = from + Math.ceil((to - from) / 2);
    const isOwn = whole.length >= PIECE;
    const rest = isOwn ? partly : some;
    return (
      (!isOwn || rectangle(tile, whole, from, to)) && score(tile, rest, from, middle) && score(tile, rest, middle, to)
    );
  }
  const [early, late] = [partly.filter((r) => !begins(r)), partly.filter((r) => !ends(r))];
  return (
    rectangle(tile, whole, from, to) &&
    stairs(tile, early, from, to, (r) => highOf(r) - from, false) &&
    stairs(tile, late, from, to, (r) => to - lowOf(r), true) &&
    single(
      tile,
      partly.filter((r) => begins(r) && ends(r)),
    )
  );
}

/** Rows of queries, and columns of keys. */
function operandsOf(
  { plan, operands }: Tile,
  which: readonly number[],
  from: number,
  to: number,
): [FloatArray, FloatArray] {
  const { rows, q, turnedKeys } = operands;
  const { depth, keys } = plan;
  const a = which.length === rows.length ? q.subarray(0, rows.length * depth) : gather(q, depth, which);
  return [a, columnsOf(turnedKeys, depth, keys, from, to)];
}

function multiply(
  { product, operands, counters }: Tile,
  part: PartOperands,
  out: FloatArray,
  which: readonly number[],
): boolean {
  return multiplyPart(product, part, out, counters, (i) => operands.rows[which[i] as number] as number);
}

/** Lays scores of the keys from `from` on where they belong. */
function place(
  { first, end, out }: Tile,
  which: readonly number[],
  from: number,
  row: (i: number) => FloatArray,
): void {
  which.forEach((r, i) => {
    out.set(row(i), r * (end - first) + from - first);
  });
}

/** Every row against every key. */
function rectangle(tile: Tile, which: readonly number[], from: number, to: number): boolean {
  const n = to - from;
  const isWhole = which.length === tile.operands.rows.length && n === tile.end - tile.first;
  const [a, b] = operandsOf(tile, which, from, to);
  const into = isWhole ? tile.out : roomLike(tile.out, which.length * n);
  if (!multiply(tile, { m: which.length, k: tile.plan.depth, n, a, b, c: null }, into, which)) return false;
  if (!isWhole) place(tile, which, from, (i) => into.subarray(i * n, (i + 1) * n));
  return true;
}

/** Every row against its own first keys, or its last. */
function stairs(
  tile: Tile,
  which: readonly number[],
  from: number,
  to: number,
  lengthOf: (row: number) => number,
  areLast: boolean,
): boolean {
  if (which.length === 0) return true;
  const n = to - from;
  const { depth } = tile.plan;
  const [a, columns] = operandsOf(tile, which, from, to);
  const b = areLast ? reversedColumns(columns, depth, n) : columns;
  const into = roomLike(tile.out, which.length * n);
  const ends = which.map(lengthOf);
  if (!multiply(tile, { m: which.length, k: depth, n, a, b, c: null, ends }, into, which)) return false;
  place(tile, which, from, (i) => {
    const found = into.subarray(i * n, (i + 1) * n);
    return areLast ? found.toReversed() : found;
  });
  return true;
}

/** Rows against the keys that they see, one by one. */
function single(tile: Tile, which: readonly number[]): boolean {
  const { plan, operands, seen } = tile;
  const { q, keys } = operands;
  const edge = which.flatMap((r) => {
    const [low, high] = seen[r] as readonly [number, number];
    return Array.from({ length: high - low }, (_, i) => ({ r, j: low + i }));
  });
  for (let i = 0; i < edge.length; i += MOST_EDGE) {
    const part = edge.slice(i, i + MOST_EDGE);
    const own = part.map(({ r }) => r);
    const a = gather(q, plan.depth, own);
    const b = gather(
      keys,
      plan.depth,
      part.map(({ j }) => j),
    );
    const sums = roomLike(tile.out, part.length);
    if (!multiply(tile, { m: part.length, k: plan.depth, n: null, a, b, c: null }, sums, own)) return false;
    part.forEach(({ r, j }, e) => {
      place(tile, [r], j, () => sums.subarray(e, e + 1));
    });
  }
  return true;
}

/** An array of the same type. */
export function roomLike(x: FloatArray, length: number): FloatArray {
  return x instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** Some rows of a matrix. */
export function gather(x: FloatArray, width: number, which: readonly number[]): FloatArray {
  const out = roomLike(x, which.length * width);
  which.forEach((r, i) => {
    out.set(x.subarray(r * width, (r + 1) * width), i * width);
  });
  return out;
}
