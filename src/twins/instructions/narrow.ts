/**
 * Which aligned sums binary32 lanes form: of products that they hold exactly, four in a vector in place of two.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Program } from './compile.ts';

/** Exponents of operands. Their products, cut to any grid that keeps some of them, stay above binary32's last bit, 2^-149. */
const LEAST = -34;
const MOST = 28;
/** The binade of an element that is zero: no product of it reaches 2^-70, below which there is no other, but one by an infinity. */
export const NARROW_ZERO_BINADE: number = 2 ** -100;

/**
 * Whether all that reads elements are aligned sums of neighbours' products, which cut toward zero or down and where zeros have no
 * exponent; and the products have 24 significant bits at most.
 */
export function areShort({ a, b, product, scale }: ProductPlan, { table, areAlignedRuns }: Program): boolean {
  if (product !== null || scale !== null || !areAlignedRuns) return false;
  if (precisionOf(a.format) + precisionOf(b.format) > 24) return false;
  return table.every((each) => {
    // All others add up results.
    if (each.kind !== 'aligned') return true;
    const { lost, group = 1, lanes = 1, zeroRule = 'out', productOverflow, output } = each;
    const { emax } = output.format as { emax: number };
    const isBounded = productOverflow === 'infinity' && emax < 2 * MOST;
    return lost !== 'odd' && group === 1 && lanes === 1 && zeroRule === 'out' && !isBounded;
  });
}

function precisionOf(format: Format): number {
  return format.kind === 'float' ? format.precision : Infinity;
}

/** Whether operands stay in the range that such lanes ask for: by their formats, or as they are. */
export function areNear(
  { a, b, width, pairing }: ProductPlan,
  raw: RawProductInputs,
  first: number,
  end: number,
): boolean {
  const ofPart = (x: FloatArray): FloatArray => x.subarray(first * width, end * width);
  return (
    (isNear(a.format) || isWithin(ofPart(raw.a))) &&
    (isNear(b.format) || isWithin(pairing.kind === 'rows' ? ofPart(raw.b) : raw.b))
  );
}

function isNear(format: Format): boolean {
  return format.kind === 'float' && format.emin >= LEAST && format.emax <= MOST;
}

function isWithin(x: FloatArray): boolean {
  const [least, most] = [2 ** LEAST, 2 ** MOST];
  for (let i = 0; i < x.length; i++) {
    const magnitude = Math.abs(x[i] as number);
    if (!(magnitude <= most && (magnitude >= least || magnitude === 0))) return false;
  }
  return true;
}
