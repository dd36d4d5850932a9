/**
 * What each recipe makes of the same tensor.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import { addProducts, columnsOfTransposed } from '../../engine/exactProducts.ts';
import { BittrueError, checkList, checkMade, checkObject, checkText } from '../../errors/index.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import { type AnyBlock, parseBlock, type ScaleRule, scaleRules } from '../../formats/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { finiteRows, type Rows } from '../matrix.ts';
import { type Blocks, blockExtent, dequantizeBlocks, scaleUnder, total } from './blocks.ts';
import { quantizeBlocks } from './quantizeBlocks.ts';
import { type BlockRecipe, blockRecipes } from './recipe.ts';
import { type TwoLevelRecipe, twoLevelRecipes } from './twoLevel.ts';

/** A block format and how it is filled. */
export interface NamedRecipe {
  readonly name: string;
  readonly format: AnyBlock;
  /** Default: the format's own. */
  readonly recipe?: BlockRecipe | TwoLevelRecipe;
}

/** One recipe's outcome on one tensor. Shares are of all its numbers, from 0 to 1. */
export interface RecipeRow {
  readonly name: string;
  /** Storage of one number, block scales included. */
  readonly bits: number;
  /** Numbers other than zero that became zero (`underflows%` of TransformerEngine's statistics). */
  readonly underflows: number;
  /** Numbers that were clipped at ±max (`overflows%`). */
  readonly overflows: number;
  /** Smallest and largest scale of a block, the tensor's included (`scale_inv_min`, `scale_inv_max`); of those other than NaN. */
  readonly scaleMin: number;
  readonly scaleMax: number;
  /** Blocks whose scale became 0 or was raised to the smallest, and whose scale was too large. */
  readonly scaleUnderflows: number;
  readonly scaleOverflows: number;
  /** Numbers whose element is ±max: on the top code. */
  readonly onTop: number;
  /** Blocks of different numbers, none of them zero, that all became ±max: what was clustered is one number now. */
  readonly collapsed: number;
  /** Mean of (x̂ − x)² (`mse`). */
  readonly meanSquaredError: number;
  /** 10 · log10(Σ x² / Σ (x̂ − x)²), in dB; Infinity where nothing differs, null for zeros, and for totals beyond binary64. */
  readonly sqnr: number | null;
  /** The same of the outputs inputs · x̂ᵀ; null without inputs. */
  readonly outputSqnr: number | null;
}

/** What all recipes make of one tensor. */
export interface RecipeComparison {
  /** How many numbers it has, and the sum of their squares. */
  readonly numbers: number;
  readonly energy: number;
  readonly rows: readonly RecipeRow[];
}

/** What recipes are compared by. */
export interface CompareRecipesOptions {
  /** Default: those of {@link usualRecipes}. Texts are read by {@link parseRecipe}. */
  readonly recipes?: readonly (string | NamedRecipe)[];
  /** Rows of [.., in] that a weight [out, in] is multiplied by. */
  readonly inputs?: Tensor;
  /** What forms the outputs; default plain loops, with the same bits. */
  readonly engine?: Engine | null;
}

