/**
 * The first hypotheses of a search: the families screened on the rows asked so far.
 *
 * @module
 */
import { type Facts, type Group, inModes, lateOf, registersOf, startsOf } from './families.ts';
import type { Candidate, Scored, Search } from './search.ts';
import type { Manner, Ordering } from './swamping.ts';
import type { Tools } from './tools.ts';

/** Orders of one manner that are held against what another manner explains. */
const FEW = 4;

/** What the first rows of a sum of floats tell. */
export interface Seen {
  readonly orderings: readonly Ordering[];
  readonly facts: Facts;
  /** Numbers of rows that stay within every range. */
  readonly core: readonly number[];
  /** Numbers of rows that one block sums, without an addend. */
  readonly bare: readonly number[];
}

/** The candidates alone. */
export function candidatesOf(scored: readonly Scored[]): Candidate[] {
  return scored.map(({ candidate }) => candidate);
}

/** The best registers on some rows. */
export function registerFirsts({ question, search }: Tools, rows: readonly number[]): Candidate[] {
  let best: Scored[] = [];
  for (const points of registersOf(question)) {
    best = better(best, search.screen(points(), rows, 6));
    if (best[0]?.wrong === 0) break;
  }
  return candidatesOf(best);
}

/**
 * The best sums of floats, those of one manner together: at once where they explain nearly all of the core, the others
 * thereafter, the best manner first.
 *
 * @param isBrief - whether hypotheses are only looked for that explain what one explains already; asked before every group
 */
export function* floatFirsts(
  { question, search }: Tools,
  seen: Seen,
  isBrief: () => boolean = () => false,
): Generator<Candidate[]> {
  const best = new Map<Manner, Scored[]>();
  const tried = new Map<Manner, number>();
  const most = seen.core.length / 50;
  const wrong = (scored: readonly Scored[]): number => scored[0]?.wrong ?? Infinity;
  let last: Group | null = null;
  for (const group of startsOf(question, seen.orderings, seen.facts)) {
    const { manner, tier, isLate } = group;
    // What is near the truth is made better before other manners are looked at; what is less near before those of many parameters.
    const near = last === null || last.manner === manner ? [] : (best.get(last.manner) ?? []);
    const enough = isLate && last?.isLate === false ? 0.4 : 0.08;
    const isBest = [...best.values()].every((other) => wrong(other) >= wrong(near));
    if (isBest && wrong(near) < enough * seen.core.length) yield candidatesOf(near);
    last = group;
    const count = tried.get(manner) ?? 0;
    if (isBrief() && (tier === 1 || isLate || count >= FEW)) continue;
    tried.set(manner, count + 1);
    const before = best.get(manner) ?? [];
    const now = better(before, screened(search, group, seen));
    best.set(manner, now);
    if (wrong(now) <= most && wrong(now) < wrong(before)) yield candidatesOf(now);
  }
  const rest = [...best.values()].filter((scored) => scored.length > 0 && wrong(scored) > most);
  for (const scored of rest.sort((p, q) => wrong(p) - wrong(q))) yield candidatesOf(scored);
}

/** The best hypotheses of one group. */
function screened(search: Search, { isLate, points }: Group, { core, bare }: Seen): Scored[] {
  const rows = isLate ? bare : core;
  const firsts = rows.length === 0 ? [] : search.screen(points(), rows, 4);
  const inAll = firsts.flatMap(({ candidate }) => inModes(candidate.point));
  if (!isLate) return search.screen(inAll, core, 8);
  // What a late addend keeps is looked for once the rest is known.
  return search
    .screen(inAll, bare, 2)
    .reduce((best: Scored[], { candidate }) => better(best, search.screen(lateOf(candidate.point), core, 8)), []);
}

function better(p: readonly Scored[], q: readonly Scored[]): Scored[] {
  return [...p, ...q].sort((x, y) => x.wrong - y.wrong).slice(0, 10);
}
