/**
 * Quantizing every linear layer of a model: LLM-FP4's FPQ (arXiv 2310.16836) beside MinMax, on calibration tokens.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject } from '../errors/index.ts';
import { SEMANTICS, VERSION } from '../events/index.ts';
import { type LinearCall, type LlamaModel, logits, type Tokens } from '../models/index.ts';
import { linear } from '../models/linear.ts';
import {
  floatQuantizer,
  integerQuantizer,
  type SearchOptions,
  searchLayer,
  searchTensor,
  usualGrid,
} from '../quantization/index.ts';
import type { Tensor } from '../tensors/index.ts';
import type { OnProgress } from './progress.ts';
import { applyQuantizer, type Quantizer } from './quantizedModel.ts';
import { linearNames } from './rescaleChannels.ts';

/**
 * - `minMaxInteger`: symmetric integers; weights a scale for every output, activations one a layer.
 * - `minMaxFloat`: the usual grid of the width (E2M1, E3M2, E4M3), scales likewise.
 * - `fpqBaseline`: format and clip searched jointly. `fpq`: with pre-shifted exponent biases as well.
 */
export const quantizationMethods = ['minMaxInteger', 'minMaxFloat', 'fpqBaseline', 'fpq'] as const;
export type QuantizationMethod = (typeof quantizationMethods)[number];

/** How a model is quantized. */
export interface QuantizeOptions {
  readonly method: QuantizationMethod;
  /** 3–12; null leaves an operand in binary64. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  /** The embedding's, one scale a row; default as the weights. */
  readonly embeddingBits?: number | null;
  /**
   * Rows of activations that errors are measured on, evenly spaced over the calibration tokens. Default 128. Ranges are
   * those of all rows.
   */
  readonly calibrationRows?: number;
  /** For the searches; `preShift` is the method's to set but for its reading (default `difference`). */
  readonly search?: Omit<SearchOptions, 'weightBits' | 'activationBits' | 'gradient' | 'maxima'>;
  readonly onProgress?: OnProgress;
}

/** One linear layer. */
export interface QuantizedLayer {
  /** The weight's name in the checkpoint. */
  readonly name: string;
  readonly weight: Quantizer | null;
  readonly activation: Quantizer | null;
  /** Mean (Ô − O)² on the calibration rows, inputs from the model without rounding. */
  readonly meanSquaredError: number;
  /** Σ(Ô − O)² / ΣO²; null for an output of zeros. */
  readonly relativeError: number | null;
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
  'calibrationRows',
  'search',
  'onProgress',
] as const;

/**
 * Fits quantizers to every linear layer, lm_head included, and to the embedding. Every layer sees the inputs that it has
 * in the model without rounding (the paper's parallel quantization).
 *
 * @param calibration - token sequences, as `logits` takes them
 * @throws {@link BittrueError} for options out of range or unknown, and for tokens that do not fit the model
 * @example
 * import { byteTokens, loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { quantizeModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * const options = { method: 'minMaxFloat', weightBits: 4, activationBits: 8 } as const;
 * const { layers } = quantizeModel(loadLlama(config, checkpoint), [text], options);
 * layers.length; // 29
 */
export function quantizeModel(
  model: LlamaModel,
  calibration: readonly Tokens[],
  options: QuantizeOptions,
): Quantization {
  checkObject('options', options, keys);
  const method = checkName('options.method', options.method, quantizationMethods);
  const weightBits = checkBits('options.weightBits', options.weightBits);
  const activationBits = checkBits('options.activationBits', options.activationBits);
  const embeddingBits =
    options.embeddingBits === undefined ? weightBits : checkBits('options.embeddingBits', options.embeddingBits);
  const wanted = checkInteger('options.calibrationRows', options.calibrationRows ?? 128, 1, 2 ** 31);
  const inputs = captureInputs(model, calibration, wanted);
  const names = linearNames(model);
  const fit: Fit = { method, weightBits, activationBits, search: options.search ?? {} };
  const layers = names.map((name, i): QuantizedLayer => {
    const layer = quantizeLayer(name, inputs.get(name) as Captured, model.weights[name], fit);
    options.onProgress?.({ phase: name, done: i + 1, total: names.length });
    return layer;
  });
  return {
    bittrue: VERSION,
    schema: 'quantization/1',
    semantics: SEMANTICS,
    method,
    bits: { embedding: embeddingBits, weight: weightBits, activation: activationBits },
    calibrationRows: (inputs.get(names[0]) as Captured).x.shape[0],
    embedding:
      embeddingBits === null ? null : quantizeEmbedding(model.weights[model.family.embedding], embeddingBits, fit),
    layers,
  };
}

