/**
 * Which behaviours explain another implementation's answers: its cases, computed again under each, and under pairs.
 *
 * @module
 */
import type { Thinned } from '../conformance/thinned.ts';
import type { Behaviour } from './behaviour.ts';

/** What the other implementation seems to do. */
export interface Diagnosis {
  /** The deviations, the weightiest first. Together they give the rows below. */
  readonly behaviours: readonly { readonly name: string; readonly text: string }[];
  /** Other single deviations that explain as many rows as the first one. */
  readonly alternatives: readonly string[];
  /** Rows that differ from ours and that the deviations give. */
  readonly explained: number;
  /** Rows tried that differ from ours: all of them, or evenly spaced ones of a long table. */
  readonly differing: number;
  /** Rows that equal ours and that the deviations would change. */
  readonly contradicted: number;
  /** Rows tried that equal ours: all of them, or evenly spaced ones. */
  readonly equal: number;
  readonly verdict: 'all' | 'most' | 'some';
}

/** How rows of a kind are judged under behaviours. */
export interface Model<Setup, Row> {
  readonly behaviours: readonly Behaviour<Setup>[];
  /** Whether the behaviours, all together, give a row's answer: 2 in full, 1 in value only, 0 not. */
  readonly judge: (behaviours: readonly Behaviour<Setup>[]) => (row: Row) => 0 | 1 | 2;
}

/** A diagnosis, and rows that it leaves unexplained. */
export interface Found<Row> {
  readonly diagnosis: Diagnosis;
  readonly unexplained: readonly Row[];
}

/** Deviations combined at most. */
const DEPTH = 4;
/** Rows of each kind that every candidate is tried on, then every pair, and then the best few. */
const SCREEN = 300;
const PAIR_SCREEN = 40;
const SAMPLE = 3000;
const FINALISTS = 12;
/** The best single behaviours, each of which is tried with every other. */
const LEADERS = 12;
/** Unexplained rows that are handed back. */
const SHOWN = 4;

/** Rows of a kind, and how many each stands for. */
interface Sample<Row> {
  readonly rows: readonly Row[];
  readonly weight: number;
}

type Score<Setup> = (behaviours: readonly Behaviour<Setup>[]) => number;

/**
 * The deviations that explain the most rows: the best one, the best pair where no single one explains all, and what the
 * pair leaves one after the other; null where none explains any.
 *
 * @param wrong - rows that differ from our results
 * @param right - rows that do not
 */
export function diagnose<Setup, Row>(
  { behaviours, judge }: Model<Setup, Row>,
  wrong: Thinned<Row>,
  right: Thinned<Row>,
): Found<Row> | null {
  // A candidate is scored on samples, each row for as many as it stands for.
  const scoreOn =
    (samples: readonly Sample<Row>[]): Score<Setup> =>
    (together) => {
      const points = judge(together);
      return samples.reduce((sum, { rows, weight }) => sum + weight * total(rows, points), 0);
    };
  const whole = (limit: number): Sample<Row>[] => [
    sample(wrong.kept, limit, wrong.total),
    sample(right.kept, limit, right.total),
  ];
  /** What some behaviours explain and what they do not, apart, so that little of the rest is not lost among the first. */
  const parted = (together: readonly Behaviour<Setup>[]): Sample<Row>[] => {
    const points = judge(together);
    const given = wrong.kept.filter((row) => points(row) === 2);
    const rest = wrong.kept.filter((row) => points(row) !== 2);
    const scale = wrong.total / wrong.kept.length;
    return [
      sample(given, PAIR_SCREEN, given.length * scale),
      sample(rest, PAIR_SCREEN, rest.length * scale),
      sample(right.kept, PAIR_SCREEN, right.total),
    ];
  };
  const score = scoreOn(whole(SAMPLE));
  const perfect = 2 * (wrong.total + right.total);
  const singles = ranked(
    behaviours.map((one) => [one]),
    scoreOn(whole(SCREEN)),
  );
  let { chosen, best, equals } = winner(singles.slice(0, FINALISTS), score, { chosen: [], best: score([]) });
  const baseOf = ({ base, name }: Behaviour<Setup>): string => base ?? name;
  // The same deviation in another range is no other one.
  const alternatives = equals
    .map(([other]) => other as Behaviour<Setup>)
    .filter((other, i, all) => {
      const same = (one: Behaviour<Setup>): boolean => baseOf(one) === baseOf(other);
      return !chosen.some(same) && all.findIndex(same) === i;
    })
    .map(({ name }) => name);
  if (best < perfect) {
    const leaders = singles.slice(0, LEADERS).map(([one]) => one as Behaviour<Setup>);
    const pairs = leaders.flatMap((one, i) =>
      open(behaviours, [one])
        .filter((other) => leaders.indexOf(other) === -1 || leaders.indexOf(other) > i)
        .map((other) => [one, other]),
    );
    ({ chosen, best, equals } = winner(ranked(pairs, scoreOn(parted(chosen))).slice(0, FINALISTS), score, {
      chosen,
      best,
    }));
  }
  while (chosen.length >= 2 && chosen.length < DEPTH && best < perfect) {
    const longer = ranked(
      open(behaviours, chosen).map((other) => [...chosen, other]),
      scoreOn(parted(chosen)),
    );
    const next = winner(longer.slice(0, FINALISTS), score, { chosen, best });
    if (next.chosen === chosen) break;
    ({ chosen, best } = next);
  }
  if (chosen.length === 0) return null;
  const points = judge(chosen);
  const unexplained = wrong.kept.filter((row) => points(row) !== 2);
  const explained = wrong.kept.length - unexplained.length;
  const contradicted = right.kept.filter((row) => points(row) !== 2).length;
  const weightiest = chosen.length === 1 ? chosen : byWeight(chosen, score);
  return {
    diagnosis: {
      behaviours: weightiest.map(({ name, text }) => ({ name, text })),
      alternatives: chosen.length === 1 ? alternatives : [],
      explained,
      differing: wrong.kept.length,
      contradicted,
      equal: right.kept.length,
      verdict: verdict(
        explained / wrong.kept.length,
        contradicted === 0 ? 0 : contradicted / right.kept.length,
        wrong.total,
        right.total,
      ),
    },
    unexplained: unexplained.slice(0, SHOWN),
  };
}

