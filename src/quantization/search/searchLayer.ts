/**
 * FPQ's joint search of format and clip for one linear layer (LLM-FP4, arXiv 2310.16836, Algorithm 1): by turns, each
 * quantizer takes what makes the layer's output least wrong (Eq. 12) while the other stays.
 *
 * @module
 */
import { BittrueError, checkFinite } from '../../errors/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type FloatQuantizer, makeFloatQuantizer } from '../float.ts';
import { finiteRows } from '../matrix.ts';
import { channelMaxima, type ShiftedQuantizer } from '../preshift.ts';
import { type ActivationState, activationValues, bestActivationScale, startActivations } from './activations.ts';
import { Metric } from './metric.ts';
import { checkSearchOptions, type SearchOptions, type SearchStep, type Settings } from './options.ts';
import { product } from './product.ts';
import { bestWeightScales, startWeights, type WeightState, weightValues } from './weights.ts';

/** The metric after a step. */
export interface TraceRow {
  /** 0: MinMax, before the first round. */
  readonly round: number;
  readonly step: SearchStep | 'minMax';
  /** Mean over rows and outputs of (Ô − O)², weighed if a gradient was given. */
  readonly error: number;
}

/** What a search finds. */
export interface SearchResult {
  /** One scale for every output; null where weights are left as they are. */
  readonly weight: FloatQuantizer | null;
  /** One scale; with pre-shift, an integer bias for every input as well. */
  readonly activation: FloatQuantizer | ShiftedQuantizer | null;
  /** The last of the trace. */
  readonly error: number;
  readonly trace: readonly TraceRow[];
}

/**
 * The quantizers of a linear layer, fitted to calibration data.
 *
 * @param x - calibration rows [n, in], of the full-precision model
 * @param w - [out, in]
 * @throws {@link BittrueError} `shape` for operands that do not fit, `value` for NaN and infinities, and for options
 * @example
 * import { searchLayer } from 'bittrue/quantization';
 * const x = { data: new Float64Array([1, -0.6, 0.4, 0.1, -0.9, 0.35]), shape: [3, 2] };
 * const w = { data: new Float64Array([0.7, -0.2, 0.05, 0.4]), shape: [2, 2] };
 * const { weight, activation, error, trace } = searchLayer(x, w, { weightBits: 4, activationBits: 4 });
 * weight?.scales.length; // 2
 * activation?.kind; // 'float'
 * error <= trace[0].error; // true
 */
export function searchLayer(x: Tensor, w: Tensor, options: SearchOptions): SearchResult {
  const settings = checkSearchOptions(options);
  const layer = checkLayer(x, w, settings);
  let weights = startWeights(layer, settings);
  let activations = startActivations(layer, settings);
  const trace: TraceRow[] = [{ round: 0, step: 'minMax', error: layerError(layer, weights, activations) }];
  for (let round = 1; round <= settings.rounds; round++) {
    const before = JSON.stringify([weights, activations]);
    for (const step of settings.steps) {
      if (step.startsWith('weight') ? weights === null : activations === null) continue;
      if (step === 'weightScale') weights = weightScales(layer, settings, weights as WeightState, activations);
      else if (step === 'weightFormat') weights = weightFormat(layer, weights as WeightState, activations);
      else if (step === 'activationScale') {
        activations = activationScales(layer, settings, weights, activations as ActivationState);
      } else activations = activationFormat(layer, weights, activations as ActivationState);
      trace.push({ round, step, error: layerError(layer, weights, activations) });
    }
    if (JSON.stringify([weights, activations]) === before) break;
  }
  return {
    weight:
      weights === null
        ? null
        : makeFloatQuantizer(weights.grids[weights.current], 'channel', weights.scales[weights.current]),
    activation: activations === null ? null : activations.quantizers[activations.current],
    error: trace[trace.length - 1].error,
    trace,
  };
}

/** A layer with its reference output. */
export interface Layer {
  readonly x: Tensor & { readonly data: Float64Array };
  readonly w: Tensor & { readonly data: Float64Array };
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly metric: Metric;
  /** The largest magnitude of every input. */
  readonly maxima: Float64Array;
}

