/**
 * Recipes of block formats as one HTML page: nothing is fetched.
 *
 * @module
 */
import { checkList, checkMade } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import type { RecipeComparison } from '../../quantization/index.ts';
import { brief, count } from '../numbers.ts';
import { recipePlots } from '../plots/recipes.ts';
import { recipeCells } from '../text/recipes.ts';
import { page } from './page.ts';
import { figure, paragraph, table } from './plots.ts';

/** A tensor and what recipes make of it. */
export interface ComparedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether it is the γ of a norm, whose clustered numbers fall together. */
  readonly isGamma?: boolean;
  readonly comparison: RecipeComparison;
}

/**
 * A page of tensors and of their total, as `totalRecipes` gives it: a row a recipe, the tensors in which blocks collapsed, and for every
 * recipe the histogram of exponents beside what it reaches.
 *
 * @throws {@link BittrueError} for what is no comparison, or no list of compared tensors
 * @example
 * import { compareRecipes, totalRecipes } from 'bittrue/quantization';
 * import { recipesHtml } from 'bittrue/reports';
 * const comparison = compareRecipes({ data: new Float64Array([6, 1]), shape: [2] }, { recipes: ['mxfp4'] });
 * recipesHtml(totalRecipes([comparison]), [{ name: 'w', shape: [2], comparison }]).includes('mxfp4'); // true
 */
export function recipesHtml(total: RecipeComparison, tensors: readonly ComparedTensor[]): string {
  checkList('tensors', tensors).forEach((one, i) => {
    checkMade(`tensors[${i}]`, one, ['name', 'shape', 'comparison'], 'a tensor and its comparison');
  });
  const plots = recipePlots(total);
  const hasOutputs = total.rows.some(({ outputSqnr }) => outputSqnr !== null);
  const titles = ['recipe', 'bits', 'SQNR (dB)', ...(hasOutputs ? ['outputs (dB)'] : []), 'underflows', 'overflows'];
  const collapsed = tensors.flatMap(({ name, shape, isGamma = false, comparison: { rows } }) =>
    rows
      .filter((row) => row.collapsed > 0)
      .map((row) => [isGamma ? `${name} (γ of a norm)` : name, shape.join(' × '), row.name, String(row.collapsed)]),
  );
  return page('bittrue recipes', [
    '<h1>One tensor, all recipes</h1>',
    paragraph(`${count(tensors.length, 'tensor')}, ${count(total.numbers, 'number')}`),
    table(
      [...titles, 'on top', 'collapsed', 'scales lost', 'scales too large', 'scale min', 'scale max'],
      total.rows.map((row) => recipeCells(row, hasOutputs, brief)),
    ),
    ...(hasOutputs && tensors.length > 1 ? [paragraph('Outputs: the smallest SQNR over the tensors.')] : []),
    '<h2>Collapsed blocks</h2>',
    collapsed.length === 0
      ? paragraph('No block collapsed.')
      : table(['tensor', 'shape', 'recipe', 'blocks'], collapsed),
    '<h2>What each recipe reaches</h2>',
    ...plots.map(figure),
    paragraph(`bittrue ${VERSION}`),
  ]);
}
