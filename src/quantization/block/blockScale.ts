/**
 * The scale under a block, from its largest magnitude, as a recipe chooses it.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError, checkPositive } from '../../errors/index.ts';
import { type AnyBlock, binary32, type FloatFormat, formatName } from '../../formats/index.ts';
import { fitsScale } from '../../formats/scaleRule.ts';
import { isValue } from '../../rounding/codes.ts';
import { decoder } from '../../rounding/decoder.ts';
import {
  OVERFLOW,
  type OverflowPolicy,
  resolvePolicy,
  SATURATION,
  SCALE_OVERFLOW,
  SCALE_UNDERFLOW,
  UNDERFLOW,
} from '../../rounding/index.ts';
import { powerOfTwo } from '../../rounding/rounder.ts';
import { type Elements, elementsOf } from './elements.ts';
import type { BlockRecipe, OwnRule, ScaleFunction, ScaleList } from './recipe.ts';
import { emptyRun, type Placed, roomFor } from './run.ts';
import { exponentBy, limitExponent } from './scaleExponent.ts';

/** A block's scale. */
export interface BlockScale {
  /** A value of the scale format: a number, NaN, or an infinity. */
  readonly scale: number;
  /** `SCALE_UNDERFLOW`, `SCALE_OVERFLOW`, or 0. */
  readonly flags: number;
  /** What elements are multiplied by, in binary32; null where they are divided. */
  readonly factor: number | null;
  /** What they are divided by, in binary32; null where they are divided by the scale, exactly. */
  readonly divisor: number | null;
  /** Of a choice: elements are of the second grid, multiplied by this too; the scale is stored with a sign. Null of the first grid. */
  readonly inverse: number | null;
}

/**
 * A producer's choice for a block of that largest magnitude, which is NaN where the block holds one; `data`, `from`, `to`: its
 * numbers.
 */
export type ChooseScale = (amax: number, data: Float64Array, from: number, to: number) => BlockScale;

/**
 * The scales that a recipe chooses for a format without a tensor scale.
 *
 * @throws {@link BittrueError} `unsupported` for a recipe whose rule does not fit the format's scales
 */
export function scaleChooser(format: AnyBlock, recipe: BlockRecipe): ChooseScale {
  const rule = recipe.scaleRule === 'format' ? format.scaleRule : recipe.scaleRule;
  if (typeof rule !== 'string') return ownRule(format, recipe, rule);
  if (rule === 'nvfp4' || !fitsScale(rule, format.scale)) {
    const wanted = format.scale.mantissaBits > 0 ? 'amax' : 'amax or one for powers of two';
    throw new BittrueError(
      'unsupported',
      'options.recipe',
      `${recipe.name}, by the rule ${rule}`,
      `the rule ${wanted}`,
    );
  }
  if (recipe.division === 'reciprocal') {
    if (rule === 'amax') return reciprocals(format, recipe, format.element.max);
    throw new BittrueError('unsupported', 'options.recipe', `a reciprocal by the rule ${rule}`, 'the rule amax');
  }
  const choose =
    rule === 'amax'
      ? quotients(format, recipe, format.element.max)
      : powers(format, recipe, exponentBy(rule, format.element));
  return (amax, data, from, to) => settled(format.scale, recipe, amax) ?? choose(amax, data, from, to);
}

/** The scales of a rule of one's own. */
function ownRule(format: AnyBlock, recipe: BlockRecipe, rule: OwnRule): ChooseScale {
  const isFraction = format.scale.mantissaBits > 0;
  const limits = typeof rule === 'object' && 'limit' in rule ? [rule.limit].flat() : null;
  if (recipe.division === 'reciprocal') {
    if (limits?.length === 1 && isFraction) return reciprocals(format, recipe, limits[0]!);
    throw new BittrueError('unsupported', 'options.recipe', 'a reciprocal by this rule', 'the division exact');
  }
  const under = (limit: number): ChooseScale =>
    isFraction ? quotients(format, recipe, limit) : powers(format, recipe, (amax) => limitExponent(limit, amax));
  let choose: ChooseScale;
  if (typeof rule === 'function') choose = functionScales(format, recipe, rule);
  else if (limits === null) choose = listedScales(format, recipe, (rule as ScaleList).scales);
  else if (limits.length === 1) choose = under(limits[0]!);
  else choose = leastError(format, recipe, limits.map(under));
  return (amax, data, from, to) => settled(format.scale, recipe, amax) ?? choose(amax, data, from, to);
}

