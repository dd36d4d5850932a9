/**
 * Which orders and manners of summation a search begins with.
 *
 * @module
 */
import type { StridedReduction } from '../accumulators/reduction.ts';
import { type Order, orders, usualSizes } from './orders.ts';
import type { Question } from './question.ts';
import { isSensible, type Manner, type Ordering, Signature, type Swamp } from './swamping.ts';

/**
 * Orders to try where no term can swamp another: chains, trees, and tiles of usual sizes, one on top of the other or summed; of
 * one operand alone lanes of usual numbers, too.
 */
export function unswamped({ k, scale, lone }: Question): Ordering[] {
  const levels = orders(k);
  const base = levels.next().value as Order[];
  const nested = k < 2 ? [] : (levels.next().value as Order[]);
  const tiles = nested.filter((order) => {
    if (order.kind === 'strided') return lone !== null && areUsualLanes(order, k);
    if (order.kind !== 'tiled' || order.within.kind !== 'sequential' || !usualSizes(k).includes(order.size))
      return false;
    return !('order' in order.within) && (order.across === 'chain' || order.across.kind === 'sequential');
  });
  // Only aligned sums take block scales.
  const own: readonly Manner[] = scale === null ? likely : ['fused'];
  return own.flatMap((manner) => [...base, ...tiles].map((order): Ordering => ({ order, manner }))).filter(isSensible);
}

function areUsualLanes({ lanes, run, within, across }: StridedReduction, k: number): boolean {
  if (run !== 1 || within.kind !== 'sequential' || across === 'chain') return false;
  return !('order' in within) && !('order' in across) && usualSizes(k).includes(lanes);
}

/** The orders among orderings, each once. */
export function ordersOf(orderings: readonly Ordering[]): Order[] {
  return [...new Set(orderings.map(({ order }) => order))];
}

/** Manners, those with fewer parameters first. */
const likely: readonly Manner[] = ['rounded', 'fused', 'exact', 'kahan', 'neumaier', 'late', 'lanes'];

/** One ordering of those that nothing tells apart, and a few others of the same kind. */
export function distinct(orderings: readonly Ordering[], k: number, swamps: readonly Swamp[]): Ordering[] {
  const kept = new Map<string, number>();
  const usualFirst = [...orderings].sort((p, q) => likely.indexOf(p.manner) - likely.indexOf(q.manner));
  return usualFirst.filter((ordering) => {
    const signature = new Signature(ordering, k);
    const key = `${ordering.manner} ${swamps.map((swamp) => signature.of(swamp)).join()}`;
    const count = kept.get(key) ?? 0;
    kept.set(key, count + 1);
    return count < 4;
  });
}
