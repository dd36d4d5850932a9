/**
 * Blocks with a scale for each sign (AFPQ: Zhang et al., arXiv 2311.01792): positive numbers under the one, negative numbers under the
 * other, each chosen from its own largest magnitude by the same rule.
 *
 * @module
 */
import type { AnyBlock } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { type BlockScale, placeElements, scaleChooser } from './blockScale.ts';
import { type ElementRounding, elementsOf } from './elements.ts';
import { amaxOf, type Filler, lost } from './filler.ts';
import type { BlockRecipe } from './recipe.ts';

/** What chooses two scales; a NaN in one of them makes the block NaN. */
export function signFiller(format: AnyBlock, recipe: BlockRecipe, rounding: ElementRounding): Filler {
  const choose = scaleChooser(format, recipe);
  const elements = elementsOf(format.element, rounding);
  let own = new Float64Array(0);
  /** The scale for the numbers of one side. */
  const chosen = (data: Float64Array, from: number, to: number, side: boolean): BlockScale => {
    let count = 0;
    for (let i = from; i < to; i++) {
      own[count] = data[i]!;
      count += Number(isBelow(data[i]!) === side);
    }
    return choose(amaxOf(own, 0, count), own, 0, count);
  };
  return (data, from, to) => {
    if (to - from > own.length) own = new Float64Array(to - from);
    const [positive, negative] = [chosen(data, from, to, false), chosen(data, from, to, true)];
    if (positive.scale !== positive.scale || negative.scale !== negative.scale) return lost;
    return {
      scale: positive.scale,
      flags: positive.flags | negative.flags,
      beside: encodeValue(format.scale, negative.scale, false),
      place(x, first, end, into) {
        for (let start = first, i = first + 1; start < end; start = i++) {
          const below = isBelow(x[start]!);
          while (i < end && isBelow(x[i]!) === below) i++;
          placeElements(elements, x, start, i, below ? negative : positive, into);
        }
      },
    };
  };
}

function isBelow(x: number): boolean {
  return x < 0 || (x === 0 && 1 / x < 0);
}
