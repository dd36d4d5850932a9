/**
 * What each recipe makes of the same tensor.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import { addProducts, columnsOfTransposed } from '../../engine/exactProducts.ts';
import { BittrueError, checkList, checkMade, checkObject } from '../../errors/index.ts';
import type { AnyBlock } from '../../formats/index.ts';
import { decoder } from '../../rounding/decoder.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';
import type { FloatArray, Tensor } from '../../tensors/index.ts';
import { finiteRows, largest, type Rows } from '../matrix.ts';
import { product } from '../search/product.ts';
import { applyRecipe, checkNamedRecipe, type NamedRecipe, usualRecipes } from './namedRecipe.ts';
import { addError, type RecipeTally, type SquaredError, tallyRecipe } from './recipeTally.ts';

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
  /** The smallest positive and the largest magnitude that blocks of this tensor can hold, under the scales that they have. */
  readonly reach: readonly [smallest: number, largest: number];
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
  /** The same of the outputs inputs · x̂ᵀ; null without inputs. Of several tensors the smallest. */
  readonly outputSqnr: number | null;
}

/** What all recipes make of one tensor. */
export interface RecipeComparison {
  /** How many numbers it has, and the sum of their squares. */
  readonly numbers: number;
  readonly energy: number;
  /** How many numbers have which exponent, ⌊log2 |x|⌋. */
  readonly exponents: ExponentCounts;
  readonly rows: readonly RecipeRow[];
}

/** A histogram of exponents: `counts[i]` numbers have the exponent `least + i`. */
export interface ExponentCounts {
  readonly zeros: number;
  /** 0 where all are zeros. */
  readonly least: number;
  readonly counts: readonly number[];
}

/** What recipes are compared by. */
export interface CompareRecipesOptions {
  /** Default: those of {@link usualRecipes}. Texts are read by {@link parseRecipe}. */
  readonly recipes?: readonly (string | NamedRecipe)[];
  /** Rows of [.., in] that a weight [out, in] is multiplied by. */
  readonly inputs?: Tensor;
  /** What forms the outputs; default plain loops, with the same bits. */
  readonly engine?: Engine | null;
  /** Called after each recipe, with its name and how many are done. */
  readonly onProgress?: (recipe: string, done: number) => void;
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
  checkObject('options', options, ['recipes', 'inputs', 'engine', 'onProgress']);
  const rows = finiteRows('x', x);
  const recipes = checkList('options.recipes', options.recipes ?? usualRecipes).map((given, i) =>
    checkNamedRecipe(`options.recipes[${i}]`, given),
  );
  const { inputs, engine = null, onProgress } = options;
  const outputs = inputs === undefined ? null : outputsOf(rows, finiteRows('options.inputs', inputs), engine);
  const exact = exactOf(rows.data);
  const found = recipes.map((recipe, i) => {
    const row = rowOf(recipe, x, exact, outputs);
    onProgress?.(recipe.name, i + 1);
    return row;
  });
  return { numbers: rows.data.length, energy: exact.energy, exponents: exponentsOf(rows.data), rows: found };
}

/**
 * The comparisons of several tensors by the same recipes as one of all their numbers; of outputs the smallest SQNR is told.
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
      reach: [
        own.reduce((least, row) => Math.min(least, row.reach[0]), Infinity),
        own.reduce((most, row) => Math.max(most, row.reach[1]), 0),
      ],
      outputSqnr: own.reduce<number | null>(
        (least, { outputSqnr }) => (outputSqnr === null ? least : Math.min(least ?? Infinity, outputSqnr)),
        null,
      ),
    };
  });
  return { numbers, energy, exponents: addedExponents(comparisons.map((one) => one.exponents)), rows };
}

function checkComparison(given: unknown, i: number): RecipeComparison {
  const keys = ['numbers', 'energy', 'exponents', 'rows'];
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

/** Numbers, the sum of their squares, and their largest magnitude. */
interface Exact {
  readonly data: FloatArray;
  readonly energy: number;
  readonly largest: number;
}

function exactOf(data: FloatArray): Exact {
  return { data, energy: energyOf(data), largest: largest(data, 0, data.length) };
}

/** What forms outputs of a weight's rows, and the outputs of the exact ones. */
interface Outputs {
  readonly of: (weights: Float64Array) => Float64Array;
  readonly exact: Exact;
}

