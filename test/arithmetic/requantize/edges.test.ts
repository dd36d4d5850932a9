/**
 * Every function of requantisation on a grid of edges: both ends of every register, powers of two and their neighbours,
 * the shifts at which a computation changes its path.
 */
import { describe, expect, it } from 'vitest';
import {
  applyScale16,
  applyScale32,
  doublingMultiplyHigh,
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplierSingleRounding,
  multiplyByReducedMultiplier,
  quantizeLinear,
  quantizeMultiplier,
  type Requantized,
  reduceMultiplier,
  roundingDivideByPowerOfTwo,
  roundoff,
  saturatingRoundingDoublingHighMultiply,
  vnclip,
  vsmul,
  vxrm,
} from '../../../src/arithmetic/index.ts';
import { clamp, floorShift, lostBits, scaleShift } from '../../../src/arithmetic/requantize/fixedPoint.ts';
import { bfloat16, binary16, binary32, defineInteger, int8, uint8 } from '../../../src/formats/index.ts';
import {
  oracleApplyScale16,
  oracleApplyScale32,
  oracleDoubleRounding,
  oracleDoublingMultiply,
  oracleHighMultiply,
  oracleReduced16,
  oracleRoundingDivide,
  oracleRoundoff,
  oracleSingleRounding,
  oracleVnclip,
  oracleVsmul,
} from '../../../src/testing/oracle/requantize.ts';

const INEXACT = 1;
const CLAMPED = 4 | 32;
const WRAP = 64;
const big = BigInt;
const lost = (product: bigint, shift: number): number => (big.asUintN(shift, product) === 0n ? 0 : INEXACT);
const beyond = (bits: number, value: bigint, flag: number): number => (big.asIntN(bits, value) === value ? 0 : flag);

/** Expects equality, zeros without sign; the operands stand in the message. */
function same(found: Requantized, value: bigint, flags: number, ...operands: unknown[]): void {
  const isSame = Object.is(found.value, Number(value)) && found.flags === flags;
  if (!isSame) expect([operands.map(String), found]).toEqual([operands.map(String), { value: Number(value), flags }]);
}

const around = (...centers: number[]): number[] => centers.flatMap((n) => [n - 1, n, n + 1]);
const int32 = (n: number): boolean => n >= -(2 ** 31) && n < 2 ** 31;
const words = [...around(0, 3, -5, 2 ** 15, -(2 ** 15), 2 ** 22, -(2 ** 22), 2 ** 30, -(2 ** 30), 2 ** 31 - 1)].filter(
  int32,
);
words.push(-(2 ** 31), -(2 ** 31) + 1, 0x7fff0000, 0x7ffeffff, 0x7fff8000, 1717986918);
const shifts = [-31, -30, -17, -16, -15, -2, -1, 0, 1, 2, 13, 14, 15, 16, 17, 29, 30];

