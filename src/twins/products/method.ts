/**
 * How the sums of a row of a product are formed: the method, as data, from the unit's roundings and then from the operands.
 *
 * @module
 */
import type { FloatAccumulator, Reduction } from '../../accumulators/reduction.ts';
import type { productMethod } from '../../engine/layouts.ts';
import { hasFused, type LaneBytes, roundingBlock } from '../../engine/roundingBlock.ts';
import { binary32 } from '../../formats/binary32.ts';
import { areEqual } from '../../formats/nameOf.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { chooseLane } from '../lanes/tile.ts';

/** How the outputs are formed. */
export interface Method {
  /**
   * `general`: one operation after the other, always counted. `nearestEven`: ties to even, where an overflow shows in the
   * sum. `shortBinary32`: formats of binary32's exponents and a shorter fraction. `binary32`: the lanes' own sums.
   */
  readonly name: keyof typeof productMethod;
  readonly lane: LaneBytes;
  /** The rounding of products; null: they are fused into sums. */
  readonly product: Rounding | null;
  readonly sum: Rounding;
}

/** The one chain that a reduction is: a sequence, or tiles of it that chain. */
function chainOf(reduction: Reduction): FloatAccumulator | null {
  if (reduction.kind === 'tiled') return reduction.across === 'chain' ? chainOf(reduction.within) : null;
  if (reduction.kind !== 'sequential' || reduction.order === 'descending' || reduction.start === 'first') return null;
  return reduction.accumulator.kind === 'float' ? reduction.accumulator : null;
}

/** Whether lanes of a width round so without the general rounding. */
export function isNearestEven(rounding: Rounding, lane: LaneBytes): boolean {
  const block = roundingBlock(rounding, lane);
  return block !== null && !block.isGeneral;
}

/** Whether a rounding is the lanes' own binary32 addition. */
function isNative({ format, policy }: Rounding): boolean {
  const { rounding, overflow, subnormals, tininess } = policy;
  const isPlain = rounding === 'tiesToEven' && subnormals === 'gradual' && tininess === 'afterRounding';
  return isPlain && (overflow === 'ieee' || overflow === 'infinity') && areEqual(format, binary32);
}

function isSame(a: Rounding, b: Rounding): boolean {
  return areEqual(a.format, b.format) && JSON.stringify(a.policy) === JSON.stringify(b.policy);
}

/** The method for any operands, or null where the unit has none. */
export function methodOf({ a, b, product, reduction, scale }: ProductPlan): Method | null {
  const accumulator = chainOf(reduction);
  if (accumulator === null || scale !== null) return null;
  const sum = accumulator.rounding;
  const isFused = accumulator.fused === true;
  if (isFused !== (product === null) || (isFused && !hasFused(sum))) return null;
  if (isFused && isNative(sum) && chooseLane([a, b], [[a, b]], [4]) === 4) {
    return { name: 'binary32', lane: 4, product, sum };
  }
  const own = product === null ? [sum] : [product, sum];
  const lane = chooseLane([a, b, ...own], [[a, b]]);
  if (lane === null) return null;
  const isEach =
    own.every((rounding) => isNearestEven(rounding, lane) && isOverflowVisible(rounding, lane)) &&
    (product === null || isWithin(product, sum, lane));
  return { name: isEach ? 'nearestEven' : 'general', lane, product, sum };
}

/** Whether a rounding's overflow gives an infinity or a NaN, which no later addition removes: the sum's end then shows it. */
function isOverflowVisible(rounding: Rounding, lane: LaneBytes): boolean {
  const block = roundingBlock(rounding, lane);
  return block !== null && !Number.isFinite(block.constants.top as number) && (block.overflowAccounting & 3) === 0;
}

/** Whether products are values of the sum's format, and the lanes' nearest sum before its rounding changes nothing. */
function isWithin({ format: a }: Rounding, { format: b }: Rounding, lane: LaneBytes): boolean {
  if (a.kind !== 'float' || b.kind !== 'float' || b.precision > (lane === 4 ? 11 : 25)) return false;
  return a.precision <= b.precision && a.emin - a.mantissaBits >= b.emin - b.mantissaBits && a.max <= b.max;
}

/** Whether every value of one rounding is one of another, which then changes nothing and has nothing to tell. */
export function isIdentity({ format: a }: Rounding, { format: b, policy }: Rounding): boolean {
  if (a.kind !== 'float' || b.kind !== 'float' || policy.subnormals !== 'gradual') return false;
  const isWithin = a.precision <= b.precision && a.emin - a.mantissaBits >= b.emin - b.mantissaBits && a.max <= b.max;
  const keepsInfinity = b.infinities !== 'none' && policy.overflow !== 'saturate';
  return isWithin && b.signed && b.negativeZero && b.nan !== 'none' && keepsInfinity && b.lowest === 'subnormal';
}

/** Whether the method's products and sums only round, where they do not overflow. */
export function canBeOverflowFree({ name, lane, product, sum }: Method): boolean {
  if (lane !== 4 || product === null) return false;
  if (name === 'shortBinary32') return true;
  return isNearestEven(product, 4) && isNearestEven(sum, 4) && isWithin(product, sum, 4);
}

/** Whether a rounding is to binary32's exponents, to nearest, ties to even, to at most 11 bits: bfloat16, tf32. */
function hasShortBinary32(rounding: Rounding): boolean {
  const { format } = rounding;
  if (format.kind !== 'float' || !isNearestEven(rounding, 8) || !isOverflowVisible(rounding, 8)) return false;
  const { emin, emax, precision, infinities, negativeZero } = format;
  return emin === -126 && emax === 127 && precision <= 11 && infinities === 'ieee' && negativeZero;
}

/** A faster method for formats of eight exponent bits, when these operands' products stay normal in binary32. */
export function refine(plan: ProductPlan, method: Method, { a, b }: RawProductInputs): Method {
  const { product, sum, lane } = method;
  if (lane === 4 || !hasShortBinary32(plan.a) || !hasShortBinary32(plan.b)) return method;
  const isOwn = product === null ? isNative(sum) : isSame(product, sum) && hasShortBinary32(sum);
  if (!isOwn || !(isIdentity(sum, plan.output) || isNearestEven(plan.output, 4))) return method;
  const [least, most] = extent(a);
  const [leastB, mostB] = extent(b);
  // Loading may double a number, and halve it, at most.
  const isNormal = least * leastB >= 2 ** -120 && most * mostB <= 2 ** 120;
  return isNormal ? { ...method, lane: 4, name: product === null ? 'binary32' : 'shortBinary32' } : method;
}

/** The smallest magnitude other than zero, and the largest; of no numbers, one. Infinities count as none. */
function extent(x: FloatArray): [number, number] {
  let least = Infinity;
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const a = Math.abs(x[i] as number);
    if (a < least && a > 0) least = a;
    if (a > most && a !== Infinity) most = a;
  }
  return [least === Infinity ? 1 : least, most === 0 ? 1 : most];
}
