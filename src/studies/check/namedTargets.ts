/**
 * Several targets of a check, each by a name of its own.
 *
 * @module
 */
import { BittrueError, checkList } from '../../errors/index.ts';
import type { Node } from '../../graphs/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';

/** A target and its name; of `NAME:UNIT` with the unit. */
export function namedTarget(argument: string, one: Target | TargetName): readonly [name: string, target: Target] {
  const target = givenTarget(argument, one);
  if (typeof one !== 'string') return [target.name, target];
  const unit = one.indexOf(':');
  return [unit < 0 ? target.name : `${target.name}${one.slice(unit)}`, target];
}

/** The targets by their names; of `NAME:UNIT` with the unit, so that units of one chip stand side by side. */
export function namedTargets(given: readonly (Target | TargetName)[]): ReadonlyMap<string, Target> {
  const found = new Map<string, Target>();
  checkList('options.targets', given).forEach((one, i) => {
    const argument = `options.targets[${i}]`;
    const [name, target] = namedTarget(argument, one as Target | TargetName);
    if (found.has(name)) throw new BittrueError('name', argument, name, 'every target once');
    found.set(name, target);
  });
  if (found.size === 0) throw new BittrueError('shape', 'options.targets', given, 'at least one target');
  return found;
}

/** Operators that are products, or hold some. */
const products: ReadonlySet<string> = /* @__PURE__ */ new Set(['MatMul', 'Gemm', 'Attention']);

/**
 * Refuses a target that has several matrix units, and none by default, for nodes that multiply matrices: the numbers of a file
 * in binary32 do not tell which is meant.
 */
export function checkProductUnits(
  argument: string,
  targets: ReadonlyMap<string, Target>,
  nodes: readonly Node[],
  wanted: ReadonlySet<string>,
): void {
  const product = nodes.find(({ op }) => products.has(op) && wanted.has(op));
  if (product === undefined) return;
  for (const [name, target] of targets) {
    if (target.defaults.matrix !== undefined) continue;
    const ways = Object.keys(target.matrixUnits).map((unit) => `${target.name}:${unit}`);
    const expected = `a unit for products with it, as ${product.name} needs one`;
    throw new BittrueError('name', argument, name, expected, ways.slice(0, 3));
  }
}
