/**
 * Reductions without rounding, and the limits of those with.
 *
 * @module
 */
import { idealStep } from '../rounding/ideal.ts';
import type { Step } from '../rounding/step.ts';
import { takesProducts } from './define.ts';
import type { Reduction } from './reduction.ts';
import { accumulatorStep, firstLeaf, mapAccumulators } from './walk.ts';

/** The same order of additions, in binary64. */
export function idealReduction(reduction: Reduction): Reduction {
  return mapAccumulators(reduction, (accumulator) => ({
    kind: 'float',
    step: idealStep,
    fused: takesProducts({ kind: 'sequential', accumulator }),
  }));
}

/** What bounds the elements' accumulator: its step, or its register's largest content. */
export function reductionLimit(reduction: Reduction): Step | { readonly max: number } {
  const { accumulator } = firstLeaf(reduction);
  return accumulator.kind === 'integer' ? { max: 2 ** (accumulator.bits - 1) - 1 } : accumulatorStep(accumulator);
}
