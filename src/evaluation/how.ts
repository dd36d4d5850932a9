/**
 * What `on` gives for a node, checked.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkName, checkObject, checkText, isReadable } from '../errors/index.ts';
import { givenTarget } from '../targets/table.ts';
import type { OnTarget } from './onTarget.ts';

/** A way to compute a node; a target by its name becomes the target. */
export function checkHow<T>(how: T): T {
  if (how === 'exact' || typeof how === 'function') return how;
  if (!isReadable(how)) {
    throw new BittrueError(
      'type',
      'options.on',
      how,
      "'exact', an object with a target, or a function of the node's call",
    );
  }
  const { target, unit, otherwise, reference, magnitudes }: Partial<OnTarget> = checkObject('options.on', how, [
    'target',
    'unit',
    'otherwise',
    'reference',
    'magnitudes',
  ]);
  const made = givenTarget('options.on.target', target);
  if (unit !== undefined) checkText('options.on.unit', unit, 'the name of a unit');
  if (otherwise !== undefined) checkName('options.on.otherwise', otherwise, ['refuse', 'exact']);
  if (reference !== undefined) checkBoolean('options.on.reference', reference);
  if (magnitudes !== undefined) checkBoolean('options.on.magnitudes', magnitudes);
  return made === target ? how : { ...how, target: made };
}