function outputsOf({ data, rows, width }: Rows, inputs: Rows, engine: Engine | null): Outputs {
  if (inputs.width !== width) {
    throw new BittrueError('shape', 'options.inputs', `rows of ${inputs.width}`, `rows of ${width}, as x has`);
  }
  const of = (weights: Float64Array): Float64Array => {
    const out = new Float64Array(inputs.rows * rows);
    const columns = columnsOfTransposed(weights, 0, width);
    const products = { a: inputs.data, fromA: 0, out, to: 0, m: inputs.rows, k: width, n: rows, columns };
    return addProducts(products, engine) ? out : product(Float64Array.from(inputs.data), weights, width, out);
  };
  return { of, exact: exactOf(of(Float64Array.from(data))) };
}

function rowOf(recipe: NamedRecipe, x: Tensor, exact: Exact, outputs: Outputs | null): RecipeRow {
  const { length } = x.data;
  const values = outputs === null ? null : new Float64Array(length);
  const tally = tallyRecipe(x, recipe, values);
  return {
    name: recipe.name,
    bits: recipe.format.bitsPerNumber,
    underflows: tally.zeroed / length,
    overflows: tally.clips / length,
    scaleMin: tally.leastScale,
    scaleMax: tally.mostScale,
    scaleUnderflows: tally.scaleUnderflows,
    scaleOverflows: tally.scaleOverflows,
    reach: reachOf(recipe.format, tally),
    onTop: tally.onTop / length,
    collapsed: tally.collapsed,
    meanSquaredError: tally.error.sum / length,
    sqnr: sqnrBetween(exact, tally.error, () => values ?? applyRecipe(x, recipe).values),
    outputSqnr: outputs === null ? null : sqnrOfOutputs(outputs.exact, outputs.of(values!)),
  };
}

function sqnrOfOutputs(exact: Exact, found: Float64Array): number | null {
  const error = { sum: 0, largest: 0 };
  addError(error, exact.data as Float64Array, found);
  return sqnrBetween(exact, error, () => found);
}

function reachOf({ element, beside }: AnyBlock, { leastPositive, mostScale }: RecipeTally): readonly [number, number] {
  const read = decoder(element);
  let smallest = Infinity;
  for (let code = 0; code < Math.min(element.codes, 2 ** 16); code++) {
    const a = Math.abs(read(code));
    if (a > 0 && a < smallest) smallest = a;
  }
  const levels = beside?.kind === 'exponents' ? beside.groups.length : 0;
  return mostScale === 0 ? [0, 0] : [smallest * leastPositive, element.max * 2 ** levels * mostScale];
}

function exponentsOf(data: ArrayLike<number>): ExponentCounts {
  const found = new Float64Array(2200);
  let zeros = 0;
  for (let i = 0; i < data.length; i++) {
    const a = Math.abs(data[i]!);
    if (a === 0) zeros++;
    else found[exponentIn(a) + 1100]!++;
  }
  const first = found.findIndex((count) => count > 0);
  if (first < 0) return { zeros, least: 0, counts: [] };
  return {
    zeros,
    least: first - 1100,
    counts: [...found.subarray(first, found.findLastIndex((count) => count > 0) + 1)],
  };
}

function addedExponents(all: readonly ExponentCounts[]): ExponentCounts {
  const some = all.filter(({ counts }) => counts.length > 0);
  const zeros = all.reduce((sum, one) => sum + one.zeros, 0);
  if (some.length === 0) return { zeros, least: 0, counts: [] };
  const least = some.reduce((lowest, one) => Math.min(lowest, one.least), Infinity);
  const most = some.reduce((highest, one) => Math.max(highest, one.least + one.counts.length), -Infinity);
  const counts = new Array<number>(most - least).fill(0);
  for (const one of some) {
    one.counts.forEach((count, i) => {
      counts[one.least - least + i]! += count;
    });
  }
  return { zeros, least, counts };
}

/** By the sums of squares, or where these would leave binary64, by those of the numbers times a power of two. */
function sqnrBetween(exact: Exact, error: SquaredError, found: () => Float64Array): number | null {
  const most = Math.max(exact.largest, error.largest);
  if (most > SMALLEST && most < LARGEST) return sqnrOf(exact.energy, error.sum);
  const scale = most === 0 ? 1 : most >= LARGEST ? 2 ** -600 : 2 ** 600;
  const scaled = Float64Array.from(exact.data, (x) => x * scale);
  const differences = found().map((value, i) => value * scale - scaled[i]!);
  return sqnrOf(energyOf(scaled), energyOf(differences));
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
