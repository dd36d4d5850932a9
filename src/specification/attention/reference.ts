/**
 * The reference pass of attention: room of the unrounded stages, error against the real function.
 *
 * @module
 */
import { idealReduction, reductionLimit } from '../../accumulators/ideal.ts';
import { ExtentRecorder, type Limit } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import type { Reference } from '../../events/report.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { ProductPlan } from '../products/plan.ts';
import { isSeen, maskOf } from './mask.ts';
import type { AttentionStage } from './options.ts';
import type { AttentionInputs } from './parts.ts';
import type { AttentionPlan, Formed } from './plan.ts';
import { attentionScalar } from './scalar.ts';

/** Room and error of a run. */
export function attentionReference(plan: AttentionPlan, inputs: AttentionInputs, output: FloatArray): Reference {
  const { scoring, valuing, unit, softcap, exponential } = plan;
  const idealProduct = (own: ProductPlan): ProductPlan => ({
    ...own,
    product: own.product === null ? null : idealRounding,
    reduction: idealReduction(own.reduction),
    addend: idealRounding,
    output: idealRounding,
  });
  const real = (formed: Formed): Formed => ({ ...formed, method: { kind: 'correctlyRounded' } });
  // The pass starts from loaded operands; an approximation's own coefficients are no concern of it.
  const ideal: AttentionPlan = {
    ...plan,
    scoring: idealProduct(scoring),
    valuing: { ...idealProduct(valuing), a: idealRounding },
    unit: {
      ...unit,
      compute: idealRounding,
      accumulate: idealRounding,
      statistics: idealRounding,
      store: idealRounding,
      reduction: idealReduction(unit.reduction),
    },
    roundings: {
      scores: idealRounding,
      probabilities: idealRounding,
      sum: idealRounding,
      maximum: idealRounding,
    },
    softcap: softcap === null ? null : real(softcap),
    exponential: real(exponential),
    logSumExp: null,
  };
  const recorder = new SeenKeys(
    plan.stages,
    plan.rows,
    plan.stages.map((stage) => limitOf(plan, stage)),
  );
  attentionScalar(ideal)(ideal, inputs, recorder);
  return { ...recorder.room(), error: outputError(unit.store.format, output, realAttention(plan, inputs)) };
}

/** Keys that are left out have −∞ for a score, which is no magnitude of any stage. */
class SeenKeys extends ExtentRecorder {
  override note(...told: Parameters<ExtentRecorder['note']>): void {
    const [, operation, , , a, b, , result] = told;
    const isLeftOut = result === -Infinity && (operation === 'subtract' ? a : b) === -Infinity;
    if (!isLeftOut) super.note(...told);
  }
}

function limitOf({ scoring, valuing, unit, roundings }: AttentionPlan, stage: AttentionStage): Limit | null {
  switch (stage) {
    case 'scoreProduct':
      return scoring.product;
    case 'score':
      return reductionLimit(scoring.reduction);
    case 'scoreStore':
      return scoring.output;
    case 'scores':
      return roundings.scores;
    case 'scale':
    case 'softcap':
    case 'mask':
    case 'subtract':
    case 'exp':
    case 'rescale':
    case 'share':
    case 'normalize':
      return unit.compute;
    case 'max':
      return roundings.maximum;
    case 'sum':
      return reductionLimit(unit.reduction);
    case 'rescaleSum':
    case 'reciprocal':
      return roundings.sum;
    case 'rescaleOutput':
      return valuing.addend;
    case 'probabilities':
      return roundings.probabilities;
    case 'valueProduct':
      return valuing.product;
    case 'value':
      return reductionLimit(valuing.reduction);
    case 'valueStore':
      return valuing.output;
    case 'store':
      return unit.store;
    default:
      return null;
  }
}

/** The function itself, on the given operands, in binary64. */
export function realAttention(plan: AttentionPlan, { q, k, v }: AttentionInputs): Float64Array {
  const { rows, width, queries, keys, depth, heads, sharedHeads, softcap, emptyRow } = plan;
  const y = new Float64Array(rows * width);
  const scale = plan.exponential.function === 'exp2' ? plan.scale / Math.LOG2E : plan.scale;
  const cap = softcap?.cap ?? 0;
  for (let r = 0; r < rows; r++) {
    const [head, query] = [Math.floor(r / queries), r % queries];
    const shared = Math.floor(head / (heads / sharedHeads));
    const z = new Float64Array(keys).fill(-Infinity);
    let top = plan.sinks === null ? -Infinity : (plan.sinks[head] as number);
    for (let j = 0; j < keys; j++) {
      if (!isSeen(plan, query, j)) continue;
      let s = 0;
      for (let d = 0; d < depth; d++) {
        s += (q[r * depth + d] as number) * (k[(shared * keys + j) * depth + d] as number);
      }
      s *= scale;
      if (cap > 0) s = cap * Math.tanh(s / cap);
      z[j] = s + maskOf(plan, head, query, j);
      top = Math.max(top, z[j] as number);
    }
    if (top === -Infinity && emptyRow === 'zero') continue;
    let sum = plan.sinks === null ? 0 : Math.exp((plan.sinks[head] as number) - top);
    for (let j = 0; j < keys; j++) {
      z[j] = Math.exp((z[j] as number) - top);
      sum += z[j] as number;
    }
    for (let d = 0; d < width; d++) {
      let o = 0;
      for (let j = 0; j < keys; j++) o += (z[j] as number) * (v[(shared * keys + j) * width + d] as number);
      y[r * width + d] = o / sum;
    }
  }
  return y;
}
