/**
 * The seeded data of every test and example: seedrandom's Alea, the same numbers for the same seed on every machine.
 *
 * @module
 */
import seedrandom from 'seedrandom';

/** A repeatable stream of numbers in [0, 1), multiples of 2^−32. */
export function generator(seed: number | string): () => number {
  return seedrandom.alea(String(seed));
}

/** A standard normal number, by Box and Muller. */
export function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(next() + 2 ** -33)) * Math.cos(2 * Math.PI * next());
}

/** 32 random bits. */
export function bits32(next: () => number): number {
  return next() * 2 ** 32;
}
