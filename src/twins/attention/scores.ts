/**
 * The scores of some queries and a tile of keys: rectangles of what they see, each one product.
 *
 * @module
 */
import type { AttentionPlan } from '../../specification/attention/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Counters } from '../counters.ts';
import { multiplyPart, type PartProduct } from './products.ts';

/** Keys of a rectangle where queries see different ones; at its edge every score is a sum of its own. */
const PIECE = 32;
/** Scores of an edge that are formed together. */
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
  const { depth, keys } = plan;
  const { rows, queries, q, turnedKeys } = operands;
  const count = end - first;
  const seen = queries.map((query) => seenBy(plan, query));
  const multiply = (which: readonly number[], from: number, to: number): boolean => {
    if (which.length === 0) return true;
    const isAll = which.length === rows.length;
    const isWhole = isAll && to - from === count;
    const n = to - from;
    const a = isAll ? q.subarray(0, rows.length * depth) : gather(q, depth, which);
    const b = columnsOf(turnedKeys, depth, keys, from, to);
    const into = isWhole ? out : roomLike(out, which.length * n);
    const own = { m: which.length, k: depth, n, a, b, c: null };
    if (!multiplyPart(product, own, into, counters, (i) => rows[which[i] as number] as number)) return false;
    if (!isWhole) {
      which.forEach((r, i) => {
        out.set(into.subarray(i * n, (i + 1) * n), r * count + from - first);
      });
    }
    return true;
  };
  const every = rows.map((_, r) => r);
  if (seen.every(([low, high]) => low <= first && high >= end)) return multiply(every, first, end);
  out.fill(0, 0, rows.length * count);
  const edge: Edge[] = [];
  for (let from = first; from < end; from += PIECE) {
    const to = Math.min(from + PIECE, end);
    const isWhole = (r: number): boolean => {
      const [low, high] = seen[r] as readonly [number, number];
      return low <= from && high >= to;
    };
    if (!multiply(every.filter(isWhole), from, to)) return false;
    for (const r of every) {
      const [low, high] = seen[r] as readonly [number, number];
      if (!isWhole(r)) for (let j = Math.max(low, from); j < Math.min(high, to); j++) edge.push({ r, j });
    }
  }
  for (let i = 0; i < edge.length; i += MOST_EDGE) {
    const part = edge.slice(i, i + MOST_EDGE);
    const a = gather(
      q,
      depth,
      part.map(({ r }) => r),
    );
    const b = gather(
      operands.keys,
      depth,
      part.map(({ j }) => j),
    );
    const sums = roomLike(out, part.length);
    const own = { m: part.length, k: depth, n: null, a, b, c: null };
    if (!multiplyPart(product, own, sums, counters, (e) => rows[(part[e] as Edge).r] as number)) return false;
    part.forEach(({ r, j }, e) => {
      out[r * count + j - first] = sums[e] as number;
    });
  }
  return true;
}

/** A score at the edge of what is seen: a row's place, and the key. */
interface Edge {
  readonly r: number;
  readonly j: number;
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
