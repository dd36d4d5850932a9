/**
 * Whether an object can never change: the only kind of which anything is remembered by its identity.
 *
 * @module
 */

import { isReadable } from './checks.ts';

/** Data of the library is flatter; what is deeper may hold itself, and is not remembered. */
const DEEPEST = 8;

/**
 * Whether a value is data that is frozen to the last: a plain object or list without getters, or one of these in it. What
 * follows from such an object follows from it for good.
 */
export function isFrozenData(value: unknown, depth = 0): boolean {
  if (typeof value === 'function') return false;
  if (typeof value !== 'object' || value === null) return true;
  if (depth > DEEPEST || !isReadable(value) || !Object.isFrozen(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    (property) => 'value' in property && isFrozenData(property.value, depth + 1),
  );
}
