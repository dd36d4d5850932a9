/**
 * Arbitrary operands of matrix products.
 *
 * @module
 */
import fc from 'fast-check';
import { checkInteger, checkObject } from '../../errors/index.ts';
import { checkFormat } from '../../formats/check.ts';
import type { Format } from '../../formats/index.ts';
import { isValue } from '../../rounding/index.ts';
import { transposed } from '../../tensors/transposed.ts';
import { numbersOf } from './numbers.ts';
import { values } from './reals.ts';

/** Shapes. */
export interface MatricesConstraints {
  /** @defaultValue 4 */
  readonly maxM?: number;
  /** @defaultValue 4 */
  readonly maxN?: number;
  /** @defaultValue 40: more than one block of most matrix units */
  readonly maxK?: number;
}

/** Operands of `matmul`, row-major. */
export interface Matrices {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** [m, k] */
  readonly a: Float64Array;
  /** [k, n] */
  readonly b: Float64Array;
}

/**
 * Two matrices that multiply: finite values of a format, all alike in size, or spread over the format's range; rows with large
 * numbers that cancel. Shrinks to a small product with few elements other than zero.
 *
 * @param format - of both operands
 * @example
 * import fc from 'fast-check';
 * import { binary16 } from 'bittrue/formats';
 * import { matmul } from 'bittrue/kernels';
 * import { matrices } from 'bittrue/testing/arbitraries';
 * const transpose = (x: Float64Array, rows: number, columns: number) =>
 *   x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)] as number);
 * const symmetric = ({ a, b, m, n, k }: { a: Float64Array; b: Float64Array; m: number; n: number; k: number }) => {
 *   const product = matmul(a, b, { m, n, k, target: 'h100:f16' }).output;
 *   const other = matmul(transpose(b, k, n), transpose(a, m, k), { m: n, n: m, k, target: 'h100:f16' }).output;
 *   return product.every((x, i) => Object.is(x, transpose(other, n, m)[i]));
 * };
 * fc.assert(fc.property(matrices(binary16), symmetric), { numRuns: 20 });
 */
export function matrices(format: Format, constraints: MatricesConstraints = {}): fc.Arbitrary<Matrices> {
  checkFormat('format', format);
  checkObject('constraints', constraints, ['maxM', 'maxN', 'maxK']);
  const { maxM = 4, maxN = 4, maxK = 40 } = constraints;
  for (const [name, size] of Object.entries({ maxM, maxN, maxK }))
    checkInteger(`constraints.${name}`, size, 1, 2 ** 12);
  const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
  return fc.tuple(size(maxM), size(maxN), size(maxK)).chain(([m, n, k]) =>
    fc.tuple(operand(format, m, k), operand(format, n, k)).map(([a, b]) => ({
      ...{ m, n, k, a },
      b: transposed(b, n, k),
    })),
  );
}

/** Rows along K. */
function operand(format: Format, rows: number, k: number): fc.Arbitrary<Float64Array> {
  const finite = values(format, { noNaN: true, noInfinity: true });
  const small = fc.integer({ min: -8, max: 8 }).filter((x) => isValue(format, x));
  const of = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(element, { minLength: rows * k, maxLength: rows * k });
  // Neighbours along K that cancel, but for what lies between them.
  const cancelling = fc
    .tuple(of(small), finite, fc.nat({ max: k - 1 }), fc.nat({ max: k - 1 }))
    .map(([all, x, p, q]) => {
      for (let row = 0; row < rows; row++) {
        all[row * k + p] = x;
        all[row * k + q] = isValue(format, -x) ? -x : x;
      }
      return all;
    });
  return numbersOf(fc.oneof(of(small), of(finite), cancelling), { holds: (x) => isValue(format, x) });
}
