/**
 * A stochastic rounding of somebody else's against the shares that its answers should have.
 *
 * @module
 */
import { BittrueError, checkFunction, checkInteger, checkNumber, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from '../../rounding/policy.ts';
import { draws } from '../conformance/sample.ts';
import {
  type Place,
  type Shares,
  type StochasticBehaviour,
  shareOf,
  stochasticBehaviours,
  upward,
} from '../diagnosis/stochastic.ts';
import { binomialTest } from './binomial.ts';
import type { Check, Difference, Explained } from './check.ts';
import { formatArgument } from './checkRounding.ts';
import { complexity, spell } from './conversionWords.ts';
import { type Point, pointsOf, type Tally, tallyOf } from './stochasticPoints.ts';

/** What a stochastic rounding should do, and how sure the verdict is to be. */
export interface StochasticCheckOptions {
  /** The format of the results, a float of at most 32 bits or an integer, or its name. */
  readonly to: Format | string;
  /** `stochastic: { bits, variant }`: how many random bits, in which of P3109's variants; `overflow`. */
  readonly policy?: PartialPolicy;
  /** Answers asked for each number; default 1000. */
  readonly draws?: number;
  /** The most that a right implementation fails with, over all tests together; default 10^−6. */
  readonly falseAlarm?: number;
  /** Of the numbers tried and of the random numbers that are handed on, 0 … 2^53 − 1; default 1. */
  readonly seed?: number;
}

/** The verdict: a case is a number, with all answers to it. */
export interface StochasticCheck extends Check {
  /** Answers to each number. */
  readonly draws: number;
  /** A right implementation is called wrong with at most this probability. */
  readonly falseAlarm: number;
}

/**
 * Checks a stochastic rounding by the shares of its answers. Every answer must be one of the two neighbours; a number of the
 * format must stay; and each neighbour must come as often as the number is near to it, by exact binomial tests: for every
 * number, for all numbers of a kind together, and for pairs of answers that must not depend on each other. The bound on
 * false alarms is shared among the tests, so that a right implementation fails with at most that probability.
 *
 * @param implementation - takes a number, and a uniform random one from 0 to below 1 with 32 bits that it may use or leave
 * @throws {@link BittrueError} for formats, policies and options that do not exist
 * @example
 * import { checkStochasticRounding } from 'bittrue/testing';
 * // To integers: the fraction is compared with a random number, but a negative number is cut toward zero first.
 * const mine = (x: number, u: number) => Math.trunc(x) + (x - Math.trunc(x) > u ? 1 : 0);
 * const check = checkStochasticRounding(mine, { to: 'int8' });
 * check.ok; // false
 * check.diagnosis?.behaviours[0]?.name; // 'towardZero for negative numbers'
 * const right = (x: number, u: number) => Math.floor(x + u);
 * checkStochasticRounding(right, { to: 'int8' }).ok; // true
 */
export function checkStochasticRounding(
  implementation: (x: number, random: number) => number,
  options: StochasticCheckOptions,
): StochasticCheck {
  checkFunction('implementation', implementation, 'a function of a number and a random number');
  checkObject('options', options, ['to', 'policy', 'draws', 'falseAlarm', 'seed']);
  const format = formatArgument('options.to', options.to);
  if (format.bits > 32) throw new BittrueError('unsupported', 'options.to', formatName(format), 'at most 32 bits');
  const each = checkInteger('options.draws', options.draws ?? 1000, 16, 2 ** 24);
  const seed = checkInteger('options.seed', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER);
  const falseAlarm = checkNumber('options.falseAlarm', options.falseAlarm ?? 1e-6);
  if (!(falseAlarm > 0 && falseAlarm < 1)) {
    throw new BittrueError('range', 'options.falseAlarm', falseAlarm, 'a probability above 0 and below 1');
  }
  const policy = resolvePolicy(format, { ...options.policy, rounding: 'stochastic' });
  const next = draws(seed);
  const right = rightShares(policy);
  const points = pointsOf(format, next);
  const tallies = points.map((point) => tallyOf(implementation, point, each, next));
  return verdict({ format, policy, each, seed, falseAlarm }, tallies, right);
}

function rightShares({ stochastic }: Policy): (place: Place) => Shares {
  const { bits, variant } = stochastic as NonNullable<Policy['stochastic']>;
  return ({ fraction }) => upward(shareOf(fraction, bits, variant));
}

/** How likely answers are under shares: 0 where an answer can not be, else the least of the tests of each answer. */
function likelihood({ counts, other }: Tally, shares: Shares, each: number): number {
  if (other > 0) return 0;
  for (const [steps, count] of counts) if (count > 0 && (shares.get(steps) ?? 0) === 0) return 0;
  let least = 1;
  const claimed = [...shares].filter(([, share]) => share > 0);
  // Of two shares one says all.
  for (const [steps, share] of claimed.length === 2 ? claimed.slice(1) : claimed) {
    least = Math.min(least, binomialTest(counts.get(steps) ?? 0, each, share));
  }
  return least * (claimed.length > 2 ? claimed.length : 1) > 1 ? 1 : least;
}

interface Asked {
  readonly format: Format;
  readonly policy: Policy;
  readonly each: number;
  readonly seed: number;
  readonly falseAlarm: number;
}

function verdict(asked: Asked, tallies: readonly Tally[], right: (place: Place) => Shares): StochasticCheck {
  const { format, policy, each, seed, falseAlarm } = asked;
  const groups = pooled(tallies);
  const halves = tallies.filter(({ point }) => point.fraction === 0.5);
  const level = falseAlarm / (tallies.length + groups.size + 1);
  const wrong = tallies.filter((one) => likelihood(one, right(one.point), each) < level);
  const classes: Record<string, { tried: number; wrong: number }> = {};
  for (const one of tallies) {
    const name = classOf(one.point);
    classes[name] ??= { tried: 0, wrong: 0 };
    classes[name].tried += 1;
    if (wrong.includes(one)) classes[name].wrong += 1;
  }
  const differences = new Map<string, Difference>();
  for (const one of [...wrong].sort((a, b) => cost(a) - cost(b))) {
    const kind = `${classOf(one.point)}: ${wrongness(one, right(one.point), each)}`;
    const known = differences.get(kind);
    differences.set(
      kind,
      known === undefined ? difference(one, kind, right, each) : { ...known, count: known.count + 1 },
    );
  }
  // Numbers of a kind together, where none by itself is far enough off.
  if (wrong.length === 0) {
    for (const [name, some] of groups) {
      const share = right((some[0] as Tally).point).get(1) ?? 0;
      const ups = some.reduce((sum, { counts }) => sum + (counts.get(1) ?? 0), 0);
      if (binomialTest(ups, each * some.length, share) >= level) continue;
      const kind = `${name}: ${ups / (each * some.length) > share ? 'too often' : 'too seldom'} away from zero`;
      const words = `of ${each * some.length} answers to ${some.length} numbers ${name} above the lower neighbour, ${percent(share)} should be the upper one; ${percent(ups / (each * some.length))} are`;
      differences.set(kind, { ...difference(some[0] as Tally, kind, right, each), count: some.length, words });
    }
  }
  // Of two answers to a number halfway, half the pairs agree.
  const pairs = halves.length * Math.floor(each / 2);
  const agreeing = halves.reduce((sum, one) => sum + one.agreeing, 0);
  const half = halves[0];
  const isFair = half !== undefined && right(half.point).get(1) === 0.5;
  const depends = wrong.length === 0 && isFair && binomialTest(agreeing, pairs, 0.5) < level;
  if (depends) {
    const kind = 'halfway: answers that depend on each other';
    const words = `of ${pairs} pairs of answers to numbers halfway, one after the other, half should agree; ${percent(agreeing / pairs)} do`;
    differences.set(kind, { ...difference(half, kind, right, each), count: halves.length, words });
  }
  const told = [...differences.values()];
  const ok = told.length === 0;
  const { bits, variant } = policy.stochastic as NonNullable<Policy['stochastic']>;
  return {
    ok,
    what: `stochastic rounding to ${formatName(format)}, ${bits} random bits, variant ${variant}, ${each} answers a number`,
    counted: 'numbers',
    cases: tallies.length,
    exhaustive: false,
    undefinedCases: 0,
    wrong: ok ? 0 : told.reduce((most, { count }) => Math.max(most, count), wrong.length),
    classes,
    counterexample: told[0] ?? null,
    differences: [...told].sort((a, b) => b.count - a.count),
    diagnosis: ok
      ? null
      : depends
        ? dependence(halves.length)
        : explain(wrong.length > 0 ? wrong : tallies, tallies, right, { each, level }),
    unseen: [],
    seed,
    draws: each,
    falseAlarm,
  };
}

/** Tallies whose upper answers should have one share: by fraction, and by fraction and sign, kind. */
function pooled(tallies: readonly Tally[]): Map<string, Tally[]> {
  const found = new Map<string, Tally[]>();
  for (const one of tallies) {
    const { fraction, negative, group } = one.point;
    if (fraction === 0) continue;
    const step = `${fraction} of a step`;
    for (const key of [step, `${step}, ${negative ? 'negative' : 'positive'},`, `${step}, ${group},`]) {
      const some = found.get(key);
      if (some === undefined) found.set(key, [one]);
      else some.push(one);
    }
  }
  return found;
}

function cost({ point }: Tally): number {
  return complexity([{ x: point.x } as never]) + (point.fraction === 0 ? 0 : 1);
}

function classOf({ fraction, group, negative }: Point): string {
  const place = fraction === 0 ? 'exact' : fraction === 0.5 ? 'tie' : 'inexact';
  return `${negative ? 'negative ' : ''}${group === 'normal' || group === 'inner' ? '' : `${group}, `}${place}`;
}

function wrongness({ counts, other }: Tally, shares: Shares, each: number): string {
  if (other > 0) return 'no number of the format beside it';
  const outside = [...counts.keys()].filter((steps) => steps !== 0 && steps !== 1);
  if (outside.length > 0) return 'farther than the two neighbours';
  const [ups, share] = [counts.get(1) ?? 0, shares.get(1) ?? 0];
  if (share === 0) return 'moved';
  if (ups === 0) return 'never away from zero';
  if (ups === each) return 'always away from zero';
  return ups / each > share ? 'too often away from zero' : 'too seldom away from zero';
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

function difference(tally: Tally, kind: string, right: (place: Place) => Shares, each: number): Difference {
  const { point, counts, other, firstOther, sum } = tally;
  const { x, lower, step } = point;
  const share = right(point).get(1) ?? 0;
  const gives = [...counts]
    .sort((a, b) => a[0] - b[0])
    .map(([k, n]) => `${spell(lower + k * step)} in ${percent(n / each)}`);
  if (other > 0) gives.push(`${spell(firstOther as number)} and such in ${percent(other / each)}`);
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
    got: { value: sum / each, code: null },
    words: `${spell(x)}: right is ${wanted} of all answers, the implementation gives ${gives.join(', ')} of ${each}`,
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
  each: number,
): { readonly away: number; readonly up: number } {
  const inexact = all.filter(({ point }) => point.fraction > 0.2 && point.fraction < 0.8);
  const excess = (of: Tally): number => (of.counts.get(1) ?? 0) / each - (right(of.point).get(1) ?? 0);
  const mean = (signed: (of: Tally) => number): number =>
    inexact.reduce((sum, one) => sum + signed(one), 0) / Math.max(1, inexact.length);
  return { away: mean(excess), up: mean((one) => (one.point.negative ? -excess(one) : excess(one))) };
}

/** The behaviour under which the most numbers are as they should be. */
function explain(
  wrong: readonly Tally[],
  all: readonly Tally[],
  right: (place: Place) => Shares,
  { each, level }: { readonly each: number; readonly level: number },
): Explained | null {
  const others = all.filter((one) => !wrong.includes(one));
  const groups = [...pooled(all).values()];
  const fits = (one: Tally, { shares }: StochasticBehaviour): boolean =>
    likelihood(one, shares(one.point), each) >= level;
  const scored = stochasticBehaviours(right, biasOf(all, right, each)).map((behaviour) => {
    const explained = wrong.filter((one) => fits(one, behaviour)).length;
    const contradicted = others.filter((one) => !fits(one, behaviour)).length;
    // Numbers of a kind together decide between shares that lie close to each other.
    const pools = groups.filter((some) => {
      const shares = some.map(({ point }) => behaviour.shares(point).get(1) ?? 0);
      if (new Set(shares).size > 1) return true;
      const ups = some.reduce((sum, { counts }) => sum + (counts.get(1) ?? 0), 0);
      return binomialTest(ups, each * some.length, shares[0] as number) >= level;
    }).length;
    return { behaviour, explained, contradicted, score: explained - contradicted + pools };
  });
  const best = scored.reduce((most, one) => (one.score > most.score ? one : most));
  if (best.explained === 0) return null;
  const { behaviour, explained, contradicted } = best;
  const left = wrong.filter((one) => !fits(one, behaviour)).slice(0, 4);
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
    unexplained: left.map((one) => difference(one, wrongness(one, right(one.point), each), right, each)),
  };
}
