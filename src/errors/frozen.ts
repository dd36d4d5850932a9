/**
 * Whether an object can never change: the only kind of which anything is remembered by its identity.
 *
 * @module
 */

/**
 * Whether a value is data that is frozen to the last: a plain object or list without getters, or one of these in it. What
 * follows from such an object follows from it for good.
 */
export function isFrozenData(value: unknown): boolean {
  if (typeof value === 'function') return false;
  if (typeof value !== 'object' || value === null) return true;
  if (!Object.isFrozen(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    (property) => 'value' in property && isFrozenData(property.value),
  );
}
