import { describe, expect, it } from 'vitest';
import { approximately, exact, exactly, type Rational } from '../../../src/testing/oracle/index.ts';
import { integerSquareRoot, reciprocalSquareRoot, squareRoot } from '../../../src/testing/oracle/roots.ts';

const { add, bitLength, compare, divide, floor, floorLog2, fromDecimal, fromNumber, multiply, powerOfTwo, toNumber } =
  exact;

describe('rational', () => {
  it('takes binary64 numbers exactly and gives them back', () => {
    for (const x of [0, -0, 1, -1.5, 0.1, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, 2 ** -1030 * 3]) {
      expect(toNumber(fromNumber(x))).toBe(x);
    }
    expect(() => fromNumber(Number.NaN)).toThrow();
  });

  it('computes exactly', () => {
    const tenth = fromNumber(0.1);
    // 0.1 + 0.2 is not 0.3, and the exact sum is none of binary64's numbers.
    expect(compare(add(tenth, fromNumber(0.2)), fromNumber(0.1 + 0.2))).toBe(-1);
    expect(compare(add(fromNumber(2 ** 60), fromNumber(1)), fromNumber(2 ** 60))).toBe(1);
    expect(compare(multiply(divide(fromNumber(1), fromNumber(3)), fromNumber(3)), fromNumber(1))).toBe(0);
    expect(toNumber(divide(fromNumber(1), fromNumber(3)))).toBe(1 / 3);
    expect(compare(fromNumber(-0), fromNumber(0))).toBe(0);
  });

  it('reads decimal strings exactly', () => {
    for (const text of ['0.1', '-1.25e-7', '65519.99999999999', '1e308', '.5', '3.']) {
      expect(toNumber(fromDecimal(text))).toBe(Number(text));
    }
    const above = fromDecimal('1.00048828125000000000000001');
    expect(compare(above, fromNumber(1.00048828125))).toBe(1);
    expect(() => fromDecimal('1e')).toThrow();
    expect(() => fromDecimal('.')).toThrow();
  });

  it('knows lengths, logarithms and floors', () => {
    expect(
      [0n, 1n, 2n, 255n, 256n, 2n ** 53n - 1n, 2n ** 60n - 1n, 2n ** 1000n, 2n ** 3000n - 1n].map(bitLength),
    ).toEqual([0, 1, 2, 8, 9, 53, 60, 1001, 3000]);
    expect([1, 1.99, 2, 0.5, 0.49, 5e-324].map((x) => floorLog2(fromNumber(x)))).toEqual([0, 0, 1, -1, -2, -1074]);
    const third = divide(fromNumber(1), fromNumber(3));
    expect(floorLog2(third)).toBe(-2);
    expect(floorLog2(multiply(third, fromNumber(6)))).toBe(1);
    expect([2.5, -2.5, -2, 0.1, -0.1].map((x) => floor(fromNumber(x)))).toEqual([2n, -3n, -2n, 0n, -1n]);
  });

  it('makes powers of two by bits', () => {
    let power = 1;
    for (let k = 0; k <= 1023; k++, power *= 2) expect(powerOfTwo(k)).toBe(power);
    power = 1;
    for (let k = 0; k >= -1074; k--, power /= 2) expect(powerOfTwo(k)).toBe(power);
  });

  it('rounds to binary64 to even, with carries and subnormals', () => {
    expect(toNumber(add(fromNumber(2 ** 53), fromNumber(1)))).toBe(2 ** 53);
    expect(toNumber(add(fromNumber(2 ** 53 + 2), fromNumber(1)))).toBe(2 ** 53 + 4);
    expect(toNumber(add(fromNumber(2 ** 53), fromNumber(1.000001)))).toBe(2 ** 53 + 2);
    expect(toNumber(multiply(fromNumber(5e-324), fromNumber(0.5)))).toBe(0);
    expect(toNumber(multiply(fromNumber(-1.5e-323), fromNumber(0.5)))).toBe(-1e-323);
    expect(toNumber(multiply(fromNumber(1e200), fromNumber(-1e200)))).toBe(-Infinity);
    expect(approximately(exactly(-Infinity))).toBe(-Infinity);
    expect(approximately(exactly(Number.NaN))).toBeNaN();
  });
});

describe('roots', () => {
  it('finds integer square roots', () => {
    for (let n = 0n; n < 2000n; n++) {
      const root = integerSquareRoot(n);
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true);
    }
    const big = 12345678901234567890123456789n;
    expect(integerSquareRoot(big * big)).toBe(big);
    expect(integerSquareRoot(big * big - 1n)).toBe(big - 1n);
  });

  it('agrees with the correctly rounded root of binary64', () => {
    for (let i = 1; i < 2000; i++) {
      const x = i * 1.37 ** (i % 90) * 2 ** ((i % 41) - 20);
      expect(toNumber(squareRoot(fromNumber(x)))).toBe(Math.sqrt(x));
    }
  });

  it('is exact where the root is, and sticky where it is not', () => {
    const four = squareRoot(fromNumber(16));
    expect(compare(four, fromNumber(4))).toBe(0);
    const two: Rational = squareRoot(fromNumber(2));
    expect(compare(multiply(two, two), fromNumber(2))).not.toBe(0);
    expect(compare(reciprocalSquareRoot(fromNumber(0.0625)), fromNumber(4))).toBe(0);
    expect(toNumber(reciprocalSquareRoot(fromNumber(2)))).toBe(Math.SQRT1_2);
    // (1 + 2^-60)² − 2^-500: the sticky bit alone tells it from its neighbour.
    const x = add(
      multiply(add(fromNumber(1), fromNumber(2 ** -60)), add(fromNumber(1), fromNumber(2 ** -60))),
      fromNumber(2 ** -500),
    );
    expect(compare(squareRoot(x), add(fromNumber(1), fromNumber(2 ** -60)))).toBe(1);
  });
});
