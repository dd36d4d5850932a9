/**
 * What `on` gives for a node, checked.
 *
 * @module
 */
import { BittrueError, checkAs, checkBoolean, checkName, checkObject, checkText, isReadable } from '../errors/index.ts';
import { checkTarget } from '../specification/target.ts';
import type { OnTarget } from './onTarget.ts';

/** A way to compute a node. */
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
  const { target, unit, otherwise, reference }: Partial<OnTarget> = checkObject('options.on', how, [
    'target',
    'unit',
    'otherwise',
    'reference',
  ]);
  checkAs(
    (path) => path.replace('options.', 'options.on.'),
    () => checkTarget(target),
  );
  if (unit !== undefined) checkText('options.on.unit', unit, 'the name of a unit');
  if (otherwise !== undefined) checkName('options.on.otherwise', otherwise, ['refuse', 'exact']);
  if (reference !== undefined) checkBoolean('options.on.reference', reference);
  return how;
}
