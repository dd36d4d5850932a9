/**
 * Values at which two ways of writing the code part, worked out by hand: what a fused sum leaves over, the ends of
 * binary64, thresholds of random bits, the reference format.
 */
import { describe, expect, it } from 'vitest';
import { exactResult } from '../../src/arithmetic/exact.ts';
import { Exponential } from '../../src/arithmetic/exponential.ts';
import { createUnit, quantizeLinear } from '../../src/arithmetic/index.ts';
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  binary16,
  binary32,
  binary64,
  defineFloat,
  defineInteger,
  e4m3fn,
  type Format,
  int4,
  int8,
} from '../../src/formats/index.ts';
import { ABSORPTION, INVALID } from '../../src/rounding/flags.ts';
import { idealRounding } from '../../src/rounding/ideal.ts';
import { type PartialPolicy, type RoundingMode, resolvePolicy } from '../../src/rounding/index.ts';
import { Rounder } from '../../src/rounding/rounder.ts';

const exponential = (format: Format, policy: PartialPolicy = {}) =>
  new Exponential(format, resolvePolicy(format, policy));
const double = (rounding: RoundingMode) => createUnit({ format: binary64, policy: { rounding } });

describe('a fused sum', () => {
  it('keeps what remains when its head is exact and its tail is not', () => {
    // (1 − 2^−27)(1 + 2^−27) = 1 − 2^−54; less 2^−54 − 2^−107 it is 1 − 2^−53 + 2^−107.
    const fused = (rounding: RoundingMode, sign: 1 | -1) =>
      double(rounding).fusedMultiplyAdd(sign * (1 - 2 ** -27), 1 + 2 ** -27, -sign * (2 ** -54 - 2 ** -107));
    expect(fused('tiesToEven', 1)).toBe(1 - 2 ** -53);
    expect(fused('towardPositive', 1)).toBe(1);
    expect(fused('towardNegative', 1)).toBe(1 - 2 ** -53);
    expect(fused('towardNegative', -1)).toBe(-1);
    expect(fused('towardPositive', -1)).toBe(-1 + 2 ** -53);
  });

  it('cancels to what the product lost', () => {
    const unit = double('tiesToEven');
    expect([unit.fusedMultiplyAdd(1 - 2 ** -27, 1 + 2 ** -27, -1), unit.flags]).toEqual([-(2 ** -54), 0]);
  });

  it('of an infinite or NaN addend is that addend', () => {
    const unit = createUnit({ format: binary32 });
    expect([unit.fusedMultiplyAdd(2, 3, Infinity), unit.flags]).toEqual([Infinity, 0]);
    expect([unit.fusedMultiplyAdd(2, 3, -Infinity), unit.flags]).toEqual([-Infinity, 0]);
    expect([unit.fusedMultiplyAdd(2, 3, Number.NaN), unit.flags]).toEqual([Number.NaN, 0]);
  });
});

describe('binary64', () => {
  it('adds beside its largest number, where TwoSum overflows on its way', () => {
    // MAX − (2^1022 + 3 · 2^970) = 3 · 2^1022 − 5 · 2^970, a tie between multiples of 2^971.
    const [max, other] = [Number.MAX_VALUE, 2 ** 1022 + 3 * 2 ** 970];
    const [near, far] = [3 * 2 ** 1022 - 4 * 2 ** 970, 3 * 2 ** 1022 - 6 * 2 ** 970];
    for (const [a, b] of [
      [max, -other],
      [-other, max],
    ] as const) {
      expect([double('tiesToEven').add(a, b), double('tiesToEven').add(-a, -b)]).toEqual([near, -near]);
      expect([double('towardZero').add(a, b), double('towardZero').add(-a, -b)]).toEqual([far, -far]);
      expect(double('towardPositive').add(a, b)).toBe(near);
    }
    expect(createUnit({ format: binary32 }).add(-other, max)).toBe(Infinity);
  });

  it('takes infinities and NaN as integers, and as factors of powers of two', () => {
    const unit = double('tiesToEven');
    expect([unit.fromInteger(Infinity), unit.flags, unit.fromInteger(Number.NaN)]).toEqual([Infinity, 0, Number.NaN]);
    const scaling = exponential(binary64);
    expect([scaling.scaleByPowerOfTwo(-Infinity, 3), scaling.flags]).toEqual([-Infinity, 0]);
    expect([scaling.scaleByPowerOfTwo(Number.NaN, 3), scaling.flags]).toEqual([Number.NaN, 0]);
  });
});

describe('integers', () => {
  it('fit up to both ends', () => {
    const unit = createUnit({ format: binary32 });
    const type = { bits: 8, signed: true, profile: 'x86' } as const;
    const found = (x: number) => [unit.toInteger(x, type), unit.flags];
    expect([127, -128, 127.5, 128, -128.5, -129].map(found)).toEqual([
      [127, 0],
      [-128, 0],
      [-128, INVALID],
      [-128, INVALID],
      [-128, 0],
      [-128, INVALID],
    ]);
    expect(unit.toInteger(-0, type)).toBe(0);
    expect(unit.toInteger(-0.25, type)).toBe(0);
  });

  it('of 2^52 and more are what they are', () => {
    const unit = double('tiesToEven');
    for (const x of [2 ** 52, -(2 ** 52), 2 ** 52 + 1, 2 ** 53]) expect(unit.roundToIntegral(x)).toBe(x);
    expect(unit.toInteger(2 ** 52, { bits: 53, signed: false, profile: 'arm' })).toBe(2 ** 52);
  });

  it('just below 2^52 round up to it, as the mode says', () => {
    const [x, below, above] = [2 ** 52 - 0.5, 2 ** 52 - 1, 2 ** 52];
    const found = (rounding: RoundingMode, a: number) => double(rounding).roundToIntegral(a);
    // 2^52 − 1 is odd.
    const up = ['tiesToEven', 'tiesToAway', 'towardPositive'] as const;
    const down = ['towardZero', 'towardNegative', 'toOdd'] as const;
    for (const mode of up) expect([mode, found(mode, x), found(mode, below)]).toEqual([mode, above, below]);
    for (const mode of down) expect([mode, found(mode, x), found(mode, below)]).toEqual([mode, below, below]);
    expect([found('tiesToEven', -x), found('towardPositive', -x), found('towardNegative', -x)]).toEqual([
      -above,
      -below,
      -above,
    ]);
    const type = { bits: 53, signed: false, profile: 'arm' } as const;
    expect([double('tiesToEven').toInteger(x, type), double('towardZero').toInteger(x, type)]).toEqual([above, below]);
  });
});

