/**
 * Reductions without rounding, and the limits of those with.
 *
 * @module
 */
import { idealRounding } from '../rounding/ideal.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { takesProducts } from './define.ts';
import type { Reduction } from './reduction.ts';
import { accumulatorRounding, firstLeaf, mapAccumulators } from './walk.ts';

/** The same order of additions, in binary64. */
export function idealReduction(reduction: Reduction): Reduction {
  return mapAccumulators(reduction, (accumulator) => ({
    kind: 'float',
    rounding: idealRounding,
    fused: takesProducts({ kind: 'sequential', accumulator }),
  }));
}

/** What bounds the elements' accumulator: its step, or its register's largest content. */
export function reductionLimit(reduction: Reduction): Rounding | { readonly max: number } {
  const { accumulator } = firstLeaf(reduction);
  return accumulator.kind === 'integer' ? { max: 2 ** (accumulator.bits - 1) - 1 } : accumulatorRounding(accumulator);
}
