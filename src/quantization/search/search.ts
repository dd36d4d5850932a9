/**
 * Where a search stands, and its four steps.
 *
 * @module
 */
import { type FloatQuantizer, makeFloatQuantizer } from '../float.ts';
import type { ShiftedQuantizer } from '../preshift.ts';
import {
  type ActivationState,
  activationValues,
  bestActivationScale,
  outputError,
  sameQuantizer,
  startActivations,
} from './activations.ts';
import type { Layer } from './layer.ts';
import type { SearchStep, Settings } from './options.ts';
import { bestWeightScales, startWeights, type WeightState, weightValues } from './weights.ts';

type Scales = readonly number[] | null;
type Activation = FloatQuantizer | ShiftedQuantizer | null;

/**
 * The state of a search. A class because the steps share what is known: scales and quantizers that a step does not change
 * stay the same objects, so that an error measured once, or a step run once against the same operand, is not run again.
 */
export class Search {
  private readonly layer: Layer;
  private readonly settings: Settings;
  private weights: WeightState | null;
  private activations: ActivationState | null;
  private readonly errors: { readonly scales: Scales; readonly activation: Activation; readonly error: number }[] = [];
  /** What the other operand was when a scale step last ran: against the same it would find the same. */
  private readonly ran: { weightScale?: Activation; activationScale?: Scales } = {};
  /** Quantized operands, the last of each. */
  private held: { scales: Scales; w: Float64Array; activation: Activation; x: Float64Array };

  constructor(layer: Layer, settings: Settings) {
    this.layer = layer;
    this.settings = settings;
    this.weights = startWeights(layer, settings);
    this.activations = startActivations(layer, settings);
    this.held = { scales: null, w: layer.w, activation: null, x: layer.x };
  }

  /** Whether a step has anything to choose. */
  has(step: SearchStep): boolean {
    return (step.startsWith('weight') ? this.weights : this.activations) !== null;
  }

  /** The quantizers as they are now. */
  found(): { weight: FloatQuantizer | null; activation: Activation } {
    const { weights } = this;
    const scales = this.scales();
    const weight =
      weights === null || scales === null
        ? null
        : makeFloatQuantizer(weights.grids[weights.current], 'channel', scales);
    return { weight, activation: this.activation() };
  }

  /** Mean over rows and outputs of (Ô − O)². */
  error(): number {
    return (
      this.sumOf(this.weights?.current ?? 0, this.activations?.current ?? 0) / (this.layer.rows * this.layer.outputs)
    );
  }

  /** Runs a step: whether it changed anything. */
  run(step: SearchStep, onShare: (share: number) => void): boolean {
    if (step === 'weightScale') return this.weightScale(onShare);
    if (step === 'activationScale') return this.activationScale(onShare);
    return step === 'weightFormat' ? this.weightFormat() : this.activationFormat();
  }

  /** The best scale of every output, in every grid. */
  private weightScale(onShare: (share: number) => void): boolean {
    const state = this.weights as WeightState;
    const { outputs } = this.layer;
    const activation = this.activation();
    if (this.ran.weightScale === activation) return false;
    this.ran.weightScale = activation;
    const found = bestWeightScales(this.layer, this.settings, state, this.x(), (done) => onShare(done / outputs));
    const scales = state.scales.map((old, f) => (found[f].every((scale, o) => scale === old[o]) ? old : found[f]));
    this.weights = { ...state, scales };
    return scales.some((now, f) => now !== state.scales[f]);
  }

  private activationScale(onShare: (share: number) => void): boolean {
    const state = this.activations as ActivationState;
    const scales = this.scales();
    if (this.ran.activationScale === scales) return false;
    this.ran.activationScale = scales;
    const grids = state.grids.length;
    const quantizers = state.quantizers.map((old, f) => {
      const report = (share: number): void => onShare((f + share) / grids);
      const found = bestActivationScale(this.layer, this.settings, state, f, this.w(), report);
      return sameQuantizer(found, old) ? old : found;
    });
    this.activations = { ...state, quantizers };
    return quantizers.some((now, f) => now !== state.quantizers[f]);
  }

  /** The grid of least error, each with its own scales; the first of equals, but the current one before others. */
  private weightFormat(): boolean {
    const state = this.weights as WeightState;
    const other = this.activations?.current ?? 0;
    const current = least(state.grids.length, state.current, (f) => this.sumOf(f, other));
    this.weights = { ...state, current };
    return current !== state.current;
  }

  private activationFormat(): boolean {
    const state = this.activations as ActivationState;
    const other = this.weights?.current ?? 0;
    const current = least(state.grids.length, state.current, (f) => this.sumOf(other, f));
    this.activations = { ...state, current };
    return current !== state.current;
  }

  /** Σ (Ô − O)² of a weight grid and an activation grid. */
  private sumOf(weightGrid: number, activationGrid: number): number {
    const scales = this.scales(weightGrid);
    const activation = this.activation(activationGrid);
    const known = this.errors.find((one) => one.scales === scales && one.activation === activation);
    if (known !== undefined) return known.error;
    const error = outputError(this.layer, this.x(activationGrid), this.w(weightGrid));
    this.errors.push({ scales, activation, error });
    return error;
  }

  private scales(grid = this.weights?.current ?? 0): Scales {
    return this.weights === null ? null : this.weights.scales[grid];
  }

  private activation(grid = this.activations?.current ?? 0): Activation {
    return this.activations === null ? null : this.activations.quantizers[grid];
  }

  /** Quantized weights. */
  private w(grid = this.weights?.current ?? 0): Float64Array {
    const scales = this.scales(grid);
    if (this.weights !== null && this.held.scales !== scales) {
      // In the memory of those before: no step keeps them.
      const { layer, held } = this;
      const out = held.w === layer.w ? new Float64Array(layer.w.length) : held.w;
      this.held = { ...held, scales, w: weightValues(layer, this.weights, grid, out) };
    }
    return this.held.w;
  }

  /** Quantized activations. */
  private x(grid = this.activations?.current ?? 0): Float64Array {
    const activation = this.activation(grid);
    if (this.activations !== null && this.held.activation !== activation) {
      this.held = { ...this.held, activation, x: activationValues(this.layer, this.activations, grid) };
    }
    return this.held.x;
  }
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
