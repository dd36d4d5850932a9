/**
 * The verdict on counted answers of a stochastic rounding: tests under a shared bound on false alarms, kinds of wrong answers, and
 * the behaviour that explains them.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import type { Policy } from '../../rounding/policy.ts';
import { spread } from '../diagnosis/diagnose.ts';
import { type Place, type Shares, shareOf, stochasticBehaviours, upward } from '../diagnosis/stochastic.ts';
import { binomialTest } from './binomial.ts';
import type { Check, Difference, Explained } from './check.ts';
import { complexity, spell } from './conversionWords.ts';
import type { Point, Tally } from './stochasticPoints.ts';
import { FEW, likelihood, pooled, poolOf, poolTest } from './stochasticTests.ts';

/** The verdict: a case is a number, with all answers to it. */
export interface StochasticCheck extends Check {
  /** Answers to each number; of a table to the number with the fewest. */
  readonly draws: number;
  /** A right implementation is called wrong with at most this probability. */
  readonly falseAlarm: number;
}

/** What answers are held against. */
export interface StochasticTask {
  readonly format: Format;
  readonly policy: Policy;
  readonly falseAlarm: number;
  /** Answers to each number; null: as many as there are. */
  readonly each: number | null;
}

/** Tallies that behaviours are tried on, at most: evenly spaced ones of a long table. */
const MOST_EXPLAINED = 800;

function rightShares({ stochastic }: Policy): (place: Place) => Shares {
  const { bits, variant } = stochastic as NonNullable<Policy['stochastic']>;
  return ({ fraction }) => upward(shareOf(fraction, bits, variant));
}

/** The verdict on counted answers. */
export function stochasticVerdict(
  { format, policy, falseAlarm, each }: StochasticTask,
  tallies: readonly Tally[],
): Omit<StochasticCheck, 'exhaustive' | 'undefinedCases' | 'undefinedAnswers' | 'seed' | 'draws'> {
  const right = rightShares(policy);
  const groups = pooled(tallies);
  const halves = tallies.filter(({ point }) => point.fraction === 0.5);
  // The bound on false alarms, shared: numbers with a few answers have no test of their own.
  const level = falseAlarm / (tallies.filter(({ total }) => total >= FEW).length + groups.size + 1);
  const wrong = tallies.filter((one) => likelihood(one, right(one.point)) < level);
  const wrongOnes = new Set(wrong);
  const classes: Record<string, { tried: number; wrong: number }> = {};
  for (const one of tallies) {
    const name = classOf(one.point);
    classes[name] ??= { tried: 0, wrong: 0 };
    classes[name].tried += 1;
    if (wrongOnes.has(one)) classes[name].wrong += 1;
  }
  const differences = new Map<string, Difference>();
  for (const one of [...wrong].sort((a, b) => cost(a) - cost(b))) {
    const kind = `${classOf(one.point)}: ${wrongness(one, right(one.point))}`;
    const known = differences.get(kind);
    differences.set(kind, known === undefined ? difference(one, kind, right) : { ...known, count: known.count + 1 });
  }
  // Numbers of a kind together, where none by itself is far enough off.
  if (wrong.length === 0) {
    for (const [name, some] of groups) {
      const pool = poolOf(some, right);
      if (poolTest(pool) >= level) continue;
      const [share, seen] = [pool.expected / pool.answers, pool.ups / pool.answers];
      const kind = `${name}: ${seen > share ? 'too often' : 'too seldom'} away from zero`;
      const words = `of ${pool.answers} answers to ${some.length} numbers ${name} above the lower neighbour, ${percent(share)} should be the upper one; ${percent(seen)} are`;
      differences.set(kind, { ...difference(some[0] as Tally, kind, right), count: some.length, words });
    }
  }
  // Of two answers to a number halfway, half the pairs agree.
  const pairs = halves.reduce((sum, { total }) => sum + Math.floor(total / 2), 0);
  const agreeing = halves.reduce((sum, one) => sum + one.agreeing, 0);
  const half = halves[0];
  const isFair = half !== undefined && right(half.point).get(1) === 0.5;
  const depends = wrong.length === 0 && isFair && binomialTest(agreeing, pairs, 0.5) < level;
  if (depends) {
    const kind = 'halfway: answers that depend on each other';
    const words = `of ${pairs} pairs of answers to numbers halfway, one after the other, half should agree; ${percent(agreeing / pairs)} do`;
    differences.set(kind, { ...difference(half, kind, right), count: halves.length, words });
  }
  const told = [...differences.values()];
  const ok = told.length === 0;
  const { bits, variant } = policy.stochastic as NonNullable<Policy['stochastic']>;
  return {
    ok,
    what: `stochastic rounding to ${formatName(format)}, ${bits} random bits, variant ${variant}, ${each === null ? '' : `${each} answers a number, `}false alarms at most ${falseAlarm}`,
    counted: 'numbers',
    cases: tallies.length,
    wrong: ok ? 0 : told.reduce((most, { count }) => Math.max(most, count), wrong.length),
    classes,
    counterexample: told[0] ?? null,
    differences: [...told].sort((a, b) => b.count - a.count),
    diagnosis: ok
      ? null
      : depends
        ? dependence(halves.length)
        : explain(wrong.length > 0 ? wrong : tallies, tallies, right, level),
    unseen: [],
    falseAlarm,
  };
}

function cost({ point }: Tally): number {
  return complexity([{ x: point.x } as never]) + (point.fraction === 0 ? 0 : 1);
}

