/**
 * Recipes of block formats as comma-separated values.
 *
 * @module
 */
import { checkText } from '../../errors/index.ts';
import type { RecipeRow } from '../../quantization/index.ts';
import { checkRows } from '../text/recipes.ts';
import { quote } from './csv.ts';

/**
 * A line a recipe (RFC 4180), as `compareRecipes` gives them, of a tensor of that name; shares from 0 to 1. It ends with a line
 * break; the first line has the names of the columns, unless `head` is false.
 *
 * @throws {@link BittrueError} for what is no list of rows
 * @example
 * import { compareRecipes } from 'bittrue/quantization';
 * import { formatRecipesCsv } from 'bittrue/reports';
 * const { rows } = compareRecipes({ data: new Float64Array([6, 1]), shape: [2] }, { recipes: ['mxfp4'] });
 * formatRecipesCsv('x', rows).split('\n')[1]; // 'x,mxfp4,4.25,0,0,1,1,0,0,0.5,0,0,Infinity,'
 */
export function formatRecipesCsv(tensor: string, rows: readonly RecipeRow[], head = true): string {
  checkText('tensor', tensor);
  const lines = checkRows(rows).map((row) =>
    [quote(tensor), quote(row.name), ...columns.map((column) => row[column] ?? '')].join(','),
  );
  const first = head ? [['tensor', 'recipe', ...columns].join(',')] : [];
  return `${[...first, ...lines].join('\n')}\n`;
}

const columns = [
  'bits',
  'underflows',
  'overflows',
  'scaleMin',
  'scaleMax',
  'scaleUnderflows',
  'scaleOverflows',
  'onTop',
  'collapsed',
  'meanSquaredError',
  'sqnr',
  'outputSqnr',
] as const satisfies readonly (keyof RecipeRow)[];
