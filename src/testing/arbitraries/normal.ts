/**
 * Normally distributed numbers, as far as an arbitrary needs them.
 *
 * @module
 */
import fc from 'fast-check';

/** The sum of twelve uniform numbers less six: mean 0, standard deviation 1, within ±6. Three decimals. */
export function normal(): fc.Arbitrary<number> {
  return fc
    .array(fc.nat({ max: 1000 }), { minLength: 12, maxLength: 12 })
    .map((parts) => parts.reduce((sum, part) => sum + part, -6000) / 1000);
}
