/**
 * The activation's side of the search: one real scale; with pre-shift, ρ̃ is searched and the channels' own biases stay.
 *
 * @module
 */
import { type FloatQuantizer, makeFloatQuantizer, quantizeFloat, scaleForMax } from '../float.ts';
import { gridFormat } from '../grid.ts';
import { largest } from '../matrix.ts';
import { makeShiftedQuantizer, quantizeShifted, type ShiftedQuantizer } from '../preshift.ts';
import { candidateScales } from './candidates.ts';
import type { Settings } from './options.ts';
import { product } from './product.ts';
import type { Layer } from './searchLayer.ts';

/** Grids, the quantizer that each would have, and which one it is. */
export interface ActivationState {
  readonly grids: readonly string[];
  readonly current: number;
  readonly quantizers: readonly (FloatQuantizer | ShiftedQuantizer)[];
}

/** MinMax; null where activations are left as they are. */
export function startActivations(layer: Layer, settings: Settings): ActivationState | null {
  const { activationGrids, activationStart } = settings;
  if (activationGrids.length === 0) return null;
  const { maxima } = layer;
  const quantizers = activationGrids.map((grid) => quantizerOf(settings, grid, minMaxScale(maxima, grid), maxima));
  return { grids: activationGrids, current: activationStart, quantizers };
}

function minMaxScale(maxima: Float64Array, grid: string): number {
  return scaleForMax(gridFormat(grid), largest(maxima, 0, maxima.length));
}

function quantizerOf({ preShift }: Settings, grid: string, scale: number, maxima: Float64Array) {
  return preShift === null
    ? makeFloatQuantizer(grid, 'tensor', [scale])
    : makeShiftedQuantizer(grid, scale, maxima, preShift);
}

/** The activations in grid `f`, quantized. */
export function activationValues(layer: Layer, state: ActivationState, f: number): Float64Array {
  return apply(state.quantizers[f], layer);
}

function apply(quantizer: FloatQuantizer | ShiftedQuantizer, { x }: Layer): Float64Array {
  return quantizer.kind === 'float' ? quantizeFloat(quantizer, x) : quantizeShifted(quantizer, x);
}

/** Rows after which a hopeless candidate is dropped. */
const ROWS = 8;

/** The candidate of least output error; the first of equals, the current one before others where it is kept. */
export function bestActivationScale(
  layer: Layer,
  settings: Settings,
  state: ActivationState,
  f: number,
  w: Float64Array,
): FloatQuantizer | ShiftedQuantizer {
  const { inputs, rows, outputs, metric, maxima } = layer;
  const grid = state.grids[f];
  const initial = minMaxScale(maxima, grid);
  const candidates = [
    ...(settings.keep ? [state.quantizers[f], quantizerOf(settings, grid, initial, maxima)] : []),
    ...Array.from(candidateScales(initial, settings.list), (scale) => quantizerOf(settings, grid, scale, maxima)),
  ];
  // From the last candidate on: the first ones, far above the data, are dropped after a few rows.
  const y = new Float64Array(ROWS * outputs);
  let best = candidates[0];
  let least = Number.POSITIVE_INFINITY;
  for (let c = candidates.length - 1; c >= 0; c--) {
    const values = apply(candidates[c], layer);
    let error = 0;
    for (let row = 0; row < rows && error <= least; row += ROWS) {
      const end = Math.min(row + ROWS, rows);
      const part = product(
        values.subarray(row * inputs, end * inputs),
        w,
        inputs,
        y.subarray(0, (end - row) * outputs),
      );
      error = metric.add(error, part, row, end - row);
    }
    if (error <= least) {
      least = error;
      best = candidates[c];
    }
  }
  return best;
}
