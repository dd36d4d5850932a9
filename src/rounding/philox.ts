/**
 * Random bits by position: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers, SC 2011).
 *
 * A counter-based generator has no state: the bits of an element depend on the seed and on the element's place, never
 * on the order, the chunks or the threads in which elements are computed.
 *
 * @module
 */

/** Where an operation stands: what its random bits are keyed by. */
export interface Position {
  /** Element of the output, or row for a reduction; 0 … 2^53 − 1. */
  readonly index: number;
  /** Step within the stage. */
  readonly step: number;
  /** Ordinal of the stage. */
  readonly stage: number;
}

/** The position of a lone operation. */
export const ORIGIN: Position = /* @__PURE__ */ Object.freeze({ index: 0, step: 0, stage: 0 });

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Increments of the key (golden ratio; √3 − 1). */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers, by halves: no sum of theirs exceeds 32 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** Word 0 of Philox4x32-10 for a counter of four words and a key of two, all unsigned 32-bit integers. */
export function philox4x32(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): number {
  let [x0, x1, x2, x3] = [c0, c1, c2, c3];
  let [key0, key1] = [k0, k1];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, x0);
    const low0 = Math.imul(MULTIPLIER_0, x0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, x2);
    const low1 = Math.imul(MULTIPLIER_1, x2) >>> 0;
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0;
    key0 = (key0 + WEYL_0) >>> 0;
    key1 = (key1 + WEYL_1) >>> 0;
  }
  return x0;
}

/**
 * The random word of a position: word 0 with the key `seed` and the counter (index low, index high, step, stage).
 *
 * @returns an unsigned 32-bit integer
 */
export function philox(seed: number, { index, step, stage }: Position): number {
  const high = (n: number): number => Math.floor(n / 2 ** 32) >>> 0;
  return philox4x32(index >>> 0, high(index), step >>> 0, stage >>> 0, seed >>> 0, high(seed));
}

/** The top `bits` bits (1–32) of the random word at a position. */
export function randomBits(seed: number, bits: number, position: Position): number {
  return philox(seed, position) >>> (32 - bits);
}
