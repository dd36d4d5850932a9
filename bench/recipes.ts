/**
 * The table of docs/quantization.md on recipes and perplexity: the embedded model, as it is, with its channels rescaled, and turned so that
 * two features are outliers; every recipe for embedding and weights, and for what goes into linear layers as well. Some minutes.
 *
 *     npm run bench recipes [RECIPES, with commas]
 *
 * @module
 */
import { byteTokens, loadModel, type Model, splitTokens } from 'bittrue/models';
import { embeddedModel, openFile, openModel } from 'bittrue/node';
import { applyRecipe } from 'bittrue/quantization';
import { perplexity, rescaleChannels, rotateOutliers } from 'bittrue/studies';
import seedrandom from 'seedrandom';
import { linear, onLinear } from '../src/studies/linearCall.ts';

const groups = 'block:e2m1fn;size=128;scale=binary16';
const usual = [
  ...[
    'mxfp4',
    'mxfp4@rceil',
    'nvfp4',
    'nvfp4@fourOverSix',
    'nvfp4+hadamard',
    'if4',
    'hif4',
    'mxfp6e2m3',
    'mxfp6e3m2',
    'mxfp8e4m3',
    groups,
    `${groups}@search`,
  ],
  ...[`${groups};signs=2`, `${groups};signs=2@search`, 'block:uint4;size=128;scale=binary16;zero=uint4@gptq'],
];
const recipes = process.argv[2]?.split(',') ?? usual;

const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const read = (name: string, length: number) => {
  const source = openFile(`${embeddedModel()}/${name}`);
  return splitTokens(byteTokens(source.read(0, source.size)), length);
};
const evaluation = read('validation.txt', model.config.context + 1);
const next = seedrandom.alea('1');
const factors = Array.from({ length: model.config.hidden }, () => 2 ** (Math.floor(next() * 7) - 3));
const turned = rotateOutliers(model, read('calibration.txt', model.config.context).slice(0, 8), 2);
const models = [model, rescaleChannels(model, factors), turned];

/** The model with its matrices as a recipe stores them. */
function stored(one: Model, recipe: string): Model {
  const weights = Object.fromEntries(
    Object.entries(one.weights).map(([name, w]) => [
      name,
      w.shape.length === 2 ? { data: applyRecipe(w, recipe).values, shape: w.shape } : w,
    ]),
  );
  return Object.freeze({ ...one, weights: Object.freeze(weights) });
}

console.log(`without rounding: ${models.map((one) => perplexity(one, evaluation).perplexity.toFixed(4)).join(', ')}\n`);
console.log(
  '| recipe | as it is: weights | and inputs | rescaled: weights | and inputs | outliers: weights | and inputs |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const recipe of recipes) {
  const on = onLinear(({ input, rows, weight }) => {
    const [outputs, width] = weight.shape as [number, number];
    return linear(applyRecipe({ data: input, shape: [rows, width] }, recipe).values, rows, weight.data, outputs, width);
  });
  const cells = models.flatMap((one) => {
    const own = stored(one, recipe);
    return [perplexity(own, evaluation), perplexity(own, evaluation, { on })].map(({ perplexity: p }) => p.toFixed(3));
  });
  console.log(`| \`${recipe}\` | ${cells.join(' | ')} |`);
}
