/**
 * Numbers into blocks.
 *
 * @module
 */
import { BittrueError, checkObject } from '../../errors/index.ts';
import type { BlockFormat, FloatFormat } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { Rounder, resolvePolicy } from '../../rounding/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { rowsOf } from '../matrix.ts';
import { type Blocks, blockExtent, emptyBlocks, putElement } from './blocks.ts';
import { quantizeNvfp4 } from './nvfp4.ts';
import { type BlockRecipe, blockRecipes, checkRecipe } from './recipe.ts';
import { scaleExponent } from './scaleExponent.ts';

/** How numbers are put into blocks. */
export interface BlockOptions {
  /** A name of `blockRecipes` or a recipe; default `ocp`. For power-of-two scales only. */
  readonly recipe?: string | BlockRecipe;
}

/**
 * A tensor in a block format: every block's scale by the recipe's rule, then every number divided by it, exactly, and
 * rounded once, clipped at ±max. NaN and infinities are data here.
 *
 * @param x - blocks run along its last axis
 * @throws {@link BittrueError} for a recipe that does not exist or does not fit
 * @example
 * import { mxfp8e4m3 } from 'bittrue/formats';
 * import { quantizeBlocks } from 'bittrue/quantization';
 * const x = { data: new Float64Array([480, 1]), shape: [2] };
 * quantizeBlocks(x, mxfp8e4m3).clips[0]; // 1
 * quantizeBlocks(x, mxfp8e4m3, { recipe: 'transformerEngine' }).clips[0]; // 0
 */
export function quantizeBlocks(x: Tensor, format: BlockFormat, options: BlockOptions = {}): Blocks {
  checkObject('options', options, ['recipe']);
  if (format?.kind !== 'block') throw new BittrueError('type', 'format', format, 'a block format, such as mxfp4');
  if (format.scaleRule === 'nvfp4') {
    if (options.recipe !== undefined) {
      throw new BittrueError('unsupported', 'options.recipe', 'a recipe', `no recipe: ${format.name} has its own`);
    }
    return quantizeNvfp4(x, format);
  }
  const recipe = checkRecipe('options.recipe', options.recipe ?? blockRecipes.ocp);
  const { data, rows, width } = rowsOf('x', x);
  const blocks = emptyBlocks(format, rows, width);
  const { element } = format;
  const policy = resolvePolicy(element, { rounding: recipe.rounding, overflow: 'saturate' });
  const rounder = new Rounder(element, policy);
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const [from, to] = blockExtent(blocks, block);
    const scale = blockScale(format, recipe, amaxOf(data, from, to));
    blocks.scaleCodes[block] = encodeValue(format.scale, scale, false);
    if (scale !== scale) continue;
    for (let i = from; i < to; i++) putElement(blocks, block, i, data[i] / scale, rounder);
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

/** The scale of a block: a power of two, or NaN. */
function blockScale({ element, scale, scaleRule }: BlockFormat, recipe: BlockRecipe, amax: number): number {
  if (amax !== amax) return amax;
  if (amax === Infinity) return recipe.infinity === 'nan' ? Number.NaN : largestPower(scale);
  if (amax === 0 && recipe.zero === 'smallest') return 2 ** scale.emin;
  const rule = recipe.scaleRule === 'format' ? scaleRule : recipe.scaleRule;
  const exponent = scaleExponent(rule, element, amax === 0 ? (recipe.zero as number) : amax);
  if (exponent < scale.emin) return 2 ** scale.emin;
  if (exponent <= scale.emax) return 2 ** exponent;
  return recipe.tooLarge === 'nan' ? Number.NaN : largestPower(scale);
}

function largestPower({ emax }: FloatFormat): number {
  return 2 ** emax;
}
