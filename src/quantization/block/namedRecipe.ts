/**
 * Recipes by a name: a block format, how it is filled, and what is done before.
 *
 * ```text
 * mxfp4                                     a block format, filled as usual
 * mxfp4@rceil  nvfp4@fourOverSix            by a producer, or by a scale rule
 * mxfp4@limit=7  mxfp4@limit=6/7/8          by a limit, or by that of several which errs least in a block
 * mxfp4@search                              by ten limits from the largest element's number to 20/11 of it
 * nvfp4@torchao+hadamard+stochastic=7       with stages before: a Hadamard transform, elements rounded at random by a seed
 * ```
 *
 * @module
 */
import { BittrueError, checkInteger, checkList, checkName, checkObject, checkText } from '../../errors/index.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import { type AnyBlock, parseBlock, type ScaleRule, scaleRules } from '../../formats/index.ts';
import type { Stochastic } from '../../rounding/stochastic.ts';
import type { Tensor } from '../../tensors/index.ts';
import { rowsOf } from '../matrix.ts';
import { affineRecipes } from './affine.ts';
import { type Blocks, dequantizeBlocks, readBlocks } from './blocks.ts';
import { groupRecipes } from './groupExponents.ts';
import { checkHadamard, type HadamardStage, hadamard, rotate, rotateBack } from './hadamard.ts';
import { type AnyRecipe, allBlocks, eachBandOfBlocks, type Filling, fillingOf } from './quantizeBlocks.ts';
import { type BlockRecipe, blockRecipes } from './recipe.ts';
import { twoLevelRecipes } from './twoLevel.ts';

/** Elements rounded at random, by their place and a seed. */
export interface StochasticStage extends Partial<Omit<Stochastic, 'seed'>> {
  readonly kind: 'stochastic';
  readonly seed: number;
}

/** What is done before numbers are rounded to elements. */
export type RecipeStage = HadamardStage | StochasticStage;

/** A block format and how it is filled. */
export interface NamedRecipe {
  readonly name: string;
  readonly format: AnyBlock;
  /** Default: the format's own. */
  readonly recipe?: AnyRecipe;
  /** In their order; default none. What blocks hold is then of the transformed numbers. */
  readonly stages?: readonly RecipeStage[];
}

/**
 * Recipes that are in use, by their texts: MX by four scale rules, NVFP4 by its producers and with training's stages, FP4 under wider
 * scales, IF4, HiFloat4, MXFP6, MXFP8, MXINT8, MSFP, QLoRA's NF4, AFPQ's two scales, GPTQ's and AWQ's zero points, and the groups of
 * GPTQ, GGUF's Q8_0 and DeepSeek's FP8.
 */
export const usualRecipes: readonly string[] = /* @__PURE__ */ Object.freeze([
  'mxfp4',
  'mxfp4@even',
  'mxfp4@rceil',
  'mxfp4@ceil',
  'nvfp4',
  'nvfp4@torchao',
  'nvfp4@fourOverSix',
  'nvfp4@transformerEngineFourOverSix',
  'nvfp4+hadamard',
  'nvfp4+stochastic',
  'block:e2m1fn;size=16;scale=ue4m3',
  'block:e2m1fn;size=16;scale=ue5m3',
  'block:e2m1fn;size=8;scale=ue4m3',
  'block:e2m1fn;size=8;scale=ue5m3',
  'if4',
  'hif4',
  'msfp12',
  'block:int4;size=128;scale=binary16',
  'block:uint4;size=128;scale=binary16;zero=uint4@gptq',
  'block:uint4;size=128;scale=binary16;zero=uint4@awq',
  'block:nf4;size=64;scale=binary32@bitsandbytes',
  'block:e2m1fn;size=128;scale=binary16;signs=2',
  'mxfp6e2m3',
  'mxfp6e3m2',
  'mxfp8e4m3',
  'mxfp8e4m3@rceil',
  'mxfp8e5m2',
  'mxint8',
  'block:int8;size=32;scale=binary16@ggml',
  'block:e4m3fn;size=128;scale=binary32',
  'block:e4m3fn;size=128;rows=128;scale=binary32',
]);

