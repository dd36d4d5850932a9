/**
 * Blocks that have more than a scale, read out from their definitions: zero points, and a bit of exponent for groups.
 *
 * @module
 */
import { BittrueError, checkPositive } from '../../errors/index.ts';
import type { AnyBlock, IntegerFormat } from '../../formats/index.ts';
import { checkFloat, checkFormat, checkNumberList, fields, integer, listOf, name } from './checks.ts';
import { roundToUnits } from './direction.ts';
import { type Exact, exactly } from './exact.ts';
import * as exact from './rational.ts';
import { compareMagnitudes, divide, isZero, multiply, type Rational, rational } from './rational.ts';
import { project } from './round.ts';
import { bfloat16, policyOf, single } from './single.ts';

/** A producer of blocks with zero points. */
export interface OracleAffineRecipe {
  readonly range: 'own' | 'withZero';
  readonly arithmetic: 'exact' | 'binary32';
  readonly least: number;
  readonly zeros: 'zero' | 'unit';
}

/** A block with a zero point: what its codes stand for is (code − zero) · scale. */
export interface OracleAffineBlock {
  readonly scale: number;
  readonly zero: number;
  readonly codes: readonly number[];
}

const checkBlockFormat = fields('a block format', { element: checkFormat, scale: checkFloat });
const checkAffineRecipe = fields('a recipe', {
  range: name('own', 'withZero'),
  arithmetic: name('exact', 'binary32'),
  least: (argument, value) => {
    if (value !== 0) checkPositive(argument, value);
  },
  zeros: name('zero', 'unit'),
});
const checkGroupRecipe = fields('a recipe', {
  products: name('binary32', 'bfloat16'),
  rounding: name('tiesToEven', 'tiesToAway'),
});
const checkSizes = listOf(integer(1, 2 ** 26));

function checkSome(x: readonly number[]): void {
  checkNumberList('x', x);
  if (x.length === 0) throw new BittrueError('shape', 'x', 0, 'a number or more');
}

/** Null where a number is not finite. */
export function oracleAffine(
  format: AnyBlock,
  zeroFormat: IntegerFormat,
  recipe: OracleAffineRecipe,
  x: readonly number[],
): OracleAffineBlock | null {
  checkBlockFormat('format', format);
  checkFormat('zeroFormat', zeroFormat);
  checkAffineRecipe('recipe', recipe);
  checkSome(x);
  const { element, scale: scaleFormat } = format;
  const isExact = recipe.arithmetic === 'exact';
  const read = x.map((v) => (isExact ? exactly(v) : single(exactly(v))));
  if (!read.every((v): v is Rational => v.kind === 'finite')) return null;
  const step = (v: Exact): Rational => (isExact ? v : single(v)) as Rational;
  const zero = rational(false, 0n);
  const all = recipe.range === 'withZero' ? [zero, ...read] : read;
  let [lo, hi] = [all.reduce(lesser), all.reduce((a, b) => exact.negate(lesser(exact.negate(a), exact.negate(b))))];
  if (read.every(isZero)) [lo, hi] = recipe.zeros === 'unit' ? [rational(true, 1n), rational(false, 1n)] : [zero, zero];
  const most = rational(false, BigInt(element.codes - 1));
  const width = step(exact.add(hi, exact.negate(lo)));
  const least = step(exact.fromNumber(recipe.least));
  const quotient = step(divide(compareMagnitudes(width, least) < 0 ? least : width, most));
  const { value: scale } = project(scaleFormat, policyOf('tiesToEven', 'saturate'), quotient);
  const d = isExact ? exact.fromNumber(scale) : quotient;
  const steps = (v: Rational): bigint => {
    if (isZero(d)) return 0n;
    const q = step(divide(v, d));
    const { units } = roundToUnits(exact.absolute(q), 0, { rounding: 'tiesToEven' });
    return q.negative ? -units : units;
  };
  const clamp = (n: bigint, max: bigint): bigint => (n < 0n ? 0n : n > max ? max : n);
  const point = clamp(-steps(lo), BigInt(zeroFormat.max));
  return {
    scale,
    zero: Number(point),
    codes: read.map((v) => Number(clamp(steps(v) + point, BigInt(element.codes - 1)))),
  };
}

