import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalPair } from '../../src/rounding/decimalPair.ts';
import { dyadic } from '../../src/rounding/dyadic.ts';
import { pairOfDyadic } from '../../src/rounding/dyadicPair.ts';
import { parseNumeral } from '../../src/rounding/numeral.ts';
import { seeded } from '../testing/helpers.ts';

/** n · 2^exponent in decimals, by which another path gives the same pair. */
function byDecimals(n: bigint, exponent: number) {
  const digits = exponent < 0 ? `${n * 5n ** BigInt(-exponent)}e${exponent}` : `${n << BigInt(exponent)}`;
  return decimalPair(parseNumeral('text', digits));
}

const numbers = fc.record({
  n: fc
    .tuple(fc.bigInt({ min: 1n, max: 2n ** 54n }), fc.nat({ max: 120 }), fc.constantFrom(-1n, 0n, 1n), fc.boolean())
    .map(([n, zeros, last, minus]) => ((n << BigInt(zeros)) + last) * (minus ? -1n : 1n)),
  exponent: fc.oneof(
    fc.integer({ min: -60, max: 20 }),
    fc.integer({ min: -1250, max: -1000 }),
    fc.integer({ min: 850, max: 1020 }),
  ),
});

describe('pairOfDyadic', () => {
  it('is the pair that the decimal digits of the number have', () => {
    fc.assert(
      fc.property(numbers, ({ n, exponent }) => {
        fc.pre(n !== 0n);
        expect([n, exponent, pairOfDyadic({ n, exponent })]).toEqual([n, exponent, byDecimals(n, exponent)]);
      }),
      seeded(3000),
    );
  });

  it('stays within binary64, whatever the exponent', () => {
    const { MAX_VALUE: most, MIN_VALUE: least } = Number;
    expect(pairOfDyadic({ n: 0n, exponent: 9 })).toEqual({ x: 0, residual: 0 });
    expect(pairOfDyadic(dyadic(-1e300))).toEqual({ x: -1e300, residual: 0 });
    expect(pairOfDyadic({ n: 3n, exponent: 5000 })).toEqual({ x: most, residual: most });
    expect(pairOfDyadic({ n: -3n, exponent: -5000 })).toEqual({ x: -least, residual: least });
    expect(pairOfDyadic({ n: 3n, exponent: -1075 })).toEqual({ x: 2 * least, residual: -least });
    expect(pairOfDyadic({ n: 1n, exponent: -1075 })).toEqual({ x: least, residual: -least });
    expect(pairOfDyadic({ n: (1n << 53n) + 1n, exponent: 0 })).toEqual({ x: 2 ** 53, residual: 1 });
  });
});