/** What a function gives, rounded once. */
function functionScales({ scale: format }: AnyBlock, recipe: BlockRecipe, rule: ScaleFunction): ChooseScale {
  const unit = new ValueUnit(format, resolvePolicy(format, { overflow: overflows[recipe.tooLarge] }));
  return (amax, data, from, to) => {
    const numbers = Array.from({ length: to - from }, (_, i) => data[from + i]!);
    const scale = unit.round(checkPositive('options.recipe.scaleRule', rule(stand(amax, recipe), numbers)));
    return divided(scale, amax === 0 ? 0 : scaleFlags(format, scale, unit.flags));
  };
}

/** The first of the listed scales under which nothing is clipped. */
function listedScales(
  { element, scale: format }: AnyBlock,
  recipe: BlockRecipe,
  listed: readonly number[],
): ChooseScale {
  listed.forEach((scale, i) => {
    if (isValue(format, scale)) return;
    throw new BittrueError(
      'value',
      `options.recipe.scaleRule.scales[${i}]`,
      scale,
      `a number of ${formatName(format)}`,
    );
  });
  return (amax) => {
    // A product of a scale and a largest element is a binary64 number.
    const found = listed.find((scale) => stand(amax, recipe) <= element.max * scale);
    return found === undefined ? divided(listed.at(-1)!, amax === 0 ? 0 : SCALE_OVERFLOW) : divided(found);
  };
}

/** Of several scales that whose numbers differ least from the block's, by the sum of squares in binary64, the earlier of equals. */
function leastError({ element }: AnyBlock, { rounding }: BlockRecipe, candidates: readonly ChooseScale[]): ChooseScale {
  const elements = elementsOf(element, rounding);
  const read = decoder(element);
  const into = emptyRun();
  return (amax, data, from, to) => {
    let best: BlockScale | undefined;
    let least = Infinity;
    for (const candidate of candidates) {
      const found = candidate(amax, data, from, to);
      placeElements(elements, data, from, to, found, roomFor(into, to));
      let sum = 0;
      for (let i = from; i < to; i++) {
        const difference = read(into.codes[i]!) * found.scale - data[i]!;
        sum += difference * difference;
      }
      if (best !== undefined && !(sum < least)) continue;
      best = found;
      least = sum;
    }
    return best!;
  };
}

/** The scale that no rule gives: under NaN, infinities and zeros; null under other numbers. */
function settled(scale: FloatFormat, { infinity, zero }: BlockRecipe, amax: number): BlockScale | null {
  if (amax !== amax) return divided(amax);
  if (amax === Infinity) return divided(infinity === 'nan' ? Number.NaN : scale.max);
  return amax === 0 && zero === 'smallest' ? divided(smallest(scale)) : null;
}

function smallest({ lowest, minNormal }: FloatFormat): number {
  return lowest === 'normal' ? minNormal : 0;
}

function divided(scale: number, flags = 0): BlockScale {
  return { scale, flags, factor: null, divisor: null, inverse: null };
}

/** What the rule is given: of an all-zero block, the recipe's number in its place. */
function stand(amax: number, { zero }: BlockRecipe): number {
  return amax === 0 && zero !== 'smallest' ? zero : amax;
}

/** The powers of two of a rule, by their exponents. */
function powers({ scale }: AnyBlock, recipe: BlockRecipe, exponentOf: (amax: number) => number): ChooseScale {
  const { emin, emax } = scale;
  const tooLarge = beyond(scale, recipe);
  return (amax) => {
    const exponent = exponentOf(stand(amax, recipe));
    if (exponent > emax) return divided(tooLarge, SCALE_OVERFLOW);
    if (exponent >= emin) return divided(powerOfTwo(exponent));
    return divided(2 ** emin, amax === 0 ? 0 : SCALE_UNDERFLOW);
  };
}

/** What a recipe puts in the place of a power of two that is too large, as the overflow policies of quotients do. */
function beyond({ infinities, nan, max }: FloatFormat, { tooLarge }: BlockRecipe): number {
  if (tooLarge === 'infinity' && infinities !== 'none') return Infinity;
  return tooLarge === 'largest' || nan === 'none' ? max : Number.NaN;
}