function checkLayer(x: Tensor, w: Tensor, settings: Settings): Layer {
  const activations = finiteRows('x', x);
  const weights = finiteRows('w', w);
  if (activations.width !== weights.width) {
    throw new BittrueError('shape', 'w', `[${w.shape.join(', ')}]`, `${activations.width} inputs, as x has`);
  }
  const { rows, width: inputs } = activations;
  const outputs = weights.rows;
  const xs = Float64Array.from(activations.data);
  const ws = Float64Array.from(weights.data);
  const reference = product(xs, ws, inputs, new Float64Array(rows * outputs));
  let factors: Float64Array | null = null;
  if (settings.gradient !== null) {
    const gradient = finiteRows('options.gradient', settings.gradient);
    if (gradient.rows !== rows || gradient.width !== outputs) {
      throw new BittrueError(
        'shape',
        'options.gradient',
        `[${gradient.rows}, ${gradient.width}]`,
        `[${rows}, ${outputs}]`,
      );
    }
    factors = Float64Array.from(gradient.data, (value) => value * value);
  }
  return {
    x: { data: xs, shape: [rows, inputs] },
    w: { data: ws, shape: [outputs, inputs] },
    rows,
    inputs,
    outputs,
    metric: new Metric(reference, factors, outputs),
    maxima: checkMaxima(settings.maxima, channelMaxima(x)),
  };
}

/** The given maxima, none below those of the rows at hand. */
function checkMaxima(given: ArrayLike<number> | null, own: Float64Array): Float64Array {
  if (given === null) return own;
  if (given.length !== own.length) {
    throw new BittrueError('shape', 'options.maxima', `${given.length} numbers`, `${own.length}, one an input`);
  }
  return own.map((max, i) => {
    if (checkFinite(`options.maxima[${i}]`, given[i]) < max) {
      throw new BittrueError('range', `options.maxima[${i}]`, given[i], `at least ${max}, which x has`);
    }
    return given[i];
  });
}

function layerError(layer: Layer, weights: WeightState | null, activations: ActivationState | null): number {
  const values = product(
    activations === null ? layer.x.data : activationValues(layer, activations, activations.current),
    weights === null ? layer.w.data : weightValues(layer, weights, weights.current),
    layer.inputs,
    new Float64Array(layer.rows * layer.outputs),
  );
  return layer.metric.mean(values);
}

/** The best scale of every output, in every grid. */
function weightScales(
  layer: Layer,
  settings: Settings,
  state: WeightState,
  activations: ActivationState | null,
): WeightState {
  const x = activations === null ? layer.x.data : activationValues(layer, activations, activations.current);
  return { ...state, scales: state.grids.map((_, f) => bestWeightScales(layer, settings, state, f, x)) };
}

/** The grid of least error, each with its own scales; the first of equals, but the current one before others. */
function weightFormat(layer: Layer, state: WeightState, activations: ActivationState | null): WeightState {
  const current = least(state.grids.length, state.current, (f) =>
    layerError(layer, { ...state, current: f }, activations),
  );
  return { ...state, current };
}

function activationScales(
  layer: Layer,
  settings: Settings,
  weights: WeightState | null,
  state: ActivationState,
): ActivationState {
  const w = weights === null ? layer.w.data : weightValues(layer, weights, weights.current);
  return { ...state, quantizers: state.quantizers.map((_, f) => bestActivationScale(layer, settings, state, f, w)) };
}

function activationFormat(layer: Layer, weights: WeightState | null, state: ActivationState): ActivationState {
  const current = least(state.grids.length, state.current, (f) => layerError(layer, weights, { ...state, current: f }));
  return { ...state, current };
}

function least(count: number, current: number, errorOf: (index: number) => number): number {
  let best = current;
  let error = errorOf(current);
  for (let i = 0; i < count; i++) {
    if (i === current) continue;
    const other = errorOf(i);
    if (other < error) {
      best = i;
      error = other;
    }
  }
  return best;
}
