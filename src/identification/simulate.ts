/**
 * What a hypothesis answers.
 *
 * @module
 */

import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { BittrueError } from '../errors/index.ts';
import { Recorder } from '../events/recorder.ts';
import { type Rounding, roundTo } from '../rounding/index.ts';
import type { ProductPlan } from '../specification/products/plan.ts';
import { createSums, sumOutput } from '../specification/products/scalar.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { Question } from './question.ts';
import type { Row } from './row.ts';

/** The result of one row; null where the arithmetic does not take it. */
export type Answer = (row: Row) => number | null;

/** What computes rows one by one, by the specification. */
export function simulator(question: Question, arithmetic: Arithmetic): Answer {
  const { a, b, addend, positiveZeros, scale, product, reduction, output } = arithmetic;
  const plan = {
    ...{ a, b, addend, positiveZeros, scale, product, reduction, output, width: question.k },
    stages: product === null ? ['load', 'accumulate', 'store'] : ['load', 'product', 'accumulate', 'store'],
  } as unknown as ProductPlan;
  const recorder = new Recorder(['load', 'product', 'accumulate', 'store'], 1, 'off', 0);
  const sums = createSums(plan);
  const [x, y, z] = [
    reader(a, positiveZeros, recorder),
    reader(b as Rounding, positiveZeros, recorder),
    reader(addend as Rounding, positiveZeros, recorder),
  ];
  const hasAddend = question.addend !== null;
  const factors = scale === null ? null : reader(roundTo(scale.format), false, recorder);
  return (row) => {
    try {
      const scales =
        scale === null || factors === null
          ? null
          : {
              a: scale.ignoreSign ? factors(row.scaleA).map(Math.abs) : factors(row.scaleA),
              b: scale.ignoreSign ? factors(row.scaleB).map(Math.abs) : factors(row.scaleB),
              block: scale.block,
            };
      const c = hasAddend ? (z(Float64Array.of(row.c))[0] as number) : null;
      return sumOutput(sums, 0, x(row.a), y(row.b), c, scales, recorder);
    } catch (error) {
      if (error instanceof BittrueError) return null;
      throw error;
    }
  };
}

/** How operands are read. They are values of their format, so that only what is flushed or loses its sign changes. */
function reader(
  { format, policy }: Rounding,
  positive: boolean,
  recorder: Recorder,
): (values: Float64Array) => Float64Array {
  const flushes = policy.subnormals === 'flushInputs' || policy.subnormals === 'flushBoth';
  if (!flushes && !positive) return (values) => values;
  const unit = new ValueUnit(format, policy);
  return (values) => values.map((value) => (positive ? unit.round(value, recorder) + 0 : unit.round(value, recorder)));
}
