/**
 * The bound of a kernel over rows: its stages' bound, and a search where that leaves it open.
 *
 * @module
 */
import type { NumericEvent } from '../events/event.ts';
import { madeOptions } from '../kernels/named.ts';
import { type LayerNormOptions, planNorm } from '../specification/norm/plan.ts';
import { normScalar } from '../specification/norm/scalar.ts';
import { planSoftmax, type SoftmaxOptions } from '../specification/softmax/plan.ts';
import { softmaxScalar } from '../specification/softmax/scalar.ts';
import { defineInputs, nearestToZero, type Region } from './inputSet.ts';
import { boundNorm, type StagesBound } from './normBounds.ts';
import type { LayerNormBoundsOptions, RmsNormBoundsOptions, SoftmaxBoundsOptions } from './options.ts';
import { failureOf } from './simulate.ts';
import { boundSoftmax } from './softmaxBounds.ts';
import { type ChannelAnswer, judged } from './sumBounds.ts';
import { candidates, search } from './witness.ts';

/** The answer for LayerNorm, RMSNorm or softmax. */
export function boundRow(options: LayerNormBoundsOptions | RmsNormBoundsOptions | SoftmaxBoundsOptions): ChannelAnswer {
  const { inputs, kernel, ...rest } = options;
  if (kernel === 'softmax') {
    const plan = planSoftmax(
      madeOptions<SoftmaxOptions>({ ...(rest as Omit<SoftmaxBoundsOptions, 'kernel' | 'inputs'>), rows: 1 }),
    );
    const run = softmaxScalar(plan);
    const region = defineInputs(inputs, plan.width);
    const simulate = (x: Float64Array): NumericEvent | null => failureOf(plan, (p, recorder) => run(p, x, recorder));
    return answer(region, boundSoftmax(plan, region), 'elements', simulate);
  }
  const plan = planNorm(
    kernel,
    madeOptions<LayerNormOptions>({ ...(rest as Omit<LayerNormBoundsOptions, 'kernel' | 'inputs'>), rows: 1 }),
  );
  const run = normScalar(plan);
  const region = defineInputs(inputs, plan.width);
  const simulate = (x: Float64Array): NumericEvent | null =>
    failureOf(plan, (p, recorder) => run(p, { x, residual: null }, recorder));
  return answer(region, boundNorm(plan, region), 'squares', simulate);
}

function answer(
  region: Region,
  { stage, bound, headroomBits }: StagesBound,
  terms: 'elements' | 'squares',
  simulate: (x: Float64Array) => NumericEvent | null,
): ChannelAnswer {
  if (stage === null) {
    const reason = 'every stage stays in range by its own bound';
    return { verdict: 'proved', claim: 'noEvent', bound, headroomBits, reason };
  }
  const { low, high } = region;
  const ends =
    terms === 'elements'
      ? { low, high }
      : {
          low: low.map((x, k) => nearestToZero(x, high[k] as number)),
          high: low.map((x, k) => (-x > (high[k] as number) ? x : (high[k] as number))),
        };
  const found = search(candidates(region, ends, null, terms), 0, simulate);
  const { verdict, reason } = judged(found);
  const why = found === null ? `${reason}; the first stage in question is ${stage}` : reason;
  return { verdict, claim: 'noEvent', bound, headroomBits, reason: why, ...(found === null ? {} : { witness: found }) };
}
