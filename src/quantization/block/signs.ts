/**
 * Blocks with a scale for each sign (AFPQ: Zhang et al., arXiv 2311.01792): positive numbers under the one, negative numbers under the
 * other, each chosen from its own largest magnitude by the same rule.
 *
 * @module
 */
import type { AnyBlock } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { placeElement, scaleChooser } from './blockScale.ts';
import { type ElementRounding, elementsOf } from './elements.ts';
import { amaxOf, type Filler, lost } from './filler.ts';
import type { BlockRecipe } from './recipe.ts';

/** What chooses two scales; a NaN in one of them makes the block NaN. */
export function signFiller(format: AnyBlock, recipe: BlockRecipe, rounding: ElementRounding): Filler {
  const choose = scaleChooser(format, recipe);
  const elements = elementsOf(format.element, rounding);
  return (data, from, to) => {
    const numbers = Array.from({ length: to - from }, (_, i) => data[from + i]!);
    const above = numbers.filter((x) => !isBelow(x));
    const below = numbers.filter(isBelow);
    const [positive, negative] = [above, below].map((own) =>
      choose(amaxOf(own, 0, own.length), own, 0, own.length),
    ) as [ReturnType<typeof choose>, ReturnType<typeof choose>];
    if (positive.scale !== positive.scale || negative.scale !== negative.scale) return lost;
    return {
      scale: positive.scale,
      flags: positive.flags | negative.flags,
      beside: encodeValue(format.scale, negative.scale, false),
      zeroes: (x) => (isBelow(x) ? negative : positive).scale === 0,
      place: (x, _, into, index) => placeElement(elements, x, isBelow(x) ? negative : positive, into, index),
    };
  };
}

function isBelow(x: number): boolean {
  return x < 0 || Object.is(x, -0);
}
