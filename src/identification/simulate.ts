/**
 * What a hypothesis answers.
 *
 * @module
 */

import type { Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding, lastLeaf } from '../accumulators/walk.ts';
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
  const finish = finisher(question, reduction, output);
  const plan = {
    ...{ a, b, addend, positiveZeros, scale, product, reduction, width: question.k, output: finish?.from ?? output },
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
      const sum = sumOutput(sums, 0, x(row.a), y(row.b), c, scales, recorder);
      return finish === null ? sum : finish.of(sum, recorder);
    } catch (error) {
      if (error instanceof BittrueError) return null;
      throw error;
    }
  };
}

/** A mean from a sum: in the precision of the sum, then written. */
function finisher({ lone, k }: Question, reduction: Reduction, output: Rounding): Finisher | null {
  if (lone === null || lone.finish === 'none') return null;
  const accumulator = lastLeaf(reduction).accumulator;
  const from = accumulator.kind === 'integer' ? output : accumulatorRounding(accumulator);
  const [unit, store] = [from, output].map(({ format, policy }) => new ValueUnit(format, policy)) as [
    ValueUnit,
    ValueUnit,
  ];
  const divides = lone.finish === 'divide';
  return {
    from,
    of(sum, recorder) {
      const by = divides ? unit.round(k, recorder) : unit.divide(1, k, recorder);
      return store.round(divides ? unit.divide(sum, by, recorder) : unit.multiply(sum, by, recorder), recorder);
    },
  };
}

interface Finisher {
  /** The rounding of the sum. */
  readonly from: Rounding;
  readonly of: (sum: number, recorder: Recorder) => number;
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
