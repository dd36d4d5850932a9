/**
 * The reference pass: room from the kernel's own statement without rounding, error against the real function.
 *
 * @module
 */

import { idealReduction, reductionLimit } from '../../accumulators/ideal.ts';
import { ExtentRecorder, type Limit } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import type { Reference } from '../../events/report.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { NormInputs, NormPlan } from './plan.ts';
import { elementRounding } from './roundings.ts';
import { normScalar } from './scalar.ts';

/** Room and error of a run. */
export function normReference(plan: NormPlan, inputs: NormInputs, output: FloatArray): Reference {
  const { unit } = plan;
  // The pass starts from loaded inputs, so loading stays what it is; a Newton iteration has no meaning on binary64 codes.
  const newton = unit.reciprocalSqrt.kind === 'newton';
  const ideal: NormPlan = {
    ...plan,
    unit: {
      ...unit,
      compute: idealRounding,
      center: idealRounding,
      normalize: idealRounding,
      accumulate: idealRounding,
      statistics: idealRounding,
      store: idealRounding,
      reduction: idealReduction(unit.reduction),
      reciprocalSqrt: newton ? { kind: 'correctlyRounded' } : unit.reciprocalSqrt,
    },
  };
  const recorder = new ExtentRecorder(
    plan.stages,
    plan.rows,
    plan.stages.map((stage) => limitOf(plan, stage)),
  );
  normScalar(ideal)(ideal, inputs, recorder);
  return { ...recorder.room(), error: outputError(unit.store.format, output, realNorm(plan, inputs)) };
}

function limitOf(plan: NormPlan, stage: string): Limit | null {
  const { unit } = plan;
  switch (stage) {
    case 'constants':
    // Loads are flagged only where they round; their room is that of the stages that read them.
    case 'load':
    case 'residualAdd':
      return null;
    case 'sum':
    case 'squareSum':
      return reductionLimit(unit.reduction);
    case 'welford':
      return unit.accumulate;
    case 'mean':
    case 'variance':
    case 'epsilon':
    case 'rowScale':
    case 'reciprocalSqrt':
      return unit.statistics;
    case 'store':
      return unit.store;
    default:
      return elementRounding(plan, stage);
  }
}

/** The function itself, on the given inputs and unrounded ε, γ, β, in binary64. */
function realNorm(plan: NormPlan, { x, residual }: NormInputs): Float64Array {
  const { kernel, rows, width, gamma, beta, epsilon, groups } = plan;
  const y = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const from = r * width;
    let mean = 0;
    for (let i = 0; i < width; i++) y[from + i] = (x[from + i] as number) + (residual?.[from + i] ?? 0);
    if (kernel === 'layerNorm') {
      for (let i = 0; i < width; i++) mean += y[from + i] as number;
      mean /= width;
    }
    let squares = 0;
    for (let i = 0; i < width; i++) {
      const c = (y[from + i] as number) - mean;
      y[from + i] = c;
      squares += c * c;
    }
    const root = Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) {
      const at = groups === null ? i : Math.floor(((r % groups.groups) * width + i) / groups.spatial);
      y[from + i] = ((y[from + i] as number) / root) * (gamma?.[at] ?? 1) + (beta?.[at] ?? 0);
    }
  }
  return y;
}
