/**
 * What recipes reach of a tensor's numbers, as histograms of exponents.
 *
 * @module
 */
import { checkMade } from '../../errors/index.ts';
import type { RecipeComparison } from '../../quantization/index.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';
import { count, percent } from '../numbers.ts';
import type { Plot } from './plot.ts';

/**
 * A histogram a recipe: how many numbers have which exponent, between the smallest and the largest magnitude that the recipe's blocks
 * hold under the scales that they have here. What lies left of both lines becomes zero.
 *
 * @throws {@link BittrueError} for what is no comparison
 * @example
 * import { compareRecipes } from 'bittrue/quantization';
 * import { recipePlots } from 'bittrue/reports';
 * const x = { data: new Float64Array([6, 1, 1.5, 0.1]), shape: [4] };
 * const [plot] = recipePlots(compareRecipes(x, { recipes: ['mxfp4'] }));
 * plot?.series[0]?.points; // [{ x: -4, y: 1 }, { x: 0, y: 2 }, { x: 2, y: 1 }]
 * plot?.limits?.map(({ at }) => at); // [-1, 2]
 */
export function recipePlots(comparison: RecipeComparison): Plot[] {
  checkMade('comparison', comparison, ['numbers', 'exponents', 'rows'], 'a comparison, as compareRecipes gives it');
  const { numbers, exponents, rows } = comparison;
  const points = exponents.counts.flatMap((y, i) => (y === 0 ? [] : [{ x: exponents.least + i, y }]));
  if (points.length === 0) return [];
  return rows.map(({ name, reach: [smallest, largest], underflows }) => ({
    title: `${name}: exponents of ${count(numbers, 'number')}; ${percent(underflows)} underflow`,
    x: { title: 'exponent, ⌊log2 |x|⌋', scale: 'linear' },
    y: { title: 'numbers', scale: 'linear' },
    series: [{ name: '', mark: 'bars', points }],
    limits: [
      ...(smallest > 0 ? [{ axis: 'x' as const, at: exponentIn(smallest), name: 'smallest' }] : []),
      ...(largest > 0 ? [{ axis: 'x' as const, at: exponentIn(largest), name: 'largest' }] : []),
    ],
  }));
}
