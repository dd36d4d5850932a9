/**
 * How a block's scale follows from its numbers, and what hand-written quantizers do instead.
 *
 * @module
 */
import type { BlockFormat } from '../../formats/blockFormat.ts';
import { fitsScale, scaleRules } from '../../formats/scaleRule.ts';
import { type BlockRecipe, quantizeBlocks } from '../../quantization/index.ts';
import { decode } from '../../rounding/codes.ts';
import { round } from '../../rounding/round.ts';
import type { Behaviour } from './behaviour.ts';
import { exponentIn } from './grid.ts';

/** How a block's scale is computed. */
export interface BlockScaleSetup {
  /** What stands for the block: its largest magnitude, as it should be. */
  readonly reads: (numbers: readonly number[]) => number;
  /** The scale of a block of that largest magnitude, before `ends`. */
  readonly choose: (amax: number) => number;
  /** What becomes of the scale. */
  readonly ends: readonly ((scale: number, amax: number) => number)[];
}

/** The largest magnitude. */
export function amaxOf(numbers: readonly number[]): number {
  return numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

/**
 * The scale that a recipe, or the format's own rule where there is none, gives a block of a largest magnitude.
 *
 * @param anchor - the tensor's largest magnitude, where it has a scale: in a block of its own before; else null
 */
export function chooser(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  anchor = anchorOf(format),
): (amax: number) => number {
  return (amax) => {
    const data = anchor === null ? [amax] : [anchor, ...new Array<number>(format.size - 1).fill(0), amax];
    const { scaleCodes } = quantizeBlocks(
      { data: Float64Array.from(data), shape: [data.length] },
      format,
      recipe === undefined ? {} : { recipe },
    );
    return Math.abs(decode(format.scale, scaleCodes.at(-1) as number));
  };
}

/** The number that, where a format has a scale for the tensor, makes it 1; else null. */
export function anchorOf({ tensorScale, scale, element }: BlockFormat): number | null {
  return tensorScale === null ? null : scale.max * element.max;
}

/** The scale as the setup computes it. */
export function scaleWith({ reads, choose, ends }: BlockScaleSetup, numbers: readonly number[]): number {
  const amax = reads(numbers);
  return ends.reduce((scale, change) => change(scale, amax), choose(amax));
}

/** The deviations of a block's scale under a format and a recipe. */
export function blockScaleBehaviours(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  anchor = anchorOf(format),
): Behaviour<BlockScaleSetup>[] {
  const { element, scale } = format;
  const power = exponentIn(element.max);
  const least = scale.lowest === 'normal' ? scale.minNormal : (scale.minSubnormal ?? scale.minNormal);
  const held = (x: number): number => Math.min(Math.max(x, scale.lowest === 'normal' ? scale.minNormal : 0), scale.max);
  const chosen = (name: string, text: string, choose: (amax: number) => number): Behaviour<BlockScaleSetup> => ({
    group: 'choose',
    name,
    text,
    change: (setup) => ({ ...setup, choose: (amax) => (amax === 0 ? setup.choose(0) : held(choose(amax))) }),
  });
  const reads = (name: string, text: string, of: BlockScaleSetup['reads']): Behaviour<BlockScaleSetup> => ({
    group: 'reads',
    name,
    text,
    change: (setup) => ({ ...setup, reads: of }),
  });
  const then = (
    group: string,
    name: string,
    text: string,
    change: (scale: number, amax: number) => number,
  ): Behaviour<BlockScaleSetup> => ({
    group,
    name,
    text,
    change: (setup) => ({ ...setup, ends: [...setup.ends, change] }),
  });
  const rule = recipe === undefined || recipe.scaleRule === 'format' ? format.scaleRule : recipe.scaleRule;
  const others =
    format.scaleRule === 'nvfp4'
      ? []
      : scaleRules.filter((one) => one !== rule && one !== 'nvfp4' && fitsScale(one, scale));
  const base = recipe ?? plainRecipe;
  const isPowers = scale.mantissaBits === 0;
  const quotient = (amax: number): number => amax / element.max;
  return [
    ...others.map((one) =>
      chosen(
        `rule ${one}`,
        `chooses scales by the rule ${one}: ${ruleWords[one]}`,
        chooser(format, { ...base, division: 'exact', scaleRule: one }),
      ),
    ),
    then('factor', 'scaleDoubled', 'has scales twice too large', (x) => held(2 * x)),
    then('factor', 'scaleHalved', 'has scales half too small', (x) => held(x / 2)),
    ...(power === 0
      ? []
      : [
          then(
            'factor',
            'noElementExponent',
            "leaves out the element's largest exponent: maps the largest number to 1",
            (x) => held(x * 2 ** power),
          ),
        ]),
    ...(isPowers
      ? [
          chosen(
            'roundedExponent',
            'rounds log2 of the quotient to the nearest exponent',
            (amax) => 2 ** Math.round(Math.log2(quotient(amax))),
          ),
          chosen(
            'floorQuotient',
            'takes the floor of log2(largest / max)',
            (amax) => 2 ** Math.floor(Math.log2(quotient(amax))),
          ),
          chosen(
            'floatLog2',
            'takes log2 in binary32, which rounds up just below a power of two',
            (amax) => 2 ** (Math.floor(Math.fround(Math.log2(amax))) - power),
          ),
          chosen(
            'ceilBinade',
            'takes the ceiling of log2 of the largest magnitude',
            (amax) => 2 ** (Math.ceil(Math.log2(amax)) - power),
          ),
          chosen(
            'roundedBinade',
            'rounds log2 of the largest magnitude to the nearest exponent',
            (amax) => 2 ** (Math.round(Math.log2(amax)) - power),
          ),
        ]
      : [
          chosen('scaleCut', 'truncates the scale', (amax) =>
            round(scale, quotient(amax), { rounding: 'towardZero', overflow: 'saturate' }),
          ),
          chosen('scaleUp', 'rounds the scale up', (amax) =>
            round(scale, quotient(amax), { rounding: 'towardPositive', overflow: 'saturate' }),
          ),
          chosen('scaleAway', 'rounds ties of the scale away from zero', (amax) =>
            round(scale, quotient(amax), { rounding: 'tiesToAway', overflow: 'saturate' }),
          ),
          chosen(
            'binadeForMax',
            "divides by the element's largest power of two instead of its largest number",
            (amax) => round(scale, amax / 2 ** power, { overflow: 'saturate' }),
          ),
          chosen('oneMoreForMax', "divides by the element's largest number and one more", (amax) =>
            round(scale, amax / (element.max + 1), { overflow: 'saturate' }),
          ),
          chosen('scalePower', 'rounds the scale up to a power of two', (amax) =>
            round(scale, 2 ** Math.ceil(Math.log2(quotient(amax))), { overflow: 'saturate' }),
          ),
          chosen('scaleFloorPower', 'rounds the scale down to a power of two', (amax) =>
            round(scale, 2 ** Math.floor(Math.log2(quotient(amax))), { overflow: 'saturate' }),
          ),
        ]),
    then('turned', 'scaleReciprocal', 'stores the reciprocal of the scale', (x) =>
      x === 0 ? x : round(scale, 1 / x, { overflow: 'saturate' }),
    ),
    reads('positiveLargest', 'leaves out negative numbers', (numbers) =>
      numbers.reduce((most, x) => Math.max(most, x), 0),
    ),
    reads('signedLargest', 'takes the largest number instead of the largest magnitude', (numbers) =>
      Math.abs(numbers.reduce((most, x) => Math.max(most, x), -Infinity)),
    ),
    reads('firstNumber', 'takes the first number for the largest', (numbers) => Math.abs(numbers[0] ?? 0)),
    reads('withoutLast', 'leaves out the last number of a block', (numbers) => amaxOf(numbers.slice(0, -1))),
    reads('withoutFirst', 'leaves out the first number of a block', (numbers) => amaxOf(numbers.slice(1))),
    reads('firstHalf', 'looks at the first half of a block alone', (numbers) =>
      amaxOf(numbers.slice(0, Math.ceil(numbers.length / 2))),
    ),
    ...(anchor === null
      ? []
      : [
          reads('blockBefore', 'takes the largest magnitude of the block before as well', (numbers) =>
            Math.max(anchor, amaxOf(numbers)),
          ),
        ]),
    then('zero', 'zeroScaleOne', 'gives an all-zero block the scale 1', (x, amax) => (amax === 0 ? 1 : x)),
    then('zero', 'zeroScaleLeast', 'gives an all-zero block the smallest scale', (x, amax) => (amax === 0 ? least : x)),
    ...(scale.lowest === 'normal'
      ? []
      : [then('zero', 'zeroScaleZero', 'gives an all-zero block the scale 0', (x, amax) => (amax === 0 ? 0 : x))]),
    then('small', 'tinyScaleLeast', 'raises scales below the smallest normal one to it', (x, amax) =>
      amax !== 0 && x < scale.minNormal ? scale.minNormal : x,
    ),
    then('small', 'tinyScaleZero', 'flushes subnormal scales to zero', (x) => (x < scale.minNormal ? 0 : x)),
    then('small', 'neverZero', 'raises a scale of zero to the smallest', (x, amax) =>
      amax !== 0 && x === 0 ? least : x,
    ),
    then('small', 'atLeastOne', 'has no scale below 1', (x) => Math.max(x, 1)),
  ];
}

/** What a recipe leaves to the format. */
const plainRecipe: BlockRecipe = {
  name: 'plain',
  scaleRule: 'format',
  rounding: 'tiesToEven',
  zero: 'smallest',
  tooLarge: 'largest',
  infinity: 'nan',
};

const ruleWords: Readonly<Record<string, string>> = {
  floor: 'the exponent of the largest magnitude, and clips what is above the largest element',
  ceil: 'the ceiling of its exponent',
  rceil: 'the smallest power of two under which nothing is clipped',
  even: 'the exponent of the largest magnitude once it is rounded to the element',
  tosa: 'the smallest power of two under which the largest magnitude, rounded, does not exceed the largest element',
  amax: 'the quotient of the largest magnitude and the largest element, rounded',
};
