/**
 * Answers that were written down: inputs and results of a run somewhere else, judged as a function's answers are.
 *
 * @module
 */
import { defineRequantization, type Requantization } from '../../arithmetic/requantize/index.ts';
import { BittrueError, checkName, checkNumbers, checkRecord } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { defineInteger } from '../../formats/integer.ts';
import { formatOf, type Operand } from '../conformance/operand.ts';
import type { VectorSource } from '../conformance/task.ts';
import { asking } from './call.ts';
import type { Check } from './check.ts';
import { type QuantizerCheckOptions, quantizerSource, quantizerSubject } from './checkQuantizer.ts';
import { accumulatorFormat, requantizationSubject } from './checkRequantization.ts';
import { conversionOf, conversionSubject, type RoundingCheckOptions } from './checkRounding.ts';
import { operandAt } from './conversionWords.ts';
import { examine, ofCases, type Subject } from './examine.ts';
import { checkStochasticTable, type StochasticTableTask } from './stochasticTable.ts';

/** What a table's results should be. */
export type TableTask =
  | ({ readonly kind: 'rounding' } & Pick<RoundingCheckOptions, 'from' | 'to' | 'policy' | 'profile' | 'gives'>)
  | ({ readonly kind: 'quantizer' } & Omit<QuantizerCheckOptions, 'takes' | 'batch' | 'runs' | 'seed'>)
  | { readonly kind: 'requantization'; readonly requantization: Requantization }
  | StochasticTableTask;

/**
 * Judges a table of inputs and results as `checkRounding`, `checkQuantizer` and `checkRequantization` judge a function: counts
 * by class, the simplest wrong row, the diagnosis. Nothing but the rows is tried. Of a stochastic rounding the shares of the answers
 * are judged, as `checkStochasticRounding` judges them: a number may stand in many rows, or each in one.
 *
 * @param inputs - numbers of the source
 * @param results - one each: numbers, or codes with `gives: 'codes'`; codes of a quantizer are integers of its format
 * @throws {@link BittrueError} for arrays of different lengths, inputs that the source does not have, and what the options of
 * those functions refuse
 * @example
 * import { checkTable } from 'bittrue/testing';
 * const check = checkTable([1.25, 0.75, -1.25, 100], [3, 2, -3, 127], { kind: 'quantizer', to: 'int8', scale: 0.5 });
 * check.wrong; // 2
 * check.diagnosis?.behaviours[0]?.name; // 'tiesToAway'
 * const truncated = Float64Array.from({ length: 1000 }, (_, i) => i / 16);
 * const results = truncated.map(Math.trunc);
 * checkTable(truncated, results, { kind: 'stochasticRounding', to: 'int8' }).diagnosis?.behaviours[0]?.name; // 'towardZero'
 */
export function checkTable(inputs: ArrayLike<number>, results: ArrayLike<number>, task: TableTask): Check {
  checkNumbers('inputs', inputs, 'an array of numbers');
  checkNumbers('results', results, 'an array of numbers, one an input');
  if (inputs.length !== results.length) {
    throw new BittrueError('shape', 'results', `${results.length} numbers`, `${inputs.length}, one an input`);
  }
  if (inputs.length === 0) throw new BittrueError('shape', 'inputs', 'no numbers', 'at least one');
  checkRecord('task', task, "a task: { kind: 'rounding', to, … }");
  checkName('task.kind', task.kind, ['rounding', 'quantizer', 'requantization', 'stochasticRounding']);
  if (task.kind === 'stochasticRounding') return checkStochasticTable(inputs, results, task);
  // Codes come as integers, so they are read as numbers of a format wide enough for any.
  const wide = defineInteger({ bits: 53 });
  switch (task.kind) {
    case 'rounding': {
      const { kind: _, gives = 'numbers', ...options } = task;
      const conversion = conversionOf(options);
      return recorded(conversionSubject(conversion, {}), conversion.source, conversion.format, inputs, results, gives);
    }
    case 'quantizer': {
      const { kind: _, ...options } = task;
      return recorded(quantizerSubject(options), quantizerSource(options), wide, inputs, results, 'numbers');
    }
    case 'requantization': {
      const requantization = defineRequantization(task.requantization);
      const source = accumulatorFormat(requantization);
      return recorded(requantizationSubject(requantization, source, {}), source, wide, inputs, results, 'numbers');
    }
  }
}

function recorded<Setup>(
  subject: Subject<Setup>,
  source: VectorSource,
  format: Format,
  inputs: ArrayLike<number>,
  results: ArrayLike<number>,
  gives: 'numbers' | 'codes',
): Check {
  const cases = Array.from(inputs, (x, i): readonly Operand[] => {
    const operands = operandAt(source, x);
    if (operands.length > 0) return operands;
    throw new BittrueError('value', `inputs[${i}]`, x, `a number of ${formatName(formatOf(source))}`);
  });
  // The answers are read in the order in which they are asked for.
  let row = 0;
  const ask = asking((() => results[row++]) as never, source, format, { gives });
  return examine(ofCases(subject, cases), ask) as Check;
}