/** amax / M, or over another limit: the exact quotient rounded once. */
function quotients({ scale: format }: AnyBlock, recipe: BlockRecipe, limit: number): ChooseScale {
  const unit = new ValueUnit(format, resolvePolicy(format, { overflow: overflows[recipe.tooLarge] }));
  return (amax) => {
    const scale = unit.divide(stand(amax, recipe), limit);
    return divided(scale, amax === 0 ? 0 : scaleFlags(format, scale, unit.flags));
  };
}

/**
 * d = amax / M, or over another limit, in binary32, the scale d rounded to its format, elements times 1 / d, d itself and not the scale. Numbers
 * that binary32 does not hold are infinities.
 */
function reciprocals({ scale: format }: AnyBlock, recipe: BlockRecipe, limit: number): ChooseScale {
  const singles = new ValueUnit(binary32, resolvePolicy(binary32));
  const scales = new ValueUnit(format, resolvePolicy(format, { overflow: overflows[recipe.tooLarge] }));
  return (amax) => {
    const single = singles.round(stand(amax, recipe));
    if (single === Infinity && amax !== Infinity) return { ...settled(format, recipe, single)!, flags: SCALE_OVERFLOW };
    const known = settled(format, recipe, amax);
    if (known !== null) return known;
    const d = singles.divide(single, limit);
    const scale = d === 0 ? smallest(format) : scales.round(d);
    const raised = d === 0 ? UNDERFLOW : scales.flags;
    return {
      scale,
      flags: amax === 0 ? 0 : scaleFlags(format, scale, raised),
      factor: d === 0 ? 0 : singles.divide(1, d),
      divisor: null,
      inverse: null,
    };
  };
}

const overflows: Readonly<Record<BlockRecipe['tooLarge'], OverflowPolicy>> = {
  largest: 'saturate',
  infinity: 'infinity',
  nan: 'nan',
};

/** What befell the scale of a block with a finite number other than zero, from the flags that its rounding raised; `raised`: by the producer. */
export function scaleFlags({ lowest }: FloatFormat, scale: number, flags: number, raised = false): number {
  if ((flags & OVERFLOW) !== 0) return SCALE_OVERFLOW;
  const isRaised = raised || (lowest === 'normal' && (flags & (UNDERFLOW | SATURATION)) !== 0);
  return scale === 0 || isRaised ? SCALE_UNDERFLOW : 0;
}

/**
 * The elements that stand for x[from], … below `to` under a scale, and what became of these numbers: under a scale of 0 zeros, whatever
 * their codes.
 */
export function placeElements(
  elements: Elements,
  x: Float64Array,
  from: number,
  to: number,
  { scale, factor, divisor, inverse }: BlockScale,
  into: Placed,
): void {
  const { clips, underflows, zeroed } = into;
  if (factor !== null) {
    singleProducts(x, from, to, factor, into.numbers);
    if (inverse !== null) singleProducts(into.numbers, from, to, inverse, into.numbers);
    elements.ofNumbers(x, from, to, into);
  } else if (divisor !== null) {
    singleQuotients(x, from, to, divisor, into.numbers);
    elements.ofNumbers(x, from, to, into);
  } else elements.over(x, from, to, scale, into);
  if (scale !== 0) return;
  let lost = 0;
  for (let i = from; i < to; i++) if (x[i] !== 0) lost++;
  into.clips = clips;
  into.underflows = underflows + lost;
  into.zeroed = zeroed + lost;
}

/** Products of binary32; zeros stay what they are, whatever the factor. */
function singleProducts(x: Float64Array, from: number, to: number, factor: number, out: Float64Array): void {
  for (let i = from; i < to; i++) {
    const single = Math.fround(x[i]!);
    out[i] = single === 0 ? single : Math.fround(single * factor);
  }
}

/** Quotients likewise. */
function singleQuotients(x: Float64Array, from: number, to: number, divisor: number, out: Float64Array): void {
  for (let i = from; i < to; i++) {
    const single = Math.fround(x[i]!);
    out[i] = single === 0 ? single : Math.fround(single / divisor);
  }
}
