/**
 * All targets by name.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import * as generic from './generic.ts';
import type { Target } from './target.ts';

/** Every target that has a name here. */
export const targets: Readonly<Record<string, Target>> = /* @__PURE__ */ Object.freeze({ ...generic });

/**
 * The target of a name.
 *
 * @throws {@link BittrueError} for a name that does not exist
 * @example
 * import { findTarget } from 'bittrue/targets';
 * findTarget('fp16').summary; // 'binary16 everywhere'
 */
export function findTarget(name: string): Target {
  const found = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (found === undefined) {
    throw new BittrueError('name', 'target', name, `one of ${Object.keys(targets).join(', ')}`);
  }
  return found;
}
