import { describe, expect, it } from 'vitest';
import { ORIGIN, philox, philox4x32, randomBits } from '../../src/rounding/philox.ts';
import { oraclePhilox, oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { generator } from '../random.ts';

const ONES = 0xffffffff;

describe('Philox4x32-10', () => {
  it('gives word 0 of the known answers of Random123 (kat_vectors)', () => {
    expect(philox4x32(0, 0, 0, 0, 0, 0)).toBe(0x6627e8d5);
    expect(philox4x32(ONES, ONES, ONES, ONES, ONES, ONES)).toBe(0x408f276d);
    // The digits of π.
    expect(philox4x32(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0)).toBe(0xd16cfe09);
  });

  it('agrees with the oracle on random counters and keys', () => {
    const next = generator(1);
    const word = () => Math.floor(next() * 2 ** 32);
    for (let i = 0; i < 2000; i++) {
      const [a, b, c, d, k, l] = [word(), word(), word(), word(), word(), word()];
      expect(philox4x32(a, b, c, d, k, l)).toBe(oraclePhilox([a, b, c, d], [k, l])[0]);
    }
  });
});

describe('a position', () => {
  it('fills the counter with the index, low word first, the step and the stage; the seed is the key', () => {
    const index = 7 + 5 * 2 ** 32;
    expect(philox(0, ORIGIN)).toBe(0x6627e8d5);
    expect(philox(11 + 3 * 2 ** 32, { index, step: 13, stage: 2 })).toBe(oraclePhilox([7, 5, 13, 2], [11, 3])[0]);
    const largest = Number.MAX_SAFE_INTEGER;
    const expected = oraclePhilox([ONES, 2 ** 21 - 1, 1, 0], [ONES, 2 ** 21 - 1])[0];
    expect(philox(largest, { index: largest, step: 1, stage: 0 })).toBe(expected);
  });

  it('gives its top bits, 1 to 32 of them', () => {
    const position = { index: 123456789, step: 42, stage: 3 };
    for (let bits = 1; bits <= 32; bits++) {
      expect(randomBits(20261122, bits, position)).toBe(oracleRandomBits(20261122n, position, bits));
    }
    expect(randomBits(0, 8, ORIGIN)).toBe(0x66);
  });

  it('gives other bits where any part of it differs', () => {
    const seen = new Set<number>();
    for (let index = 0; index < 8; index++) {
      for (let step = 0; step < 8; step++)
        for (let stage = 0; stage < 8; stage++) seen.add(philox(1, { index, step, stage }));
    }
    expect(seen.size).toBe(512);
  });
});
