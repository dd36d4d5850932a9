/**
 * The activation's side of the search: one real scale; with pre-shift, ρ̃ is searched and the channels' own biases stay.
 *
 * @module
 */
import { makeFloatQuantizer, scaleForMax } from '../float.ts';
import { gridFormat } from '../grid.ts';
import { largest } from '../matrix.ts';
import { makeShiftedQuantizer } from '../preshift.ts';
import { castRows, coarseSums, fineSums, type Quantizer, scaleOf } from './activationSums.ts';
import { candidateScales } from './candidates.ts';
import type { Layer } from './layer.ts';
import type { Settings } from './options.ts';
import { closest, distinctDescending, shortlist } from './shortlist.ts';
import { isCoarse } from './weightSums.ts';

/** Grids, the quantizer that each would have, and which one it is. */
export interface ActivationState {
  readonly grids: readonly string[];
  readonly current: number;
  readonly quantizers: readonly Quantizer[];
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

function quantizerOf({ preShift }: Settings, grid: string, scale: number, maxima: Float64Array): Quantizer {
  return preShift === null
    ? makeFloatQuantizer(grid, 'tensor', [scale])
    : makeShiftedQuantizer(grid, scale, maxima, preShift);
}

/** Whether two quantizers of one grid are the same: their shifts follow from the scale. */
export function sameQuantizer(a: Quantizer, b: Quantizer): boolean {
  return scaleOf(a) === scaleOf(b);
}

/** The activations in grid `f`, quantized. */
export function activationValues(layer: Layer, state: ActivationState, f: number): Float64Array {
  return castRows(layer, state.quantizers[f], 0, layer.rows);
}

/** The candidate of least output error; the first of equals, the current one before others where it is kept. */
export function bestActivationScale(
  layer: Layer,
  settings: Settings,
  state: ActivationState,
  f: number,
  w: Float64Array,
  onPart: (share: number) => void,
): Quantizer {
  const { metric, maxima } = layer;
  const grid = state.grids[f];
  const initial = minMaxScale(maxima, grid);
  const candidates = [
    ...(settings.keep ? [state.quantizers[f], quantizerOf(settings, grid, initial, maxima)] : []),
    ...Array.from(candidateScales(initial, settings.list), (scale) => quantizerOf(settings, grid, scale, maxima)),
  ];
  const distinct = distinctDescending(candidates.map(scaleOf));
  if (distinct.length === 1) return candidates[0];
  const energy = square(layer.x) * square(w) * metric.largestFactor;
  const falling = Array.from(distinct, (c) => candidates[c]);
  const left = isCoarse(gridFormat(grid))
    ? closest(coarseSums(layer, falling, w, onPart), energy * 1e-20)
    : fineShortlist(layer, falling, w, energy * 1e-20, onPart);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const c of left.length === 1 ? [] : left.map((place) => distinct[place]).sort((a, b) => a - b)) {
    const error = outputError(layer, castRows(layer, candidates[c], 0, layer.rows), w);
    if (best < 0 || error < least) {
      best = c;
      least = error;
    }
  }
  return candidates[best < 0 ? distinct[left[0]] : best];
}

function fineShortlist(
  layer: Layer,
  falling: readonly Quantizer[],
  w: Float64Array,
  tiny: number,
  onPart: (share: number) => void,
): number[] {
  const { parts, add } = fineSums(layer, falling, w);
  return shortlist(falling.length, parts, tiny, (part, alive, sums) => {
    add(part, alive, sums);
    onPart((part + 1) / parts);
  });
}

function square(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/** Σ (Ô − O)² of quantized operands. */
export function outputError(
  { inputs, rows, outputs, metric, arithmetic }: Layer,
  x: Float64Array,
  w: Float64Array,
): number {
  return metric.sum(arithmetic.product(x, w, inputs, new Float64Array(rows * outputs)));
}
