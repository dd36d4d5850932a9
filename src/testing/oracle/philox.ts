/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) on BigInt, and the random
 * bits that design B2 draws from it.
 *
 * @module
 */
import { checkInteger } from '../../errors/index.ts';
import { checkBigInt, checkIntegers, integer, options } from './checks.ts';

const WORD = 0xffffffffn;

/** The four words for a counter of four words and a key of two. */
export function oraclePhilox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  checkIntegers('counter', counter, 4, 0, 2 ** 32 - 1);
  checkIntegers('key', key, 2, 0, 2 ** 32 - 1);
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

const checkPosition = options('a position', {
  index: integer(0, Number.MAX_SAFE_INTEGER),
  step: integer(0, 2 ** 32 - 1),
  stage: integer(0, 2 ** 32 - 1),
});

/**
 * The `bits` (1–32) random bits of a position: the top of word 0, key = the 64-bit seed,
 * counter = (index low, index high, step, stage ordinal).
 */
export function oracleRandomBits(seed: bigint, position: OraclePosition, bits: number): number {
  checkBigInt('seed', seed, 0n, 2n ** 64n - 1n);
  checkPosition('position', position);
  checkInteger('bits', bits, 1, 32);
  const { index, step, stage } = position;
  const low = index % 2 ** 32;
  const word = oraclePhilox(
    [low, (index - low) / 2 ** 32, step, stage],
    [Number(seed & WORD), Number((seed >> 32n) & WORD)],
  )[0];
  return Math.floor(word / 2 ** (32 - bits));
}
