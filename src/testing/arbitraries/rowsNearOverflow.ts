/**
 * Arbitrary rows whose sums come near the end of a register's range.
 *
 * @module
 */
import fc from 'fast-check';
import { accumulatorRounding, leaves } from '../../accumulators/walk.ts';
import { checkInteger, checkName } from '../../errors/index.ts';
import { isValue, round } from '../../rounding/index.ts';
import { findVectorUnit, type Target, type TargetName, type VectorUnit } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import { numbersOf, rounded, stepped } from './numbers.ts';

/** Kernels that sum a row, or its squares. */
const kernels = ['sum', 'rmsNorm', 'layerNorm'] as const;

/**
 * Rows, as a target's vector unit loads them, whose sum (`sum`) or sum of squares (`rmsNorm`, `layerNorm`: of deviations from the
 * mean) lies around the largest number of its registers, from about half of it to about twice: two to a few hundred large numbers among
 * zeros, or all. The more there are, the farther is a single term from that limit; one of two may reach it alone. Random data of usual
 * size never comes there. Shrinks to few round numbers.
 *
 * @param target - with a vector unit
 * @param width - 2 … 2^20
 * @example
 * import fc from 'fast-check';
 * import { layerNorm } from 'bittrue/kernels';
 * import { rowsNearOverflow } from 'bittrue/testing/arbitraries';
 * const overflows = (x: Float64Array) => {
 *   const { counts } = layerNorm(x, { rows: 1, width: 768, target: 'fp16' }).report;
 *   return counts.squareSum.overflow > 0 && counts.square.overflow === 0;
 * };
 * const property = fc.property(rowsNearOverflow('fp16', 'layerNorm', 768), (x) => !overflows(x));
 * const { failed, counterexample } = fc.check(property, { numRuns: 100 });
 * failed; // true
 * counterexample?.[0].filter((one) => one !== 0).length; // 2
 */
export function rowsNearOverflow(
  target: Target | TargetName,
  kernel: (typeof kernels)[number],
  width: number,
): fc.Arbitrary<Float64Array> {
  const unit = findVectorUnit(givenTarget('target', target));
  checkName('kernel', kernel, kernels);
  checkInteger('width', width, 2, 2 ** 20);
  const { format } = unit.load;
  const limit = limitOf(unit);
  const counts = [2, 3, 4, 8, 16, 64, 256].filter((n) => n < width);
  const read = (x: number): number => round(format, x, { overflow: 'saturate' });
  const row = fc
    .record({
      count: fc.constantFrom(...counts, width),
      from: fc.nat({ max: width - 1 }),
      stride: fc.constantFrom(1, 1, 7, Math.max(1, Math.floor(width / 3))),
      share: fc.double({ min: 0.5, max: 2, noNaN: true }),
      spread: fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 8, maxLength: 8 }),
      alternates: fc.boolean(),
    })
    .map(({ count, from, stride, share, spread, alternates }) => {
      const term = (limit * share) / count;
      const size = kernel === 'sum' ? term : Math.sqrt(term);
      const numbers = new Array<number>(width).fill(0);
      for (let n = 0; n < count; n++) {
        const sign = (kernel === 'layerNorm' || alternates) && kernel !== 'sum' && n % 2 === 1 ? -1 : 1;
        const at = count === width ? n : (from + n * stride) % width;
        numbers[at] = read(sign * size * (1 + (spread[n % spread.length] as number)));
      }
      return numbers;
    });
  const power = kernel === 'sum' ? 1 : 2;
  /** Two numbers that together come as far, round ones first: opposite ones where the mean is taken away. */
  const instead = (value: Float64Array): Float64Array[] => {
    const total = value.reduce((sum, x) => sum + Math.abs(x) ** power, 0);
    const size = (total / 2) ** (1 / power);
    const sizes = [1, 2, 3, 4].flatMap((digits) => [rounded(size, digits), stepped(size, digits, 1)]);
    return sizes.map((x) => {
      const pair = new Float64Array(width);
      pair.set([x, kernel === 'layerNorm' ? -x : x]);
      return pair;
    });
  };
  return numbersOf(row, { holds: (x) => isValue(format, x), instead });
}

/** The largest number that all registers of a unit's sums hold. */
function limitOf({ reduction, accumulate }: VectorUnit): number {
  return leaves(reduction).reduce((least, { accumulator }) => {
    if (accumulator.kind === 'integer') return Math.min(least, 2 ** (accumulator.bits - 1));
    return Math.min(least, accumulatorRounding(accumulator).format.max);
  }, accumulate.format.max);
}