/**
 * Recipes that are in use, by their texts: MX by four scale rules, NVFP4 by its producers, FP4 under wider scales, MXFP6, MXFP8,
 * MXINT8, MSFP, QLoRA's NF4, and the classical groups of GPTQ, GGUF's Q8_0 and DeepSeek's FP8.
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
  'block:e2m1fn;size=16;scale=ue4m3',
  'block:e2m1fn;size=16;scale=ue5m3',
  'block:e2m1fn;size=8;scale=ue4m3',
  'block:e2m1fn;size=8;scale=ue5m3',
  'msfp12',
  'block:int4;size=128;scale=binary16',
  'block:nf4;size=64;scale=binary32@bitsandbytes',
  'mxfp6e2m3',
  'mxfp6e3m2',
  'mxfp8e4m3',
  'mxfp8e4m3@rceil',
  'mxfp8e5m2',
  'mxint8',
  'block:int8;size=32;scale=binary16@ggml',
  'block:e4m3fn;size=128;scale=binary32',
]);

/**
 * A recipe from its text: a block format, and after `@` a producer (`blockRecipes`, or `twoLevelRecipes` for a format with a scale
 * of the tensor), or a scale rule or a limit (`mxfp4@limit=7`), all else as `ocp`.
 *
 * @throws {@link BittrueError} as `parseBlock`; `name` for another producer
 * @example
 * import { parseRecipe } from 'bittrue/quantization';
 * parseRecipe('mxfp4@rceil').recipe?.name; // 'rceil'
 * parseRecipe('nvfp4@fourOverSix').format.size; // 16
 */
export function parseRecipe(text: string): NamedRecipe {
  checkText('recipe', text, 'a block format, and after @ a producer or a scale rule, such as mxfp4@rceil');
  const [block = '', producer, ...rest] = text.split('@');
  const format = parseBlock(block);
  if (producer === undefined) return { name: text, format };
  const isTwoLevel = format.scaleRule === 'nvfp4';
  const limit = /^limit=([\d.]{1,24})$/.exec(producer)?.[1];
  if (rest.length === 0 && limit !== undefined && !isTwoLevel) {
    return { name: text, format, recipe: { ...blockRecipes.ocp, name: producer, scaleRule: { limit: limitOf(text, limit) } } };
  }
  const powers: readonly string[] = scaleRules.filter((rule) => rule !== 'nvfp4');
  const known = isTwoLevel ? Object.keys(twoLevelRecipes) : [...Object.keys(blockRecipes), ...powers];
  if (rest.length > 0 || !known.includes(producer)) {
    const own = isTwoLevel ? '' : ', limit=7';
    throw new BittrueError('name', 'recipe', text, `${block}@ and one of ${[...new Set(known)].join(', ')}${own}`);
  }
  if (isTwoLevel) return { name: text, format, recipe: twoLevelRecipes[producer] };
  const recipe = Object.hasOwn(blockRecipes, producer)
    ? blockRecipes[producer]
    : { ...blockRecipes.ocp, name: producer, scaleRule: producer as ScaleRule };
  return { name: text, format, recipe };
}

function limitOf(text: string, digits: string): number {
  const limit = Number(digits);
  if (limit > 0) return limit;
  throw new BittrueError('name', 'recipe', text, 'a limit above 0, such as limit=7');
}

/**
 * Quantizes a tensor by every recipe, and tells what became of it.
 *
 * @param x - blocks run along its last axis
 * @throws {@link BittrueError} `value` for NaN and infinities; `shape` for inputs of another width; as `quantizeBlocks`
 * @example
 * import { compareRecipes } from 'bittrue/quantization';
 * const x = { data: new Float64Array([1, 0.99, 0.98, 0.97]), shape: [4] };
 * const { rows } = compareRecipes(x, { recipes: ['block:e2m1fn;size=4;scale=binary32'] });
 * rows[0]?.collapsed; // 1: all are 6 · scale
 */
export function compareRecipes(x: Tensor, options: CompareRecipesOptions = {}): RecipeComparison {
  checkObject('options', options, ['recipes', 'inputs', 'engine']);
  const rows = finiteRows('x', x);
  const recipes = checkList('options.recipes', options.recipes ?? usualRecipes).map(checkRecipe);
  const { inputs, engine = null } = options;
  const given = inputs === undefined ? null : outputsOf(rows, finiteRows('options.inputs', inputs), engine);
  const found = recipes.map(({ name, format, recipe }) => {
    const blocks = quantizeBlocks(x, format, recipe === undefined ? {} : { recipe });
    return rowOf(name, rows, blocks, given);
  });
  return { numbers: rows.data.length, energy: energyOf(rows.data), rows: found };
}

