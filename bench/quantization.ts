/**
 * The tables of docs/quantization.md: MinMax and FPQ on the embedded model, as it is and with its channels rescaled, at
 * the widths of LLM-FP4's tables. A quarter of an hour and more.
 *
 *     npm run bench quantization [ROWS] [INTERVALS] [ROUNDS]
 *
 * @module
 */
import { byteTokens, loadModel, type Model, splitTokens } from 'bittrue/models';
import { embeddedModel, openFile, openModel } from 'bittrue/node';
import {
  applyQuantization,
  calibrateLayers,
  type LinearCalibration,
  perplexity,
  type QuantizeOptions,
  quantizationMethods,
  quantizeModel,
  rescaleChannels,
} from 'bittrue/studies';
import seedrandom from 'seedrandom';

const [rows = 32, intervals = 100, rounds = 3] = process.argv.slice(2).map(Number);
const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const read = (name: string, length: number) => {
  const source = openFile(`${embeddedModel()}/${name}`);
  return splitTokens(byteTokens(source.read(0, source.size)), length);
};
const text = read('calibration.txt', model.config.context).slice(0, 8);
const evaluation = read('validation.txt', model.config.context + 1);

/** Powers of two from 1/8 to 8. */
const next = seedrandom.alea('1');
const factors = Array.from({ length: model.config.hidden }, () => 2 ** (Math.floor(next() * 7) - 3));
const models = [model, rescaleChannels(model, factors)].map((one) => [one, calibrateLayers(one, text, rows)] as const);

const widths = [
  [4, 4, 4],
  [4, 4, 8],
  [6, 6, 6],
  [8, 8, 8],
];
const titles = { minMaxInteger: 'MinMax INT', minMaxFloat: 'MinMax FP', fpqBaseline: 'FPQ baseline', fpq: 'FPQ' };

/** Perplexity and mean relative layer error. */
function cells([one, calibration]: readonly [Model, LinearCalibration], options: QuantizeOptions): string[] {
  const quantization = quantizeModel(one, calibration, options);
  const quantized = applyQuantization(one, quantization);
  const errors = quantization.layers.map(({ relativeError }) => relativeError ?? 0);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return [perplexity(quantized.model, evaluation, { on: quantized.on }).perplexity.toFixed(3), mean.toExponential(2)];
}

console.log(
  `${rows} rows, ${intervals} intervals, ${rounds} rounds; without rounding ${perplexity(model, evaluation).perplexity}\n`,
);
console.log('| method | E/W/A | perplexity | layer error | rescaled: perplexity | layer error |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [embeddingBits, weightBits, activationBits] of widths) {
  for (const method of quantizationMethods) {
    const search = { intervals, rounds };
    const options = { method, embeddingBits, weightBits, activationBits, search };
    const figures = models.flatMap((one) => cells(one, options));
    console.log(`| ${[titles[method], `${embeddingBits}/${weightBits}/${activationBits}`, ...figures].join(' | ')} |`);
  }
}
