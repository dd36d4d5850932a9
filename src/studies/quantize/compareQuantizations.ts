/**
 * Several quantizations of a model side by side, as the paper's tables have them.
 *
 * @module
 */

import { checkList } from '../../errors/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { perplexity } from '../perplexity/perplexity.ts';
import type { LinearCalibration } from './calibrateLayers.ts';
import { applyQuantization } from './model.ts';
import { type QuantizeOptions, quantizeModel } from './quantize.ts';
import type { QuantizationMethod } from './quantizeLayer.ts';

/** One row of a comparison. */
export interface QuantizationRow {
  readonly method: QuantizationMethod | 'float64';
  /** E/W/A, as `4/4/8`. */
  readonly bits: string;
  readonly perplexity: number;
  /** Mean of the layers' relative output errors on calibration rows. */
  readonly meanRelativeError: number;
  /** Whole-layer mean squared error, averaged over layers. */
  readonly meanSquaredError: number;
}

/**
 * Perplexities and layer errors of several quantizations of a model; the first row is the model without rounding.
 *
 * @param calibration - as `quantizeModel` takes it; a `calibrateLayers` saves running the model for every row
 * @param evaluation - token sequences, as `perplexity` takes them
 * @throws {@link BittrueError} as {@link quantizeModel} and `perplexity`
 */
export function compareQuantizations(
  model: Model,
  calibration: readonly Tokens[] | LinearCalibration,
  evaluation: readonly Tokens[],
  configurations: readonly QuantizeOptions[],
): readonly QuantizationRow[] {
  checkMadeModel(model);
  checkList('configurations', configurations);
  const rows: QuantizationRow[] = [
    {
      method: 'float64',
      bits: '64/64/64',
      perplexity: perplexity(model, evaluation).perplexity,
      meanRelativeError: 0,
      meanSquaredError: 0,
    },
  ];
  for (const options of configurations) {
    const quantization = quantizeModel(model, calibration, options);
    const { layers, bits, method } = quantization;
    const { model: quantized, on } = applyQuantization(model, quantization);
    rows.push({
      method,
      bits: [bits.embedding, bits.weight, bits.activation].map((width) => width ?? 64).join('/'),
      perplexity: perplexity(quantized, evaluation, { on }).perplexity,
      meanRelativeError: mean(layers.map(({ relativeError }) => relativeError ?? 0)),
      meanSquaredError: mean(layers.map(({ meanSquaredError }) => meanSquaredError)),
    });
  }
  return rows;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
