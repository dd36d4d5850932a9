import { describe, expect, it } from 'vitest';
import { binary16, dlfloat16, e4m3fn, int8 } from '../../../src/formats/index.ts';
import { resolvePolicy } from '../../../src/rounding/index.ts';
import { exact } from '../../../src/testing/oracle/index.ts';
import { oraclePhilox, oracleRandomBits } from '../../../src/testing/oracle/philox.ts';
import { oracleProject } from '../../../src/testing/oracle/round.ts';
import { oracleStochastic } from '../../../src/testing/oracle/stochastic.ts';

describe('Philox4x32-10', () => {
  it('gives the known answers of Random123', () => {
    const ones = 0xffffffff;
    expect(oraclePhilox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    expect(oraclePhilox([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(oraclePhilox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it('takes the top bits of word 0 at a position', () => {
    expect(oracleRandomBits(0n, { index: 0, step: 0, stage: 0 }, 32)).toBe(0x6627e8d5);
    expect(oracleRandomBits(0n, { index: 0, step: 0, stage: 0 }, 8)).toBe(0x66);
    const index = 0x243f6a88 + 5 * 2 ** 32;
    const [word] = oraclePhilox([0x243f6a88, 5, 7, 3], [0x89abcdef, 0x01234567]);
    expect(oracleRandomBits(0x0123456789abcdefn, { index, step: 7, stage: 3 }, 32)).toBe(word);
    expect(() => oracleRandomBits(0n, { index: 0, step: 0, stage: 0 }, 33)).toThrow();
  });
});

describe('the variants of P3109', () => {
  const policy = resolvePolicy(binary16);
  /** How many of the 2^N random integers round 2048 + 2ν up to 2050. */
  const ups = (nu: number, bits: number, variant: 'A' | 'B' | 'C'): number => {
    let count = 0;
    for (let r = 0; r < 2 ** bits; r++) {
      const { value, flags } = oracleStochastic(binary16, policy, 2048 + 2 * nu, bits, variant, r);
      expect(value === 2048 || value === 2050).toBe(true);
      expect(flags).toBe(1);
      if (value === 2050) count += 1;
    }
    return count;
  };

  it('A rounds ν·2^N down, B to nearest with ties up, C to nearest even', () => {
    // ν in units of 2^-3, with its fraction
    for (const [units, a, b, c] of [
      [0.25, 0, 0, 0],
      [0.5, 0, 1, 0],
      [1, 1, 1, 1],
      [1.49, 1, 1, 1],
      [1.5, 1, 2, 2],
      [2.5, 2, 3, 2],
      [2.51, 2, 3, 3],
      [7.5, 7, 8, 8],
    ] as const) {
      expect([units, ups(units / 8, 3, 'A'), ups(units / 8, 3, 'B'), ups(units / 8, 3, 'C')]).toEqual([units, a, b, c]);
    }
  });

  it('leaves exact numbers alone and rounds magnitudes', () => {
    expect(oracleStochastic(binary16, policy, 2048, 4, 'B', 15)).toEqual({ value: 2048, flags: 0 });
    expect(oracleStochastic(binary16, policy, -2049.9, 4, 'A', 15)).toEqual({ value: -2050, flags: 1 });
    expect(oracleStochastic(binary16, policy, -2049.9, 4, 'A', 0)).toEqual({ value: -2048, flags: 1 });
  });

  it('reaches overflow, subnormals, gaps and integers', () => {
    expect(oracleStochastic(binary16, policy, 65520, 1, 'A', 1)).toEqual({ value: Infinity, flags: 5 });
    expect(oracleStochastic(binary16, policy, 65520, 1, 'A', 0)).toEqual({ value: 65504, flags: 1 });
    expect(oracleStochastic(binary16, policy, 2 ** -26, 2, 'A', 3)).toEqual({ value: 2 ** -24, flags: 3 });
    expect(oracleStochastic(binary16, policy, 2 ** -26, 2, 'A', 2)).toEqual({ value: 0, flags: 3 });
    const min = 2 ** -31 * (1 + 2 ** -9);
    const gap = resolvePolicy(dlfloat16);
    expect(oracleStochastic(dlfloat16, gap, min / 4, 2, 'A', 3).value).toBe(min);
    expect(oracleStochastic(dlfloat16, gap, min / 4, 2, 'A', 2).value).toBe(0);
    expect(oracleStochastic(int8, resolvePolicy(int8), -2.25, 2, 'A', 3).value).toBe(-3);
    expect(oracleStochastic(e4m3fn, resolvePolicy(e4m3fn), 465, 8, 'A', 255).flags).toBe(5);
  });

  it('needs its bits', () => {
    expect(() => oracleStochastic(binary16, policy, 2049, 2, 'A', 4)).toThrow('2 bits');
    const bare = { ...policy, rounding: 'stochastic' as const };
    expect(() => oracleProject(binary16, bare, exact.fromNumber(2049))).toThrow('random bits');
  });
});
