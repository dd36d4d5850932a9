/**
 * Which keys a query sees.
 *
 * @module
 */
import type { AttentionPlan } from './plan.ts';

/** Whether a query sees a key at all. */
export function isSeen({ causal, window, keys, queries }: AttentionPlan, query: number, key: number): boolean {
  const own = query + keys - queries;
  return !(causal && key > own) && !(window !== Infinity && (key <= own - window || key > own));
}

/** What the mask adds to a score; 0 where there is none. */
export function maskOf(
  { mask, heads, queries, keys }: AttentionPlan,
  head: number,
  query: number,
  key: number,
): number {
  if (mask === null) return 0;
  const each = mask.length === heads * queries * keys ? head : 0;
  return mask[(each * queries + query) * keys + key] as number;
}

/** Whether no key of a tile is seen. */
export function isLeftOut(plan: AttentionPlan, head: number, query: number, first: number, end: number): boolean {
  for (let j = first; j < end; j++) {
    if (isSeen(plan, query, j) && maskOf(plan, head, query, j) !== -Infinity) return false;
  }
  return true;
}
