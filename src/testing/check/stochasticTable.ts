/**
 * Answers of a stochastic rounding that were written down: one a row, as many rows a number as there are.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName } from '../../errors/index.ts';
import { formatName } from '../../formats/formatName.ts';
import { decode } from '../../rounding/codes.ts';
import type { CallOptions } from './call.ts';
import { type StochasticCheckOptions, stochasticTask } from './checkStochasticRounding.ts';
import { countAnswer, emptyTally, pointAt, type Tally } from './stochasticPoints.ts';
import { type StochasticCheck, stochasticVerdict } from './stochasticVerdict.ts';

/** What a table of a stochastic rounding is held against. */
export type StochasticTableTask = { readonly kind: 'stochasticRounding' } & Pick<
  StochasticCheckOptions,
  'to' | 'policy' | 'falseAlarm'
> &
  Pick<CallOptions, 'gives'>;

/**
 * The shares of answers in a table. A number that stands in sixteen rows or more has a test of its own; all numbers of a kind are
 * tested together, so that a table where each stands once is judged too.
 */
export function checkStochasticTable(
  inputs: ArrayLike<number>,
  results: ArrayLike<number>,
  task: StochasticTableTask,
): StochasticCheck {
  const { gives = 'numbers' } = task;
  checkName('task.gives', gives, ['numbers', 'codes']);
  const { format, ...held } = stochasticTask('task', task);
  const tallies = new Map<number, Tally>();
  let [undefinedCases, least] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < inputs.length; i++) {
    const [x, result] = [inputs[i] as number, results[i] as number];
    const answer =
      gives === 'numbers' ? result : decode(format, checkInteger(`results[${i}]`, result, 0, format.codes - 1));
    let tally = tallies.get(x);
    if (tally === undefined) {
      const point = pointAt(format, x);
      if (point === null) {
        undefinedCases += 1;
        continue;
      }
      tally = emptyTally(point);
      tallies.set(x, tally);
    }
    countAnswer(tally, answer);
  }
  if (tallies.size === 0) {
    const wanted = `numbers between neighbours of ${formatName(format)}: of others chance decides nothing`;
    throw new BittrueError('value', 'inputs', inputs[0], wanted);
  }
  const counted = [...tallies.values()];
  for (const { total } of counted) least = Math.min(least, total);
  const verdict = stochasticVerdict({ format, ...held, each: null }, counted);
  return { ...verdict, exhaustive: false, undefinedCases, undefinedAnswers: [], seed: 0, draws: least };
}
