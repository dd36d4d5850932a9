/**
 * Attention on a target.
 *
 * @module
 */

import { fieldsOf, isReadable } from '../errors/checks.ts';
import { defineRounding } from '../rounding/roundTo.ts';
import { attentionSpecification, type RawAttentionInputs } from '../specification/attention/attention.ts';
import type { AttentionOptions, AttentionStage } from '../specification/attention/options.ts';
import type { AttentionInputs } from '../specification/attention/parts.ts';
import type { AttentionPlan } from '../specification/attention/plan.ts';
import type { Result } from '../specification/contract.ts';
import type { Numbers } from '../specification/operands.ts';
import type { Prepared } from '../specification/prepare.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileAttention } from '../twins/attention/attention.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { madeOptions, type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const attentionKernel: Kernel<Named<AttentionOptions>, AttentionPlan, AttentionInputs, RawAttentionInputs> = {
  ...named({
    ...attentionSpecification,
    plan: (options: AttentionOptions) => attentionSpecification.plan(withMadeProducts(options)),
  }),
  compile: compileAttention,
};

/** Formats and roundings of the two products may be names and plain data, as those of `matmul`. */
function withMadeProducts(options: AttentionOptions): AttentionOptions {
  const { scores, values, roundings } = fieldsOf(options);
  if (scores === undefined && values === undefined && roundings === undefined) return options;
  return {
    ...fieldsOf(options),
    ...(isReadable(roundings) ? { roundings: madeRoundings(roundings) } : {}),
    ...(isReadable(scores) ? { scores: madeOptions(scores) } : {}),
    ...(isReadable(values) ? { values: madeOptions(values) } : {}),
  } as AttentionOptions;
}

function madeRoundings(roundings: object): object {
  const made = Object.entries(roundings).map(([name, value]) => [
    name,
    isReadable(value) ? defineRounding(value, `options.roundings.${name}`) : value,
  ]);
  return Object.fromEntries(made);
}

/**
 * softmax(Q·Kᵀ · scale) · V for every head, as a target's matrix and vector units compute it, with a report of every event. A row
 * of the report is a query of a head: row = head · queries + query.
 *
 * | stage | operation | rounded to |
 * | --- | --- | --- |
 * | `constants` | scale, offset, constants of compositions | compute, maximum |
 * | `load` | Q, K, V as the matrix unit reads them, sinks as the vector unit does; row −1, numbered through | operands |
 * | `scoreProduct`, `score`, `scoreStore` | Σ q·k of every key by the matrix unit | its own |
 * | `scores` | as the vector unit reads them | scores |
 * | `scale`, `softcap`, `mask` | · scale, cap · tanh(s / cap), + mask | compute |
 * | `max` | m′ = max(m, S), + offset | maximum |
 * | `rescale` | α = e^(m − m′), from the second tile on | compute |
 * | `subtract`, `exp` | P = e^(S − m′) | compute |
 * | `sum` | Σ P by the vector unit's reduction | accumulate |
 * | `rescaleSum` | l = α·l + Σ P, two roundings | sum |
 * | `reciprocal`, `share` | P / l, where shares are divided before the product | sum, compute |
 * | `probabilities`, `loadProbabilities` | P as it is stored, and as the matrix unit reads it | probabilities, operand |
 * | `rescaleOutput` | α·O, the addend of the tile's product | addend |
 * | `valueProduct`, `value`, `valueStore` | O = α·O + P·V by the matrix unit | its own |
 * | `normalize` | O / l | compute |
 * | `logSumExp` | m + ln l, two roundings | sum |
 * | `store` | the output | store |
 *
 * Events of a key's score bear the key as their index, those of an output its column; in tiles a step of `sum` and `value` is the
 * key, and a step of what a tile has one of counts from (operations a tile) · (the tile's number). The first tile does not rescale. A
 * key that the causal mask or the window leaves out has no score: −∞. A tile all of whose keys are left out, by a mask's −∞ too,
 * is skipped in flash attention. A query that sees no key is NaN.
 *
 * @param q - heads · queries · width numbers, row-major
 * @param k - sharedHeads · keys · width numbers
 * @param v - sharedHeads · keys · valueWidth numbers
 * @throws {@link BittrueError} for shapes that do not fit, for options out of range or unknown, and for a unit with block scales
 * @example
 * import { attention } from 'bittrue/kernels';
 * const q = new Float64Array(64).fill(40);
 * const run = { heads: 1, queries: 1, keys: 1, width: 64, target: 'fp16' } as const;
 * const { output, report } = attention(q, q, q, run);
 * output[0]; // NaN
 * report.first.overflow?.stage; // 'score'
 */
export function attention<Out extends FloatArray = Float64Array>(
  q: Numbers,
  k: Numbers,
  v: Numbers,
  options: Named<AttentionOptions> & Into<Out>,
): Result<Out, AttentionStage> {
  return run(attentionKernel, options, [q, k, v]);
}

/**
 * Plans once, runs many times: `attention.prepare(options)` is a function of queries, keys and values, whose results are those of
 * `attention`.
 *
 * @throws {@link BittrueError} for options as `attention` does, and in a run for lengths that do not fit
 * @example
 * import { attention } from 'bittrue/kernels';
 * const attend = attention.prepare({ heads: 1, queries: 1, keys: 2, width: 2, valueWidth: 1, target: 'fp32' });
 * attend([1, 0], [1, 0, 0, 1], [3, 5]).output[0]; // 3.6604766845703125
 */
attention.prepare = (
  options: Named<AttentionOptions> & On,
): Prepared<[q: Numbers, k: Numbers, v: Numbers], AttentionStage> => {
  const run = prepareKernel(attentionKernel, options, (given) => given);
  return (q, k, v, own) => run([q, k, v], own);
};
