/**
 * The reference pass of softmax: room from its own statement without rounding, error against the real function.
 *
 * @module
 */

import { idealReduction, reductionLimit } from '../../accumulators/ideal.ts';
import { ExtentRecorder, type Limit } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import type { Reference } from '../../events/report.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { SoftmaxPlan } from './plan.ts';
import { softmaxScalar } from './scalar.ts';

/** Room and error of a run. */
export function softmaxReference(plan: SoftmaxPlan, x: Float64Array, output: FloatArray): Reference {
  const { unit } = plan;
  // The pass starts from loaded inputs, and an approximation's own coefficients are no concern of it.
  const ideal: SoftmaxPlan = {
    ...plan,
    exp: { kind: 'correctlyRounded' },
    unit: {
      ...unit,
      compute: idealRounding,
      accumulate: idealRounding,
      statistics: idealRounding,
      store: idealRounding,
      reduction: idealReduction(unit.reduction),
    },
  };
  const recorder = new ExtentRecorder(
    plan.stages,
    plan.rows,
    plan.stages.map((stage) => limitOf(plan, stage)),
  );
  softmaxScalar(ideal)(ideal, x, recorder);
  return { ...recorder.room(), error: outputError(unit.store.format, output, realSoftmax(plan, x)) };
}

function limitOf({ unit }: SoftmaxPlan, stage: string): Limit | null {
  switch (stage) {
    case 'subtract':
    case 'exp':
    case 'multiply':
    case 'divide':
      return unit.compute;
    case 'sum':
      return reductionLimit(unit.reduction);
    case 'reciprocal':
      return unit.statistics;
    case 'store':
      return unit.store;
    default:
      // Loads, clamps and selections make no values of their own.
      return null;
  }
}

/** The function itself, on the given inputs (clamped to the given bounds), in binary64. */
function realSoftmax({ rows, width, clamp }: SoftmaxPlan, x: Float64Array): Float64Array {
  const y = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const row = y.subarray(r * width, (r + 1) * width);
    let top = -Infinity;
    for (let i = 0; i < width; i++) {
      const a = x[r * width + i] as number;
      row[i] = clamp === null ? a : Math.min(Math.max(a, clamp.low), clamp.high);
      top = Math.max(top, row[i] as number);
    }
    let sum = 0;
    for (let i = 0; i < width; i++) {
      row[i] = Math.exp((row[i] as number) - top);
      sum += row[i] as number;
    }
    for (let i = 0; i < width; i++) row[i] = (row[i] as number) / sum;
  }
  return y;
}