/**
 * The comparisons of several tensors by the same recipes as one of all their numbers. Outputs are not added up.
 *
 * @throws {@link BittrueError} `value` for none, or for other recipes in one than in another
 */
export function totalRecipes(comparisons: readonly RecipeComparison[]): RecipeComparison {
  const [first, ...others] = checkList('comparisons', comparisons).map(checkComparison);
  if (first === undefined) throw new BittrueError('value', 'comparisons', comparisons, 'at least one comparison');
  const names = (one: RecipeComparison): string => one.rows.map(({ name }) => name).join(', ');
  const strange = others.find((one) => names(one) !== names(first));
  if (strange !== undefined)
    throw new BittrueError('value', 'comparisons', names(strange), `the recipes ${names(first)}`);
  const numbers = comparisons.reduce((sum, one) => sum + one.numbers, 0);
  const energy = comparisons.reduce((sum, one) => sum + one.energy, 0);
  const rows = first.rows.map(({ name, bits }, r): RecipeRow => {
    const own = comparisons.map((one) => ({ ...one.rows[r]!, numbers: one.numbers }));
    const sum = (of: (row: RecipeRow) => number): number => own.reduce((all, row) => all + of(row), 0);
    const mean = (of: (row: RecipeRow) => number): number =>
      own.reduce((all, row) => all + of(row) * row.numbers, 0) / numbers;
    const meanSquaredError = mean((row) => row.meanSquaredError);
    return {
      name,
      bits,
      underflows: mean((row) => row.underflows),
      overflows: mean((row) => row.overflows),
      scaleMin: own.reduce((least, row) => Math.min(least, row.scaleMin), Infinity),
      scaleMax: own.reduce((most, row) => Math.max(most, row.scaleMax), 0),
      scaleUnderflows: sum((row) => row.scaleUnderflows),
      scaleOverflows: sum((row) => row.scaleOverflows),
      onTop: mean((row) => row.onTop),
      collapsed: sum((row) => row.collapsed),
      meanSquaredError,
      sqnr: sqnrOf(energy, meanSquaredError * numbers),
      outputSqnr: null,
    };
  });
  return { numbers, energy, rows };
}

function checkRecipe(given: unknown, i: number): NamedRecipe {
  const argument = `options.recipes[${i}]`;
  if (typeof given === 'string') return parseRecipe(given);
  const found = checkObject(argument, given, ['name', 'format', 'recipe']) as unknown as NamedRecipe;
  checkText(`${argument}.name`, found.name);
  checkBlockFormat(`${argument}.format`, found.format);
  return found;
}

function checkComparison(given: unknown, i: number): RecipeComparison {
  const keys = ['numbers', 'energy', 'rows'];
  const found = checkMade(
    `comparisons[${i}]`,
    given,
    keys,
    'a comparison, as compareRecipes gives it',
  ) as RecipeComparison;
  checkList(`comparisons[${i}].rows`, found.rows).forEach((row, r) => {
    checkMade(
      `comparisons[${i}].rows[${r}]`,
      row,
      ['name', 'bits', 'meanSquaredError'],
      'a row, as compareRecipes gives it',
    );
  });
  return found;
}

/** What forms outputs of a weight's rows, and the outputs of the exact ones. */
interface Outputs {
  readonly of: (weights: Float64Array) => Float64Array;
  readonly exact: Float64Array;
}

function outputsOf({ data, rows, width }: Rows, inputs: Rows, engine: Engine | null): Outputs {
  if (inputs.width !== width) {
    throw new BittrueError('shape', 'options.inputs', `rows of ${inputs.width}`, `rows of ${width}, as x has`);
  }
  const of = (weights: Float64Array): Float64Array => {
    const out = new Float64Array(inputs.rows * rows);
    const columns = columnsOfTransposed(weights, 0, width);
    const products = { a: inputs.data, fromA: 0, out, to: 0, m: inputs.rows, k: width, n: rows, columns };
    if (!addProducts(products, engine)) addPlainly(inputs, weights, rows, out);
    return out;
  };
  return { of, exact: of(Float64Array.from(data)) };
}

