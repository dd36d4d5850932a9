/**
 * Which deviations explain another implementation's table: its rows, computed again under each.
 *
 * @module
 */
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { type Behaviour, behavioursFor } from './behaviours.ts';
import { type Compute, computeWith, type Setup, setupOf } from './compute.ts';
import type { VectorRow } from './parse.ts';
import type { VectorTask } from './task.ts';
import type { Thinned } from './thinned.ts';

/** How a row is compared. */
export interface Strictness {
  /** Whether NaNs must have the same code. */
  readonly strictNaN: boolean;
  readonly ignoreFlags: boolean;
}

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

/** Deviations combined at most. */
const DEPTH = 4;
/** Rows of each kind that every candidate is tried on, and then the best few. */
const SCREEN = 300;
const SAMPLE = 3000;
const FINALISTS = 6;

/** Whether an outcome is the row's: 2 in full, 1 in value only, 0 not. */
export function agreement(row: VectorRow, found: CodeOutcome | null, strictness: Strictness): 0 | 1 | 2 {
  if (found === null) return 0;
  if (row.value !== row.value && found.value !== found.value) {
    if (strictness.strictNaN && row.hasCode && row.code !== found.code) return 0;
  } else if (!Object.is(row.value, found.value)) return 0;
  return strictness.ignoreFlags || row.flags === null || row.flags === (found.flags & 31) ? 2 : 1;
}

/**
 * The deviations that explain the most rows, found one after the other; null where none explains any.
 *
 * @param wrong - rows that differ from our results
 * @param right - rows that do not
 */
export function diagnose(
  task: VectorTask,
  wrong: Thinned<VectorRow>,
  right: Thinned<VectorRow>,
  strictness: Strictness,
): Diagnosis | null {
  const [differing, equal] = [wrong.kept, right.kept];
  const scoreOn = (limit: number): ((setup: Setup) => number) => {
    const samples = [wrong, right].map(({ kept, total }) => {
      const rows = spread(kept, limit);
      return { rows, weight: rows.length === 0 ? 0 : total / rows.length };
    });
    return (setup) => {
      const compute = computeWith(task, setup);
      return samples.reduce((sum, { rows, weight }) => sum + weight * points(rows, compute, strictness), 0);
    };
  };
  const [screen, score] = [scoreOn(SCREEN), scoreOn(SAMPLE)];
  const candidates = behavioursFor(task, strictness.strictNaN ? commonNaNs(task, differing) : []);
  const chosen: Behaviour[] = [];
  let alternatives: readonly string[] = [];
  let setup = setupOf(task);
  let best = score(setup);
  const perfect = 2 * (wrong.total + right.total);
  while (chosen.length < DEPTH && best < perfect) {
    const open = finalists(candidates, chosen, (change) => screen(change(setup)));
    const scores = open.map(({ change }) => score(change(setup)));
    const top = scores.reduce((most, one) => Math.max(most, one), -Infinity);
    if (!(top > best)) break;
    const winner = open[scores.indexOf(top)] as Behaviour;
    if (chosen.length === 0) {
      alternatives = open.filter((one, i) => scores[i] === top && one !== winner).map(({ name }) => name);
    }
    chosen.push(winner);
    setup = winner.change(setup);
    best = top;
  }
  if (chosen.length === 0) return null;
  const compute = computeWith(task, setup);
  const inFull = (rows: readonly VectorRow[]): number =>
    rows.filter((row) => agreement(row, compute(row.operands), strictness) === 2).length;
  const explained = inFull(differing);
  const contradicted = equal.length - inFull(equal);
  return {
    behaviours: chosen.map(({ name, text }) => ({ name, text })),
    alternatives,
    explained,
    differing: differing.length,
    contradicted,
    equal: equal.length,
    verdict: verdict(
      explained / differing.length,
      contradicted === 0 ? 0 : contradicted / equal.length,
      wrong.total,
      right.total,
    ),
  };
}

/** The candidates still open that do best on few rows, in their order. */
function finalists(
  candidates: readonly Behaviour[],
  chosen: readonly Behaviour[],
  screen: (change: Behaviour['change']) => number,
): Behaviour[] {
  const open = candidates.filter(({ group }) => !chosen.some((one) => one.group === group));
  const scores = open.map(({ change }) => screen(change));
  const least = [...scores].sort((a, b) => b - a)[FINALISTS - 1] ?? 0;
  return open.filter((_, i) => (scores[i] as number) >= least);
}

/** By the shares of rows that are explained and contradicted. */
function verdict(explained: number, contradicted: number, differing: number, equal: number): Diagnosis['verdict'] {
  if (explained === 1 && contradicted === 0) return 'all';
  return (explained - 0.9) * differing >= contradicted * equal ? 'most' : 'some';
}

function points(rows: readonly VectorRow[], compute: Compute, strictness: Strictness): number {
  let sum = 0;
  for (const row of rows) sum += agreement(row, compute(row.operands), strictness);
  return sum;
}

/** At most `limit` rows, evenly spaced. */
function spread(rows: readonly VectorRow[], limit: number): readonly VectorRow[] {
  if (rows.length <= limit) return rows;
  return Array.from({ length: limit }, (_, i) => rows[Math.floor((i * rows.length) / limit)] as VectorRow);
}

/** The codes that stand most often for NaN in the rows. */
function commonNaNs({ result, format }: VectorTask, rows: readonly VectorRow[]): number[] {
  if (result !== format) return [];
  const counts = new Map<number, number>();
  for (const { value, code, hasCode } of rows) {
    if (value !== value && hasCode && code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts.entries()]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([code]) => code);
}
