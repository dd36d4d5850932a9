/**
 * Numbers drawn from a seed: the same on every machine.
 *
 * @module
 */
import seedrandom from 'seedrandom';

/** An integer in 0 … n − 1. */
export type Next = (n: number) => number;

/** The draws of a seed: seedrandom's Alea, 32 bits each, or 53 where n needs them. */
export function draws(seed: number | string): Next {
  const random = seedrandom.alea(String(seed));
  return (n) => Math.floor((n <= 2 ** 32 ? random() : random.double()) * n);
}
