/**
 * The steps of a normalisation's stages: a vector unit may have steps of its own for what is centred and what is
 * normalised.
 *
 * @module
 */
import type { Rounding } from '../../rounding/roundTo.ts';
import type { NormPlan } from './plan.ts';

/** The steps of the stages that go by `compute` unless a unit says otherwise. */
export function elementRoundings({ unit, kernel, variance }: NormPlan): {
  center: Rounding;
  square: Rounding;
  normalize: Rounding;
} {
  const { compute, center = compute, normalize = compute } = unit;
  // Only in two passes are the numbers squared those that were centred.
  return { center, square: kernel === 'layerNorm' && variance === 'twoPass' ? center : compute, normalize };
}

/** The rounding of a stage between `load` and `store` that has one result an element. */
export function elementRounding(plan: NormPlan, stage: string): Rounding {
  const { center, square, normalize } = elementRoundings(plan);
  switch (stage) {
    case 'center':
      return center;
    case 'share':
    case 'square':
      return square;
    case 'normalize':
    case 'gamma':
    case 'beta':
    case 'affine':
      return normalize;
    default:
      return plan.unit.compute;
  }
}