describe('on a grid of edges', () => {
  it('high products', () => {
    for (const bits of [8, 16, 32] as const) {
      const top = 2 ** (bits - 1);
      const lanes = words.filter((n) => n >= -top && n < top).concat(-top, top - 1);
      for (const a of lanes) {
        for (const b of lanes) {
          const flags = lost(big(a) * big(b), bits - 1) | (a === -top && b === -top ? CLAMPED : 0);
          const high = saturatingRoundingDoublingHighMultiply(a, b, bits);
          same(high, oracleHighMultiply(big(a), big(b), bits), flags, bits, a, b);
          const cut = doublingMultiplyHigh(a, b, bits);
          same(cut, oracleDoublingMultiply(big(a), big(b), bits, false), flags, bits, a, b);
          for (const mode of vxrm) {
            same(vsmul(a, b, bits, mode), oracleVsmul(big(a), big(b), bits, mode), flags, bits, a, b, mode);
          }
        }
      }
    }
  });

  it('shifts', () => {
    const wide = around(2 ** 52, -(2 ** 52), 2 ** 40, 3 * 2 ** 50, 2 ** 53 - 2, -(2 ** 53) + 2);
    for (const mode of vxrm) {
      for (const x of [...words, ...wide]) {
        for (const shift of [0, 1, 2, 3, 15, 16, 31, 32, 51, 52]) {
          same(roundoff(x, shift, mode), oracleRoundoff(big(x), shift, mode), lost(big(x), shift), x, shift, mode);
        }
        for (const shift of [0, 1, 31, 32, 33, 51, 52, 53, 54, 62, 63]) {
          const rounded = oracleRoundoff(big(x), shift, mode);
          const flags = lost(big(x), shift) | beyond(32, rounded, CLAMPED);
          const wanted = oracleVnclip(big(x), shift, 32, mode, true);
          same(vnclip(x, shift, 32, mode), wanted, flags, x, shift, mode);
          same(vnclip(big(x), shift, 32, mode), wanted, flags, x, shift, mode, 'bigint');
          if (x < 0) continue;
          const over = rounded >> 32n === 0n ? 0 : CLAMPED;
          const plain = oracleVnclip(big(x), shift, 32, mode, false);
          same(vnclip(x, shift, 32, mode, false), plain, lost(big(x), shift) | over, x, shift, mode, 'unsigned');
          same(vnclip(big(x), shift, 32, mode, false), plain, lost(big(x), shift) | over, x, shift, mode, 'u bigint');
        }
      }
      same(roundoff(-0, 0, mode), 0n, 0, '-0');
      same(vnclip(-0, 3, 8, mode), 0n, 0, '-0');
      for (const x of [-(2n ** 63n), 2n ** 63n - 1n, -(2n ** 62n) - 1n, 3n * 2n ** 60n + 2n ** 30n]) {
        for (const shift of [0, 30, 31, 32, 33, 63]) {
          const rounded = oracleRoundoff(x, shift, mode);
          const flags = lost(x, shift) | beyond(32, rounded, CLAMPED);
          same(vnclip(x, shift, 32, mode), oracleVnclip(x, shift, 32, mode, true), flags, x, shift, mode);
        }
      }
    }
    for (const x of words) {
      for (const e of [0, 1, 2, 15, 16, 30, 31]) {
        same(roundingDivideByPowerOfTwo(x, e), oracleRoundingDivide(big(x), e), lost(big(x), e), x, e);
      }
    }
    same(roundingDivideByPowerOfTwo(-0, 0), 0n, 0, '-0');
  });

  it('multipliers', () => {
    for (const x of words) {
      for (const m of words) {
        for (const shift of shifts) {
          const p = big(x) * big(m);
          const exact = ((p >> big(30 - shift)) + 1n) >> 1n;
          const single = multiplyByQuantizedMultiplierSingleRounding(x, m, shift);
          same(
            single,
            oracleSingleRounding(big(x), big(m), shift),
            lost(p, 31 - shift) | beyond(32, exact, WRAP),
            x,
            m,
            shift,
          );
          const shifted = big(x) << big(Math.max(shift, 0));
          if (big.asIntN(32, shifted) !== shifted) continue;
          const high = oracleHighMultiply(shifted, big(m));
          const clamped = shifted === -(2n ** 31n) && m === -(2 ** 31) ? CLAMPED : 0;
          const flags = lost(shifted * big(m), 31) | lost(high, Math.max(-shift, 0)) | clamped;
          same(
            multiplyByQuantizedMultiplier(x, m, shift),
            oracleDoubleRounding(big(x), big(m), shift),
            flags,
            x,
            m,
            shift,
          );
        }
      }
    }
  });

  it('reduced multipliers and 64-bit accumulators', () => {
    const accumulators = [
      ...words.map(big),
      2n ** 36n + 1n,
      -(2n ** 37n),
      2n ** 45n - 3n,
      -(2n ** 46n) - 1n,
      2n ** 48n - 1n,
    ];
    for (const x of accumulators) {
      for (const m of words) {
        const reduced = big(reduceMultiplier(m));
        expect(reduced).toBe(m < 0x7fff0000 ? (big(m) + 2n ** 15n) >> 16n : 0x7fffn);
        for (const shift of shifts.filter((n) => n <= 14)) {
          const p = x * reduced;
          const exact = ((p >> big(14 - shift)) + 1n) >> 1n;
          const flags = lost(p, 15 - shift) | beyond(32, exact, WRAP);
          const wanted = oracleReduced16(x, big(m), shift);
          same(multiplyByReducedMultiplier(x, m, shift), wanted, flags, x, m, shift);
          same(multiplyByReducedMultiplier(Number(x), m, shift), wanted, flags, x, m, shift, 'number');
        }
      }
    }
  });

  it('TOSA scalings', () => {
    const multipliers = [0, 1, 2, 2 ** 15 - 1, 2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, 2 ** 31 - 1, 1717986918];
    for (let shift = 2; shift <= 62; shift++) {
      for (const x of [...words, ...around(2 ** (shift - 1), -(2 ** (shift - 1)))]) {
        if (!int32(x) || x < -(2 ** (shift - 1)) || x >= 2 ** (shift - 1)) continue;
        for (const m of multipliers) {
          for (const double of [false, true]) {
            const wanted = oracleApplyScale32(big(x), big(m), shift, double);
            same(applyScale32(x, m, shift, double), wanted, lost(big(x) * big(m), shift), x, m, shift, double);
          }
        }
      }
      for (const x of [...words, 2 ** 47 - 1, -(2 ** 47), 2 ** 40 + 1, -(2 ** 45) - 3]) {
        for (const m of [0, 1, 3, 2 ** 14, 2 ** 15 - 1]) {
          const exact = (big(x) * big(m) + (1n << big(shift - 1))) >> big(shift);
          if (big.asIntN(32, exact) !== exact) continue;
          const wanted = oracleApplyScale16(big(x), big(m), shift);
          same(applyScale16(x, m, shift), wanted, lost(big(x) * big(m), shift), x, m, shift);
        }
      }
    }
    expect(applyScale32(2 ** 22, 2 ** 30 - 1, 53).value).toBe(0);
    expect(applyScale32(2 ** 22, 2 ** 30 - 1, 53, true).value).toBe(1);
    expect(applyScale32(-(2 ** 22), 2 ** 30, 53, true).value).toBe(-1);
  });

  it('a product of 53 bits, by the low half of a factor', () => {
    // 119053487095126 mod 2^16 is 655 · 74: divided by 74, not multiplied, it would be an integer too.
    const exact = (119053487095126n * 74n + 2n ** 21n) >> 22n;
    expect(applyScale16(119053487095126, 74, 22).value).toBe(Number(exact));
  });

  it('products with an addend, on every path', () => {
    const factors = [
      ...around(0, 2 ** 20, 2 ** 26, 2 ** 31, -(2 ** 31), 2 ** 47, -(2 ** 46)),
      2 ** 53 - 1,
      -(2 ** 53) + 1,
    ];
    const addends = [0, 1, -1, 2 ** 30, -(2 ** 30), 2 ** 51, -(2 ** 51), 2 ** 52, -(2 ** 52), 2 ** 53 - 1];
    for (const a of factors) {
      for (const b of [...around(0, 2 ** 15, -(2 ** 20), 2 ** 31, -(2 ** 31)), 2 ** 33 - 1]) {
        for (const addend of addends) {
          for (const shift of [1, 7, 15, 16, 17, 30, 31, 47, 62]) {
            const exact = (big(a) * big(b) + big(addend)) >> big(shift);
            const found = scaleShift(a, b, addend, shift);
            if (found !== Number(exact))
              expect([a, b, addend, shift, found]).toEqual([a, b, addend, shift, Number(exact)]);
          }
        }
        for (const shift of [1, 16, 31, 52, 60]) expect(lostBits(a, b, shift)).toBe(lost(big(a) * big(b), shift));
      }
    }
    expect([floorShift(-1, 1), floorShift(7, 2)]).toEqual([-1, 1]);
    expect([clamp(-0, -1, 1, 0), clamp(-2, -1, 1, 1), clamp(2, -1, 1, 0), clamp(-1, -1, 1, 0)]).toEqual([
      { value: 0, flags: 0 },
      { value: -1, flags: 1 | CLAMPED },
      { value: 1, flags: CLAMPED },
      { value: -1, flags: 0 },
    ]);
  });
});