/**
 * A recipe from its text: a block format, and after `@` a producer (`blockRecipes`; `twoLevelRecipes`, `affineRecipes` or `groupRecipes`
 * for formats of these kinds), a scale rule, or limits, all else as `ocp`; after each `+` a stage, `hadamard` and `stochastic`, with a seed
 * after `=`.
 *
 * @throws {@link BittrueError} as `parseBlock`; `name` for another producer or stage
 * @example
 * import { parseRecipe } from 'bittrue/quantization';
 * parseRecipe('mxfp4@rceil').recipe?.name; // 'rceil'
 * parseRecipe('nvfp4@fourOverSix').format.size; // 16
 * parseRecipe('nvfp4+hadamard').stages?.[0]?.kind; // 'hadamard'
 */
export function parseRecipe(text: string): NamedRecipe {
  checkText('recipe', text, 'a block format, and after @ a producer or a scale rule, such as mxfp4@rceil');
  const [blocks = '', ...after] = text.split('+');
  const stages = after.map((stage) => parseStage(text, stage));
  const more = stages.length === 0 ? {} : { stages };
  const [block = '', producer, ...rest] = blocks.split('@');
  const format = parseBlock(block);
  if (producer === undefined) return { name: text, format, ...more };
  const recipe = rest.length > 0 ? undefined : producerOf(format, producer);
  if (recipe === undefined) {
    throw new BittrueError('name', 'recipe', text, `${block}@ and one of ${producersOf(format).join(', ')}`);
  }
  return { name: text, format, recipe, ...more };
}

function parseStage(text: string, stage: string): RecipeStage {
  const [, kind, seed] = /^(hadamard|stochastic)(?:=(\d{1,15}))?$/.exec(stage) ?? [];
  if (kind === 'hadamard') return hadamard(seed === undefined ? {} : { seed: Number(seed) });
  if (kind === 'stochastic') return Object.freeze({ kind, seed: Number(seed ?? 0) });
  throw new BittrueError(
    'name',
    'recipe',
    text,
    'stages hadamard and stochastic, with a seed after = where it matters',
  );
}

/** Named producers of a format's kind. */
function tableOf({ beside, scaleRule }: AnyBlock): Readonly<Record<string, AnyRecipe>> {
  if (beside?.kind === 'zeroPoint') return affineRecipes;
  if (beside?.kind === 'exponents') return groupRecipes;
  return scaleRule === 'nvfp4' ? twoLevelRecipes : blockRecipes;
}

const powers: readonly string[] = /* @__PURE__ */ scaleRules.filter((rule) => rule !== 'nvfp4');

function producersOf(format: AnyBlock): readonly string[] {
  const table = tableOf(format);
  const rules = table === blockRecipes ? [...powers, 'search', 'limit=7'] : [];
  return [...new Set([...Object.keys(table), ...rules])];
}

function producerOf(format: AnyBlock, name: string): AnyRecipe | undefined {
  const table = tableOf(format);
  if (Object.hasOwn(table, name)) return table[name];
  if (table !== blockRecipes) return undefined;
  const own = (scaleRule: BlockRecipe['scaleRule']): BlockRecipe => ({
    ...(blockRecipes.ocp as BlockRecipe),
    name,
    scaleRule,
  });
  if (powers.includes(name)) return own(name as ScaleRule);
  if (name === 'search') return own({ limit: searched(format.element.max) });
  const limits = /^limit=([\d./]{1,200})$/.exec(name)?.[1]?.split('/').map(Number) ?? [];
  if (limits.length === 0 || !limits.every((limit) => limit > 0)) return undefined;
  return own({ limit: limits.length === 1 ? (limits[0] as number) : limits });
}

/** AWQ's steps of a clip (auto_clip: the largest magnitude times 1, 0.95 … 0.55), as limits. */
function searched(max: number): readonly number[] {
  return Array.from({ length: 10 }, (_, i) => (max * 20) / (20 - i));
}

