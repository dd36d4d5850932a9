/**
 * The weight's side of the search: every output has its own scale, so every output is searched apart.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { divideToGrid } from '../divide.ts';
import { scaleForMax } from '../float.ts';
import { gridFormat } from '../grid.ts';
import { largest } from '../matrix.ts';
import { candidateScales, factorsOf } from './candidates.ts';
import type { Settings } from './options.ts';
import { product } from './product.ts';
import type { Layer } from './searchLayer.ts';

/** Grids, the scales that each would have, and which one it is. */
export interface WeightState {
  readonly grids: readonly string[];
  readonly current: number;
  /** For every grid, α̃ of every output. */
  readonly scales: readonly (readonly number[])[];
}

/** MinMax; null where weights are left as they are. */
export function startWeights(layer: Layer, { weightGrids, weightStart }: Settings): WeightState | null {
  if (weightGrids.length === 0) return null;
  return { grids: weightGrids, current: weightStart, scales: weightGrids.map((grid) => minMaxScales(layer, grid)) };
}

function minMaxScales({ w, inputs, outputs }: Layer, grid: string): number[] {
  const format = gridFormat(grid);
  return Array.from({ length: outputs }, (_, o) => scaleForMax(format, largest(w.data, o * inputs, (o + 1) * inputs)));
}

/** The weight in grid `f`, quantized. */
export function weightValues({ w, inputs, outputs }: Layer, state: WeightState, f: number): Float64Array {
  const format = gridFormat(state.grids[f]);
  const out = new Float64Array(w.data.length);
  for (let o = 0; o < outputs; o++) {
    const scale = state.scales[f][o];
    divideToGrid(format, w.data, scale, out, o * inputs, (o + 1) * inputs);
    for (let i = o * inputs; i < (o + 1) * inputs; i++) out[i] *= scale;
  }
  return out;
}

/** Rows of the activation after which hopeless candidates are dropped. */
const ROWS = 8;

/**
 * For every output the candidate of least squared output error; the first of equals, the current scale before others
 * where it is kept. `x` is the activation as it is quantized now.
 */
export function bestWeightScales(
  layer: Layer,
  settings: Settings,
  state: WeightState,
  f: number,
  x: Float64Array,
): number[] {
  const initial = minMaxScales(layer, state.grids[f]);
  const factors = factorsOf(settings.list);
  const kept = settings.keep ? 2 : 0;
  const pilot = settings.keep ? 0 : nearest(factors, 1);
  const room = new Room(layer, gridFormat(state.grids[f]), factors.length + kept);
  return initial.map((start, o) => {
    const scales = candidateScales(start, settings.list, factors);
    return room.best(settings.keep ? [state.scales[f][o], start, ...scales] : scales, pilot, o, x);
  });
}

function nearest(factors: readonly number[], wanted: number): number {
  let best = 0;
  factors.forEach((factor, i) => {
    if (Math.abs(factor - wanted) < Math.abs(factors[best] - wanted)) best = i;
  });
  return best;
}

/** One output after the other, in the same memory. */
class Room {
  private readonly layer: Layer;
  private readonly format: FloatFormat;
  private readonly quantized: Float64Array;
  private readonly y: Float64Array;

  constructor(layer: Layer, format: FloatFormat, candidates: number) {
    this.layer = layer;
    this.format = format;
    this.quantized = new Float64Array(candidates * layer.inputs);
    this.y = new Float64Array(ROWS * candidates);
  }

  /** The scale of least error for an output. The candidate `pilot` is measured first: who exceeds it is dropped. */
  best(scales: ArrayLike<number>, pilot: number, output: number, x: Float64Array): number {
    const { rows } = this.layer;
    this.quantize(scales[pilot], output, 0);
    const limit = new Float64Array(1);
    this.advance(limit, 1, output, x, 0, rows);
    for (let c = 0; c < scales.length; c++) this.quantize(scales[c], output, c);
    let alive = Array.from(scales, (_, c) => c);
    const sums = new Float64Array(scales.length);
    for (let row = 0; row < rows && alive.length > 0; row += ROWS) {
      this.advance(sums, alive.length, output, x, row, Math.min(row + ROWS, rows));
      alive = this.drop(alive, sums, limit[0]);
    }
    let best = 0;
    for (let c = 1; c < alive.length; c++) if (sums[c] < sums[best]) best = c;
    return scales[alive[best]];
  }

  /** Candidate `c` of an output, in its place. */
  private quantize(scale: number, output: number, c: number): void {
    const { w, inputs } = this.layer;
    const { quantized } = this;
    divideToGrid(this.format, w.data, scale, quantized, output * inputs, (output + 1) * inputs, c * inputs);
    for (let i = c * inputs; i < (c + 1) * inputs; i++) quantized[i] *= scale;
  }

  /** Adds the errors of all rows to the sums of the first candidates. */
  private advance(sums: Float64Array, count: number, output: number, x: Float64Array, from: number, to: number): void {
    const { inputs, metric } = this.layer;
    const w = this.quantized.subarray(0, count * inputs);
    for (let row = from; row < to; row += ROWS) {
      const end = Math.min(row + ROWS, to);
      const y = product(x.subarray(row * inputs, end * inputs), w, inputs, this.y.subarray(0, (end - row) * count));
      metric.addCandidates(sums, y, output, row, end - row, count);
    }
  }

  /** Moves the candidates that are not above the limit together, their order kept. */
  private drop(alive: readonly number[], sums: Float64Array, limit: number): number[] {
    const { inputs } = this.layer;
    const left: number[] = [];
    for (let c = 0; c < alive.length; c++) {
      if (sums[c] > limit) continue;
      if (left.length < c) {
        sums[left.length] = sums[c];
        this.quantized.copyWithin(left.length * inputs, c * inputs, (c + 1) * inputs);
      }
      left.push(alive[c]);
    }
    return left;
  }
}