/** The behaviours that exclude none of those chosen. */
function open<Setup>(behaviours: readonly Behaviour<Setup>[], chosen: readonly Behaviour<Setup>[]): Behaviour<Setup>[] {
  return behaviours.filter(({ group }) => !chosen.some((one) => one.group === group));
}

/** How many of some behaviours are another one within a range alone. */
function restrictions<Setup>(together: readonly Behaviour<Setup>[]): number {
  return together.filter(({ base }) => base !== undefined).length;
}

/** The best first; of equals the one that is restricted least, and of these the one that stands first. */
function ranked<Setup>(
  candidates: readonly (readonly Behaviour<Setup>[])[],
  score: Score<Setup>,
): (readonly Behaviour<Setup>[])[] {
  const scored = candidates.map((together, i) => ({ together, i, points: score(together) }));
  return scored
    .sort((a, b) => b.points - a.points || restrictions(a.together) - restrictions(b.together) || a.i - b.i)
    .map(({ together }) => together);
}

interface Winner<Setup> {
  readonly chosen: readonly Behaviour<Setup>[];
  readonly best: number;
  /** Those with the same score. */
  readonly equals: readonly (readonly Behaviour<Setup>[])[];
}

/** The candidate with the highest score, if it is higher than what there is. */
function winner<Setup>(
  candidates: readonly (readonly Behaviour<Setup>[])[],
  score: Score<Setup>,
  { chosen, best }: Omit<Winner<Setup>, 'equals'>,
): Winner<Setup> {
  const scores = candidates.map(score);
  const top = scores.reduce((most, one) => Math.max(most, one), -Infinity);
  if (!(top > best)) return { chosen, best, equals: [] };
  const tops = candidates.filter((_, i) => scores[i] === top);
  const first = ranked(tops, () => 0)[0] as readonly Behaviour<Setup>[];
  return { chosen: first, best: top, equals: candidates.filter((one, i) => scores[i] === top && one !== first) };
}

/** Those without which the rest explains least come first. */
function byWeight<Setup>(chosen: readonly Behaviour<Setup>[], score: Score<Setup>): readonly Behaviour<Setup>[] {
  const without = new Map(chosen.map((one) => [one, score(chosen.filter((other) => other !== one))]));
  return [...chosen].sort((a, b) => (without.get(a) as number) - (without.get(b) as number));
}

/** By the shares of rows that are explained and contradicted. */
function verdict(explained: number, contradicted: number, differing: number, equal: number): Diagnosis['verdict'] {
  if (explained === 1 && contradicted === 0) return 'all';
  return (explained - 0.9) * differing >= contradicted * equal ? 'most' : 'some';
}

function total<Row>(rows: readonly Row[], points: (row: Row) => number): number {
  let sum = 0;
  for (const row of rows) sum += points(row);
  return sum;
}

function sample<Row>(kept: readonly Row[], limit: number, all: number): Sample<Row> {
  const rows = spread(kept, limit);
  return { rows, weight: rows.length === 0 ? 0 : all / rows.length };
}

/** At most `limit` rows, evenly spaced. */
export function spread<Row>(rows: readonly Row[], limit: number): readonly Row[] {
  if (rows.length <= limit) return rows;
  return Array.from({ length: limit }, (_, i) => rows[Math.floor((i * rows.length) / limit)] as Row);
}