/** A checked recipe: a text, or a whole one. */
export function checkNamedRecipe(argument: string, given: unknown): NamedRecipe {
  if (typeof given === 'string') return parseRecipe(given);
  const found = checkObject(argument, given, ['name', 'format', 'recipe', 'stages']) as unknown as NamedRecipe;
  checkText(`${argument}.name`, found.name);
  checkBlockFormat(`${argument}.format`, found.format);
  checkList(`${argument}.stages`, found.stages ?? []).forEach((stage, i) => {
    const at = `${argument}.stages[${i}]`;
    const kind = checkName(`${at}.kind`, (stage as RecipeStage | null)?.kind, ['hadamard', 'stochastic']);
    if (kind === 'hadamard') checkHadamard(at, stage);
    else
      checkInteger(
        `${at}.seed`,
        (checkObject(at, stage, ['kind', 'seed', 'bits', 'variant']) as { seed?: unknown }).seed,
        0,
        Number.MAX_SAFE_INTEGER,
      );
  });
  return found;
}

/** What a recipe makes of a tensor. */
export interface AppliedRecipe {
  readonly blocks: Blocks;
  /** The numbers that went into the blocks: x, or its transform. */
  readonly from: ArrayLike<number>;
  /** The numbers that stand for x: those of the blocks, transformed back. */
  readonly values: Float64Array;
}

/**
 * A tensor in blocks by a recipe with all its stages, and the numbers that it then stands for.
 *
 * @throws {@link BittrueError} as `quantizeBlocks` and `parseRecipe`
 * @example
 * import { applyRecipe } from 'bittrue/quantization';
 * const x = { data: new Float64Array([16, ...new Array(15).fill(0)]), shape: [16] };
 * const { blocks, values } = applyRecipe(x, 'mxfp4+hadamard');
 * [...blocks.codes.subarray(0, 4)]; // [6, 6, 6, 6]: the outlier is spread out
 * values[0]; // 16
 */
export function applyRecipe(x: Tensor, given: string | NamedRecipe): AppliedRecipe {
  const { filling, back } = prepared(x, given);
  const blocks = allBlocks(filling);
  const values = dequantizeBlocks(blocks);
  back(values);
  return { blocks, from: filling.rows.data, values };
}

/** What a recipe makes of some rows of a tensor; `row` is the first. */
export interface AppliedBand extends AppliedRecipe {
  readonly from: Float64Array;
  readonly row: number;
}

/** The same band by band, in the same room each time. */
export function applyByBands(x: Tensor, given: NamedRecipe, take: (band: AppliedBand) => void): void {
  const { filling, back } = prepared(x, given);
  let values = new Float64Array(0);
  eachBandOfBlocks(filling, (blocks, from, row) => {
    if (from.length !== values.length) values = new Float64Array(from.length);
    readBlocks(blocks, values);
    back(values);
    take({ blocks, from, values, row });
  });
}

/** What fills the blocks with x as the stages before have it, and what takes numbers back. */
function prepared(
  x: Tensor,
  given: string | NamedRecipe,
): { readonly filling: Filling; readonly back: (values: Float64Array) => void } {
  const { format, recipe, stages = [] } = checkNamedRecipe('recipe', given);
  const { data, width } = rowsOf('x', x);
  const turns = stages.filter((stage): stage is HadamardStage => stage.kind === 'hadamard');
  const random = stages.find((stage): stage is StochasticStage => stage.kind === 'stochastic');
  const turned = turns.length === 0 ? data : new Float64Array(data);
  for (const stage of turns) rotate(turned as Float64Array, width, stage);
  const { kind: _, ...stochastic } = random ?? { kind: 'stochastic', seed: 0 };
  const filling = fillingOf({ data: turned, shape: x.shape }, format, {
    ...(recipe === undefined ? {} : { recipe }),
    ...(random === undefined ? {} : { stochastic }),
  });
  return {
    filling,
    back(values) {
      for (const stage of turns.toReversed()) rotateBack(values, width, stage);
    },
  };
}