interface Fit {
  readonly method: QuantizationMethod;
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  readonly search: NonNullable<QuantizeOptions['search']>;
}

function checkBits(argument: string, bits: number | null): number | null {
  return bits === null ? null : checkInteger(argument, bits, 3, 12);
}

/** What calibration saw of a layer's input. */
interface Captured {
  /** Rows evenly spaced over the tokens. */
  readonly x: Tensor;
  /** The largest magnitude of every column over all rows. */
  readonly maxima: Float64Array;
}

/** Every linear layer's input. */
function captureInputs(model: LlamaModel, sequences: readonly Tokens[], wanted: number): Map<string, Captured> {
  const found = new Map<string, Captured>();
  const watch = ({ name, input, rows, weight }: LinearCall): undefined => {
    const width = weight.shape[1];
    const count = Math.min(wanted, rows);
    const data = new Float64Array(count * width);
    for (let i = 0; i < count; i++) {
      const row = Math.floor((i * rows) / count);
      data.set(input.subarray(row * width, (row + 1) * width), i * width);
    }
    const maxima = new Float64Array(width);
    for (let i = 0; i < rows * width; i++) {
      const a = Math.abs(input[i]);
      if (a > maxima[i % width]) maxima[i % width] = a;
    }
    found.set(name, { x: { data, shape: [count, width] }, maxima });
  };
  if (!Array.isArray(sequences) || sequences.length === 0) {
    throw new BittrueError('shape', 'calibration', 'none', 'at least one sequence of tokens');
  }
  logits(model, sequences, { linear: watch });
  return found;
}

function quantizeLayer(
  name: string,
  { x, maxima }: Captured,
  w: Tensor,
  { method, weightBits, activationBits, search }: Fit,
): QuantizedLayer {
  const all = { data: maxima, shape: [maxima.length] };
  let weight: Quantizer | null;
  let activation: Quantizer | null;
  if (method === 'minMaxInteger') {
    weight = weightBits === null ? null : integerQuantizer(w, { bits: weightBits, granularity: 'channel' });
    activation = activationBits === null ? null : integerQuantizer(all, { bits: activationBits });
  } else if (method === 'minMaxFloat') {
    weight = weightBits === null ? null : floatQuantizer(w, { grid: usualGrid(weightBits), granularity: 'channel' });
    activation = activationBits === null ? null : floatQuantizer(all, { grid: usualGrid(activationBits) });
  } else {
    const preShift = method === 'fpq' && activationBits !== null ? (search.preShift ?? 'difference') : null;
    ({ weight, activation } = searchLayer(x, w, { ...search, weightBits, activationBits, preShift, maxima }));
  }
  const [outputs, width] = w.shape;
  const rows = x.shape[0];
  const exact = linear(x.data as Float64Array, rows, w.data, outputs, width);
  const output = linear(applyQuantizer(activation, x), rows, applyQuantizer(weight, w), outputs, width);
  let error = 0;
  let energy = 0;
  for (let i = 0; i < exact.length; i++) {
    error += (output[i] - exact[i]) * (output[i] - exact[i]);
    energy += exact[i] * exact[i];
  }
  const relativeError = energy === 0 ? null : error / energy;
  return { name, weight, activation, meanSquaredError: error / exact.length, relativeError };
}

function quantizeEmbedding(x: Tensor, bits: number, { method, search }: Fit): Quantizer {
  if (method === 'minMaxInteger') return integerQuantizer(x, { bits, granularity: 'channel' });
  if (method === 'minMaxFloat') return floatQuantizer(x, { grid: usualGrid(bits), granularity: 'channel' });
  const { gamma1, gamma2, intervals, lastCandidate, keep, guard } = search;
  const given = { gamma1, gamma2, intervals, lastCandidate, keep, guard };
  return searchTensor(x, {
    bits,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  });
}
