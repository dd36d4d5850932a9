/**
 * Targets given as data.
 *
 * @module
 */
import { defineReduction } from '../accumulators/define.ts';
import { BittrueError, checkInteger, checkName, checkObject, checkText } from '../errors/index.ts';
import { defineRounding } from '../rounding/roundTo.ts';
import { defineMatrixUnit } from './matrix.ts';
import type { MatrixUnit, ReciprocalSqrt, Target, VectorUnit } from './target.ts';

/** A memo: what came from here is frozen, and good. */
const made = /* @__PURE__ */ new WeakSet<object>();

/**
 * Checks and freezes a target given as plain data, such as a parsed JSON file: formats may be notations, policies
 * partial, everything but the name left out.
 *
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 * @example
 * import { defineTarget } from 'bittrue/targets';
 * const half = { format: 'binary16', policy: { subnormals: 'flushBoth' } };
 * const mine = defineTarget({
 *   name: 'my-npu',
 *   vector: {
 *     load: half, compute: half, accumulate: half, statistics: half, store: half,
 *     reduction: { kind: 'pairwise', accumulator: { kind: 'float', rounding: half } },
 *   },
 * });
 * mine.vector?.mean; // 'reciprocal'
 */
export function defineTarget(value: unknown): Target {
  if (typeof value === 'object' && value !== null && made.has(value)) return value as Target;
  const keys = ['name', 'vendor', 'summary', 'sameAs', 'vector', 'matrix', 'source', 'verified'];
  const { name, vendor, summary, sameAs, vector, matrix, source, verified } = checkObject('target', value, keys);
  const target: Target = Object.freeze({
    name: checkText('target.name', name),
    vendor: checkText('target.vendor', vendor ?? ''),
    summary: checkText('target.summary', summary ?? ''),
    ...(sameAs === undefined ? {} : { sameAs: checkText('target.sameAs', sameAs) }),
    ...(vector === undefined ? {} : { vector: defineVectorUnit(vector, 'target.vector') }),
    matrix: defineMatrix(matrix ?? []),
    source: checkText('target.source', source ?? ''),
    verified: checkName('target.verified', verified ?? 'definition', [
      'definition',
      'silicon',
      'model',
      'documented',
    ] as const),
  });
  made.add(target);
  return target;
}

function defineMatrix(value: unknown): readonly MatrixUnit[] {
  if (!Array.isArray(value)) throw new BittrueError('type', 'target.matrix', value, 'a list of matrix units');
  const units = value.map((unit: unknown, i) => defineMatrixUnit(unit, `target.matrix[${i}]`));
  const names = units.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new BittrueError('name', 'target.matrix', twice, 'a name for each unit of its own');
  return Object.freeze(units);
}

const unitKeys = [
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
];

function defineVectorUnit(value: unknown, argument: string): VectorUnit {
  const unit = checkObject(argument, value, unitKeys);
  return Object.freeze({
    load: defineRounding(unit.load, `${argument}.load`),
    compute: defineRounding(unit.compute, `${argument}.compute`),
    ...(unit.center === undefined ? {} : { center: defineRounding(unit.center, `${argument}.center`) }),
    ...(unit.normalize === undefined ? {} : { normalize: defineRounding(unit.normalize, `${argument}.normalize`) }),
    accumulate: defineRounding(unit.accumulate, `${argument}.accumulate`),
    statistics: defineRounding(unit.statistics, `${argument}.statistics`),
    store: defineRounding(unit.store, `${argument}.store`),
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
