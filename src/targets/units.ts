/**
 * Units of a target by name.
 *
 * @module
 */
import { BittrueError, checkText, nearest } from '../errors/index.ts';
import { checkMadeTarget } from './check.ts';
import { defineTarget } from './define.ts';
import type { MatrixUnit, Target, VectorUnit } from './target.ts';

/** `vector` stands for the default vector unit, on every target that calls none so. */
const VECTOR = 'vector';

/** The names of a target's units: matrix units, then vector units. */
export function unitNames({ matrixUnits, vectorUnits }: Target): string[] {
  return [...Object.keys(matrixUnits), ...Object.keys(vectorUnits)];
}

/** Names told at once; a chip has twenty units. */
const TOLD = 5;

/** What a target has, for an error. */
function present({ name, matrixUnits, vectorUnits }: Target): string {
  const list = (kind: string, names: string[]): string => {
    if (names.length === 0) return `no ${kind} unit`;
    const more = names.length > TOLD + 1 ? ` and ${names.length - TOLD} more` : '';
    return `${kind} unit${names.length > 1 ? 's' : ''} ${(more === '' ? names : names.slice(0, TOLD)).join(', ')}${more}`;
  };
  return `${name} has ${list('vector', Object.keys(vectorUnits))}; ${list('matrix', Object.keys(matrixUnits))}`;
}

/** The error for a unit that a target has not, or that no one named: near misses, else the first that there are. */
function unknownUnit(
  argument: string,
  target: Target,
  wanted: string | undefined,
  what: string,
  names: string[],
): BittrueError {
  const near = wanted === undefined ? names.slice(0, 3) : nearest(wanted, names);
  const suggestions = near.map((name) => `${target.name}:${name}`);
  return new BittrueError('name', argument, wanted, `the name of a ${what}: ${present(target)}`, suggestions);
}

/**
 * The vector unit of a target: that of a name, or the default one.
 *
 * @param name - of a vector unit; default the target's `defaults.vector`
 * @throws {@link BittrueError} where there is none, with the names of those that there are
 * @example
 * import { findVectorUnit, h100 } from 'bittrue/targets';
 * findVectorUnit(h100).name; // 'vectorF16'
 * findVectorUnit(h100, 'vectorF32').compute.format.bits; // 32
 */
export function findVectorUnit(target: Target, name?: string): VectorUnit {
  if (name !== undefined) checkText('name', name);
  return vectorUnitOf('target', target, name);
}

/** The same, with the argument's name for errors. */
export function vectorUnitOf(argument: string, target: Target, name?: string): VectorUnit {
  const { vectorUnits, defaults } = checkMadeTarget(argument, target);
  const wanted = name === undefined || (name === VECTOR && !Object.hasOwn(vectorUnits, name)) ? defaults.vector : name;
  if (wanted !== undefined && Object.hasOwn(vectorUnits, wanted)) return vectorUnits[wanted] as VectorUnit;
  if (Object.keys(vectorUnits).length === 0) {
    throw new BittrueError('unsupported', argument, target.name, `a target with a vector unit: ${present(target)}`);
  }
  throw unknownUnit(argument, target, wanted, 'vector unit', Object.keys(vectorUnits));
}

/**
 * The matrix unit of a target: that of a name, or the default one.
 *
 * @param name - of a matrix unit; default the target's `defaults.matrix`
 * @throws {@link BittrueError} where there is none, with the names of those that there are
 * @example
 * import { findMatrixUnit, h100, tpu } from 'bittrue/targets';
 * findMatrixUnit(h100, 'fp8Wgmma').k; // 32
 * findMatrixUnit(tpu).name; // 'bf16'
 * findMatrixUnit(h100); // throws name
 */
export function findMatrixUnit(target: Target, name?: string): MatrixUnit {
  if (name !== undefined) checkText('name', name);
  const { matrixUnits, defaults } = checkMadeTarget('target', target);
  const wanted = name ?? defaults.matrix;
  if (wanted !== undefined && Object.hasOwn(matrixUnits, wanted)) return matrixUnits[wanted] as MatrixUnit;
  throw unknownUnit('target', target, wanted, 'matrix unit', Object.keys(matrixUnits));
}

/** The unit that forms products: of a name, or the default one; of either kind. */
export function productUnitOf(
  argument: string,
  target: Target,
  name?: string,
): { readonly kind: 'matrix'; readonly unit: MatrixUnit } | { readonly kind: 'vector'; readonly unit: VectorUnit } {
  const { matrixUnits, vectorUnits, defaults } = target;
  const wanted = name ?? defaults.matrix;
  if (wanted !== undefined && Object.hasOwn(matrixUnits, wanted)) {
    return { kind: 'matrix', unit: matrixUnits[wanted] as MatrixUnit };
  }
  if (wanted !== undefined && (wanted === VECTOR || Object.hasOwn(vectorUnits, wanted))) {
    return { kind: 'vector', unit: vectorUnitOf(argument, target, wanted) };
  }
  throw unknownUnit(argument, target, wanted, 'unit', unitNames(target));
}

/** The target with one of its units, of either kind, as the default of all kernels that it can run. */
export function withUnit(argument: string, target: Target, name: string): Target {
  const { kind, unit } = productUnitOf(argument, target, name);
  const defaults =
    kind === 'vector' ? { vector: unit.name, matrix: unit.name } : { ...target.defaults, matrix: unit.name };
  return defineTarget({ ...target, defaults });
}
