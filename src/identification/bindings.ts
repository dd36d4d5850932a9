/**
 * What each parameter of a hypothesis rests on: the rows that its nearest neighbour does not explain.
 *
 * @module
 */
import type { Order } from './orders.ts';
import { type Axis, formatOf, type Point } from './point.ts';
import { type Candidate, numbersOf } from './search.ts';
import type { Tools } from './tools.ts';
import type { Binding } from './verdict.ts';
import { valueText } from './words.ts';

/** How many of the rows asked each parameter rests on. */
export function bindingsOf({ search, asked }: Tools, orders: readonly Order[], best: Candidate): Binding[] {
  const all = numbersOf(asked);
  const nearest = new Map<Axis, { point: Point; wrong: number }>();
  for (const { axis, point } of search.neighbours(best.point, orders.slice(0, 24))) {
    if (!isNear(best.point[axis], point[axis])) continue;
    const most = nearest.get(axis)?.wrong ?? Infinity;
    const candidate = most === 0 ? null : search.candidate(point);
    if (candidate === null) continue;
    const wrong = search.wrong(candidate, all, most);
    if (wrong < most) nearest.set(axis, { point, wrong });
  }
  return [...nearest].map(([axis, { point, wrong }]) => ({
    parameter: axis,
    value: valueText(best.point, axis),
    nearest: valueText(point, axis),
    rows: wrong,
  }));
}

/** Whether two values of a parameter are neighbours: numbers by 1, formats by a bit; words are all neighbours. */
function isNear(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) <= 1;
  if (typeof one !== 'string' || typeof other !== 'string') return true;
  if (!/^(float:|binary|bfloat)/.test(one) || !/^(float:|binary|bfloat|tf|e\d)/.test(other)) return true;
  const [p, q] = [formatOf(one), formatOf(other)];
  if (p.kind !== 'float' || q.kind !== 'float') return true;
  return Math.abs(p.precision - q.precision) + Math.abs(p.exponentBits - q.exponentBits) <= 1;
}
