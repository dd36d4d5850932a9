/**
 * Arbitrary weight matrices.
 *
 * @module
 */
import fc from 'fast-check';
import { checkInteger } from '../../errors/index.ts';
import { normal } from './normal.ts';
import { numbersOf } from './numbers.ts';

/**
 * Matrices of weights, row-major, as quantizers of weights meet them: normal numbers of deviation 1/√columns, whose rows
 * (channels) differ in scale by up to 2^6; a row of zeros; a row with one weight that stands out. Shrinks to few numbers
 * other than zero.
 *
 * @param rows - output channels, 1 … 2^12
 * @param columns - 1 … 2^12
 * @example
 * import fc from 'fast-check';
 * import { weights } from 'bittrue/testing/arbitraries';
 * const scaleOf = (row: Float64Array) => row.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
 * const perRow = (w: Float64Array) => [0, 1].every((r) => scaleOf(w.subarray(16 * r, 16 * r + 16)) > 0);
 * const { counterexample } = fc.check(fc.property(weights(2, 16), perRow));
 * counterexample?.[0].some((w) => w !== 0); // false: a channel of zeros has no scale
 */
export function weights(rows: number, columns: number): fc.Arbitrary<Float64Array> {
  checkInteger('rows', rows, 1, 2 ** 12);
  checkInteger('columns', columns, 1, 2 ** 12);
  const row = fc
    .record({
      kind: fc.constantFrom('plain', 'plain', 'plain', 'zero', 'outlier'),
      binades: fc.integer({ min: -3, max: 3 }),
      at: fc.nat({ max: columns - 1 }),
      parts: fc.array(normal(), { minLength: columns, maxLength: columns }),
    })
    .map(({ kind, binades, at, parts }) => {
      const scale = (kind === 'zero' ? 0 : 2 ** binades) / Math.sqrt(columns);
      return parts.map((part, i) => part * scale * (kind === 'outlier' && i === at ? 50 : 1) + 0);
    });
  const drawn = fc.array(row, { minLength: rows, maxLength: rows }).map((all) => all.flat());
  return numbersOf(drawn, { holds: Number.isFinite });
}
