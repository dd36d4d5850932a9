/** Operands of unlike sizes: exponents, outliers, zeros, bits and special values, each drawn on its own. */
import fc from 'fast-check';
import { generator } from '../random.ts';

/** How an operand's numbers are spread. */
export const spreads = fc.record({
  /** The exponent that most are near, and how far below it the others are. */
  exponent: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -150, max: 130 })),
  below: fc.constantFrom(0, 2, 12, 40, 200),
  /** One column in so many, or one row, is this much larger. */
  outlier: fc.constantFrom(0, 0, 10, 70),
  zeros: fc.constantFrom(0, 0, 0.03, 0.6),
  bits: fc.constantFrom(1, 3, 8, 11, 24, 53),
  specials: fc.constantFrom(0, 0, 0, 0.01),
  isSingle: fc.boolean(),
  seed: fc.nat(),
});
export type Spread = typeof spreads extends fc.Arbitrary<infer T> ? T : never;

/** A [rows, columns] matrix of such numbers. */
export function draw(rows: number, columns: number, spread: Spread): Float32Array | Float64Array {
  const { exponent, below, outlier, zeros, bits, specials, isSingle, seed } = spread;
  const random = generator(seed);
  const odd = [Infinity, -Infinity, Number.NaN];
  const x = Float64Array.from({ length: rows * columns }, (_, i) => {
    if (random() < zeros) return random() < 0.5 ? 0 : -0;
    if (random() < specials) return odd[Math.floor(random() * 3)]!;
    const isOut = i % columns === seed % columns || Math.floor(i / columns) === seed % 7;
    const fraction = (Math.floor(random() * 2 ** bits) + 1) * 2 ** -bits;
    return (
      (random() < 0.5 ? -1 : 1) * fraction * 2 ** (exponent - Math.floor(random() * below) + (isOut ? outlier : 0))
    );
  });
  return isSingle ? Float32Array.from(x) : x;
}
