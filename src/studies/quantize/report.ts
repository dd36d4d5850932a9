/**
 * What a quantization costs its model: perplexity and layer errors, without the scales.
 *
 * @module
 */

import { checkSchema } from '../../errors/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { perplexity } from '../perplexity/perplexity.ts';
import { applyQuantization } from './model.ts';
import type { Quantization, QuantizedLayer } from './quantize.ts';
import type { QuantizationMethod } from './quantizeLayer.ts';
import type { Quantizer } from './quantizer.ts';

/** One layer of a report. */
export interface QuantizationReportRow {
  readonly name: string;
  /** `e2m1`, `int4`; null where the operand is left as it is. */
  readonly weight: string | null;
  readonly activation: string | null;
  /** The largest integer bias of an input channel; null without pre-shift. */
  readonly largestShift: number | null;
  readonly meanSquaredError: number;
  readonly relativeError: number | null;
}

/** A quantization in figures, as plain data. */
export interface QuantizationReport {
  readonly bittrue: string;
  readonly schema: 'quantization-report/1';
  readonly semantics: number;
  readonly method: QuantizationMethod;
  readonly bits: Quantization['bits'];
  readonly calibrationRows: number;
  /** Tokens predicted in the evaluation. */
  readonly predictions: number;
  readonly perplexity: { readonly exact: number; readonly quantized: number };
  /** Mean over the layers of Σ(Ô − O)² / ΣO². */
  readonly meanRelativeError: number;
  readonly embedding: string | null;
  readonly layers: readonly QuantizationReportRow[];
}

/**
 * Runs the model as it is and quantized.
 *
 * @param evaluation - token sequences, as `perplexity` takes them
 * @throws {@link BittrueError} as `perplexity`, and for a quantization of another model
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { quantizationReport, quantizeModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const text = [byteTokens('And God said, Let there be light: and there was light.')];
 * const quantization = quantizeModel(model, text, { method: 'minMaxFloat', weightBits: 4, activationBits: 8 });
 * const { layers, perplexity } = quantizationReport(model, quantization, text);
 * layers[0].weight; // 'e2m1'
 * perplexity.quantized > perplexity.exact; // true
 */
export function quantizationReport(
  model: Model,
  quantization: Quantization,
  evaluation: readonly Tokens[],
): QuantizationReport {
  checkMadeModel(model);
  checkSchema('quantization', quantization, ['quantization/1']);
  const { bittrue, semantics, method, bits, calibrationRows, layers, embedding } = quantization;
  const exact = perplexity(model, evaluation);
  const quantized = applyQuantization(model, quantization);
  const errors = layers.map(({ relativeError }) => relativeError ?? 0);
  return {
    bittrue,
    schema: 'quantization-report/1',
    semantics,
    method,
    bits,
    calibrationRows,
    predictions: exact.predictions,
    perplexity: {
      exact: exact.perplexity,
      quantized: perplexity(quantized.model, evaluation, { on: quantized.on }).perplexity,
    },
    meanRelativeError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    embedding: quantizerName(embedding),
    layers: layers.map(reportRow),
  };
}

/** A layer's line. */
export function reportRow(layer: QuantizedLayer): QuantizationReportRow {
  const { name, weight, activation, meanSquaredError, relativeError } = layer;
  return {
    name,
    weight: quantizerName(weight),
    activation: quantizerName(activation),
    largestShift:
      activation?.kind === 'shifted'
        ? activation.shifts.reduce((most, shift) => Math.max(most, shift), -Infinity)
        : null,
    meanSquaredError,
    relativeError,
  };
}

function quantizerName(quantizer: Quantizer | null): string | null {
  if (quantizer === null) return null;
  return quantizer.kind === 'integer' ? `int${quantizer.bits}` : quantizer.grid;
}
