/**
 * Neighbours of a hypothesis that explain what it explains.
 *
 * @module
 */
import { type Axis, formatOf, type Point } from './point.ts';
import type { Candidate } from './search.ts';
import type { Alternative } from './verdict.ts';
import { wordsOf } from './words.ts';

/** A neighbour that explains every row so far. */
export interface Rival {
  readonly candidate: Candidate;
  readonly axis: Axis;
  /** Fresh rows on which both gave the same bits; 0 where they are proved the same. */
  readonly rows: number;
}

/** Rivals in words, those of one parameter together. */
export function alternativesOf(best: Point, rivals: readonly Rival[]): Alternative[] {
  const groups = new Map<string, Rival[]>();
  for (const rival of rivals) {
    const key = `${rival.axis} ${rival.rows}`;
    groups.set(key, [...(groups.get(key) ?? []), rival]);
  }
  return [...groups.values()].map((group) => {
    const [{ axis, rows }] = group as [Rival, ...Rival[]];
    const points = group.map(({ candidate }) => candidate.point);
    return { verdict: rows === 0 ? 'equivalent' : 'indistinguishable', words: wordsOf(axis, best, points), rows };
  });
}

/** Of rivals in one parameter, those whose values are nearest. */
export function nearestOf(rivals: readonly Rival[], best: Point): Rival[] {
  const kept = new Map<Axis, Rival[]>();
  for (const rival of rivals) kept.set(rival.axis, [...(kept.get(rival.axis) ?? []), rival]);
  return [...kept].flatMap(([axis, own]) => {
    const value = best[axis];
    const distance = ({ candidate }: Rival): number => {
      const other = candidate.point[axis];
      return typeof value === 'number' && typeof other === 'number' ? Math.abs(value - other) : 0;
    };
    return [...own].sort((p, q) => distance(p) - distance(q)).slice(0, 2);
  });
}

/** Whether two values of a parameter are neighbours: numbers by 1, formats by a bit; words are all neighbours. */
export function isNear(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) <= 1;
  if (typeof one !== 'string' || typeof other !== 'string') return true;
  if (!/^(float:|binary|bfloat)/.test(one) || !/^(float:|binary|bfloat|tf|e\d)/.test(other)) return true;
  const [p, q] = [formatOf(one), formatOf(other)];
  if (p.kind !== 'float' || q.kind !== 'float') return true;
  return Math.abs(p.precision - q.precision) + Math.abs(p.exponentBits - q.exponentBits) <= 1;
}

/** A parameter's value as text. */
export function spell(point: Point, axis: Axis): unknown {
  const value = point[axis];
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
