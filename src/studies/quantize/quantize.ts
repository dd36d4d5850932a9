/**
 * Quantizing every linear layer of a model: LLM-FP4's FPQ (arXiv 2310.16836) beside MinMax, on calibration tokens.
 *
 * @module
 */

import { BittrueError, checkInteger, checkName, checkObject } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { linearPlans } from '../../models/walk.ts';
import { floatQuantizer, integerQuantizer, type SearchProgress, searchTensor } from '../../quantization/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { namingWeights } from '../namedWeights.ts';
import type { OnProgress } from '../progress.ts';
import { calibrateLayers, type LayerCalibration, type LinearCalibration } from './calibrateLayers.ts';
import {
  checkBits,
  gridOf,
  type LayerQuantization,
  type LayerSearchOptions,
  type QuantizationMethod,
  quantizationMethods,
  quantizeLayer,
} from './quantizeLayer.ts';
import type { Quantizer } from './quantizer.ts';

/** How a model is quantized. */
export interface QuantizeOptions {
  readonly method: QuantizationMethod;
  /** 3–12; null leaves an operand in binary64. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  /** The embedding's, one scale a row; default as the weights. */
  readonly embeddingBits?: number | null;
  /** Grids for the embedding; default those of the weights where it has their width, else all of its own. */
  readonly embeddingGrids?: readonly string[];
  /**
   * Rows of activations that errors are measured on, evenly spaced over the calibration tokens. Default 128. Ranges are
   * those of all rows.
   */
  readonly calibrationRows?: number;
  /** As `quantizeLayer` takes it. */
  readonly search?: LayerSearchOptions;
  readonly onProgress?: OnProgress;
}

/** One linear layer; errors are on the calibration rows, its inputs from the model without rounding. */
export interface QuantizedLayer extends LayerQuantization {
  /** The weight's name in the checkpoint. */
  readonly name: string;
}

/** A quantized model, as plain data: quantizers, no weights. */
export interface Quantization {
  readonly bittrue: string;
  readonly schema: 'quantization/1';
  readonly semantics: number;
  readonly method: QuantizationMethod;
  readonly bits: {
    readonly embedding: number | null;
    readonly weight: number | null;
    readonly activation: number | null;
  };
  readonly calibrationRows: number;
  readonly embedding: Quantizer | null;
  readonly layers: readonly QuantizedLayer[];
}

const keys = [
  'method',
  'weightBits',
  'activationBits',
  'embeddingBits',
  'embeddingGrids',
  'calibrationRows',
  'search',
  'onProgress',
] as const;

/**
 * Fits quantizers to every linear layer, lm_head included, and to the embedding. Every layer sees the inputs that it has
 * in the model without rounding (the paper's parallel quantization).
 *
 * @param calibration - token sequences, as `logits` takes them, or what `calibrateLayers` made of such
 * @throws {@link BittrueError} for options out of range or unknown, and for tokens that do not fit the model
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { quantizeModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * const options = { method: 'minMaxFloat', weightBits: 4, activationBits: 8 } as const;
 * const { layers } = quantizeModel(loadModel(config, checkpoint), [text], options);
 * layers.length; // 29
 */
export function quantizeModel(
  model: Model,
  calibration: readonly Tokens[] | LinearCalibration,
  options: QuantizeOptions,
): Quantization {
  checkMadeModel(model);
  checkObject('options', options, keys);
  const method = checkName('options.method', options.method, quantizationMethods);
  const weightBits = checkBits('options.weightBits', options.weightBits);
  const activationBits = checkBits('options.activationBits', options.activationBits);
  const embeddingBits =
    options.embeddingBits === undefined ? weightBits : checkBits('options.embeddingBits', options.embeddingBits);
  const sameWidth = embeddingBits === weightBits;
  const embeddingGrids = options.embeddingGrids ?? (sameWidth ? options.search?.weightGrids : undefined);
  const wanted = options.calibrationRows;
  if (wanted !== undefined) checkInteger('options.calibrationRows', wanted, 1, 2 ** 31);
  const { rows, layers: inputs } = calibrationOf(model, calibration, wanted);
  const names = linearPlans(model).map(({ weight }) => weight);
  const { search = {} } = options;
  const fit = (name: string, i: number): QuantizedLayer => {
    const { x, maxima } = inputs.get(name) as LayerCalibration;
    const onProgress = ({ done, total }: SearchProgress): void =>
      options.onProgress?.({ phase: name, done: i + done / total, total: names.length });
    const told = { method, weightBits, activationBits, search, maxima, onProgress };
    const layer = { name, ...quantizeLayer(x, model.weights[name], told) };
    options.onProgress?.({ phase: name, done: i + 1, total: names.length });
    return layer;
  };
  const layers = namingWeights(model, () => names.map(fit));
  return {
    bittrue: VERSION,
    schema: 'quantization/1',
    semantics: SEMANTICS,
    method,
    bits: { embedding: embeddingBits, weight: weightBits, activation: activationBits },
    calibrationRows: rows,
    embedding:
      embeddingBits === null
        ? null
        : namingWeights(model, () =>
            quantizeEmbedding(
              model.weights[model.plan.embedding.weight],
              embeddingBits,
              embeddingGrids,
              method,
              search,
            ),
          ),
    layers,
  };
}

/** The calibration that is given, or one on the tokens that are. */
function calibrationOf(
  model: Model,
  given: readonly Tokens[] | LinearCalibration,
  rows: number | undefined,
): LinearCalibration {
  if (!('layers' in given)) return calibrateLayers(model, given, rows ?? 128);
  if (rows !== undefined && rows !== given.rows) {
    throw new BittrueError('unsupported', 'options.calibrationRows', rows, `${given.rows}, as the calibration has`);
  }
  for (const { weight: name } of linearPlans(model)) {
    const width = given.layers.get(name)?.maxima.length;
    if (width === model.weights[name].shape[1]) continue;
    throw new BittrueError('shape', 'calibration', `${width ?? 'no'} inputs of ${name}`, 'a calibration of this model');
  }
  return given;
}

function quantizeEmbedding(
  x: Tensor,
  bits: number,
  grids: readonly string[] | undefined,
  method: QuantizationMethod,
  search: LayerSearchOptions,
): Quantizer {
  if (method === 'minMaxInteger') return integerQuantizer(x, { bits, granularity: 'channel' });
  if (method === 'minMaxFloat') return floatQuantizer(x, { grid: gridOf(grids, bits), granularity: 'channel' });
  const { gamma1, gamma2, intervals, lastCandidate, keep, guard } = search;
  const told = { gamma1, gamma2, intervals, lastCandidate, keep, guard };
  return searchTensor(x, {
    bits,
    ...(grids === undefined ? {} : { grids }),
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
  });
}
