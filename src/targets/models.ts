/**
 * Where published models of matrix units disagree, and no measurement decides.
 *
 * @module
 */

import { defineReduction } from '../accumulators/define.ts';
import type { Reduction } from '../accumulators/reduction.ts';
import { leaves, mapAccumulators } from '../accumulators/walk.ts';
import { checkName } from '../errors/index.ts';
import { markMade } from '../errors/made.ts';
import { type DisputedFields, type Model, models } from './dispute.ts';
import type { MatrixUnit, Target } from './target.ts';

/** What gave zeros the exponent −126 in MMA-Sim before its version 2, on every unit. */
const FIRST_RULE: DisputedFields = { zeroRule: 'mmasim1', leastExponent: null, zeroGroups: 'out' };

/**
 * A target whose aligned sums follow a published model wherever models disagree: what the `disputed` of its units say, and
 * for `mmasim1` the rule of zeros that MMA-Sim had before its version 2 on every unit.
 *
 * @throws {@link BittrueError} for other models
 * @example
 * import { dot } from 'bittrue/kernels';
 * import { h100, withModel } from 'bittrue/targets';
 * const a = [863, 1415, 2198].map((code) => code * 2 ** -24); // subnormal and small binary16 numbers
 * const shape = { rows: 1, width: 3, unit: 'f16F16' };
 * dot(a, [2 ** -11, 0, 0], { ...shape, target: h100 }).output[0]; // 0
 * withModel(h100, 'mmasim') === h100; // false
 */
export function withModel(target: Target, model: Model): Target {
  checkName('model', model, models);
  const settled = (unit: MatrixUnit): MatrixUnit => {
    const own = unit.disputed.find((dispute) => dispute.model === model)?.sums;
    const sums = model === 'mmasim1' ? { ...FIRST_RULE, ...own } : own;
    if (sums === undefined) return unit;
    const reduction = defineReduction(withSums(unit.reduction, sums));
    // What is settled by the model is disputed no more.
    const disputed = unit.disputed.filter((other) => !Object.keys(other.sums).some((field) => field in sums));
    return Object.freeze({ ...unit, reduction, disputed: Object.freeze(disputed) });
  };
  const units = Object.entries(target.matrixUnits).map(([name, unit]) => [name, settled(unit)]);
  return markMade(Object.freeze({ ...target, matrixUnits: Object.freeze(Object.fromEntries(units)) }));
}

/** A reduction whose aligned accumulators have some fields of their own. */
export function withSums(reduction: Reduction, sums: DisputedFields): Reduction {
  return mapAccumulators(reduction, (accumulator) =>
    accumulator.kind === 'aligned' ? { ...accumulator, ...sums } : accumulator,
  );
}

/** Those of the fields that a reduction's aligned accumulators have; the first accumulator's where they differ. */
export function sumsOf(reduction: Reduction, fields: readonly string[]): DisputedFields {
  const own = leaves(reduction).filter(({ accumulator }) => accumulator.kind === 'aligned');
  const entries = own.reverse().flatMap(({ accumulator }) => Object.entries(accumulator));
  return Object.fromEntries(entries.filter(([field]) => fields.includes(field)));
}

/** Whether some accumulator of a reduction is an aligned one. */
export function hasAligned(reduction: Reduction): boolean {
  return leaves(reduction).some(({ accumulator }) => accumulator.kind === 'aligned');
}
