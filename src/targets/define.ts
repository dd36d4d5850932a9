/**
 * Targets given as data.
 *
 * @module
 */
import { isFrozenData } from '../errors/frozen.ts';
import { BittrueError, checkName, checkObject, checkRecord, checkText, fieldsOf } from '../errors/index.ts';
import { markMade } from '../errors/made.ts';
import { isMadeTarget } from './check.ts';
import { defineMatrixUnit } from './matrix.ts';
import { type DefaultUnits, type MatrixUnit, type Target, type VectorUnit, verifications } from './target.ts';
import { defineVectorUnit } from './vectorUnit.ts';

/** What data that can never change has been found to be. */
const known: WeakMap<object, Target> = /* @__PURE__ */ new WeakMap();

const keys = ['name', 'vendor', 'summary', 'sameAs', 'vectorUnits', 'matrixUnits', 'defaults', 'source', 'verified'];

/**
 * Checks and freezes a target given as plain data, such as a parsed JSON file: formats may be notations, policies
 * partial, everything but the name left out. A unit's `name` is its key; its `source` and `verified` are the target's
 * where it does not say. Where `defaults` does not say: the only vector unit, the only matrix unit, and for products on a
 * target without matrix units the default vector unit.
 *
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 * @example
 * import { defineTarget } from 'bittrue/targets';
 * const half = { format: 'binary16', policy: { subnormals: 'flushBoth' } };
 * const mine = defineTarget({
 *   name: 'my-npu',
 *   vectorUnits: {
 *     simd: {
 *       load: half, compute: half, accumulate: half, statistics: half, store: half,
 *       reduction: { kind: 'pairwise', accumulator: { kind: 'float', rounding: half } },
 *     },
 *   },
 * });
 * mine.vectorUnits.simd?.mean; // 'reciprocal'
 * mine.defaults; // { vector: 'simd', matrix: 'simd' }
 */
export function defineTarget(value: unknown): Target {
  if (isMadeTarget(value)) return value;
  const found = known.get(value as object);
  if (found !== undefined) return found;
  refuseOldShape(value);
  const given = checkObject('target', value, keys);
  const { name, vendor, summary, sameAs } = given;
  const source = checkText('target.source', given.source ?? '');
  const verified = checkName('target.verified', given.verified ?? 'definition', verifications);
  const head = { source, verified };
  const vectorUnits = defineUnits<VectorUnit>('target.vectorUnits', given.vectorUnits, head, defineVectorUnit);
  const matrixUnits = defineUnits<MatrixUnit>('target.matrixUnits', given.matrixUnits, head, defineMatrixUnit);
  const twice = Object.keys(vectorUnits).find((unit) => Object.hasOwn(matrixUnits, unit));
  if (twice !== undefined) {
    throw new BittrueError('name', 'target.vectorUnits', twice, 'a name that no matrix unit of the target has');
  }
  const target: Target = markMade(
    Object.freeze({
      name: checkText('target.name', name),
      vendor: checkText('target.vendor', vendor ?? ''),
      summary: checkText('target.summary', summary ?? ''),
      ...(sameAs === undefined ? {} : { sameAs: checkText('target.sameAs', sameAs) }),
      vectorUnits,
      matrixUnits,
      defaults: defineDefaults(given.defaults, vectorUnits, matrixUnits),
      source,
      verified,
    }),
  );
  if (isFrozenData(value)) known.set(value as object, target);
  return target;
}

/** Before version 1.0 a target had one vector unit, and a list of matrix units. */
function refuseOldShape(value: unknown): void {
  const given = fieldsOf(value);
  for (const [before, now] of [
    ['vector', 'vectorUnits: { NAME: … }, each unit under its name'],
    ['matrix', 'matrixUnits: { NAME: … }, each unit under its name'],
  ] as const) {
    if (given[before] !== undefined) throw new BittrueError('name', `target.${before}`, before, now);
  }
}

function defineUnits<Unit extends { readonly name: string }>(
  argument: string,
  value: unknown,
  head: object,
  define: (value: unknown, argument: string) => Unit,
): Readonly<Record<string, Unit>> {
  if (value === undefined) return Object.freeze({});
  const units = Object.entries(checkRecord(argument, value as object, 'units, each under its name')).map(
    ([key, data]): [string, Unit] => {
      const path = `${argument}.${checkText(argument, key)}`;
      const unit = define({ ...head, name: key, ...checkRecord(path, data as object, 'a unit as data') }, path);
      if (unit.name !== key) throw new BittrueError('name', `${path}.name`, unit.name, `the unit's key, ${key}`);
      return [key, unit];
    },
  );
  return Object.freeze(Object.fromEntries(units));
}

function defineDefaults(
  value: unknown,
  vectorUnits: Readonly<Record<string, VectorUnit>>,
  matrixUnits: Readonly<Record<string, MatrixUnit>>,
): DefaultUnits {
  const given = checkObject('target.defaults', value ?? {}, ['vector', 'matrix']);
  const [vectors, matrices] = [Object.keys(vectorUnits), Object.keys(matrixUnits)];
  const only = (names: readonly string[]): string | undefined => (names.length === 1 ? names[0] : undefined);
  const vector =
    given.vector === undefined ? only(vectors) : checkName('target.defaults.vector', given.vector, vectors);
  const usual = matrices.length === 0 ? vector : only(matrices);
  const matrix =
    given.matrix === undefined ? usual : checkName('target.defaults.matrix', given.matrix, [...matrices, ...vectors]);
  return Object.freeze({ ...(vector === undefined ? {} : { vector }), ...(matrix === undefined ? {} : { matrix }) });
}