function addPlainly({ data, rows, width }: Rows, weights: Float64Array, n: number, out: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < width; p++) sum += (data[i * width + p] as number) * weights[j * width + p]!;
      out[i * n + j] = sum;
    }
  }
}

function rowOf(name: string, { data }: Rows, blocks: Blocks, outputs: Outputs | null): RecipeRow {
  const values = dequantizeBlocks(blocks);
  const share = (counts: Uint32Array): number => total(counts) / data.length;
  const [scaleMin, scaleMax] = scalesOf(blocks);
  return {
    name,
    bits: blocks.format.bitsPerNumber,
    underflows: share(blocks.zeroed),
    overflows: share(blocks.clips),
    scaleMin,
    scaleMax,
    scaleUnderflows: total(blocks.scaleUnderflows),
    scaleOverflows: total(blocks.scaleOverflows),
    ...onTopOf(data, values, blocks),
    ...errorOf(data, values),
    outputSqnr: outputs === null ? null : errorOf(outputs.exact, outputs.of(values)).sqnr,
  };
}

function scalesOf(blocks: Blocks): readonly [number, number] {
  let least = Infinity;
  let most = 0;
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const scale = scaleUnder(blocks, block);
    if (scale < least) least = scale;
    if (scale > most) most = scale;
  }
  return [least, most];
}

function onTopOf(
  data: ArrayLike<number>,
  values: Float64Array,
  blocks: Blocks,
): Pick<RecipeRow, 'onTop' | 'collapsed'> {
  const { max } = blocks.format.element;
  let onTop = 0;
  let collapsed = 0;
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const [from, to] = blockExtent(blocks, block);
    const top = max * scaleUnder(blocks, block);
    let found = 0;
    let differs = false;
    for (let i = from; i < to; i++) {
      if (top > 0 && Math.abs(values[i]!) >= top) found++;
      if (Math.abs(data[i]!) !== Math.abs(data[from]!)) differs = true;
    }
    onTop += found;
    if (differs && found === to - from) collapsed++;
  }
  return { onTop: onTop / data.length, collapsed };
}

function errorOf(exact: ArrayLike<number>, found: Float64Array): Pick<RecipeRow, 'meanSquaredError' | 'sqnr'> {
  let error = 0;
  let largest = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = found[i]! - exact[i]!;
    error += difference * difference;
    largest = Math.max(largest, Math.abs(exact[i]!), Math.abs(difference));
  }
  const meanSquaredError = error / found.length;
  if (largest > SMALLEST && largest < LARGEST) return { meanSquaredError, sqnr: sqnrOf(energyOf(exact), error) };
  // Squares would leave binary64: both sums are of numbers times a power of two.
  const scale = largest === 0 ? 1 : largest >= LARGEST ? 2 ** -600 : 2 ** 600;
  const scaled = Float64Array.from(exact, (x) => x * scale);
  const differences = found.map((value, i) => value * scale - scaled[i]!);
  return { meanSquaredError, sqnr: sqnrOf(energyOf(scaled), energyOf(differences)) };
}

/** Between these, squares of the largest number and sums of them stay well within binary64. */
const SMALLEST = 2 ** -400;
const LARGEST = 2 ** 400;

function energyOf(x: ArrayLike<number>): number {
  let energy = 0;
  for (let i = 0; i < x.length; i++) energy += x[i]! * x[i]!;
  return energy;
}

/** Null where it cannot be told: of zeros, and of sums beyond binary64. */
function sqnrOf(energy: number, error: number): number | null {
  if (energy === 0 || energy === Infinity) return null;
  return error === 0 ? Infinity : 10 * Math.log10(energy / error);
}
