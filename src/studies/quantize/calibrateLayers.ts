/**
 * What the linear layers of a model see on some tokens: run once, for as many quantizations as one likes.
 *
 * @module
 */
import { BittrueError, checkInteger, isReadable } from '../../errors/index.ts';
import { type LinearCall, type LlamaModel, logits, type Tokens } from '../../models/index.ts';
import type { Tensor } from '../../tensors/index.ts';

/** A layer's input. */
export interface LayerCalibration {
  /** Rows evenly spaced over the tokens, [rows, in]. */
  readonly x: Tensor;
  /** The largest magnitude of every column over all tokens. */
  readonly maxima: Float64Array;
}

/** Every linear layer's input in the model without rounding. */
export interface LinearCalibration {
  /** Rows kept of every layer. */
  readonly rows: number;
  /** By the weight's name in the checkpoint. */
  readonly layers: ReadonlyMap<string, LayerCalibration>;
}

/**
 * Runs a model and keeps its layers' inputs.
 *
 * @param sequences - tokens, as `logits` takes them
 * @param rows - how many rows of every layer are kept; all, if there are fewer
 * @throws {@link BittrueError} for tokens that do not fit the model, and for none
 * @example
 * import { byteTokens, loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { calibrateLayers, quantizeModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * const calibration = calibrateLayers(model, [byteTokens('And God said, Let there be light: and there was light.')], 16);
 * calibration.layers.get('lm_head.weight')?.x.shape; // [16, 128]
 * const bits = { weightBits: 4, activationBits: 8 } as const;
 * quantizeModel(model, calibration, { method: 'minMaxFloat', ...bits }).calibrationRows; // 16
 */
export function calibrateLayers(model: LlamaModel, sequences: readonly Tokens[], rows = 128): LinearCalibration {
  const wanted = checkInteger('rows', rows, 1, 2 ** 31);
  if (!isReadable(sequences) || !Array.isArray(sequences) || sequences.length === 0) {
    throw new BittrueError('shape', 'calibration', 'none', 'at least one sequence of tokens');
  }
  const layers = new Map<string, LayerCalibration>();
  let kept = 0;
  logits(model, sequences, {
    linear: (call) => {
      const layer = inputOf(call, wanted);
      kept = layer.x.shape[0];
      layers.set(call.name, layer);
      return undefined;
    },
  });
  return Object.freeze({ rows: kept, layers });
}

function inputOf({ input, rows, weight }: LinearCall, wanted: number): LayerCalibration {
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
  return { x: { data, shape: [count, width] }, maxima };
}
