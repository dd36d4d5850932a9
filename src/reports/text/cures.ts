/**
 * Cures of an overflowing norm as a table.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { CureComparison } from '../../studies/index.ts';
import { count, decibels, perplexityText, size } from '../numbers.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/**
 * A line a cure: events of all norms, perplexity, what it costs.
 *
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { formatCures } from 'bittrue/reports';
 * import { compareCures } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const cures = compareCures(loadModel(config, checkpoint), [byteTokens('In the beginning')], { target: fp16 });
 * formatCures(cures).split('\n')[0]; // 'cures on fp16, residual scale 1: llama, 4 layers, hidden 128; 15 predictions'
 */
export function formatCures(comparison: CureComparison, options: RenderOptions = {}): string {
  checkSchema('comparison', comparison, ['cure-comparison/1']);
  checkLook(options);
  const { target, residualScale, model, predictions, float64, cures } = printableData(comparison);
  const rows = cures.map(({ name, overflows, overflowing, invalid, underflows, sqnr, perplexity, cost }) => [
    name,
    ...[overflows, overflowing, invalid, underflows].map(String),
    decibels(sqnr),
    perplexityText(perplexity),
    cost,
  ]);
  const columns = [
    { title: 'cure', align: 'left' },
    ...['overflows', 'norms', 'invalid', 'underflows', 'SQNR', 'perplexity'].map((title) => ({ title })),
    { title: 'cost a token and norm of width d', align: 'left' },
  ] as const;
  const what = `${model.family}, ${count(model.layers, 'layer')}, hidden ${model.hidden}`;
  return [
    ...wrap(
      `cures on ${target.name}, residual scale ${size(residualScale)}: ${what}; ${count(predictions, 'prediction')}`,
      '  ',
      options,
    ),
    '',
    ...table(columns, rows, options),
    '',
    ...wrap(
      `Perplexity without rounding: ${perplexityText(float64.perplexity)}. Norms: those in which something overflowed. SQNR: of the outputs of all norms, against the real norm of their own inputs, in dB.`,
      '  ',
      options,
    ),
  ].join('\n');
}
