/**
 * What a quantization costs a model, as a table.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { QuantizationReport } from '../../studies/index.ts';
import { shortSite } from './communication.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/**
 * Perplexity before and after, and a line a layer.
 *
 * @example
 * import { formatQuantization } from 'bittrue/reports';
 * const layer = { name: 'w', weight: 'e2m1', activation: 'e2m1', largestShift: 3, meanSquaredError: 1, relativeError: 0.5 };
 * const text = formatQuantization({
 *   bittrue: '0', schema: 'quantization-report/1', semantics: 1, method: 'fpq', calibrationRows: 32, predictions: 9,
 *   bits: { embedding: null, weight: 4, activation: 4 }, perplexity: { exact: 2, quantized: 2.5 },
 *   meanRelativeError: 0.5, embedding: null, layers: [layer],
 * });
 * text.split('\n')[0]; // 'fpq, bits E/W/A -/4/4: perplexity 2.0000 -> 2.5000 on 9 tokens; mean layer error 5.00e-1'
 */
export function formatQuantization(report: QuantizationReport, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('report', report, ['quantization-report/1']);
  const { method, bits, perplexity, predictions, meanRelativeError, layers, embedding, calibrationRows } =
    printableData(report);
  const width = [bits.embedding, bits.weight, bits.activation].map((count) => count ?? '-').join('/');
  const shifted = layers.some(({ largestShift }) => largestShift !== null);
  const title =
    `${method}, bits E/W/A ${width}: perplexity ${perplexity.exact.toFixed(4)} -> ${perplexity.quantized.toFixed(4)} ` +
    `on ${predictions} tokens; mean layer error ${meanRelativeError.toExponential(2)}`;
  const columns = [
    { title: 'layer', align: 'left' },
    { title: 'weight', align: 'left' },
    { title: 'activation', align: 'left' },
    ...(shifted ? [{ title: 'max shift' } as const] : []),
    { title: 'mean error²' },
    { title: 'relative' },
  ] as const;
  const rows = layers.map(({ name, weight, activation, largestShift, meanSquaredError, relativeError }) => [
    shortSite(name),
    weight ?? '-',
    activation ?? '-',
    ...(shifted ? [largestShift === null ? '-' : String(largestShift)] : []),
    meanSquaredError.toExponential(3),
    relativeError === null ? '-' : relativeError.toExponential(3),
  ]);
  return [
    ...wrap(title, '  ', options),
    '',
    ...table(columns, rows, options),
    '',
    ...wrap(
      `Embedding: ${embedding ?? 'not quantized'}. Errors are of each layer's output on ${calibrationRows} calibration rows, ` +
        'its inputs from the model without rounding; relative: over the mean square of the output. ' +
        'E/W/A: embedding, weights, activations.',
      '  ',
      options,
    ),
    ...(Object.values(perplexity).every(Number.isFinite) ? [] : ['', 'no verdict: a perplexity is not finite']),
  ].join('\n');
}