describe('1 / √a', () => {
  it('is tiny from a = 2^28 / (1 − 2^−12)² on, although it becomes the smallest normal number', () => {
    // Without bound on the exponent, binary16 rounds what lies above 2^−14 · (1 − 2^−12) to 2^−14.
    const unit = createUnit({ format: binary16 });
    const border = 268566576.01562977;
    expect([unit.reciprocalSquareRoot(border), unit.flags]).toEqual([2 ** -14, 1]);
    expect([unit.reciprocalSquareRoot(border + 2 ** -24), unit.flags]).toEqual([2 ** -14, 3]);
  });
});

describe('e^x', () => {
  it('is above 1 + x, which variant C of stochastic rounding sees at a threshold', () => {
    // e^(2^−61) is 2^−11 of a quantum above 1, and a little more: with ten bits variant C rounds that up to 2^−10.
    const fine = defineFloat({ exponentBits: 2, mantissaBits: 50 });
    const unit = exponential(fine, { stochastic: { bits: 10, variant: 'C', seed: 0 } });
    expect([unit.exp(2 ** -61, { index: 527, step: 0, stage: 0 }), unit.flags]).toEqual([1 + 2 ** -50, 1]);
    // The same exactly is a tie, which goes to the even 0.
    const plain = createUnit({ format: fine, policy: { stochastic: { bits: 10, variant: 'C', seed: 0 } } });
    expect(plain.add(1, 2 ** -61, { index: 527, step: 0, stage: 0 })).toBe(1);
  });

  it('reaches as far down as 32 random bits', () => {
    // The random word at this index is 2^32 − 1, so that a 2^33rd of the quantum 2^−400 goes up: from x = −433 ln 2 on.
    const low = defineFloat({ exponentBits: 7, mantissaBits: 7, bias: 394 });
    expect(low.minSubnormal).toBe(2 ** -400);
    const unit = exponential(low, { stochastic: { bits: 32, variant: 'B', seed: 0 } });
    const at = { index: 9339129252, step: 0, stage: 0 };
    expect([unit.exp(-300.05, at), unit.flags]).toEqual([2 ** -400, 3]);
    expect([unit.exp(-300.2, at), unit.flags]).toEqual([0, 3]);
  });

  it('of NaN is what the policy says, in registers and with random bits too', () => {
    const fixed = defineInteger({ bits: 16, fractionBits: 8 });
    expect(exponential(fixed, { nanInput: 'zero' }).exp(Number.NaN)).toBe(0);
    expect(exponential(fixed, { nanInput: 'max' }).exp(Number.NaN)).toBe(fixed.max);
    expect(() => exponential(fixed).exp(Number.NaN)).toThrow('no NaN');
    expect(exponential(binary16, { stochastic: { bits: 8 } }).exp(Number.NaN)).toBe(Number.NaN);
  });
});

describe('the reference format', () => {
  const { format, policy } = idealRounding;

  it('takes the machine’s exponential, at any size', () => {
    const unit = new Exponential(format, policy);
    for (const x of [400, -700, 1, 0.3]) expect(unit.exp(x)).toBe(Math.exp(x));
  });

  it('is not binary64, and absorbs nothing into infinity', () => {
    expect(new Rounder(format, policy).full).toBeNull();
    const unit = new Unit(format, policy);
    expect([unit.add(Infinity, 1), unit.flags & ABSORPTION]).toEqual([Infinity, 0]);
    expect([unit.add(1, -Infinity), unit.flags & ABSORPTION]).toEqual([-Infinity, 0]);
  });
});

describe('codes of 32 bits', () => {
  it('are read without a table', () => {
    const { codes } = createUnit({ format: binary32 });
    expect(codes.add(0x3f800000, 0x3f800000)).toBe(0x40000000);
    expect([codes.add(0x7f800001, 0), codes.flags]).toEqual([0x7fc00000, INVALID]);
    expect(codes.multiply(0x80000000, 0x3f800000)).toBe(0x80000000);
  });
});

describe('exact results', () => {
  it('have no sign when zero, and no point when whole', () => {
    expect(exactResult('add', [1, -1])).toBe('0');
    expect(exactResult('round', [2 ** 52 + 1])).toBe('4503599627370497');
  });
});

describe('QuantizeLinear', () => {
  it('divides under the policy of the format it divides in', () => {
    // int4 saturates at 7; e4m3fn has no infinity, and its NaN for 1000 is an overflow like any other.
    expect(quantizeLinear(1000, { scale: 1, output: int8, division: int4 })).toEqual({ value: 7, flags: 1 });
    const narrow = (x: number) => quantizeLinear(x, { scale: 1, output: int8, division: e4m3fn }).value;
    expect([1000, -1000, Infinity, -Infinity, 448].map(narrow)).toEqual([127, -128, 127, -128, 127]);
  });
});
