/**
 * The steps of a normalisation's stages: a vector unit may have steps of its own for what is centred and what is
 * normalised.
 *
 * @module
 */
import type { Step } from '../../rounding/step.ts';
import type { NormPlan } from './plan.ts';

/** The steps of the stages that go by `compute` unless a unit says otherwise. */
export function elementSteps({ unit, kernel, variance }: NormPlan): { center: Step; square: Step; normalize: Step } {
  const { compute, center = compute, normalize = compute } = unit;
  // Only in two passes are the numbers squared those that were centred.
  return { center, square: kernel === 'layerNorm' && variance === 'twoPass' ? center : compute, normalize };
}

/** The step of a stage between `load` and `store` that has one result an element. */
export function elementStep(plan: NormPlan, stage: string): Step {
  const { center, square, normalize } = elementSteps(plan);
  switch (stage) {
    case 'center':
      return center;
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
