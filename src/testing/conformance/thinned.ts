/**
 * A sample of bounded size from a sequence of unknown length.
 *
 * @module
 */

/** Evenly spaced elements of what was added: all of it, or every second, fourth, eighth … */
export class Thinned<T> {
  /** How many were added. */
  total = 0;
  readonly #most: number;
  #every = 1;
  #kept: T[] = [];

  /** @param most - elements kept at most */
  constructor(most: number) {
    this.#most = most;
  }

  get kept(): readonly T[] {
    return this.#kept;
  }

  add(element: T): void {
    if (this.total++ % this.#every !== 0) return;
    if (this.#kept.length === this.#most) {
      this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
      this.#every *= 2;
      if ((this.total - 1) % this.#every !== 0) return;
    }
    this.#kept.push(element);
  }
}
