/**
 * The weight's side of the search: every output has its own scale, so every output is searched apart.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { scaleForMax } from '../float.ts';
import { gridFormat } from '../grid.ts';
import { largest } from '../matrix.ts';
import type { Room } from './arithmetic.ts';
import { candidateScales, factorsOf } from './candidates.ts';
import { SortedRow } from './ladder.ts';
import type { Layer } from './layer.ts';
import type { Settings } from './options.ts';
import { closest, distinctDescending, shortlist } from './shortlist.ts';
import { CoarseWeights, castOutput, FineWeights, isCoarse } from './weightSums.ts';

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
  return Array.from({ length: outputs }, (_, o) => scaleForMax(format, largest(w, o * inputs, (o + 1) * inputs)));
}

/** The weight in grid `f`, quantized, into `out`. */
export function weightValues(layer: Layer, state: WeightState, f: number, out: Float64Array): Float64Array {
  const { w, inputs, outputs, arithmetic } = layer;
  const format = gridFormat(state.grids[f]);
  for (let o = 0; o < outputs; o++) {
    const scale = state.scales[f][o];
    arithmetic.cast(format, w, scale, out, o * inputs, (o + 1) * inputs);
    for (let i = o * inputs; i < (o + 1) * inputs; i++) out[i] *= scale;
  }
  return out;
}

/**
 * In every grid, for every output, the candidate of least squared output error; the first of equals, the current scale
 * before others where it is kept. `x` is the activation as it is quantized now.
 */
export function bestWeightScales(
  layer: Layer,
  settings: Settings,
  state: WeightState,
  x: Float64Array,
  onOutput: (done: number) => void,
): number[][] {
  return layer.arithmetic.within((room) => {
    const search = new OutputSearch(layer, x, room);
    return searchOutputs(search, layer, settings, state, onOutput);
  });
}

function searchOutputs(
  search: OutputSearch,
  layer: Layer,
  settings: Settings,
  state: WeightState,
  onOutput: (done: number) => void,
): number[][] {
  const { outputs, inputs, w } = layer;
  const factors = factorsOf(settings.list);
  const starts = state.grids.map((grid) => minMaxScales(layer, grid));
  const best: number[][] = state.grids.map(() => new Array<number>(outputs));
  for (let o = 0; o < outputs; o++) {
    search.sorted.sort(w, o * inputs);
    state.grids.forEach((grid, f) => {
      const start = starts[f][o];
      const listed = candidateScales(start, settings.list, factors);
      const scales = settings.keep ? Float64Array.from([state.scales[f][o], start, ...listed]) : listed;
      best[f][o] = search.best(grid, scales, o);
    });
    onOutput(o + 1);
  }
  return best;
}

/** One output after the other, in the same memory. */
class OutputSearch {
  readonly sorted: SortedRow;
  private readonly layer: Layer;
  private readonly energy: number;
  private readonly ways: { readonly coarse: CoarseWeights; readonly fine: FineWeights };
  private readonly y: Float64Array;
  private readonly quantized: Float64Array;

  constructor(layer: Layer, x: Float64Array, room: Room) {
    this.layer = layer;
    this.energy = x.reduce((sum, value) => sum + value * value, 0) * layer.metric.largestFactor;
    this.sorted = new SortedRow(layer.inputs);
    this.ways = { coarse: new CoarseWeights(layer, x, room), fine: new FineWeights(layer, x, room) };
    this.y = new Float64Array(layer.rows);
    this.quantized = new Float64Array(layer.inputs);
  }

  /** The scale of least error for an output, whose weights are sorted already. */
  best(grid: string, scales: Float64Array, output: number): number {
    const distinct = distinctDescending(scales);
    if (distinct.length === 1) return scales[0];
    const format = gridFormat(grid);
    const falling = Float64Array.from(distinct, (c) => scales[c]);
    const energy = this.sorted.magnitudes.reduce((sum, a) => sum + a * a, 0) * this.energy;
    const { coarse, fine } = this.ways;
    const left = isCoarse(format)
      ? closest(coarse.sumsOf(falling, format, output, this.sorted), energy * 1e-20)
      : shortlist(falling.length, fine.parts, energy * 1e-20, (part, candidates, sums) => {
          fine.add(part, candidates, falling, format, output, sums);
        });
    if (left.length === 1) return falling[left[0]];
    const candidates = left.map((place) => distinct[place]).sort((a, b) => a - b);
    return scales[this.decide(format, scales, candidates, output)];
  }

  /** The first of least error among candidates, by whole products. */
  private decide(format: FloatFormat, scales: Float64Array, candidates: readonly number[], output: number): number {
    const { layer, y, quantized, ways } = this;
    let best = candidates[0];
    let least = Number.POSITIVE_INFINITY;
    for (const c of candidates) {
      castOutput(layer, format, scales[c], output, quantized, 0);
      ways.coarse.outputOf(quantized, y);
      const error = layer.metric.sumOfOutput(y, output);
      if (error < least) {
        best = c;
        least = error;
      }
    }
    return best;
  }
}
