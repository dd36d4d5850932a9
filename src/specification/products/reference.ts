/**
 * The reference pass: room from the kernel's own statement without rounding, error against the real sums.
 *
 * @module
 */

import { idealReduction, reductionLimit } from '../../accumulators/ideal.ts';
import { firstLeaf } from '../../accumulators/walk.ts';
import { ExtentRecorder, type Limit } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Reference } from '../../events/report.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { ProductInputs, ProductPlan } from './plan.ts';
import { createLoaders, createSums, load, sums } from './scalar.ts';

/** Room and error of a run. */
export function productReference(plan: ProductPlan, inputs: ProductInputs, output: FloatArray): Reference {
  return {
    ...productExtent(plan, inputs).room(),
    error: outputError(plan.output.format, output, realSums(plan, inputs)),
  };
}

/** How large the ideal values of every stage get. They do not depend on how the accumulators round. */
export function productExtent(plan: ProductPlan, inputs: ProductInputs): ExtentRecorder {
  // The pass starts from loaded operands, scales multiplied in.
  const unheard = new Recorder(plan.stages, plan.rows, 'counts', 0);
  const loaded = multiplied(plan, scaled(plan, load(plan, createLoaders(plan), inputs, unheard)));
  const ideal: ProductPlan = {
    ...plan,
    scale: null,
    product: plan.product === null ? null : idealRounding,
    reduction: idealReduction(plan.reduction),
    output: idealRounding,
  };
  const recorder = new ExtentRecorder(plan.stages, plan.rows, productLimits(plan));
  sums(ideal, createSums(ideal), loaded, recorder);
  return recorder;
}

/** What bounds each stage. */
export function productLimits({ stages, product, reduction, output }: ProductPlan): (Limit | null)[] {
  return stages.map((stage) => {
    if (stage === 'product') return product;
    if (stage === 'accumulate') return reductionLimit(reduction);
    return stage === 'store' ? output : null;
  });
}

/** Operands with their blocks' scales multiplied in. */
function scaled({ scale, width }: ProductPlan, { a, b, c, scales }: ProductInputs): ProductInputs {
  if (scale === null || scales === null) return { a, b, c, scales: null };
  const blocks = Math.ceil(width / scale.block);
  const times = (x: Float64Array, s: Float64Array): Float64Array =>
    x.map((value, i) => {
      const factor = s[Math.floor(i / width) * blocks + Math.floor((i % width) / scale.block)] as number;
      return value * (scale.ignoreSign ? Math.abs(factor) : factor);
    });
  return { a: times(a, scales.a), b: times(b, scales.b), c, scales: null };
}

/** A's operands with the power of two by which an exact accumulator multiplies products. */
function multiplied({ reduction }: ProductPlan, inputs: ProductInputs): ProductInputs {
  const { accumulator } = firstLeaf(reduction);
  const factor = accumulator.kind === 'exact' ? 2 ** (accumulator.productExponent ?? 0) : 1;
  return factor === 1 ? inputs : { ...inputs, a: inputs.a.map((x) => x * factor) };
}

/** Σ a·b + c on the given inputs, in binary64. */
export function realSums(plan: ProductPlan, inputs: ProductInputs): Float64Array {
  const { rows, width, pairing } = plan;
  const { a, b, c } = multiplied(plan, scaled(plan, inputs));
  const real = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    const i = pairing.kind === 'rows' ? r : Math.floor(r / pairing.columns);
    const j = pairing.kind === 'rows' ? r : r % pairing.columns;
    let sum = c === null ? 0 : (c[r] as number);
    for (let k = 0; k < width; k++) sum += (a[i * width + k] as number) * (b[j * width + k] as number);
    real[r] = sum;
  }
  return real;
}
