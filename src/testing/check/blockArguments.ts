/**
 * What the checks of blocks take: formats, recipes, answers.
 *
 * @module
 */
import { checkName } from '../../errors/index.ts';
import type { BlockFormat } from '../../formats/blockFormat.ts';
import { parseBlock } from '../../formats/blockName.ts';
import { checkNumericBlock } from '../../formats/check.ts';
import type { Format } from '../../formats/index.ts';
import { type BlockRecipe, blockRecipes, quantizeBlocks } from '../../quantization/index.ts';
import { decode, encodeValue, isValue } from '../../rounding/codes.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Row } from './call.ts';
import type { Check } from './check.ts';
import type { EffortOptions } from './checkRounding.ts';

/** What a quantizer makes of numbers: a scale for every block, an element for every number. */
export interface QuantizedBlocks {
  readonly scales: ArrayLike<number>;
  readonly elements: ArrayLike<number>;
}

/** A quantizer: numbers of binary32, some whole blocks of them. */
export type BlockQuantizer = (numbers: Float32Array) => QuantizedBlocks;

/** What a quantizer into blocks should do. */
export interface BlockQuantizerCheckOptions extends EffortOptions {
  /** The block format, of `defineBlock` or by name: `mxfp4`, `nvfp4`. */
  readonly format: BlockFormat | string;
  /** How scales and elements are chosen: a name of `blockRecipes`, or a recipe. Default: the format's rule, ties to even. */
  readonly recipe?: BlockRecipe | string;
  /** What it gives: `codes` (default), or `numbers`, the elements not yet multiplied by the scales. */
  readonly gives?: 'codes' | 'numbers';
}

/** Scales and elements, each judged by itself: elements under the scales that the quantizer chose. */
export interface BlockQuantizerCheck {
  readonly ok: boolean;
  readonly scales: Check;
  readonly elements: Check;
}

export function formatOption(format: BlockFormat | string): BlockFormat {
  return checkNumericBlock('options.format', typeof format === 'string' ? parseBlock(format) : format);
}

/** A code's value, or a number as it is; NaN for what is neither. */
export function numberAs(format: Format, x: unknown, gives: 'codes' | 'numbers'): number {
  if (typeof x !== 'number') return Number.NaN;
  if (gives === 'numbers') return x;
  return Number.isInteger(x) && x >= 0 && x < format.codes ? decode(format, x) : Number.NaN;
}

export function recipeOf(format: BlockFormat, given: BlockRecipe | string | undefined): BlockRecipe | undefined {
  if (given === undefined) return undefined;
  const recipe =
    typeof given === 'string'
      ? (blockRecipes[checkName('options.recipe', given, Object.keys(blockRecipes))] as BlockRecipe)
      : given;
  // It refuses a recipe that does not fit.
  quantizeBlocks({ data: new Float64Array([1]), shape: [1] }, format, { recipe });
  return recipe;
}

export function rowOf(operands: readonly Operand[], format: Format, value: number, failure: string | null): Row {
  const code = value === value && isValue(format, value) ? encodeValue(format, value, false) : null;
  return { operands, value, code, hasCode: false, flags: null, failure };
}
