/**
 * What the linear layers of a model see on some tokens: run once, for as many quantizations as one likes.
 *
 * @module
 */
import { BittrueError, checkInteger, isReadable } from '../../errors/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type LinearCall, onLinear } from '../linearCall.ts';
import { logits } from '../perplexity/logits.ts';

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
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { calibrateLayers, quantizeModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const calibration = calibrateLayers(model, [byteTokens('And God said, Let there be light: and there was light.')], 16);
 * calibration.layers.get('lm_head.weight')?.x.shape; // [16, 128]
 * const bits = { weightBits: 4, activationBits: 8 } as const;
 * quantizeModel(model, calibration, { method: 'minMaxFloat', ...bits }).calibrationRows; // 16
 */
export function calibrateLayers(model: Model, sequences: readonly Tokens[], rows = 128): LinearCalibration {
  const wanted = checkInteger('rows', rows, 1, 2 ** 31);
  if (!isReadable(sequences) || !Array.isArray(sequences) || sequences.length === 0) {
    throw new BittrueError('shape', 'calibration', 'none', 'at least one sequence of tokens');
  }
  const total = sequences.reduce((sum: number, tokens: Tokens) => sum + (tokens?.length ?? 0), 0);
  const kept = Math.min(wanted, total);
  const layers = new Map<string, Watched>();
  const watch = (call: LinearCall): undefined => {
    const [, width] = call.weight.shape;
    const layer = layers.get(call.name) ?? begin(kept, width);
    layers.set(call.name, layer);
    take(layer, call, total);
  };
  logits(model, sequences, { on: onLinear(watch) });
  return Object.freeze({ rows: kept, layers });
}

/** A calibration under way. */
interface Watched extends LayerCalibration {
  /** Rows that have gone by, and rows kept of them. */
  seen: number;
  taken: number;
}

function begin(kept: number, width: number): Watched {
  const x = { data: new Float64Array(kept * width), shape: [kept, width] };
  return { x, maxima: new Float64Array(width), seen: 0, taken: 0 };
}

/** Keeps the rows whose turn it is, and the maxima of all. */
function take(layer: Watched, { input, rows }: LinearCall, total: number): void {
  const { x, maxima } = layer;
  const [kept, width] = x.shape;
  for (; layer.taken < kept; layer.taken++) {
    const row = Math.floor((layer.taken * total) / kept) - layer.seen;
    if (row >= rows) break;
    x.data.set(input.subarray(row * width, (row + 1) * width), layer.taken * width);
  }
  for (let from = 0; from < rows * width; from += width) {
    for (let j = 0; j < width; j++) maxima[j] = Math.max(maxima[j], Math.abs(input[from + j]));
  }
  layer.seen += rows;
}
