/**
 * A post-mortem: an overflow that no check of the output can find.
 *
 * Whisper-small's encoder has rows of 768 numbers some 795 away from their mean. In FP16 their squares (632,025) and
 * hence the variance are infinite; 1/√∞ is 0, and the LayerNorm gives finite zeros plus bias instead of a
 * normalised row. No Inf or NaN ever leaves the kernel (microsoft/onnxruntime issue 31626).
 *
 *     npm run example masked-overflow
 */
import { compareReports, layerNorm } from 'bittrue';
import { formatReport } from 'bittrue/reports';
import { fp16 } from 'bittrue/targets';

const width = 768;
const x = Float64Array.from({ length: width }, (_, i) => (i % 2 === 0 ? 795 : -795));
const beta = new Float64Array(width).fill(0.25);

const plain = layerNorm(x, { rows: 1, width, beta, target: fp16, reference: true });
console.log(
  `first outputs: ${plain.output.slice(0, 4).join(', ')}; all finite: ${plain.output.every(Number.isFinite)}`,
);
console.log(formatReport(plain.report));

// Scaled by 1/1024 the squares stay small; ε goes with the square of the scale.
const scaled = layerNorm(x, { rows: 1, width, beta, target: fp16, reference: true, scale: 1 / 1024 });
console.log(`\nfirst outputs, scaled: ${scaled.output.slice(0, 4).join(', ')}`);
console.log(formatReport(compareReports(plain.report, scaled.report)));
