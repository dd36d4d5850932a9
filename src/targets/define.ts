/**
 * Targets given as data.
 *
 * @module
 */
import { defineReduction } from '../accumulators/define.ts';
import { BittrueError, checkInteger, checkName, checkObject } from '../errors/index.ts';
import { defineStep } from '../rounding/step.ts';
import type { ReciprocalSqrt, Target, VectorUnit } from './target.ts';

/**
 * Checks and freezes a target given as plain data, such as a parsed JSON file: formats may be notations, policies
 * partial, `summary`, `source` and `verified` left out.
 *
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 * @example
 * import { defineTarget } from 'bittrue/targets';
 * const half = { format: 'binary16', policy: { subnormals: 'flushBoth' } };
 * const mine = defineTarget({
 *   name: 'my-npu',
 *   vector: {
 *     load: half, compute: half, accumulate: half, statistics: half, store: half,
 *     reduction: { kind: 'pairwise', accumulator: { kind: 'float', step: half } },
 *   },
 * });
 * mine.vector.mean; // 'reciprocal'
 */
export function defineTarget(value: unknown): Target {
  const { name, summary, vector, source, verified } = checkObject('target', value, [
    'name',
    'summary',
    'vector',
    'source',
    'verified',
  ]);
  return Object.freeze({
    name: text('target.name', name),
    summary: summary === undefined ? '' : text('target.summary', summary),
    vector: defineVectorUnit(vector, 'target.vector'),
    source: source === undefined ? '' : text('target.source', source),
    verified:
      verified === undefined
        ? 'definition'
        : checkName('target.verified', verified, ['definition', 'silicon', 'model', 'documented'] as const),
  });
}

function defineVectorUnit(value: unknown, argument: string): VectorUnit {
  const keys = ['load', 'compute', 'accumulate', 'statistics', 'store', 'reduction', 'mean', 'reciprocalSqrt'];
  const unit = checkObject(argument, value, keys);
  return Object.freeze({
    load: defineStep(unit.load, `${argument}.load`),
    compute: defineStep(unit.compute, `${argument}.compute`),
    accumulate: defineStep(unit.accumulate, `${argument}.accumulate`),
    statistics: defineStep(unit.statistics, `${argument}.statistics`),
    store: defineStep(unit.store, `${argument}.store`),
    reduction: defineReduction(unit.reduction, `${argument}.reduction`),
    mean:
      unit.mean === undefined
        ? 'reciprocal'
        : checkName(`${argument}.mean`, unit.mean, ['reciprocal', 'divide'] as const),
    reciprocalSqrt: defineReciprocalSqrt(unit.reciprocalSqrt, `${argument}.reciprocalSqrt`),
  });
}

function defineReciprocalSqrt(value: unknown, argument: string): ReciprocalSqrt {
  if (value === undefined) return Object.freeze({ kind: 'correctlyRounded' });
  const { kind, magic, steps } = checkObject(argument, value, ['kind', 'magic', 'steps']);
  const name = checkName(`${argument}.kind`, kind, [
    'correctlyRounded',
    'sqrtThenReciprocal',
    'sqrtThenDivide',
    'newton',
  ] as const);
  if (name === 'newton') {
    return Object.freeze({
      kind: name,
      magic: checkInteger(`${argument}.magic`, magic, 0, 2 ** 53 - 1),
      steps: checkInteger(`${argument}.steps`, steps, 0, 64),
    });
  }
  checkObject(argument, value, ['kind']);
  return Object.freeze({ kind: name });
}

function text(argument: string, value: unknown): string {
  if (typeof value !== 'string') throw new BittrueError('type', argument, value, 'a text');
  return value;
}
