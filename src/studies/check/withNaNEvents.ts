/**
 * A target for long runs: where a register or a format has no NaN, one that reaches it is an event.
 *
 * @module
 */
import type { Accumulator } from '../../accumulators/index.ts';
import { mapAccumulators } from '../../accumulators/walk.ts';
import type { Rounding } from '../../rounding/index.ts';
import { checkMadeTarget } from '../../targets/check.ts';
import { defineTarget, type Target, type VectorUnit } from '../../targets/index.ts';

/**
 * The target with `nanInput: 'invalid'` for `error` in the steps of its vector units, and `nonFinite: 'invalid'` in its
 * integer registers: no number of a run changes, but a NaN in one norm of a model does not end the run of all of them.
 */
export function withNaNEvents(target: Target): Target {
  checkMadeTarget('target', target);
  const units = Object.entries(target.vectorUnits).map(([name, unit]) => [name, telling(unit)]);
  const vectorUnits = Object.fromEntries(units) as Target['vectorUnits'];
  const isSame = JSON.stringify(vectorUnits) === JSON.stringify(target.vectorUnits);
  return isSame ? target : defineTarget({ ...target, vectorUnits });
}

function telling(vector: VectorUnit): VectorUnit {
  const steps = Object.fromEntries(
    Object.entries(vector).map(([key, value]) => [key, isStep(value) ? tellingStep(value) : value]),
  ) as unknown as VectorUnit;
  return { ...steps, reduction: mapAccumulators(vector.reduction, tellingAccumulator) };
}

function isStep(value: unknown): value is Rounding {
  return typeof value === 'object' && value !== null && 'format' in value && 'policy' in value;
}

function tellingStep(rounding: Rounding): Rounding {
  const { format, policy } = rounding;
  const hasNaN = format.kind === 'float' && format.nan !== 'none';
  return hasNaN || policy.nanInput !== 'error' ? rounding : { format, policy: { ...policy, nanInput: 'invalid' } };
}

function tellingAccumulator(accumulator: Accumulator): Accumulator {
  if (accumulator.kind === 'integer') return { ...accumulator, nonFinite: 'invalid' };
  return 'rounding' in accumulator
    ? { ...accumulator, rounding: tellingStep(accumulator.rounding) }
    : { ...accumulator, output: tellingStep(accumulator.output) };
}
