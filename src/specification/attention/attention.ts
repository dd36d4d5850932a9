/**
 * What attention means.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { overlaps } from '../../tensors/overlap.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { type Numbers, numbers, widen } from '../operands.ts';
import { type Prepared, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import { type AttentionOptions, type AttentionStage, attentionStages } from './options.ts';
import type { AttentionInputs } from './parts.ts';
import { type AttentionPlan, planAttention } from './plan.ts';
import { attentionReference } from './reference.ts';
import { attentionScalar } from './scalar.ts';

/** The operands as the caller gave them. */
export interface RawAttentionInputs {
  readonly q: FloatArray;
  readonly k: FloatArray;
  readonly v: FloatArray;
}

/** The specification. */
export const attentionSpecification: Specification<
  AttentionOptions,
  AttentionPlan,
  AttentionInputs,
  RawAttentionInputs
> = {
  name: 'attention',
  stages: attentionStages,
  plan: planAttention,
  inputs({ rows, depth, width, sharedHeads, keys, logSumExp }, [q, k, v]) {
    const raw = {
      q: numbers('q', q, rows * depth),
      k: numbers('k', k, sharedHeads * keys * depth),
      v: numbers('v', v, sharedHeads * keys * width),
    };
    for (const own of Object.values(raw)) {
      if (logSumExp === null || !overlaps(logSumExp, own)) continue;
      throw new BittrueError('value', 'options.logSumExp', logSumExp, 'an array that shares no memory with an input');
    }
    return raw;
  },
  widen: ({ q, k, v }) => ({ q: widen(q), k: widen(k), v: widen(v) }),
  fit: (plan) => plan,
  constants: ({ mask, sinks }) => [mask === null ? null : masked(mask), sinks],
  scalar: attentionScalar,
  reference: attentionReference,
};

/** A mask's −∞ is no fault of the data. */
function masked(mask: Float64Array): Float64Array {
  return mask.map((x) => (x === -Infinity ? 0 : x));
}

/**
 * As `attention` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `attention` of `bittrue/kernels` does, and for an engine
 * @example
 * import { attention } from 'bittrue/specification';
 * import { fp32 } from 'bittrue/targets';
 * attention([1, 0], [1, 0, 0, 1], [3, 5], { heads: 1, queries: 1, keys: 2, width: 2, valueWidth: 1, target: fp32 }).output[0]; // 3.6604766845703125
 */
export function attention<Out extends FloatArray = Float64Array>(
  q: Numbers,
  k: Numbers,
  v: Numbers,
  options: AttentionOptions & Output<Out>,
): Result<Out, AttentionStage> {
  return runSpecification(attentionSpecification, options, [q, k, v]);
}

/**
 * As `attention.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `attention` does, and in a run for lengths that do not fit
 * @example
 * import { attention } from 'bittrue/specification';
 * import { fp32 } from 'bittrue/targets';
 * const attend = attention.prepare({ heads: 1, queries: 1, keys: 2, width: 2, valueWidth: 1, target: fp32 });
 * attend([1, 0], [1, 0, 0, 1], [3, 5]).output[0]; // 3.6604766845703125
 */
attention.prepare = (options: AttentionOptions): Prepared<[q: Numbers, k: Numbers, v: Numbers], AttentionStage> => {
  const run = prepareSpecification(attentionSpecification, options, (given) => given);
  return (q, k, v, own) => run([q, k, v], own);
};
