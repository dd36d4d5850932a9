/**
 * What a normalisation rounds once a call: scale, 1/d, ε, γ, β.
 *
 * @module
 */
import type { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import { dyadic, multiplyDyadic } from '../../rounding/dyadic.ts';
import { pairOfDyadic } from '../../rounding/dyadicPair.ts';
import type { NormPlan } from './plan.ts';
import type { Units } from './units.ts';

/** The rounded constants of a call. */
export interface Constants {
  readonly scale: number;
  /** round(1/d), or round(d) where the unit divides. */
  readonly width: number;
  readonly epsilon: number;
  readonly gamma: Float64Array | null;
  readonly beta: Float64Array | null;
  /** round(1/i) for Welford's update, from i = 1. */
  readonly reciprocals: Float64Array | null;
}

/** Rounds the constants, with their events in stage `constants`. */
export function roundConstants(plan: NormPlan, units: Units, recorder: Recorder): Constants {
  const { statistics, compute } = units;
  const one = (unit: ValueUnit, x: number): number => {
    const r = unit.round(x);
    if (unit.flags !== 0) recorder.note(unit.flags, 'round', null, 0, x, 0, 0, r);
    return r;
  };
  const reciprocal = (i: number, index: number | null): number => {
    const r = statistics.divide(1, i);
    if (statistics.flags !== 0) recorder.note(statistics.flags, 'divide', index, index ?? 0, 1, i, 0, r);
    return r;
  };
  const { groups } = plan;
  const each = (values: Float64Array | null): Float64Array | null => {
    if (values === null) return null;
    const rounded = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const x = values[i] as number;
      const r = units.load.round(x);
      if (units.load.flags !== 0) recorder.note(units.load.flags, 'round', i, i, x, 0, 0, r);
      rounded[i] = r;
    }
    // Of channels each has as many numbers as lie side by side: all groups, one after the other.
    return groups === null
      ? rounded
      : Float64Array.from(
          { length: rounded.length * groups.spatial },
          (_, i) => rounded[Math.floor(i / groups.spatial)] as number,
        );
  };
  const scale = plan.scale === 1 ? 1 : one(compute, plan.scale);
  const width = plan.unit.mean === 'divide' ? one(statistics, plan.width) : reciprocal(plan.width, null);
  const epsilon = roundEpsilon(plan, scale, statistics, recorder);
  const gamma = each(plan.gamma);
  const beta = each(plan.beta);
  const reciprocals = plan.variance === 'welford' ? new Float64Array(plan.width) : null;
  if (reciprocals) for (let i = 0; i < plan.width; i++) reciprocals[i] = reciprocal(i + 1, i);
  return { scale, width, epsilon, gamma, beta, reciprocals };
}

/** ε·s², exact, of finite numbers other than 0; or, where s is none, its limit. */
export function epsilonTimes(epsilon: number, scale: number): { readonly x: number; readonly residual: number } {
  if (scale === 0 || !Number.isFinite(scale)) return { x: epsilon * scale * scale, residual: 0 };
  return pairOfDyadic(multiplyDyadic(dyadic(epsilon), multiplyDyadic(dyadic(scale), dyadic(scale))));
}

/** ε̂ = round(ε·ŝ²) from the exact product, or round(ε). */
function roundEpsilon(plan: NormPlan, scale: number, unit: ValueUnit, recorder: Recorder): number {
  const { epsilon } = plan;
  const scaled = plan.epsilonScaled && scale !== 1 && epsilon !== 0;
  if (!scaled || scale === 0 || !Number.isFinite(scale)) {
    const product = scaled ? epsilon * scale * scale : epsilon;
    const r = unit.round(product);
    if (unit.flags !== 0) recorder.note(unit.flags, 'round', null, 0, product, 0, 0, r);
    return r;
  }
  const pair = epsilonTimes(epsilon, scale);
  const r = unit.roundPair(pair.x, pair.residual);
  if (unit.flags !== 0) recorder.note(unit.flags, 'round', null, 0, pair.x, 0, 0, r);
  return r;
}
