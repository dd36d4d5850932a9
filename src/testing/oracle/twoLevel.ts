/**
 * Tensors whose blocks stand under a scale of the tensor, by a producer's operations in binary32.
 *
 * @module
 */
import { checkPositive } from '../../errors/index.ts';
import type { AnyBlock } from '../../formats/index.ts';
import { checkBlockFormat, checkBlocks, filled, largestOf, type OracleBlock, type Scale, topOf } from './blocks.ts';
import { listOf, name, options } from './checks.ts';
import { type Exact, exactly, nan } from './exact.ts';
import { OVERFLOW } from './flags.ts';
import { limitsOf } from './limits.ts';
import * as exact from './rational.ts';
import { compareMagnitudes, divide, isZero, multiply, type Rational, rational } from './rational.ts';
import { project } from './round.ts';
import { absoluteOf, capped, differenceOf, largestSingle, policyOf, productOf, single, sumOf } from './single.ts';

/** A producer of blocks under a scale of the tensor, with everything spelled out. */
export interface OracleTwoLevelRecipe {
  readonly top: 'largest' | number;
  readonly order: 'reciprocals' | 'quotients' | 'decode';
  readonly candidates: readonly ('largest' | number)[];
  readonly error: 'absolute' | 'squared' | 'largest';
  readonly least: 'zero' | 'normal';
}

const checkTwoLevel = options('a recipe of two levels', {
  top: (argument, value) => {
    if (value !== 'largest') checkPositive(argument, value);
  },
  order: name('reciprocals', 'quotients', 'decode'),
  candidates: (argument, value) => {
    const inner = (_: string, one: unknown): void => {
      if (one !== 'largest') checkPositive(argument, one);
    };
    listOf(inner)(argument, value);
  },
  error: name('absolute', 'squared', 'largest'),
  least: name('zero', 'normal'),
});

/** NVIDIA's recipe: that of TransformerEngine. */
const nvidia: OracleTwoLevelRecipe = {
  top: 'largest',
  order: 'reciprocals',
  candidates: ['largest'],
  error: 'absolute',
  least: 'zero',
};

