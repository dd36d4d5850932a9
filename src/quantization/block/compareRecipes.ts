/**
 * What each recipe makes of the same tensor.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import { addProducts, columnsOfTransposed } from '../../engine/exactProducts.ts';
import { BittrueError, checkList, checkMade, checkObject } from '../../errors/index.ts';
import type { ElementFormat } from '../../formats/index.ts';
import { decoder } from '../../rounding/decoder.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';
import type { Tensor } from '../../tensors/index.ts';
import { finiteRows, type Rows } from '../matrix.ts';
import { product } from '../search/product.ts';
import { type Blocks, blockExtent, isOther, scaleReader, total } from './blocks.ts';
import { type AppliedRecipe, applyRecipe, checkNamedRecipe, type NamedRecipe, usualRecipes } from './namedRecipe.ts';

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
  const given = inputs === undefined ? null : outputsOf(rows, finiteRows('options.inputs', inputs), engine);
  const energy = energyOf(rows.data);
  const found = recipes.map((recipe, i) => {
    const row = rowOf(recipe.name, rows, energy, applyRecipe(x, recipe), given);
    onProgress?.(recipe.name, i + 1);
    return row;
  });
  return { numbers: rows.data.length, energy, exponents: exponentsOf(rows.data), rows: found };
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

/** What forms outputs of a weight's rows, and the outputs of the exact ones. */
interface Outputs {
  readonly of: (weights: Float64Array) => Float64Array;
  readonly exact: Float64Array;
  readonly energy: number;
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
  const exact = of(Float64Array.from(data));
  return { of, exact, energy: energyOf(exact) };
}

function rowOf(
  name: string,
  { data }: Rows,
  energy: number,
  { blocks, from, values }: AppliedRecipe,
  outputs: Outputs | null,
): RecipeRow {
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
    reach: reachOf(blocks),
    ...onTopOf(from, blocks),
    ...errorOf(data, energy, values),
    outputSqnr: outputs === null ? null : errorOf(outputs.exact, outputs.energy, outputs.of(values)).sqnr,
  };
}

function scalesOf(blocks: Blocks, isPositive = false): readonly [number, number] {
  let least = Infinity;
  let most = 0;
  const hasTwo = blocks.format.beside?.kind === 'signs';
  for (const read of hasTwo ? [scaleReader(blocks), scaleReader(blocks, blocks.besideCodes)] : [scaleReader(blocks)]) {
    for (let block = 0; block < blocks.scaleCodes.length; block++) {
      const scale = read(block);
      if (scale < least && (scale > 0 || !isPositive)) least = scale;
      if (scale > most) most = scale;
    }
  }
  return [least, most];
}

function reachOf(blocks: Blocks): readonly [number, number] {
  const { element, beside } = blocks.format;
  const [least, most] = scalesOf(blocks, true);
  const read = decoder(element);
  let smallest = Infinity;
  for (let code = 0; code < Math.min(element.codes, 2 ** 16); code++) {
    const a = Math.abs(read(code));
    if (a > 0 && a < smallest) smallest = a;
  }
  const levels = beside?.kind === 'exponents' ? beside.groups.length : 0;
  return most === 0 ? [0, 0] : [smallest * least, element.max * 2 ** levels * most];
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

function onTopOf(data: ArrayLike<number>, blocks: Blocks): Pick<RecipeRow, 'onTop' | 'collapsed'> {
  const { format, codes, width, scaleCodes } = blocks;
  const [isTop, isOtherTop] = [
    topCodes(format.element),
    format.beside?.kind === 'choice' ? topCodes(format.beside.element) : null,
  ];
  const scaleOf = scaleReader(blocks);
  let onTop = 0;
  let collapsed = 0;
  for (let block = 0; block < scaleCodes.length; block++) {
    const [from, to, height] = blockExtent(blocks, block);
    const top = isOtherTop !== null && isOther(blocks, block) ? isOtherTop : isTop;
    if (!(scaleOf(block) > 0)) continue;
    const first = Math.abs(data[from]!);
    let found = 0;
    let differs = false;
    for (let r = 0, start = from; r < height; r++, start += width) {
      for (let i = start; i < start + to - from; i++) {
        found += top[codes[i]!]!;
        if (Math.abs(data[i]!) !== first) differs = true;
      }
    }
    onTop += found;
    if (differs && found === (to - from) * height) collapsed++;
  }
  return { onTop: onTop / data.length, collapsed };
}

/** For every code whether it is of the largest magnitude; with a zero point, of the largest or the smallest number. */
function topCodes(element: ElementFormat): Uint8Array {
  const read = decoder(element);
  const isUnsigned = element.kind === 'integer' && !element.signed;
  return Uint8Array.from({ length: element.codes }, (_, code) =>
    Number(isUnsigned ? code === 0 || code === element.codes - 1 : Math.abs(read(code)) >= element.max),
  );
}

function errorOf(
  exact: ArrayLike<number>,
  energy: number,
  found: Float64Array,
): Pick<RecipeRow, 'meanSquaredError' | 'sqnr'> {
  let error = 0;
  let largest = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = found[i]! - exact[i]!;
    error += difference * difference;
    largest = Math.max(largest, Math.abs(exact[i]!), Math.abs(difference));
  }
  const meanSquaredError = error / found.length;
  if (largest > SMALLEST && largest < LARGEST) return { meanSquaredError, sqnr: sqnrOf(energy, error) };
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
