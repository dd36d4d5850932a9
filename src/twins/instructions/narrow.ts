/**
 * Which aligned sums binary32 lanes form: of products that they hold exactly, four in a vector in place of two.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { ProductPlan } from '../../specification/products/plan.ts';
import type { Program } from './compile.ts';

/** The binade of an element that is zero: so far below all others that no product of it counts, and one by an infinity is infinite. */
export const NARROW_ZERO_BINADE: number = 2 ** -60;
/** Exponents of operands; of these no product of a zero's binade reaches 2^-40, below which there is no other. */
const LEAST = -18;
const MOST = 16;

/**
 * Whether all that reads elements are aligned sums of neighbours' products, of numbers of few bits and a small range, which cut toward zero or
 * down, and where zeros have no exponent.
 */
export function areNarrow({ a, b, product, scale }: ProductPlan, { table, ofValues, areNeighbours }: Program): boolean {
  if (product !== null || scale !== null || !areNeighbours || !isShort(a.format, b.format)) return false;
  const readers = table.filter((each) => !ofValues.has(each));
  return (
    readers.length > 0 &&
    readers.every((each) => {
      if (each.kind !== 'aligned') return false;
      const { lost, group = 1, lanes = 1, zeroRule = 'out', productOverflow, output } = each;
      const isBounded =
        productOverflow === 'infinity' && output.format.kind === 'float' && output.format.emax < 2 * MOST;
      return lost !== 'odd' && group === 1 && lanes === 1 && zeroRule === 'out' && !isBounded;
    })
  );
}

function isShort(a: Format, b: Format): boolean {
  if (a.kind !== 'float' || b.kind !== 'float') return false;
  return a.precision + b.precision <= 24 && [a, b].every(({ emin, emax }) => emin >= LEAST && emax <= MOST);
}
