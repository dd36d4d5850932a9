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
import { formatArgument } from './checkRounding.ts';
import { pointsOf, tallyOf } from './stochasticPoints.ts';
import { type StochasticCheck, stochasticVerdict } from './stochasticVerdict.ts';

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
  const { format, policy, falseAlarm } = stochasticTask('options', options);
  const each = checkInteger('options.draws', options.draws ?? 1000, 16, 2 ** 24);
  const seed = checkInteger('options.seed', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER);
  const next = draws(seed);
  const tallies = pointsOf(format, next).map((point) => tallyOf(implementation, point, each, next));
  const verdict = stochasticVerdict({ format, policy, falseAlarm, each }, tallies);
  return { ...verdict, exhaustive: false, undefinedCases: 0, undefinedAnswers: [], seed, draws: each };
}

/** What a stochastic rounding is held against, checked. */
export function stochasticTask(
  name: string,
  options: Pick<StochasticCheckOptions, 'to' | 'policy' | 'falseAlarm'>,
): { readonly format: Format; readonly policy: Policy; readonly falseAlarm: number } {
  const format = formatArgument(`${name}.to`, options.to);
  if (format.bits > 32) throw new BittrueError('unsupported', `${name}.to`, formatName(format), 'at most 32 bits');
  const falseAlarm = checkNumber(`${name}.falseAlarm`, options.falseAlarm ?? 1e-6);
  if (!(falseAlarm > 0 && falseAlarm < 1)) {
    throw new BittrueError('range', `${name}.falseAlarm`, falseAlarm, 'a probability above 0 and below 1');
  }
  const policy = resolvePolicy(format, { ...options.policy, rounding: 'stochastic' });
  if (policy.subnormals !== 'gradual') {
    const wanted = 'gradual subnormals: which numbers are flushed is no matter of chance';
    throw new BittrueError('unsupported', `${name}.policy.subnormals`, policy.subnormals, wanted);
  }
  return { format, policy, falseAlarm };
}
