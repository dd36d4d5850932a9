import { describe, expect, it } from 'vitest';
import { compareRecipes, totalRecipes } from '../../src/quantization/index.ts';
import { formatEmulated, recipePlots, recipesHtml } from '../../src/reports/index.ts';
import { compareEmulated } from '../../src/studies/index.ts';
import { failure } from '../testing/helpers.ts';

/** Exponents: 2 twice, 0 once, -1 twice, -4 once, that of the smallest subnormal once; one zero. */
const x = { data: new Float64Array([6, -4, 1, 0.75, -0.5, 0.1, 5e-324, 0]), shape: [8] };
const gamma = { data: Float64Array.from({ length: 32 }, (_, i) => 1 - i / 1000), shape: [32] };
const recipes = ['mxfp4', 'block:e2m1fn;size=4;scale=binary32'];

describe('recipePlots', () => {
  it('counts exponents, and draws the reach of each recipe', () => {
    const plots = recipePlots(compareRecipes(x, { recipes }));
    expect(plots.map(({ title }) => title)).toEqual([
      'mxfp4: exponents of 8 numbers; 25 % underflow',
      'block:e2m1fn;size=4;scale=binary32: exponents of 8 numbers; 12.5 % underflow',
    ]);
    for (const { series } of plots) {
      expect(series[0]!.points).toEqual([
        { x: -1074, y: 1 },
        { x: -4, y: 1 },
        { x: -1, y: 2 },
        { x: 0, y: 1 },
        { x: 2, y: 2 },
      ]);
    }
    // One scale, 1: from 0.5 to 6. Two: 1 of [6, -4, 1, 0.75] and 1/12 of [-0.5, …], from 0.5/12 to 6.
    expect(plots.map(({ limits }) => limits!.map(({ axis, at, name }) => [axis, at, name]))).toEqual([
      [
        ['x', -1, 'smallest'],
        ['x', 2, 'largest'],
      ],
      [
        ['x', -5, 'smallest'],
        ['x', 2, 'largest'],
      ],
    ]);
  });

  it('adds the exponents of several tensors, and draws none of zeros', () => {
    const total = totalRecipes([x, gamma].map((one) => compareRecipes(one, { recipes })));
    const ofGamma = [...gamma.data].filter((v) => v >= 1).length;
    expect(recipePlots(total)[0]!.series[0]!.points).toContainEqual({ x: 0, y: 1 + ofGamma });
    expect(recipePlots(total)[0]!.series[0]!.points).toContainEqual({ x: -1, y: 2 + 32 - ofGamma });
    const zeros = { data: new Float64Array(4), shape: [4] };
    expect(recipePlots(compareRecipes(zeros, { recipes }))).toEqual([]);
    expect(failure(() => recipePlots({} as never))).toBe('type comparison');
  });
});

describe('recipesHtml', () => {
  const compared = [
    { name: 'w', shape: [8], comparison: compareRecipes(x, { recipes }) },
    { name: '<norm>.weight', shape: [32], isGamma: true, comparison: compareRecipes(gamma, { recipes }) },
  ];

  it('has a row a recipe, the collapsed blocks, and a histogram a recipe, and fetches nothing', () => {
    const page = recipesHtml(totalRecipes(compared.map(({ comparison }) => comparison)), compared);
    expect(page).toContain('2 tensors, 40 numbers');
    expect(page).toContain('&lt;norm&gt;.weight (γ of a norm)');
    expect(page.match(/<figure>/g)).toHaveLength(2);
    expect(page).not.toMatch(/src=|href=|url\(|@import|<script|<link/);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
    const inputs = { data: new Float64Array(16).fill(1), shape: [2, 8] };
    const comparison = compareRecipes(x, { recipes, inputs });
    expect(recipesHtml(comparison, [{ name: 'w', shape: [8], comparison }])).toContain('outputs (dB)');
    expect(page).not.toContain('outputs (dB)');
  });

  it('refuses what is no list of compared tensors', () => {
    const { comparison } = compared[0]!;
    expect(failure(() => recipesHtml(comparison, [{ name: 'w' }] as never))).toBe('type tensors[0]');
    expect(failure(() => recipesHtml(comparison, 7 as never))).toBe('type tensors');
    expect(failure(() => recipesHtml({} as never, []))).toBe('type comparison');
  });
});

it('formatEmulated has a line a product', () => {
  const one = { data: Float64Array.from({ length: 32 }, (_, i) => Math.cos(i)), shape: [1, 32] };
  const product = compareEmulated('layer.weight', one, one, { target: 'b200:mxfp4' });
  const [title, line] = formatEmulated([{ ...product, emulatedSqnr: null, different: 0.125 }]).split('\n');
  expect(title).toMatch(/unit +weight +codes +emulated +rounded +differ +largest/);
  expect(line).toMatch(/b200:mxfp4 +layer\.weight +∞ +– +0 % +12\.5 % +0/);
  expect(failure(() => formatEmulated([{}] as never))).toBe('type products[0]');
});
