/**
 * The target that a kernel runs on, checked.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { defineTarget } from '../targets/define.ts';
import type { Target, VectorUnit } from '../targets/target.ts';

/** A target from an option. */
export function checkTarget(value: unknown): Target {
  if (typeof value !== 'object' || value === null) {
    throw new BittrueError('type', 'options.target', value, 'a target, such as fp16 from bittrue/targets');
  }
  return defineTarget(value);
}

/** The vector unit of a target that must have one. */
export function vectorUnit({ name, vector }: Target): VectorUnit {
  if (vector === undefined) {
    throw new BittrueError(
      'unsupported',
      'options.target',
      name,
      'a target with a vector unit, which this one has not',
    );
  }
  return vector;
}
