/**
 * Vector units given as data.
 *
 * @module
 */
import { defineReduction } from '../accumulators/define.ts';
import { BittrueError, checkInteger, checkName, checkObject, checkText } from '../errors/index.ts';
import { defineRounding, type Rounding } from '../rounding/roundTo.ts';
import { type ReciprocalSqrt, type VectorUnit, verifications } from './target.ts';

const keys = [
  'name',
  'instructions',
  'load',
  'compute',
  'center',
  'normalize',
  'accumulate',
  'statistics',
  'store',
  'reduction',
  'mean',
  'reciprocalSqrt',
  'source',
  'verified',
  'confidence',
];

/**
 * Checks and freezes a vector unit given as plain data. Left out: `center` and `normalize` are `compute`, the mean takes the
 * rounded 1/d, 1/√ is correctly rounded, the texts are empty.
 *
 * @param argument - the argument's name, for errors
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 * @example
 * import { defineVectorUnit } from 'bittrue/targets';
 * const half = { format: 'binary16' };
 * const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: half } };
 * const stages = { load: half, compute: half, accumulate: half, statistics: half, store: half };
 * defineVectorUnit({ name: 'mine', ...stages, reduction }).mean; // 'reciprocal'
 */
export function defineVectorUnit(value: unknown, argument = 'unit'): VectorUnit {
  checkText('argument', argument);
  const unit = checkObject(argument, value, keys);
  const text = (key: string): string => checkText(`${argument}.${key}`, unit[key] ?? '');
  const statistics = defineRounding(unit.statistics, `${argument}.statistics`);
  return Object.freeze({
    name: checkText(`${argument}.name`, unit.name),
    instructions: text('instructions'),
    load: defineRounding(unit.load, `${argument}.load`),
    compute: defineRounding(unit.compute, `${argument}.compute`),
    ...(unit.center === undefined ? {} : { center: defineRounding(unit.center, `${argument}.center`) }),
    ...(unit.normalize === undefined ? {} : { normalize: defineRounding(unit.normalize, `${argument}.normalize`) }),
    accumulate: defineRounding(unit.accumulate, `${argument}.accumulate`),
    statistics,
    store: defineRounding(unit.store, `${argument}.store`),
    reduction: defineReduction(unit.reduction, `${argument}.reduction`),
    mean:
      unit.mean === undefined
        ? 'reciprocal'
        : checkName(`${argument}.mean`, unit.mean, ['reciprocal', 'divide'] as const),
    reciprocalSqrt: defineReciprocalSqrt(unit.reciprocalSqrt, statistics, `${argument}.reciprocalSqrt`),
    source: text('source'),
    verified: checkName(`${argument}.verified`, unit.verified ?? 'definition', verifications),
    confidence: text('confidence'),
  });
}

function defineReciprocalSqrt(value: unknown, statistics: Rounding, argument: string): ReciprocalSqrt {
  if (value === undefined) return Object.freeze({ kind: 'correctlyRounded' });
  const { kind, magic, steps } = checkObject(argument, value, ['kind', 'magic', 'steps']);
  const name = checkName(`${argument}.kind`, kind, [
    'correctlyRounded',
    'sqrtThenReciprocal',
    'sqrtThenDivide',
    'newton',
  ] as const);
  if (name === 'newton') {
    if (statistics.format.bits > 53) {
      const expected = 'statistics of at most 53 bits with it: it goes by codes that are numbers';
      throw new BittrueError('unsupported', `${argument}.kind`, name, expected);
    }
    return Object.freeze({
      kind: name,
      magic: checkInteger(`${argument}.magic`, magic, 0, 2 ** 53 - 1),
      steps: checkInteger(`${argument}.steps`, steps, 0, 64),
    });
  }
  checkObject(argument, value, ['kind']);
  return Object.freeze({ kind: name });
}
