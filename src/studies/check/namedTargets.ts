/**
 * Several targets of a check, each by a name of its own.
 *
 * @module
 */
import { BittrueError, checkList } from '../../errors/index.ts';
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
