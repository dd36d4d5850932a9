/**
 * Recipes of block formats as a table.
 *
 * @module
 */
import { checkList, checkMade, printableData } from '../../errors/index.ts';
import type { RecipeRow } from '../../quantization/index.ts';
import { decibels, percent, size } from '../numbers.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

const NOTE =
  'SQNR in dB. Shares of all numbers: underflows became zero, overflows were clipped, on top have the largest element. Blocks: ' +
  'collapsed, their different numbers all became the largest element; lost, their scale became 0 or was raised to the smallest; ' +
  "large, it is beyond the scale's format. Scales have the tensor's in them.";

/**
 * A line a recipe, as `compareRecipes` gives them.
 *
 * @throws {@link BittrueError} for what is no list of rows
 * @example
 * import { compareRecipes } from 'bittrue/quantization';
 * import { formatRecipes } from 'bittrue/reports';
 * const x = { data: new Float64Array([6, 4, 3, 1]), shape: [4] };
 * formatRecipes(compareRecipes(x, { recipes: ['mxfp4'] }).rows).split('\n')[1]; // 'mxfp4   4.25     ∞         0 %        0 %    25 %          0     0      0          1          1'
 */
export function formatRecipes(rows: readonly RecipeRow[], options: RenderOptions = {}): string {
  checkLook(options);
  const found = checkRows(rows);
  const hasOutputs = found.some(({ outputSqnr }) => outputSqnr !== null);
  const columns = [
    { title: 'recipe', align: 'left' },
    ...['bits', 'SQNR', ...(hasOutputs ? ['outputs'] : []), 'underflows', 'overflows', 'on top', 'collapsed'].map(
      (title) => ({ title }),
    ),
    ...['lost', 'large', 'scale min', 'scale max'].map((title) => ({ title })),
  ] as const;
  const lines = found.map((row) => recipeCells(row, hasOutputs, power));
  return [...table(columns, lines, options), '', ...wrap(NOTE, '  ', options)].join('\n');
}

/** Checked rows, ready to print. */
export function checkRows(rows: readonly RecipeRow[]): readonly RecipeRow[] {
  const keys = ['name', 'bits', 'underflows', 'overflows', 'scaleMin', 'scaleMax', 'onTop', 'sqnr'];
  return checkList('rows', rows).map((row, i) => {
    checkMade(`rows[${i}]`, row, keys, 'a row, as compareRecipes gives it');
    return printableData(row) as RecipeRow;
  });
}

/** A recipe's cells, of text and of pages. */
export function recipeCells(row: RecipeRow, hasOutputs: boolean, scale: (x: number) => string): string[] {
  return [
    row.name,
    size(row.bits),
    decibels(row.sqnr),
    ...(hasOutputs ? [decibels(row.outputSqnr)] : []),
    percent(row.underflows),
    percent(row.overflows),
    percent(row.onTop),
    String(row.collapsed),
    String(row.scaleUnderflows),
    String(row.scaleOverflows),
    scale(row.scaleMin),
    scale(row.scaleMax),
  ];
}

/** A scale: a power of two as such. */
function power(x: number): string {
  const exponent = Math.round(Math.log2(x));
  return x > 0 && 2 ** exponent === x && Math.abs(exponent) > 9 ? `2^${exponent}` : size(Number(x.toPrecision(3)));
}
