/**
 * Numbers into blocks.
 *
 * @module
 */
import { BittrueError, checkObject } from '../../errors/index.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import { type AnyBlock, formatName } from '../../formats/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type Rows, rowsOf } from '../matrix.ts';
import { type ChooseScale, placeElement, scaleChooser } from './blockScale.ts';
import { type Blocks, blockExtent, emptyBlocks, putElement, putScale } from './blocks.ts';
import { elementsOf } from './elements.ts';
import { type BlockRecipe, blockRecipes, checkRecipe } from './recipe.ts';
import { checkTwoLevelRecipe, type TwoLevelRecipe, twoLevelScales } from './twoLevel.ts';

/** How numbers are put into blocks. */
export interface BlockOptions {
  /**
   * A name of `blockRecipes` or a recipe; default `ocp`. For formats of the rule `nvfp4`, a name of `twoLevelRecipes` or a
   * recipe of two levels; default `transformerEngine`.
   */
  readonly recipe?: string | BlockRecipe | TwoLevelRecipe;
}

/**
 * A tensor in a block format: every block's scale by the recipe's rule, then every number divided by it, exactly, and
 * rounded once, clipped at ±max (recipes that multiply by a reciprocal apart). NaN and infinities are data here.
 *
 * @param x - blocks run along its last axis
 * @throws {@link BittrueError} for a recipe that does not exist or does not fit, and `value` for a NaN where scales have
 *   none
 * @example
 * import { binary16, defineBlock, int8, mxfp8e4m3 } from 'bittrue/formats';
 * import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
 * const x = { data: new Float64Array([480, 1]), shape: [2] };
 * quantizeBlocks(x, mxfp8e4m3).clips[0]; // 1
 * quantizeBlocks(x, mxfp8e4m3, { recipe: 'transformerEngine' }).clips[0]; // 0
 * const groups = defineBlock({ name: 'q8_0', element: int8, scale: binary16, size: 32 });
 * [...dequantizeBlocks(quantizeBlocks({ data: new Float64Array([127, 64, -127, 1]), shape: [4] }, groups))]; // [127, 64, -127, 1]
 */
export function quantizeBlocks(x: Tensor, format: AnyBlock, options: BlockOptions = {}): Blocks {
  checkObject('options', options, ['recipe']);
  checkBlockFormat('format', format);
  if (format.scaleRule === 'nvfp4') {
    const recipe = checkTwoLevelRecipe('options.recipe', options.recipe ?? 'transformerEngine', format);
    const rows = rowsOf('x', x);
    const { tensorScale, choose } = twoLevelScales(format, recipe, rows.data);
    return fill(rows, format, tensorScale, choose, 'tiesToEven');
  }
  const recipe = checkRecipe('options.recipe', options.recipe ?? blockRecipes.ocp);
  return fill(rowsOf('x', x), format, 1, scaleChooser(format, recipe), recipe.rounding);
}

function fill(
  { data, rows, width }: Rows,
  format: AnyBlock,
  tensorScale: number,
  choose: ChooseScale,
  rounding: BlockRecipe['rounding'],
): Blocks {
  const blocks = emptyBlocks(format, rows, width, tensorScale);
  const elements = elementsOf(format.element, rounding);
  const element = { code: 0, found: 0 };
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const [from, to] = blockExtent(blocks, block);
    const chosen = choose(amaxOf(data, from, to), data, from, to);
    const { scale, flags } = chosen;
    putScale(blocks, block, scale, flags);
    if (scale !== scale) {
      checkHoldsNaN(format, data, from);
      continue;
    }
    for (let i = from; i < to; i++) {
      placeElement(elements, data[i]!, chosen, element);
      putElement(blocks, block, i, data[i], scale, element);
    }
  }
  return blocks;
}

/** The largest magnitude; NaN where there is one. */
function amaxOf(data: ArrayLike<number>, from: number, to: number): number {
  let amax = 0;
  for (let i = from; i < to; i++) {
    const a = Math.abs(data[i]);
    if (!(a <= amax)) {
      if (a !== a) return a;
      amax = a;
    }
  }
  return amax;
}

/** Refuses a block of NaN or infinities whose scale would have to be NaN, where scales have none. */
function checkHoldsNaN({ scale }: AnyBlock, data: ArrayLike<number>, from: number): void {
  if (scale.nan !== 'none') return;
  let i = from;
  while (data[i] - data[i] === 0) i++;
  const wanted = `finite numbers: scales of ${formatName(scale)} have no NaN`;
  throw new BittrueError('value', `x[${i}]`, data[i], wanted);
}