/** A tensor whose blocks stand under a scale of its own, or under 1, by a producer's operations in binary32. */
export function oracleTwoLevel(
  format: AnyBlock,
  blocks: readonly (readonly number[])[],
  recipe: OracleTwoLevelRecipe = nvidia,
): { readonly tensorScale: number; readonly blocks: readonly OracleBlock[] } {
  checkBlockFormat('format', format);
  checkBlocks('blocks', blocks);
  checkTwoLevel('recipe', recipe);
  const { element, scale, tensorScale } = format;
  const one = rational(false, 1n);
  const most = topOf(element);
  const limits = limitsOf(scale);
  const top = recipe.top === 'largest' ? limits.max : (single(exactly(recipe.top)) as Rational);
  const over = multiply(most, top);
  const numbers = blocks.flat().filter((v) => !Number.isNaN(v));
  const amax = single(largestOf(numbers));
  const hasTensor = tensorScale !== null;
  let tensor: Rational = one;
  if (hasTensor && recipe.order === 'decode') {
    const quotient = amax.kind === 'finite' ? single(divide(amax, over)) : amax;
    if (quotient.kind === 'finite' && !isZero(quotient)) tensor = quotient;
  } else if (hasTensor && amax.kind === 'finite' && !isZero(amax)) {
    const quotient = capped(single(divide(over, amax)));
    if (!isZero(quotient)) tensor = quotient;
  }
  const decode = recipe.order === 'decode' ? tensor : (single(divide(one, tensor)) as Rational);

  const under = (x: readonly number[], candidate: 'largest' | number): Scale => {
    if (x.some(Number.isNaN)) return { value: Number.NaN, over: false, under: false };
    const largestNumber = single(largestOf(x));
    const expansion = candidate === 'largest' ? one : (single(divide(most, exact.fromNumber(candidate))) as Rational);
    let wanted: Exact = largestNumber;
    if (largestNumber.kind === 'finite') {
      const steps: Exact[] = [];
      if (recipe.order === 'reciprocals') {
        const factor = single(multiply(tensor, single(divide(one, most)) as Rational));
        steps.push(factor.kind === 'finite' ? single(multiply(largestNumber, factor)) : factor);
      } else {
        const quotient = single(divide(largestNumber, most)) as Rational;
        steps.push(single(recipe.order === 'decode' ? divide(quotient, tensor) : multiply(quotient, tensor)));
      }
      const [last] = steps as [Exact];
      wanted = last.kind === 'finite' ? single(multiply(last, expansion)) : last;
    }
    const least = exact.fromNumber(scale.minNormal);
    const isRaised = recipe.least === 'normal' && wanted.kind === 'finite' && compareMagnitudes(wanted, least) < 0;
    const { value, flags } = project(scale, policyOf('tiesToEven', 'saturate'), isRaised ? least : wanted);
    const holdsInfinity = !x.every(Number.isFinite);
    const isOver = (flags & OVERFLOW) !== 0 || largestNumber.kind === 'infinite';
    const isSmall = wanted.kind === 'finite' && compareMagnitudes(wanted, limits.smallest) < 0;
    const raised = isRaised || value === 0 || (!limits.hasZero && isSmall);
    const told = {
      value,
      over: isOver && !holdsInfinity,
      under: x.some((v) => v !== 0) && !holdsInfinity && !(isOver && !holdsInfinity) && raised,
    };
    const product = single(multiply(exactly(value) as Rational, decode)) as Rational;
    if (recipe.order === 'decode') return { ...told, divisor: product };
    return { ...told, factor: isZero(product) ? largestSingle : capped(single(divide(one, product))) };
  };

  /** What a candidate's numbers differ by, in binary32, in order. */
  const other = format.beside?.kind === 'choice' ? format.beside : null;
  const errorOf = (x: readonly number[], { scale: signedScale, elements }: OracleBlock): Exact => {
    const own = Math.abs(signedScale);
    const isOther = Object.is(Math.sign(signedScale), -1) || Object.is(signedScale, -0);
    return sizesOf(x, own, elements, isOther ? exact.fromNumber(other!.ratio) : null);
  };
  const sizesOf = (x: readonly number[], own: number, elements: readonly number[], ratio: Rational | null): Exact =>
    x.reduce<Exact>((sum, number, i) => {
      const product = single(multiply(exactly(elements[i] as number) as Rational, exactly(own) as Rational));
      const wide = hasTensor ? productOf(product, amax) : product;
      const scaled = ratio === null ? wide : productOf(wide, ratio);
      const represented = hasTensor && scaled.kind === 'finite' ? single(divide(scaled, over)) : scaled;
      const difference = differenceOf(represented, single(exactly(number)));
      const size: Exact = recipe.error === 'squared' ? productOf(difference, difference) : absoluteOf(difference);
      if (recipe.error !== 'largest') return sumOf(sum, size);
      if (sum.kind === 'nan' || size.kind === 'nan') return nan;
      return isAbove(size, sum) ? size : sum;
    }, exact.zero());

  const found = blocks.map((x) => {
    const all = recipe.candidates.map((candidate) => filled(format, 'tiesToEven', x, under(x, candidate)));
    if (other !== null) {
      for (const candidate of recipe.candidates) {
        const inverse = exact.fromNumber(other.inverse);
        const block = filled({ ...format, element: other.element }, 'tiesToEven', x, {
          ...under(x, candidate),
          inverse,
        });
        all.push({ ...block, scale: -block.scale });
      }
    }
    const [first, ...others] = all as [OracleBlock, ...OracleBlock[]];
    if (others.length === 0 || Number.isNaN(first.scale)) return first;
    let best = first;
    let least = errorOf(x, first);
    for (const other of others) {
      const error = errorOf(x, other);
      if (!isAbove(least, error)) continue;
      best = other;
      least = error;
    }
    return best;
  });
  return { tensorScale: exact.toNumber(decode), blocks: found };
}

/** Whether a > b; of magnitudes. */
function isAbove(a: Exact, b: Exact): boolean {
  if (a.kind === 'nan' || b.kind === 'nan') return false;
  if (b.kind === 'infinite') return false;
  return a.kind === 'infinite' || compareMagnitudes(a, b) > 0;
}
