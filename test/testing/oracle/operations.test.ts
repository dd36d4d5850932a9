import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32, defineP3109, e2m1fn, e4m3fn, int8 } from '../../../src/formats/index.ts';
import { type Policy, type Rounding, roundTo } from '../../../src/rounding/index.ts';
import { oracleCompare, oracleRoundToIntegral, oracleToInteger } from '../../../src/testing/oracle/integral.ts';
import { type OracleOperation, oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { generator } from '../../random.ts';

const nan = Number.NaN;
const X = 1;
const U = 2;
const O = 4;
const Z = 8; // divide by zero
const V = 16;
const S = 32;
const A = 128; // absorption
const F = 256;

type Row = [name: OracleOperation, operands: number[], value: number, flags: number];
function check(at: Rounding, rows: Row[]): void {
  for (const [name, operands, value, flags] of rows) {
    const made = oracleOperation(name, at, operands);
    expect([name, operands, made.value, made.flags]).toEqual([name, operands, value, flags]);
  }
}
const half = (policy: Partial<Policy> = {}): Rounding => roundTo(binary16, policy);

describe('binary16', () => {
  it('adds', () => {
    check(half(), [
      ['add', [65472, 96], Infinity, O | X],
      ['add', [1, 2], 3, 0],
      ['add', [2048, 1], 2048, X | A],
      ['add', [1, 2048], 2048, X | A],
      ['add', [2048, 1.5], 2050, X],
      ['subtract', [2048, 0.5], 2048, X | A],
      ['subtract', [0.25, 2048], -2048, X | A],
      ['add', [2048, 0], 2048, 0],
      ['add', [Infinity, 1], Infinity, 0],
      ['add', [Infinity, -Infinity], nan, V],
      ['subtract', [Infinity, Infinity], nan, V],
      ['subtract', [Infinity, -Infinity], Infinity, 0],
      ['add', [nan, 1], nan, 0],
      ['add', [1, -1], 0, 0],
      ['subtract', [-0, 0], -0, 0],
      ['add', [-0, 0], 0, 0],
      ['add', [-0, -0], -0, 0],
      ['add', [2 ** -24, -(2 ** -23)], -(2 ** -24), 0],
    ]);
    check(half({ rounding: 'towardNegative' }), [
      ['add', [1, -1], -0, 0],
      ['add', [0, -0], -0, 0],
      ['add', [0, 0], 0, 0],
      ['fusedMultiplyAdd', [1, 1, -1], -0, 0],
    ]);
    check(half({ rounding: 'toOdd' }), [['subtract', [1, 1], 0, 0]]);
    check(half({ overflow: 'saturate' }), [
      ['add', [65504, 65504], 65504, O | X | S],
      ['add', [Infinity, 1], 65504, S],
    ]);
  });

  it('loses an addend without rounding to nearest, too', () => {
    check(half({ rounding: 'towardPositive' }), [
      ['add', [2048, 2 ** -24], 2050, X],
      ['add', [2048, -(2 ** -24)], 2048, X | A],
    ]);
  });

  it('multiplies and divides', () => {
    check(half(), [
      ['multiply', [256, 256], Infinity, O | X],
      ['multiply', [0, Infinity], nan, V],
      ['multiply', [-0, 3], -0, 0],
      ['multiply', [2 ** -14, 2 ** -11], 0, X | U],
      ['divide', [1, 3], 0.333251953125, X],
      ['divide', [1, 0], Infinity, Z],
      ['divide', [1, -0], -Infinity, Z],
      ['divide', [0, 0], nan, V],
      ['divide', [Infinity, Infinity], nan, V],
      ['divide', [Infinity, 0], Infinity, 0],
      ['divide', [-1, Infinity], -0, 0],
      ['divide', [65504, 2 ** -1], Infinity, O | X],
    ]);
  });

  it('takes roots', () => {
    check(half(), [
      ['squareRoot', [2], 1.4140625, X],
      ['squareRoot', [4], 2, 0],
      ['squareRoot', [-0], -0, 0],
      ['squareRoot', [-1], nan, V],
      ['squareRoot', [Infinity], Infinity, 0],
      ['reciprocalSquareRoot', [4], 0.5, 0],
      ['reciprocalSquareRoot', [2], 0.70703125, X],
      ['reciprocalSquareRoot', [0], Infinity, Z],
      ['reciprocalSquareRoot', [-0], -Infinity, Z],
      ['reciprocalSquareRoot', [-2], nan, V],
      ['reciprocalSquareRoot', [Infinity], 0, 0],
      ['reciprocalSquareRoot', [2 ** -24], 4096, 0],
    ]);
  });

  it('fuses', () => {
    check(half(), [
      ['fusedMultiplyAdd', [1 + 2 ** -10, 1 - 2 ** -10, -1], -(2 ** -20), 0],
      ['fusedMultiplyAdd', [0, Infinity, nan], nan, V],
      ['fusedMultiplyAdd', [2, 3, nan], nan, 0],
      ['fusedMultiplyAdd', [2, Infinity, -Infinity], nan, V],
      ['fusedMultiplyAdd', [2048, 1, 1], 2048, X | A],
      ['fusedMultiplyAdd', [2 ** -12, 2 ** -12, 2048], 2048, X | A],
      ['fusedMultiplyAdd', [300, 300, -65504], 24496, 0],
      ['fusedMultiplyAdd', [-0, 1, -0], -0, 0],
    ]);
  });

  it('flushes operands', () => {
    const sub = 2 ** -15;
    check(half({ subnormals: 'flushInputs' }), [
      ['add', [sub, 1], 1, F],
      ['multiply', [sub, 65504], 0, F],
      ['squareRoot', [-sub], -0, F],
      ['divide', [1, sub], Infinity, Z | F],
      ['subtract', [2 ** -14, 1.5 * 2 ** -14], -(2 ** -15), 0],
      ['fusedMultiplyAdd', [1, sub, -sub], 0, F],
    ]);
    check(half({ subnormals: 'flushBoth' }), [['subtract', [2 ** -14, 1.5 * 2 ** -14], -0, U | X]]);
  });
});

describe('double rounding traps', () => {
  it('bfloat16: 1.5 · 1.0078125 − 2^-60', () => {
    // The exact product 1.51171875 is a tie of bfloat16; only the addend, 60 bits below, breaks it downward.
    expect(oracleOperation('fusedMultiplyAdd', roundTo(bfloat16), [1.5, 1.0078125, -(2 ** -60)])).toEqual({
      value: 1.5078125,
      flags: X,
    });
    expect(oracleOperation('multiply', roundTo(bfloat16), [1.5, 1.0078125]).value).toBe(1.515625);
  });

  it('directed modes see an addend 200 bits below', () => {
    const up = roundTo(binary32, { rounding: 'towardPositive' });
    expect(oracleOperation('add', up, [2 ** 100, 2 ** -149]).value).toBe(2 ** 100 * (1 + 2 ** -23));
    const down = roundTo(binary32, { rounding: 'towardNegative' });
    expect(oracleOperation('subtract', down, [2 ** 100, 2 ** -149]).value).toBe(2 ** 100 * (1 - 2 ** -24));
    expect(oracleOperation('add', roundTo(binary32), [0.1, 0.2]).value).toBe(Math.fround(0.1 + 0.2));
  });
});

describe('binary32 agrees with Math.fround', () => {
  it('on sums, products, quotients and roots', () => {
    // 53 ≥ 2·24 + 2: binary64 and then one rounding is right for these.
    const at = roundTo(binary32);
    const random = generator(1);
    const next = (): number => Math.fround((2 * random() - 1) * 2 ** (Math.floor(61 * random()) - 30));
    for (let i = 0; i < 5000; i++) {
      const [a, b] = [next(), next()];
      expect(oracleOperation('add', at, [a, b]).value).toBe(Math.fround(a + b));
      expect(oracleOperation('multiply', at, [a, b]).value).toBe(Math.fround(a * b));
      expect(oracleOperation('divide', at, [a, b]).value).toBe(Math.fround(a / b));
      expect(oracleOperation('squareRoot', at, [Math.abs(a)]).value).toBe(Math.fround(Math.sqrt(Math.abs(a))));
    }
  });
});

describe('formats without infinity or NaN', () => {
  it('turn infinite results by their policy', () => {
    check(roundTo(e4m3fn), [
      ['divide', [1, 0], nan, Z | V],
      ['divide', [0, 0], nan, V],
      ['multiply', [448, 2], nan, O | X],
    ]);
    check(roundTo(e4m3fn, { overflow: 'saturate' }), [
      ['divide', [-1, 0], -448, Z | S],
      ['add', [448, 448], 448, O | X | S],
    ]);
    check(roundTo(e2m1fn), [['divide', [1, 0], 6, Z | S]]);
    expect(() => oracleOperation('divide', roundTo(e2m1fn), [0, 0])).toThrow('NaN');
    check(roundTo(e2m1fn, { nanInput: 'zero' }), [['divide', [0, 0], 0, V]]);
  });

  it('and unsigned ones refuse negative results', () => {
    const format = defineP3109({ bits: 8, precision: 4, signed: false });
    check(roundTo(format), [
      ['subtract', [1, 2], nan, V],
      ['subtract', [1, 1], 0, 0],
    ]);
    check(roundTo(format, { overflow: 'saturate' }), [['subtract', [1, 2], 0, S]]);
    check(roundTo(format, { rounding: 'towardNegative' }), [['subtract', [1, 1], 0, 0]]);
  });

  it('integers', () => {
    check(roundTo(int8), [
      ['add', [100, 100], 127, O | X | S],
      ['divide', [7, 2], 4, X],
      ['add', [100, 0.25], 100, X | A],
    ]);
    check(roundTo(int8, { overflow: 'wrap' }), [['add', [100, 100], -56, 64]]);
  });
});

describe('compare', () => {
  it('orders as the step reads', () => {
    expect(oracleCompare(half(), 1, 2)).toEqual({ order: -1, flags: 0 });
    expect(oracleCompare(half(), -0, 0)).toEqual({ order: 0, flags: 0 });
    expect(oracleCompare(half(), Infinity, 65504)).toEqual({ order: 1, flags: 0 });
    expect(oracleCompare(half(), -Infinity, -Infinity)).toEqual({ order: 0, flags: 0 });
    expect(oracleCompare(half(), nan, 1)).toEqual({ order: null, flags: 0 });
    expect(oracleCompare(half({ subnormals: 'flushInputs' }), 2 ** -20, 0)).toEqual({ order: 0, flags: F });
  });
});

describe('integral values', () => {
  it('keep the sign of zero', () => {
    expect(oracleRoundToIntegral(half(), -0.5)).toEqual({ value: -0, flags: 0 });
    expect(oracleRoundToIntegral(half(), 2.5)).toEqual({ value: 2, flags: 0 });
    expect(oracleRoundToIntegral(half(), 2.5, true)).toEqual({ value: 2, flags: X });
    expect(oracleRoundToIntegral(half({ rounding: 'toOdd' }), 2.5)).toEqual({ value: 3, flags: 0 });
    expect(oracleRoundToIntegral(half(), -Infinity)).toEqual({ value: -Infinity, flags: 0 });
    expect(oracleRoundToIntegral(half({ subnormals: 'flushInputs', rounding: 'towardPositive' }), 2 ** -20)).toEqual({
      value: 0,
      flags: F,
    });
  });

  it('fill registers', () => {
    const int32 = { bits: 32, signed: true };
    expect(oracleToInteger(int32, 'tiesToEven', 2.5)).toEqual({ value: 2n, flags: 0 });
    expect(oracleToInteger(int32, 'towardNegative', -2.5, 'x86', true)).toEqual({ value: -3n, flags: X });
    expect(oracleToInteger(int32, 'tiesToEven', 2 ** 31)).toEqual({ value: -(2n ** 31n), flags: V });
    expect(oracleToInteger(int32, 'tiesToEven', 2 ** 31, 'clamp')).toEqual({ value: 2n ** 31n - 1n, flags: V });
    expect(oracleToInteger(int32, 'tiesToEven', nan, 'clamp')).toEqual({ value: 0n, flags: V });
    expect(oracleToInteger({ bits: 8, signed: false }, 'towardZero', -0.9)).toEqual({ value: 0n, flags: 0 });
    expect(oracleToInteger({ bits: 8, signed: false }, 'towardZero', -1)).toEqual({ value: 255n, flags: V });
  });
});