describe('multipliers of real scales', () => {
  it('at powers of two and at the least scale', () => {
    expect(quantizeMultiplier(1)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(quantizeMultiplier(0.5)).toEqual({ multiplier: 2 ** 30, shift: 0 });
    expect(quantizeMultiplier(0.25)).toEqual({ multiplier: 2 ** 30, shift: -1 });
    expect(quantizeMultiplier(3)).toEqual({ multiplier: 3 * 2 ** 29, shift: 2 });
    expect(quantizeMultiplier(1 - 2 ** -53)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(quantizeMultiplier(0.5 + 2 ** -32)).toEqual({ multiplier: 2 ** 30 + 1, shift: 0 });
    expect(quantizeMultiplier(0.5 + 2 ** -33)).toEqual({ multiplier: 2 ** 30, shift: 0 });
    expect(quantizeMultiplier(2 ** -32)).toEqual({ multiplier: 2 ** 30, shift: -31 });
    expect(quantizeMultiplier(2 ** -33)).toEqual({ multiplier: 0, shift: 0 });
    expect(quantizeMultiplier(2 ** -32 * (1 - 2 ** -53))).toEqual({ multiplier: 2 ** 30, shift: -31 });
    expect(quantizeMultiplier(1e-300)).toEqual({ multiplier: 0, shift: 0 });
  });
});

describe('QuantizeLinear', () => {
  it('divides in any format, and tells overflow from infinity', () => {
    expect(quantizeLinear(Infinity, { scale: 1, output: int8 })).toEqual({ value: 127, flags: 32 });
    expect(quantizeLinear(-Infinity, { scale: 1, output: uint8 })).toEqual({ value: 0, flags: 32 });
    expect(quantizeLinear(1e30, { scale: 1e-30, output: int8 })).toEqual({ value: 127, flags: 37 });
    expect(quantizeLinear(-1e30, { scale: 1e-30, output: int8 })).toEqual({ value: -128, flags: 37 });
    expect(quantizeLinear(60000, { scale: 0.5, output: defineInteger({ bits: 32 }), division: binary16 })).toEqual({
      value: 2 ** 31 - 1,
      flags: 37,
    });
    const wide = defineInteger({ bits: 32 });
    expect(quantizeLinear(1001, { scale: 3, output: wide, division: bfloat16 })).toEqual({ value: 334, flags: 1 });
    expect(quantizeLinear(1001, { scale: 3, output: wide, division: binary32 })).toEqual({ value: 334, flags: 1 });
    expect(quantizeLinear(1003, { scale: 1, output: wide, division: bfloat16 })).toEqual({ value: 1004, flags: 1 });
    expect(quantizeLinear(1003, { scale: 1, output: wide })).toEqual({ value: 1003, flags: 0 });
    for (const [x, value] of [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.5, 0],
      [-1.5, -2],
      [-2.5, -2],
      [0.75, 1],
      [-0.75, -1],
      [0.25, 0],
      [-0.25, 0],
    ] as const) {
      expect(quantizeLinear(x, { scale: 1, output: int8 })).toEqual({ value, flags: 1 });
    }
    expect(quantizeLinear(120, { scale: 1, zeroPoint: 8, output: int8 })).toEqual({ value: 127, flags: 36 });
    expect(quantizeLinear(119, { scale: 1, zeroPoint: 8, output: int8 })).toEqual({ value: 127, flags: 0 });
  });
});
