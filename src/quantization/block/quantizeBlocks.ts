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
import { eachBand } from './bands.ts';
import { type ChooseScale, placeElements, scaleChooser } from './blockScale.ts';
import { type Blocks, blockExtent, clearBlocks, emptyBlocks, putScale, rowsOfBlocks } from './blocks.ts';
import { type ElementRounding, elementsOf } from './elements.ts';
import { amaxOf, type Filler } from './filler.ts';
import { checkGroupRecipe, type GroupRecipe, groupFiller } from './groupExponents.ts';
import { type BlockRecipe, blockRecipes, checkRecipe } from './recipe.ts';
import { emptyRun, type Placed, roomFor, startCounts } from './run.ts';
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
  return allBlocks(fillingOf(x, format, options));
}

/** A tensor, and what fills its blocks. */
export interface Filling {
  readonly rows: Rows;
  readonly format: AnyBlock;
  readonly tensorScale: number;
  readonly filler: Filler;
}

/** What `quantizeBlocks` is given, checked. */
export function fillingOf(x: Tensor, format: AnyBlock, options: BlockOptions): Filling {
  checkObject('options', options, ['recipe', 'stochastic']);
  checkBlockFormat('format', format);
  const { beside } = format;
  const { stochastic } = options;
  if (stochastic !== undefined) checkObject('options.stochastic', stochastic, ['seed', 'bits', 'variant']);
  const filling = (filler: Filler, rows = rowsOf('x', x), tensorScale = 1): Filling => ({
    rows,
    format,
    tensorScale,
    filler,
  });
  if (beside?.kind === 'zeroPoint' || beside?.kind === 'exponents') {
    if (stochastic !== undefined)
      throw new BittrueError('unsupported', 'options.stochastic', stochastic, `none: ${beside.kind}`);
    return filling(
      beside.kind === 'zeroPoint'
        ? affineFiller(format, beside.format, checkAffineRecipe('options.recipe', options.recipe ?? 'exact'))
        : groupFiller(format, beside.groups, checkGroupRecipe('options.recipe', options.recipe ?? 'hifloat4')),
    );
  }
  if (format.scaleRule === 'nvfp4') {
    const usual = beside === undefined ? 'transformerEngine' : 'intFloat';
    const recipe = checkTwoLevelRecipe('options.recipe', options.recipe ?? usual, format);
    const rows = rowsOf('x', x);
    const { tensorScale, choose } = twoLevelScales(format, recipe, rows.data);
    return filling(scaleFiller(format, choose, stochastic ?? 'tiesToEven'), rows, tensorScale);
  }
  const recipe = checkRecipe('options.recipe', options.recipe ?? blockRecipes.ocp);
  const rounding = stochastic ?? recipe.rounding;
  return filling(
    beside?.kind === 'signs'
      ? signFiller(format, recipe, rounding)
      : scaleFiller(format, scaleChooser(format, recipe), rounding),
  );
}

/** All blocks of a tensor. */
export function allBlocks(filling: Filling): Blocks {
  const { rows, format, tensorScale } = filling;
  const blocks = emptyBlocks(format, rows.rows, rows.width, tensorScale);
  const run = emptyRun();
  eachBand(rows, format, (numbers, row) => {
    fillBlocks(rowsOfBlocks(blocks, row, numbers.length / rows.width), numbers, row, filling, run);
  });
  return blocks;
}

/** The blocks of one band after the other, and their numbers; the same room each time. */
export function eachBandOfBlocks(
  filling: Filling,
  take: (blocks: Blocks, numbers: Float64Array, row: number) => void,
): void {
  const { rows, format, tensorScale } = filling;
  const run = emptyRun();
  let room: Blocks | undefined;
  eachBand(rows, format, (numbers, row) => {
    const height = numbers.length / rows.width;
    room ??= emptyBlocks(format, height, rows.width, tensorScale);
    const blocks = rowsOfBlocks(room, 0, height);
    clearBlocks(blocks);
    fillBlocks(blocks, numbers, row, filling, run);
    take(blocks, numbers, row);
  });
}

/** Blocks of one scale, which may have a sign, each. */
function scaleFiller({ element, beside }: AnyBlock, choose: ChooseScale, rounding: ElementRounding): Filler {
  const elements = elementsOf(element, rounding);
  const others = beside?.kind === 'choice' ? elementsOf(beside.element, 'tiesToEven') : elements;
  return (data, from, to) => {
    const chosen = choose(amaxOf(data, from, to), data, from, to);
    const { scale, flags, inverse } = chosen;
    const own = inverse === null ? elements : others;
    return {
      scale: inverse === null ? scale : -scale,
      flags,
      place: (numbers, first, end, into) => placeElements(own, numbers, first, end, chosen, into),
    };
  };
}

/** Fills empty blocks with a band's numbers; `row` is its first in the tensor. */
function fillBlocks(blocks: Blocks, data: Float64Array, row: number, { format, filler }: Filling, run: Placed): void {
  const { width, codes, scaleCodes, besideCodes } = blocks;
  roomFor(run, data.length).origin = row * width;
  run.codes = codes;
  for (let block = 0; block < scaleCodes.length; block++) {
    const [from, to, height] = blockExtent(blocks, block);
    const numbers = height === 1 ? data : gathered(data, from, to, height, width);
    const [at, end] = height === 1 ? [from, to] : [0, numbers.length];
    const { scale, flags, beside, place } = filler(numbers, at, end);
    putScale(blocks, block, scale, flags);
    if (scale !== scale) {
      checkHoldsNaN(blocks, block, data, run.origin);
      if (format.beside?.kind === 'signs') besideCodes![block] = scaleCodes[block]!;
      continue;
    }
    if (beside !== undefined) besideCodes![block] = beside;
    startCounts(run);
    for (let r = 0, start = from; r < height; r++, start += width) place(data, start, start + to - from, run);
    blocks.clips[block] = run.clips;
    blocks.underflows[block] = run.underflows;
    blocks.zeroed[block] = run.zeroed;
  }
}

/** A two-dimensional block's numbers, row by row. */
function gathered(data: Float64Array, from: number, to: number, height: number, width: number): Float64Array {
  const numbers = new Float64Array((to - from) * height);
  for (let r = 0; r < height; r++) numbers.set(data.subarray(from + r * width, to + r * width), r * (to - from));
  return numbers;
}

/** Refuses a block of NaN or infinities whose scale would have to be NaN, where scales have none. */
function checkHoldsNaN(blocks: Blocks, block: number, data: Float64Array, origin: number): void {
  const { scale } = blocks.format;
  if (scale.nan !== 'none') return;
  const [from, to, height] = blockExtent(blocks, block);
  const places = Array.from({ length: height }, (_, r) => r * blocks.width).flatMap((start) =>
    Array.from({ length: to - from }, (_, i) => start + from + i),
  );
  const at = places.find((i) => data[i]! - data[i]! !== 0) ?? places.at(-1)!;
  const wanted = `finite numbers: scales of ${formatName(scale)} have no NaN`;
  throw new BittrueError('value', `x[${origin + at}]`, data[at], wanted);
}
