/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) on BigInt, and the random
 * bits that design B2 draws from it.
 *
 * @module
 */
import { OracleError } from './flags.ts';

const WORD = 0xffffffffn;

/** The four words for a counter of four words and a key of two. */
export function oraclePhilox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & WORD, (p0 >> 32n) ^ c3 ^ k1, p0 & WORD];
    k0 = (k0 + 0x9e3779b9n) & WORD;
    k1 = (k1 + 0xbb67ae85n) & WORD;
  }
  return [Number(c0), Number(c1), Number(c2), Number(c3)];
}

/** Where a stochastic rounding stands in a computation. */
export interface OraclePosition {
  readonly index: number;
  readonly step: number;
  /** Ordinal of the stage. */
  readonly stage: number;
}

/**
 * The `bits` (1–32) random bits of a position: the top of word 0, key = the 64-bit seed,
 * counter = (index low, index high, step, stage ordinal).
 */
export function oracleRandomBits(seed: bigint, position: OraclePosition, bits: number): number {
  if (!Number.isInteger(bits) || bits < 1 || bits > 32) throw new OracleError(`${bits} random bits`);
  const { index, step, stage } = position;
  const low = index % 2 ** 32;
  const word = oraclePhilox(
    [low, (index - low) / 2 ** 32, step, stage],
    [Number(seed & WORD), Number((seed >> 32n) & WORD)],
  )[0];
  return Math.floor(word / 2 ** (32 - bits));
}
