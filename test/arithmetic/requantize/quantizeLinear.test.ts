import { describe, expect, it } from 'vitest';
import { quantizeLinear } from '../../../src/arithmetic/index.ts';
import { bfloat16, binary16, defineInteger, int4, int8, uint8 } from '../../../src/formats/index.ts';
import { exact } from '../../../src/testing/oracle/index.ts';
import { bits32, generator } from '../../random.ts';

/** clip(rint(float32(x / scale)) + zp), on rationals but for Math.fround. */
function model(x: number, scale: number, zeroPoint: number, low: number, high: number): number {
  const quotient = exact.fromNumber(Math.fround(x / scale));
  const { whole, remainder, divisor } = exact.split(quotient, 0);
  const twice = 2n * remainder;
  const magnitude = twice > divisor || (twice === divisor && whole % 2n === 1n) ? whole + 1n : whole;
  const sum = Number(quotient.negative ? -magnitude : magnitude) + zeroPoint;
  return Math.min(high, Math.max(low, sum));
}

describe('QuantizeLinear', () => {
  it('agrees with the formula for binary32 operands', () => {
    const wrong: unknown[] = [];
    const next = generator(1);
    for (let n = 0; n < 200_000; n++) {
      // Binary64's quotient of two binary32 numbers rounds to binary32 as the exact one does (53 ≥ 2·24 + 2).
      const scale = Math.fround((1 + next()) * 2 ** ((n % 12) - 8));
      const x = Math.fround((bits32(next) - 2 ** 31) * 2 ** -31 * 300 * (n % 3 === 0 ? scale : 1));
      const zeroPoint = n % 2 === 0 ? 0 : (bits32(next) % 255) - 127;
      const got = quantizeLinear(x, { scale, zeroPoint, output: int8 });
      if (got.value !== model(x, scale, zeroPoint, -128, 127) || Object.is(got.value, -0))
        wrong.push([x, scale, zeroPoint, got]);
    }
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('rounds ties to even, and twice', () => {
    const at = (x: number, scale = 1) => quantizeLinear(x, { scale, output: int8 }).value;
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map((x) => at(x))).toEqual([0, 2, 2, 0, -2, -2]);
    // The quotient 0.5 + 2^-30 is 0.5 in binary32, and then a tie; once rounded it would be 1.
    expect(at(0.5 + 2 ** -30)).toBe(0);
    const wide = defineInteger({ bits: 16 });
    expect(quantizeLinear(1000.5, { scale: 1, output: wide, division: binary16 }).value).toBe(1000);
    expect(quantizeLinear(1001, { scale: 1, output: wide, division: bfloat16 }).value).toBe(1000);
  });

  it('says what it lost', () => {
    expect(quantizeLinear(3, { scale: 1, output: int8 })).toEqual({ value: 3, flags: 0 });
    expect(quantizeLinear(3.25, { scale: 1, output: int8 })).toEqual({ value: 3, flags: 1 });
    expect(quantizeLinear(200, { scale: 1, output: int8 })).toEqual({ value: 127, flags: 36 });
    expect(quantizeLinear(-9, { scale: 1, zeroPoint: 1, output: int4 })).toEqual({ value: -8, flags: 0 });
    expect(quantizeLinear(-Infinity, { scale: 1, zeroPoint: 9, output: uint8 })).toEqual({ value: 0, flags: 32 });
    expect(quantizeLinear(1e30, { scale: 1e-30, output: int8 })).toEqual({ value: 127, flags: 37 });
  });

  it('refuses NaN, odd scales and zero points out of range', () => {
    expect(() => quantizeLinear(Number.NaN, { scale: 1, output: int8 })).toThrow('NaN');
    expect(() => quantizeLinear(1, { scale: 0, output: int8 })).toThrow('options.scale');
    expect(() => quantizeLinear(1, { scale: Infinity, output: int8 })).toThrow('options.scale');
    expect(() => quantizeLinear(1, { scale: 1, zeroPoint: 128, output: int8 })).toThrow('options.zeroPoint');
    expect(() => quantizeLinear(1, { scale: 1, output: binary16 as never })).toThrow('options.output');
  });
});
