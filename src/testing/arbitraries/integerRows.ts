/**
 * Arbitrary rows of integers, of the kinds that break registers.
 *
 * @module
 */
import fc from 'fast-check';
import { BittrueError, checkInteger } from '../../errors/index.ts';
import { checkFormat } from '../../formats/check.ts';
import type { Format } from '../../formats/index.ts';
import { isValue } from '../../rounding/index.ts';
import { numbersOf } from './numbers.ts';

/** Widest rows. */
const WIDEST = 2 ** 20;

/**
 * Rows of an integer format's numbers: any; the ends of the range alone; a rise followed by a fall, which ends near zero though
 * its partial sums do not; alternating ends; few numbers other than zero. Shrinks to few small numbers.
 *
 * @param format - an integer format
 * @param width - 1 … 2^20
 * @example
 * import fc from 'fast-check';
 * import { int8 } from 'bittrue/formats';
 * import { dot } from 'bittrue/kernels';
 * import { integerRows } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(64).fill(1);
 * const shape = { rows: 1, width: 64, target: 'integerMac:acc32Saturate' };
 * const exact = (x: Float64Array) => dot(x, ones, shape).output[0] === x.reduce((sum, one) => sum + one, 0);
 * fc.assert(fc.property(integerRows(int8, 64), exact));
 */
export function integerRows(format: Format, width: number): fc.Arbitrary<Float64Array> {
  checkFormat('format', format);
  if (format.kind !== 'integer') throw new BittrueError('unsupported', 'format', 'a float format', 'an integer format');
  checkInteger('width', width, 1, WIDEST);
  const { min, max, fractionBits } = format;
  const scale = 2 ** -fractionBits;
  const any = fc.integer({ min: min / scale, max: max / scale }).map((n) => n * scale);
  const ends = fc.constantFrom(min, max, min + scale, max - scale);
  const of = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(element, { minLength: width, maxLength: width });
  // The least integer has no opposite: the largest brings the sum back, but for one a pair.
  const hill = fc.tuple(ends, any).map(([top, other]) => {
    const fall = min === 0 ? other : isValue(format, -top) ? -top : max;
    return Array.from({ length: width }, (_, i) => (2 * i < width ? top : fall));
  });
  const alternating = fc
    .tuple(ends, ends)
    .map(([p, q]) => Array.from({ length: width }, (_, i) => (i % 2 === 0 ? p : q)));
  const few = fc
    .array(fc.tuple(fc.nat({ max: width - 1 }), fc.oneof(any, ends)), { minLength: 1, maxLength: 4 })
    .map((placed) => {
      const row = new Array<number>(width).fill(0);
      for (const [at, x] of placed) row[at] = x;
      return row;
    });
  return numbersOf(fc.oneof(of(any), of(ends), hill, alternating, few), { holds: (x) => isValue(format, x) });
}
