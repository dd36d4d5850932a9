/**
 * Neighbours of a hypothesis that explain what it explains.
 *
 * @module
 */
import { huntRows } from './fresh.ts';
import { normalForm } from './normalForm.ts';
import type { Order } from './orders.ts';
import { type Axis, arithmeticOf, type Point } from './point.ts';
import type { Question } from './question.ts';
import { isSame, type Row } from './row.ts';
import type { Candidate } from './search.ts';
import type { Tools } from './tools.ts';
import type { Alternative } from './verdict.ts';
import { wordsOf } from './words.ts';

/** Rows on which every rival is held against the best; the nearest ones go on to more. */
const SOME = 1500;
/** Rows that are drawn at once. */
export const CHUNK = 2000;
/** Telling rows that are kept of all. */
const TELLING = 48;

/** A neighbour that explains every row so far. */
export interface Rival {
  readonly candidate: Candidate;
  readonly axis: Axis;
  /** Fresh rows on which both gave the same bits; 0 where they are proved the same. */
  readonly rows: number;
}

/** What the neighbours of a hypothesis came to. */
export interface Survived {
  /** The hypothesis, by its key. */
  readonly of: string;
  readonly telling: readonly Row[];
  readonly rivals: readonly Rival[];
  /** Those that are proved the same. */
  readonly alternatives: readonly Alternative[];
}

/** Neighbours of a hypothesis that explain every row: rows that would tell them from it, and those that none tells. */
export function rivalsOf(tools: Tools, orders: readonly Order[], best: Candidate): Survived {
  const { question, limits, search } = tools;
  const form = formOf(question, best.point);
  const same: Rival[] = [];
  const rivals: Rival[] = [];
  for (const { axis, point } of search.neighbours(best.point, orders)) {
    const candidate = search.candidate(point);
    if (candidate === null) continue;
    // What is proved the same explains what the hypothesis explains.
    if (formOf(question, point) === form) same.push({ candidate, axis, rows: 0 });
    else if (search.explainsAll(candidate)) rivals.push({ candidate, axis, rows: 0 });
  }
  const telling: Row[] = [];
  const compare = (count: number, open: readonly Rival[]): Rival[] => {
    let left = open;
    for (const row of left.length === 0 ? [] : huntRows(tools, count)) {
      const own = best.to(row);
      const before = left.length;
      left = left.filter(({ candidate }) => {
        const other = candidate.to(row);
        return other !== null && own !== null && isSame(own, other, limits.zeroSigns);
      });
      if (left.length < before && telling.length < TELLING) telling.push(row);
    }
    return left.map((rival) => ({ ...rival, rows: rival.rows + count }));
  };
  const some = compare(Math.min(SOME, limits.agree), rivals);
  // Of values in a row, the nearest ones go on: what tells them apart tells the others, too.
  let near = nearestOf(some, best.point);
  const far = some.filter((rival) => !near.includes(rival));
  while (near.length > 0 && telling.length === 0 && (near[0] as Rival).rows < limits.agree) {
    near = compare(Math.min(CHUNK, limits.agree - (near[0] as Rival).rows), near);
  }
  return { of: best.key, telling, rivals: [...near, ...far], alternatives: alternativesOf(best.point, same) };
}

/** Of so many rows, some on which others differ from a hypothesis: the first that are found. */
export function tellApart(tools: Tools, own: Candidate, others: readonly Candidate[], most: number): Row[] {
  let telling: Row[] = [];
  for (let rows = 0; others.length > 0 && telling.length === 0 && rows < most; rows += CHUNK) {
    telling = huntRows(tools, Math.min(CHUNK, most - rows)).filter((row) => {
      const said = own.to(row) ?? NaN;
      return others.some((other) => !isSame(said, other.to(row) ?? NaN, true));
    });
  }
  return telling;
}

/** What a hypothesis computes, in a form that is equal for those that are proved the same. */
export function formOf(question: Question, point: Point): string {
  return normalForm(arithmeticOf(question, point)).text;
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
function nearestOf(rivals: readonly Rival[], best: Point): Rival[] {
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
