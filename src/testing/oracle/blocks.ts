/**
 * Blocks of numbers under a shared scale, read out from the rules' definitions: every scale and every element is a
 * rational number that is rounded once, or a step of a producer's recipe in binary32.
 *
 * @module
 */
import { checkNumber, checkPositive } from '../../errors/index.ts';
import type { AnyBlock, ElementFormat } from '../../formats/index.ts';
import type { Policy } from '../../rounding/policy.ts';
import { checkElement, checkFloat, checkNumberList, fields, listOf, maybe, name, options } from './checks.ts';
import { nearestOf } from './codebook.ts';
import { roundToUnits } from './direction.ts';
import { approximately, type Exact, exactly, nan } from './exact.ts';
import { OVERFLOW, SATURATION, UNDERFLOW } from './flags.ts';
import { limitsOf } from './limits.ts';
import * as exact from './rational.ts';
import { compareMagnitudes, divide, floorLog2, isZero, multiply, type Rational, rational } from './rational.ts';
import { project, type Rounded } from './round.ts';
import { policyOf, single } from './single.ts';

/** A producer, with everything spelled out. */
export interface OracleBlockRecipe {
  /** A rule of one's own: the limit that no number may exceed under its scale (of several the one that errs least), or a table of scales. */
  readonly scaleRule:
    | 'floor'
    | 'ceil'
    | 'rceil'
    | 'even'
    | 'tosa'
    | 'amax'
    | { readonly limit: number | readonly number[] }
    | { readonly scales: readonly number[] };
  readonly rounding: Exclude<Policy['rounding'], 'stochastic'>;
  readonly zero: 'smallest' | number;
  readonly tooLarge: 'largest' | 'infinity' | 'nan';
  readonly infinity: 'nan' | 'largest';
  readonly division: 'exact' | 'reciprocal';
}

/** One block. */
export interface OracleBlock {
  readonly scale: number;
  /** Values of the element format; none where the scale is NaN. */
  readonly elements: readonly number[];
  readonly clips: number;
  readonly underflows: number;
  readonly zeroed: number;
  readonly scaleUnderflows: number;
  readonly scaleOverflows: number;
}

/** A scale, whether it is above or below what the format has, and the factor of a producer that multiplies. */
export interface Scale {
  readonly value: number;
  readonly over: boolean;
  readonly under: boolean;
  readonly factor?: Exact;
  /** Of a second grid: multiplied by this too, in binary32. */
  readonly inverse?: Rational;
  /** What a producer divides by in binary32. */
  readonly divisor?: Rational;
}

