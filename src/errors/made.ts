/**
 * Data that a function of the library made: checked, complete and frozen, so that nobody need look at it again.
 *
 * @module
 */
const made: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/** Remembers frozen data as made; gives it back. */
export function markMade<T extends object>(value: T): T {
  made.add(value);
  return value;
}

/** Whether this very object was made by the library. */
export function isMade(value: unknown): boolean {
  return made.has(value as object);
}