function lesser(a: Rational, b: Rational): Rational {
  const difference = exact.add(a, exact.negate(b));
  return isZero(difference) || difference.negative ? a : b;
}

/** A producer of blocks whose groups have exponents. */
export interface OracleGroupRecipe {
  readonly products: 'binary32' | 'bfloat16';
  readonly rounding: 'tiesToEven' | 'tiesToAway';
}

/** A block whose groups have a bit of exponent each, the outermost level's first; elements without their powers of two. */
export interface OracleGroupBlock {
  readonly scale: number;
  readonly bits: readonly (readonly number[])[];
  readonly elements: readonly number[];
}

/** Null where a number is not finite. */
export function oracleGroupExponents(
  format: AnyBlock,
  groups: readonly number[],
  recipe: OracleGroupRecipe,
  x: readonly number[],
): OracleGroupBlock | null {
  checkBlockFormat('format', format);
  checkSizes('groups', groups);
  checkGroupRecipe('recipe', recipe);
  checkSome(x);
  const { element, scale: scaleFormat } = format;
  if (element.kind === 'codebook')
    throw new BittrueError('unsupported', 'format.element', element.name, 'a float or an integer');
  const half = (v: Exact): Exact => exactly(project(bfloat16, policyOf('tiesToEven', 'ieee'), single(v)).value);
  const round = (v: Exact): Rational => (recipe.products === 'binary32' ? single(v) : half(v)) as Rational;
  const read = x.map((v) => round(exactly(v)));
  if (!read.every(({ kind }) => kind === 'finite')) return null;
  const levels = groups.length;
  const top = exact.fromNumber(element.max * 2 ** levels);
  const share = half(divide(rational(false, 1n), top)) as Rational;
  const wanted = half(multiply(largestOf(read), share)) as Rational;
  const [least, most] = [exact.fromNumber(scaleFormat.minNormal), exact.fromNumber(scaleFormat.max)];
  const within = compareMagnitudes(wanted, least) < 0 ? least : compareMagnitudes(wanted, most) > 0 ? most : wanted;
  const { value: scale } = project(scaleFormat, policyOf('tiesToEven', 'saturate'), within);
  const factor = half(divide(rational(false, 1n), exact.fromNumber(scale))) as Rational;
  const powers = read.map(() => 0);
  const bits = groups.map((group, level) => {
    const found: number[] = [];
    for (let from = 0; from < read.length; from += group) {
      const own = read.slice(from, from + group);
      const reached = exact.scaleByPowerOfTwo(round(multiply(largestOf(own), factor)), -(powers[from] as number));
      found.push(compareMagnitudes(reached, exact.fromNumber(2 ** (levels - level))) >= 0 ? 1 : 0);
    }
    read.forEach((_, i) => {
      powers[i] = (powers[i] as number) + (found[Math.floor(i / group)] as number);
    });
    return found;
  });
  const policy = policyOf(recipe.rounding, 'saturate');
  const elements = read.map((v, i) => {
    const e = round(multiply(exact.scaleByPowerOfTwo(v, -(powers[i] as number)), factor));
    return project(element, policy, recipe.rounding === 'tiesToAway' ? inQuarters(e) : e).value;
  });
  return { scale, bits, elements };
}

/** ⌊4 · |e| + 1/2⌋ / 4 with the sign of e, its product and its sum in binary32. */
function inQuarters(e: Rational): Rational {
  const four = single(exact.scaleByPowerOfTwo(exact.absolute(e), 2)) as Rational;
  const sum = single(exact.add(four, rational(false, 1n, -1))) as Rational;
  const { units } = roundToUnits(sum, 0, { rounding: 'towardZero' });
  return rational(e.negative, units, -2);
}

function largestOf(x: readonly Rational[]): Rational {
  return x.map(exact.absolute).reduce((a, b) => (compareMagnitudes(a, b) < 0 ? b : a));
}
