/**
 * The tests that answers of a stochastic rounding are put to: of a number by itself, and of numbers of a kind together.
 *
 * @module
 */
import type { Place, Shares } from '../diagnosis/stochastic.ts';
import { bernsteinTest, binomialTest } from './binomial.ts';
import type { Tally } from './stochasticPoints.ts';
import { FRACTIONS } from './stochasticPoints.ts';

/** Answers to a number that a test of its own needs. */
export const FEW = 16;

/** How likely answers are under shares: 0 where an answer can not be, else the least of the tests of each answer. */
export function likelihood({ counts, other, total }: Tally, shares: Shares): number {
  if (other > 0) return 0;
  for (const [steps, count] of counts) if (count > 0 && (shares.get(steps) ?? 0) === 0) return 0;
  // A few answers are too few to tell shares by: their kind decides.
  if (total < FEW) return 1;
  let least = 1;
  const claimed = [...shares].filter(([, share]) => share > 0);
  // Of two shares one says all.
  for (const [steps, share] of claimed.length === 2 ? claimed.slice(1) : claimed) {
    least = Math.min(least, binomialTest(counts.get(steps) ?? 0, total, share));
  }
  return least * (claimed.length > 2 ? claimed.length : 1) > 1 ? 1 : least;
}

/** Tallies of a kind: by fraction and over all fractions, then by sign and kind besides. */
export function pooled(tallies: readonly Tally[]): Map<string, Tally[]> {
  const found = new Map<string, Tally[]>();
  for (const one of tallies) {
    const { fraction, negative, group } = one.point;
    if (fraction === 0) continue;
    for (const step of [placeOfFraction(fraction), 'somewhere']) {
      for (const key of [step, `${step}, ${negative ? 'negative' : 'positive'},`, `${step}, ${group},`]) {
        const some = found.get(key);
        if (some === undefined) found.set(key, [one]);
        else some.push(one);
      }
    }
  }
  return found;
}

function placeOfFraction(fraction: number): string {
  if (FRACTIONS.includes(fraction)) return `${fraction} of a step`;
  const eighth = Math.floor(8 * fraction);
  return `${eighth / 8} to ${(eighth + 1) / 8} of a step`;
}

/** Answers to numbers of a kind. */
export interface Pool {
  readonly answers: number;
  /** Of them, those that are the upper neighbour; how many should be, with what variance. */
  readonly ups: number;
  readonly expected: number;
  readonly variance: number;
  /** The share of all, where it is one; else null. */
  readonly share: number | null;
}

/** What answers should be together under shares, and are. */
export function poolOf(tallies: readonly Tally[], shares: (place: Place) => Shares): Pool {
  let [answers, ups, expected, variance] = [0, 0, 0, 0];
  let share: number | null = null;
  let isOne = true;
  for (const { point, counts, total } of tallies) {
    const p = shares(point).get(1) ?? 0;
    answers += total;
    ups += counts.get(1) ?? 0;
    expected += total * p;
    variance += total * p * (1 - p);
    share ??= p;
    isOne &&= share === p;
  }
  return { answers, ups, expected, variance, share: isOne ? share : null };
}

/** How likely a pool is that far from what it should be, or farther: exact where there is one share, else a bound. */
export function poolTest({ answers, ups, expected, variance, share }: Pool): number {
  return share === null ? bernsteinTest(ups - expected, variance) : binomialTest(ups, answers, share);
}
