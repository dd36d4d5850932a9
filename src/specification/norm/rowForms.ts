/**
 * What norms of some kernels do beside the usual stages: a scale that each row has, 1/d within the sum, weights a channel.
 *
 * They are handed to the kernel, so that who does without does not carry them.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkNumbers, checkObject } from '../../errors/index.ts';
import { markMade } from '../../errors/made.ts';
import { exponentOf, powerOfTwo } from '../../rounding/rounder.ts';
import type { Numbers } from '../operands.ts';
import { divideEach, multiplyEach, scaleEach } from '../stages.ts';
import { epsilonTimes } from './constants.ts';
import type { ChannelGroups, FormRow, MeanSquare, RowScale } from './forms.ts';

/**
 * A scale of each row's own, for `layerNorm` and `rmsNorm`: numbers are divided by M, the row's largest magnitude (`maximum`), or
 * multiplied by 2^−⌊log2 M⌋, at most 2^1023, (`powerOfTwo`) or by a number a row, before anything is summed. A norm does not change with a scale
 * but for ε, which becomes ε / M / M, or ε times the factor's square; so nothing is left to undo. A row of zeros, or one
 * with an infinity or a NaN, has M = 1.
 *
 * @throws {@link BittrueError} for another name, and numbers that are no finite numbers above 0
 * @example
 * import { rmsNorm, rowScale } from 'bittrue/specification';
 * import { fp16 } from 'bittrue/targets';
 * const x = [300, -300, 300, -300];
 * rmsNorm(x, { rows: 1, width: 4, target: fp16 }).report.first.overflow?.stage; // 'square'
 * rmsNorm(x, { rows: 1, width: 4, target: fp16, rowScale: rowScale('maximum') }).output[0]; // 1
 */
export function rowScale(way: 'maximum' | 'powerOfTwo' | Numbers): RowScale {
  if (typeof way !== 'string') {
    checkNumbers('rowScale', way, 'maximum, powerOfTwo, or a number a row');
    const factors = Array.from(way);
    factors.forEach((x, i) => {
      if (x > 0 && x < Infinity) return;
      throw new BittrueError('range', `rowScale[${i}]`, x, 'a finite number greater than 0');
    });
    return made({ kind: 'rowScale', given: Object.freeze(factors), enter: byFactor(factors) });
  }
  const given = checkName('rowScale', way, ['maximum', 'powerOfTwo'] as const);
  return made({ kind: 'rowScale', given, enter: given === 'maximum' ? byMaximum : byPowerOfTwo });
}

/**
 * Σ (c·ρ)·c in place of (Σ c²)·ρ, for `layerNorm` and `rmsNorm`: 1/d is multiplied into every term, so that the sum of a long
 * row does not grow (ρ is 1/d as the unit rounds it; a unit that divides divides each c by d).
 */
export const meanSquareInSum: MeanSquare = /* @__PURE__ */ made({ kind: 'meanSquare', given: 'inSum', of: inSum });

/**
 * GroupNorm's layout of γ and β, for `layerNorm`: row r is group r mod `groups` of a sample; its `width` numbers are `spatial` of one
 * channel, then of the next. γ and β have a number a channel: groups · width / spatial.
 *
 * @throws {@link BittrueError} for sizes out of range
 * @example
 * import { channelGroups, layerNorm } from 'bittrue/specification';
 * import { fp32 } from 'bittrue/targets';
 * // Two groups of one channel, each of two numbers.
 * const groups = channelGroups({ groups: 2, spatial: 2 });
 * const run = { rows: 2, width: 2, target: fp32, epsilon: 0, gamma: [1, 10], groups } as const;
 * [...layerNorm([1, 3, 1, 3], run).output]; // [-1, 1, -10, 10]
 */
export function channelGroups(sizes: { readonly groups: number; readonly spatial: number }): ChannelGroups {
  const { groups, spatial } = checkObject('groups', sizes, ['groups', 'spatial']);
  return made({
    kind: 'channelGroups',
    groups: checkInteger('groups.groups', groups, 1, 2 ** 31),
    spatial: checkInteger('groups.spatial', spatial, 1, 2 ** 31),
  });
}