export const checkBlockFormat = fields('a block format, such as mxfp4', {
  element: checkElement,
  scale: checkFloat,
  tensorScale: maybe(checkFloat),
});
const checkRecipe = options('a recipe', {
  scaleRule: (argument, value) => {
    if (typeof value !== 'object') name('floor', 'ceil', 'rceil', 'even', 'tosa', 'amax')(argument, value);
  },
  rounding: name('tiesToEven', 'tiesToAway', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd'),
  zero: (argument, value) => {
    if (value !== 'smallest') checkPositive(argument, value);
  },
  tooLarge: name('largest', 'infinity', 'nan'),
  infinity: name('nan', 'largest'),
  division: name('exact', 'reciprocal'),
});
export const checkBlocks = listOf(checkNumberList);
const checkBlock = fields('a block of the oracle', { scale: checkNumber, elements: checkNumberList });

/** A block without a tensor scale. */
export function oracleBlock(format: AnyBlock, recipe: OracleBlockRecipe, x: readonly number[]): OracleBlock {
  checkBlockFormat('format', format);
  checkRecipe('recipe', recipe);
  checkNumberList('x', x);
  const { scaleRule: rule } = recipe;
  const limits = typeof rule === 'object' && 'limit' in rule ? [rule.limit].flat() : [];
  if (limits.length <= 1) return filled(format, recipe.rounding, x, scaleOf(format, recipe, x));
  const found = limits.map((limit) => {
    const own = { ...recipe, scaleRule: { limit } };
    return filled(format, recipe.rounding, x, scaleOf(format, own, x));
  });
  // The sum of squares is stated in binary64, which is what these operators compute in.
  const errors = found.map(({ scale, elements }) =>
    x.reduce((sum, v, i) => sum + ((elements[i] as number) * scale - v) ** 2, 0),
  );
  return found.reduce((best, one) => (errors[found.indexOf(one)]! < errors[found.indexOf(best)]! ? one : best));
}

function scaleOf({ element, scale }: AnyBlock, recipe: OracleBlockRecipe, x: readonly number[]): Scale {
  const settled = (value: number): Scale => ({ value, over: false, under: false });
  const limits = limitsOf(scale);
  const wide = recipe.division === 'reciprocal';
  if (x.some(Number.isNaN)) return settled(Number.NaN);
  const read = x.map((v) => (wide ? single(exactly(v)) : exactly(v)));
  if (read.some(({ kind }) => kind === 'infinite')) {
    const value = recipe.infinity === 'nan' ? Number.NaN : exact.toNumber(limits.max);
    return { value, over: x.every(Number.isFinite), under: false };
  }
  const found = largest(x);
  const isEmpty = isZero(found);
  if (isEmpty && recipe.zero === 'smallest') return settled(limits.hasZero ? 0 : exact.toNumber(limits.smallest));
  const amax = isEmpty ? exact.fromNumber(recipe.zero as number) : found;
  const policy = policyOf('tiesToEven', recipe.tooLarge === 'largest' ? 'saturate' : recipe.tooLarge);
  const counted = (result: Scale): Scale => (isEmpty ? { ...result, over: false, under: false } : result);

  const { scaleRule: rule } = recipe;
  if (typeof rule === 'object' && 'scales' in rule) {
    const holds = (s: number): boolean => compareMagnitudes(multiply(exact.fromNumber(s), topOf(element)), amax) >= 0;
    const value = rule.scales.find(holds);
    return counted({ value: value ?? (rule.scales.at(-1) as number), over: value === undefined, under: false });
  }
  const limit = typeof rule === 'object' ? exact.fromNumber(rule.limit as number) : topOf(element);
  if (rule !== 'amax' && !(typeof rule === 'object' && scale.mantissaBits > 0)) {
    const power = rational(
      false,
      1n,
      typeof rule === 'object' ? reaching(amax, limit) : exponentBy(rule, element, amax),
    );
    const least = rational(false, 1n, limits.emin);
    // The power is a number of the format, or it overflows; below the format's powers it is raised.
    const under = compareMagnitudes(power, least) < 0;
    const { value, flags } = project(scale, policy, under ? least : power);
    return { ...counted({ value, over: false, under }), over: (flags & OVERFLOW) !== 0 };
  }
  const quotient = wide ? single(divide(single(amax) as Rational, limit)) : divide(amax, limit);
  if (quotient.kind !== 'finite') throw new Error('a quotient of finite numbers');
  const vanished = isZero(quotient);
  const rounded: Rounded = vanished
    ? { value: limits.hasZero ? 0 : exact.toNumber(limits.smallest), flags: 0 }
    : project(scale, policy, quotient);
  return counted({
    value: rounded.value,
    over: (rounded.flags & OVERFLOW) !== 0,
    under: rounded.value === 0 || (!limits.hasZero && compareMagnitudes(quotient, limits.smallest) < 0),
    ...(wide ? { factor: vanished ? exact.zero() : single(divide(rational(false, 1n), quotient)) } : {}),
  });
}

/** The smallest power of two whose product with `bound` reaches x. */
function reaching(x: Rational, bound: Rational): number {
  let k = floorLog2(x) - floorLog2(bound) - 1;
  while (compareMagnitudes(exact.scaleByPowerOfTwo(bound, k), x) < 0) k += 1;
  return k;
}

/** log2 of a scale, from what each rule promises. */
function exponentBy(
  rule: Extract<OracleBlockRecipe['scaleRule'], string>,
  element: ElementFormat,
  amax: Rational,
): number {
  const top = topOf(element);
  const binade = floorLog2(top);
  if (element.kind === 'codebook' && (rule === 'even' || rule === 'tosa')) throw new Error('no fraction bits');
  const digits =
    element.kind === 'codebook' ? 0 : element.kind === 'float' ? element.mantissaBits : element.fractionBits + binade;
  const shortened = (rounding: 'tiesToEven' | 'tiesToAway'): Rational => {
    const quantum = floorLog2(amax) - digits;
    return rational(false, roundToUnits(amax, quantum, { rounding }).units, quantum);
  };
  switch (rule) {
    case 'floor':
      return floorLog2(amax) - binade;
    case 'ceil':
      return reaching(amax, rational(false, 1n, binade));
    case 'rceil':
      return reaching(amax, top);
    case 'even':
      return floorLog2(shortened('tiesToAway')) - binade;
    case 'tosa':
      return reaching(shortened('tiesToEven'), top);
    case 'amax':
      throw new Error('amax gives no exponent');
  }
}

/** Elements under their scale, and what became of the numbers. */
export function filled(
  format: AnyBlock,
  rounding: Policy['rounding'],
  x: readonly number[],
  scale: Scale,
): OracleBlock {
  const { element } = format;
  const counts = { clips: 0, underflows: 0, zeroed: 0 };
  const about = { scaleUnderflows: scale.under ? 1 : 0, scaleOverflows: scale.over ? 1 : 0 };
  if (Number.isNaN(scale.value)) return { scale: scale.value, elements: [], ...counts, ...about };
  const policy = policyOf(rounding, 'saturate');
  const elements = x.map((number) => {
    const { value, flags } = placed(element, policy, quotientOf(number, scale));
    if (value === 0 || scale.value === 0) {
      if (number !== 0) counts.underflows += 1;
      if (number !== 0) counts.zeroed += 1;
      return value;
    }
    if ((flags & UNDERFLOW) !== 0) counts.underflows += 1;
    if ((flags & (OVERFLOW | SATURATION)) !== 0) counts.clips += 1;
    return value;
  });
  return { scale: scale.value, elements, ...counts, ...about };
}

/** A number in an element's format: of a codebook the value on its side of every threshold. */
function placed(element: ElementFormat, policy: Policy, x: Exact): Rounded {
  return element.kind === 'codebook' ? nearestOf(element, x) : project(element, policy, x);
}

/** What a number becomes before it is rounded to an element. */
function quotientOf(x: number, { inverse, ...scale }: Scale): Exact {
  if (inverse === undefined) return underScale(x, scale);
  const scaled = underScale(x, scale);
  return scaled.kind === 'finite' ? single(multiply(scaled, inverse)) : scaled;
}

function underScale(x: number, { value, factor, divisor }: Scale): Exact {
  const number = exactly(x);
  if (divisor !== undefined) {
    const read = single(number);
    if (read.kind !== 'finite' || isZero(read)) return read;
    return isZero(divisor) ? { kind: 'infinite', negative: read.negative } : single(divide(read, divisor));
  }
  if (factor !== undefined) {
    const read = single(number);
    if (read.kind !== 'finite' || factor.kind !== 'finite') {
      return read.kind === 'finite' && isZero(read) ? read : signed(factor, read);
    }
    return single(multiply(read, factor));
  }
  const scale = exactly(value);
  if (number.kind !== 'finite') return number;
  if (scale.kind !== 'finite') return exact.zero(number.negative);
  return isZero(scale) ? exact.zero(number.negative) : divide(number, scale);
}

/** An infinity with the sign of a product. */
function signed(a: Exact, b: Exact): Exact {
  if (a.kind === 'nan' || b.kind === 'nan') return nan;
  return { kind: 'infinite', negative: a.negative !== b.negative };
}

/** The element's largest number. */
export function topOf(element: ElementFormat): Rational {
  if (element.kind === 'codebook') return largest(element.values.filter(Number.isFinite));
  if (element.kind === 'float') return limitsOf(element).max;
  return rational(false, 2n ** BigInt(element.bits - 1) - 1n, -element.fractionBits);
}

function largest(x: readonly number[]): Rational {
  return x
    .map((v) => exact.absolute(exact.fromNumber(v)))
    .reduce((a, b) => (compareMagnitudes(a, b) < 0 ? b : a), exact.zero());
}

export function largestOf(x: readonly number[]): Exact {
  return x.every(Number.isFinite) ? largest(x) : { kind: 'infinite', negative: false };
}

/** What a block represents, exactly. */
export function oracleBlockValues(block: OracleBlock, tensorScale = 1): number[] {
  checkBlock('block', block);
  checkPositive('tensorScale', tensorScale);
  const { scale, elements } = block;
  return elements.map((value) => {
    const [a, b, c] = [value, scale, tensorScale].map(exactly) as [Exact, Exact, Rational];
    if (a.kind === 'finite' && b.kind === 'finite') return approximately(multiply(multiply(a, b), c));
    return Number.isNaN(value) || value === 0 ? Number.NaN : value > 0 ? Infinity : -Infinity;
  });
}
