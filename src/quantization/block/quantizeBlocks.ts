/**
 * Numbers into blocks.
 *
 * @module
 */
import { BittrueError, checkObject } from '../../errors/index.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import { type AnyBlock, formatName } from '../../formats/index.ts';
import type { Stochastic } from '../../rounding/stochastic.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type Rows, rowsOf } from '../matrix.ts';
import { type AffineRecipe, affineFiller, checkAffineRecipe } from './affine.ts';
import { type ChooseScale, placeElements, scaleChooser } from './blockScale.ts';
import { type Blocks, blockExtent, emptyBlocks, putElements, putScale } from './blocks.ts';
import { type ElementRounding, elementsOf, ZERO } from './elements.ts';
import { amaxOf, type Filler } from './filler.ts';
import { checkGroupRecipe, type GroupRecipe, groupFiller } from './groupExponents.ts';
import { type BlockRecipe, blockRecipes, checkRecipe } from './recipe.ts';
import { emptyRun } from './run.ts';
import { signFiller } from './signs.ts';
import { checkTwoLevelRecipe, type TwoLevelRecipe, twoLevelScales } from './twoLevel.ts';

/** How a producer fills blocks of some format. */
export type AnyRecipe = BlockRecipe | TwoLevelRecipe | AffineRecipe | GroupRecipe;

/** How numbers are put into blocks. */
export interface BlockOptions {
  /**
   * A name of `blockRecipes` or a recipe; default `ocp`. For formats of the rule `nvfp4`, a name of `twoLevelRecipes` or a
   * recipe of two levels; default `transformerEngine`, and `intFloat` for a choice of grids. For zero points of `affineRecipes`, default
   * `exact`; for exponents of groups of `groupRecipes`, default `hifloat4`.
   */
  readonly recipe?: string | AnyRecipe;
  /** Elements are rounded at random, by their place and a seed: `{ seed: 7 }`. Scales are chosen as without. */
  readonly stochastic?: Partial<Stochastic>;
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
  checkObject('options', options, ['recipe', 'stochastic']);
  checkBlockFormat('format', format);
  const { beside } = format;
  const { stochastic } = options;
  if (stochastic !== undefined) checkObject('options.stochastic', stochastic, ['seed', 'bits', 'variant']);
  if (beside?.kind === 'zeroPoint' || beside?.kind === 'exponents') {
    if (stochastic !== undefined)
      throw new BittrueError('unsupported', 'options.stochastic', stochastic, `none: ${beside.kind}`);
    const filler =
      beside.kind === 'zeroPoint'
        ? affineFiller(format, beside.format, checkAffineRecipe('options.recipe', options.recipe ?? 'exact'))
        : groupFiller(format, beside.groups, checkGroupRecipe('options.recipe', options.recipe ?? 'hifloat4'));
    return fill(rowsOf('x', x), format, filler);
  }
  if (format.scaleRule === 'nvfp4') {
    const usual = beside === undefined ? 'transformerEngine' : 'intFloat';
    const recipe = checkTwoLevelRecipe('options.recipe', options.recipe ?? usual, format);
    const rows = rowsOf('x', x);
    const { tensorScale, choose } = twoLevelScales(format, recipe, rows.data);
    return fill(rows, format, scaleFiller(format, choose, stochastic ?? 'tiesToEven'), tensorScale);
  }
  const recipe = checkRecipe('options.recipe', options.recipe ?? blockRecipes.ocp);
  const rounding = stochastic ?? recipe.rounding;
  const filler =
    beside?.kind === 'signs'
      ? signFiller(format, recipe, rounding)
      : scaleFiller(format, scaleChooser(format, recipe), rounding);
  return fill(rowsOf('x', x), format, filler);
}

/** Blocks of one scale, which may have a sign, each. */
function scaleFiller({ element, beside }: AnyBlock, choose: ChooseScale, rounding: ElementRounding): Filler {
  const elements = elementsOf(element, rounding);
  const others = beside?.kind === 'choice' ? elementsOf(beside.element, 'tiesToEven') : elements;
  return (data, from, to) => {
    const chosen = choose(amaxOf(data, from, to), data, from, to);
    const { scale, flags, inverse } = chosen;
    const own = inverse === undefined ? elements : others;
    return {
      scale: inverse === undefined ? scale : -scale,
      flags,
      place(numbers, first, end, into) {
        placeElements(own, numbers, first, end, chosen, into);
        if (scale === 0) into.found.fill(ZERO, 0, end - first);
      },
    };
  };
}

function fill({ data, rows, width }: Rows, format: AnyBlock, filler: Filler, tensorScale = 1): Blocks {
  const blocks = emptyBlocks(format, rows, width, tensorScale);
  const run = emptyRun();
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const [from, to, height] = blockExtent(blocks, block);
    const [numbers, at, end] = height === 1 ? [data, from, to] : gathered(data, from, to, height, width);
    const { scale, flags, beside, place } = filler(numbers, at, end);
    putScale(blocks, block, scale, flags);
    if (scale !== scale) {
      checkHoldsNaN(format, numbers, at, end);
      if (format.beside?.kind === 'signs') blocks.besideCodes![block] = blocks.scaleCodes[block]!;
      continue;
    }
    if (beside !== undefined) blocks.besideCodes![block] = beside;
    for (let r = 0, start = from; r < height; r++, start += width) {
      place(data, start, start + to - from, run);
      putElements(blocks, block, data, start, start + to - from, run);
    }
  }
  return blocks;
}

/** A two-dimensional block's numbers, row by row. */
function gathered(
  data: ArrayLike<number>,
  from: number,
  to: number,
  height: number,
  width: number,
): readonly [ArrayLike<number>, number, number] {
  const run = to - from;
  const numbers = Float64Array.from(
    { length: run * height },
    (_, i) => data[from + Math.floor(i / run) * width + (i % run)]!,
  );
  return [numbers, 0, numbers.length];
}

/** Refuses a block of NaN or infinities whose scale would have to be NaN, where scales have none. */
function checkHoldsNaN({ scale }: AnyBlock, data: ArrayLike<number>, from: number, to: number): void {
  if (scale.nan !== 'none') return;
  let i = from;
  while (i < to - 1 && data[i]! - data[i]! === 0) i++;
  const wanted = `finite numbers: scales of ${formatName(scale)} have no NaN`;
  throw new BittrueError('value', `x[${i}]`, data[i], wanted);
}