function classOf({ fraction, group, negative }: Point): string {
  const place = fraction === 0 ? 'exact' : fraction === 0.5 ? 'tie' : 'inexact';
  return `${negative ? 'negative ' : ''}${group === 'normal' || group === 'inner' ? '' : `${group}, `}${place}`;
}

function wrongness({ counts, other, total }: Tally, shares: Shares): string {
  if (other > 0) return 'no number of the format beside it';
  const outside = [...counts.keys()].filter((steps) => steps !== 0 && steps !== 1);
  if (outside.length > 0) return 'farther than the two neighbours';
  const [ups, share] = [counts.get(1) ?? 0, shares.get(1) ?? 0];
  if (share === 0) return 'moved';
  if (ups === 0) return 'never away from zero';
  if (ups === total) return 'always away from zero';
  return ups / total > share ? 'too often away from zero' : 'too seldom away from zero';
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

function difference(tally: Tally, kind: string, right: (place: Place) => Shares): Difference {
  const { point, counts, other, firstOther, sum, total } = tally;
  const { x, lower, step } = point;
  const share = right(point).get(1) ?? 0;
  const gives = [...counts]
    .sort((a, b) => a[0] - b[0])
    .map(([k, n]) => `${spell(lower + k * step)} in ${percent(n / total)}`);
  if (other > 0) gives.push(`${spell(firstOther as number)} and such in ${percent(other / total)}`);
  const wanted =
    share === 0
      ? `always ${spell(lower)}`
      : `${spell(lower)} in ${percent(1 - share)}, ${spell(lower + step)} in ${percent(share)}`;
  return {
    kind,
    count: 1,
    inputs: [x],
    codes: null,
    expected: { value: lower + share * step, code: null },
    got: { value: sum / total, code: null },
    words: `${spell(x)}: right is ${wanted} of all answers, the implementation gives ${gives.join(', ')} of ${total}`,
  };
}

function dependence(count: number): Explained {
  const text = 'gives answers that depend on the one before: a random number serves for more than one rounding';
  return {
    behaviours: [{ name: 'dependent', text }],
    alternatives: [],
    explained: count,
    differing: count,
    contradicted: 0,
    equal: 0,
    verdict: 'all',
    sentence: `${text}: explains all ${count} numbers halfway`,
    unexplained: [],
  };
}

/** How much more often than they should answers go away from zero, and up, where neither neighbour is sure. */
function biasOf(
  all: readonly Tally[],
  right: (place: Place) => Shares,
): { readonly away: number; readonly up: number } {
  const inexact = all.filter(({ point }) => point.fraction > 0.2 && point.fraction < 0.8);
  const excess = (of: Tally): number => (of.counts.get(1) ?? 0) / of.total - (right(of.point).get(1) ?? 0);
  const mean = (signed: (of: Tally) => number): number =>
    inexact.reduce((sum, one) => sum + signed(one), 0) / Math.max(1, inexact.length);
  return { away: mean(excess), up: mean((one) => (one.point.negative ? -excess(one) : excess(one))) };
}

/** The behaviour under which the most numbers are as they should be. */
function explain(
  allWrong: readonly Tally[],
  all: readonly Tally[],
  right: (place: Place) => Shares,
  level: number,
): Explained | null {
  const among = new Set(allWrong);
  const wrong = spread(allWrong, MOST_EXPLAINED);
  const others = spread(
    all.filter((one) => !among.has(one)),
    MOST_EXPLAINED,
  );
  const groups = [...pooled([...wrong, ...others]).values()];
  const fits = (one: Tally, shares: (place: Place) => Shares): boolean => likelihood(one, shares(one.point)) >= level;
  const scored = stochasticBehaviours(right, biasOf(all, right)).map((behaviour) => {
    const known = new Map<Place, Shares>();
    for (const { point } of [...wrong, ...others]) known.set(point, behaviour.shares(point));
    const shares = (place: Place): Shares => known.get(place) as Shares;
    const explained = wrong.filter((one) => fits(one, shares)).length;
    const contradicted = others.filter((one) => !fits(one, shares)).length;
    // Numbers of a kind together decide between shares that lie close to each other.
    const pools = groups.filter((some) => poolTest(poolOf(some, shares)) >= level).length;
    return { behaviour, explained, contradicted, score: explained - contradicted + pools };
  });
  const best = scored.reduce((most, one) => (one.score > most.score ? one : most));
  if (best.explained === 0) return null;
  const { behaviour, explained, contradicted } = best;
  const left = wrong.filter((one) => !fits(one, behaviour.shares)).slice(0, 4);
  const share = explained === wrong.length ? `all ${explained} numbers` : `${explained} of ${wrong.length} numbers`;
  const isAll = explained === wrong.length && contradicted === 0;
  return {
    behaviours: [{ name: behaviour.name, text: behaviour.text }],
    alternatives: scored
      .filter((one) => one !== best && one.score === best.score)
      .map((one) => one.behaviour.name)
      .slice(0, 8),
    explained,
    differing: wrong.length,
    contradicted,
    equal: others.length,
    verdict: isAll ? 'all' : explained >= 0.9 * wrong.length && contradicted <= 0.1 * others.length ? 'most' : 'some',
    sentence: `${behaviour.text}: explains ${share}${contradicted === 0 ? '' : `, but not ${contradicted} right ones`}`,
    unexplained: left.map((one) => difference(one, wrongness(one, right(one.point)), right)),
  };
}
