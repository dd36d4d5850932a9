/**
 * Reductions without rounding, and the limits of those with.
 *
 * @module
 */
import { idealStep } from '../rounding/ideal.ts';
import type { Step } from '../rounding/step.ts';
import { takesProducts } from './define.ts';
import type { Accumulator, Reduction } from './reduction.ts';

/** The same order of additions, in binary64. */
export function idealReduction(reduction: Reduction): Reduction {
  switch (reduction.kind) {
    case 'tiled':
    case 'strided': {
      const { across } = reduction;
      return {
        ...reduction,
        within: idealReduction(reduction.within),
        across: across === 'chain' ? across : idealReduction(across),
      };
    }
    default:
      return { ...reduction, accumulator: { kind: 'float', step: idealStep, fused: takesProducts(reduction) } };
  }
}

/** What bounds the elements' accumulator: its step, or its register's largest content. */
export function reductionLimit(reduction: Reduction): Step | { readonly max: number } {
  if (reduction.kind === 'tiled' || reduction.kind === 'strided') return reductionLimit(reduction.within);
  const accumulator: Accumulator = reduction.accumulator;
  switch (accumulator.kind) {
    case 'integer':
      return { max: 2 ** (accumulator.bits - 1) - 1 };
    case 'exact':
    case 'aligned':
      return accumulator.output;
    default:
      return accumulator.step;
  }
}
