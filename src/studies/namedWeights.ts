/**
 * The weight at fault where a study meets a number that is not finite.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Model } from '../models/index.ts';

/**
 * Runs what refuses numbers that are not finite. Where a weight of the model is such a number, the error names the tensor
 * and the place in it, not what the weight became on the way.
 */
export function namingWeights<T>({ weights }: Model, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof BittrueError) || error.code !== 'value') throw error;
    for (const [name, { data }] of Object.entries(weights)) {
      const at = data.findIndex((weight) => !Number.isFinite(weight));
      if (at >= 0) throw new BittrueError('value', `${name}[${at}]`, data[at], 'a finite number');
    }
    throw error;
  }
}
