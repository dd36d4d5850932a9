/**
 * The target that a kernel runs on, checked.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { defineTarget } from '../targets/define.ts';
import type { Target, VectorUnit } from '../targets/target.ts';
import { vectorUnitOf } from '../targets/units.ts';

/** A target from an option. */
export function checkTarget(value: unknown): Target {
  if (typeof value !== 'object' || value === null) {
    const expected = 'a target, such as fp16 from bittrue/targets; findTarget has them by name';
    throw new BittrueError('type', 'options.target', value, expected);
  }
  return defineTarget(value);
}

/** The default vector unit of a target that must have one. */
export function vectorUnit(target: Target): VectorUnit {
  return vectorUnitOf('options.target', target);
}