function made<T extends object>(form: T): T {
  return markMade(Object.freeze(form));
}

/** The place of what a row has one of. */
function enter({ recorder, at }: FormRow, stage: string, step = 0): void {
  recorder.stage = at[stage] as number;
  recorder.index = recorder.row;
  recorder.step = step;
}

/** The largest magnitude; 1 where it is no measure. */
function largest(z: Float64Array): number {
  let most = 0;
  for (const x of z) most = Math.max(most, Math.abs(x));
  return most > 0 && most < Infinity ? most : 1;
}

function byMaximum(row: FormRow): number {
  const { plan, units, constants, recorder, z } = row;
  const { statistics } = units;
  const most = largest(z);
  let epsilon = constants.epsilon;
  if (plan.epsilonScaled && plan.epsilon !== 0) {
    let from = plan.epsilon;
    for (let step = 0; step < 2; step++) {
      enter(row, 'rowScale', step);
      epsilon = statistics.divide(from, most, recorder);
      if (statistics.flags !== 0) recorder.note(statistics.flags, 'divide', null, step, from, most, 0, epsilon);
      recorder.see(epsilon, statistics.binades);
      from = epsilon;
    }
  }
  enter(row, 'scale');
  divideEach(units.compute, z, most, z, recorder);
  return epsilon;
}

function byPowerOfTwo(row: FormRow): number {
  // 2^−1023 and below have the exponent −1023 here, and 2^1023 is the largest power of two that binary64 holds.
  return scaled(row, powerOfTwo(-exponentOf(largest(row.z))), 0);
}

function byFactor(factors: readonly number[]): (row: FormRow) => number {
  return (row) => {
    const { units, recorder } = row;
    const given = factors[recorder.row];
    if (given === undefined) {
      throw new BittrueError('shape', 'options.rowScale', `${factors.length} numbers`, 'a number for every row');
    }
    enter(row, 'rowScale');
    const factor = units.compute.round(given, recorder);
    const { flags } = units.compute;
    if (flags !== 0) recorder.note(flags, 'round', null, 0, given, 0, 0, factor);
    recorder.see(factor, units.compute.binades);
    return scaled(row, factor, 1);
  };
}

/** z times a factor; ε times its square, rounded once. */
function scaled(row: FormRow, factor: number, step: number): number {
  const { plan, units, constants, recorder, z } = row;
  const { statistics } = units;
  let { epsilon } = constants;
  if (plan.epsilonScaled && plan.epsilon !== 0) {
    enter(row, 'rowScale', step);
    const { x, residual } = epsilonTimes(plan.epsilon, factor);
    epsilon = statistics.roundPair(x, residual, recorder);
    if (statistics.flags !== 0) recorder.note(statistics.flags, 'round', null, step, x, 0, 0, epsilon);
    recorder.see(epsilon, statistics.binades);
  }
  enter(row, 'scale');
  scaleEach(units.compute, z, factor, z, recorder);
  return epsilon;
}

function inSum(row: FormRow, values: Float64Array): number {
  const { plan, units, constants, recorder, q } = row;
  const { statistics } = units;
  enter(row, 'share');
  const each = plan.unit.mean === 'divide' ? divideEach : scaleEach;
  each(units.square, values, constants.width, q, recorder);
  if (!plan.fusedSquare) {
    enter(row, 'square');
    multiplyEach(units.square, q, values, q, recorder);
  }
  enter(row, 'squareSum');
  const sum = units.squareSum.sum(q, plan.fusedSquare ? values : null, plan.width, recorder);
  enter(row, 'variance');
  const r = statistics.round(sum, recorder);
  if (statistics.flags !== 0) recorder.note(statistics.flags, 'round', null, 0, sum, 0, 0, r);
  recorder.see(r, statistics.binades);
  return r;
}
