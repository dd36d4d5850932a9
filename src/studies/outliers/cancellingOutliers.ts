/**
 * The same function with outlier features in the partial sums: one device adds a large term to a feature, another takes
 * it away again. The residual stream, and all that a device sees of the sum, stay as they were.
 *
 * A neuron of the MLP is split in two, each half with half of its output weights; one goes to the front and one to the
 * end, so that a group of devices has them apart. A constant is added to one half's weight for the feature and taken from
 * the other's. Large models are not known to have outliers of this kind; but a codec's ranges cannot tell them apart, and
 * their size is ours to choose.
 *
 * @module
 */

import { BittrueError, checkInteger, checkObject, checkPositive } from '../../errors/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import type { LayerPlan, MlpPlan } from '../../models/plan.ts';
import { llamaNames } from '../../models/walk.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type LinearCall, linear, onLinear } from '../linearCall.ts';
import { logits } from '../perplexity/logits.ts';

/** How many outliers, and how large. */
export interface CancellingOutliersOptions {
  /** Features 0, 1, … of every down_proj; at most the neurons there are. */
  readonly features: number;
  /** About how far the range of such a feature's partial sums exceeds the median range of the whole sums. */
  readonly times: number;
}

/**
 * Splits neuron a of every MLP for outlier feature a. Logits agree but for binary64's rounding.
 *
 * @throws {@link BittrueError} `range` for options out of range, `value` for a neuron that no token fires
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { cancellingOutliers } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const text = [byteTokens('In the beginning')];
 * cancellingOutliers(model, text, { features: 2, times: 50 }).config.intermediate; // 346
 */
export function cancellingOutliers(
  model: Model,
  sequences: readonly Tokens[],
  options: CancellingOutliersOptions,
): Model {
  checkMadeModel(model);
  checkObject('options', options, ['features', 'times']);
  const { features, times } = options;
  const { intermediate, hidden } = model.config;
  checkInteger('options.features', features, 1, Math.min(hidden, intermediate));
  checkPositive('options.times', times);
  const sizes = measure(model, sequences, features);
  const weights: Record<string, Tensor> = { ...model.weights };
  for (const [layer, { mlp }] of llamaNames(model).layers.entries()) {
    const { gate, up, down } = mlp;
    for (const name of [gate, up]) {
      const { data } = weights[name];
      const copied = new Float64Array((intermediate + features) * hidden);
      copied.set(data);
      copied.set(data.subarray(0, features * hidden), intermediate * hidden);
      weights[name] = { data: copied, shape: [intermediate + features, hidden] };
    }
    const { data } = weights[down];
    const width = intermediate + features;
    const split = new Float64Array(hidden * width);
    for (let o = 0; o < hidden; o++) {
      split.set(data.subarray(o * intermediate, (o + 1) * intermediate), o * width);
      for (let a = 0; a < features; a++) {
        const half = data[o * intermediate + a] / 2;
        const constant = o === a ? (times * sizes[layer].median) / (2 * sizes[layer].neurons[a]) : 0;
        split[o * width + a] = half + constant;
        split[o * width + intermediate + a] = half - constant;
      }
    }
    weights[down] = { data: split, shape: [hidden, width] };
  }
  const config = Object.freeze({ ...model.config, intermediate: intermediate + features });
  const plan = { ...model.plan, stack: { ...model.plan.stack, layer: wider(model, features) } };
  return Object.freeze({ ...model, config, plan: Object.freeze(plan), weights: Object.freeze(weights) });
}

/** The model's layers with more neurons. */
function wider({ plan }: Model, features: number): (index: number) => LayerPlan {
  return (index) => {
    const layer = plan.stack.layer(index);
    const { gate, up, down, ...rest } = layer.mlp.body as MlpPlan;
    const more = (one: typeof up): typeof up => ({ ...one, outputs: one.outputs + features });
    const body: MlpPlan = {
      ...rest,
      gate: gate === null ? null : more(gate),
      up: more(up),
      down: { ...down, inputs: down.inputs + features },
    };
    return { ...layer, mlp: { ...layer.mlp, body } };
  };
}

/** A layer's sizes over the sequences. */
interface Sizes {
  /** Of the ranges 2·max|Y_j| of the sums. */
  readonly median: number;
  /** Largest magnitudes of the neurons to be split. */
  readonly neurons: readonly number[];
}

function measure(model: Model, sequences: readonly Tokens[], features: number): readonly Sizes[] {
  if (!Array.isArray(sequences) || sequences.length === 0) {
    throw new BittrueError('shape', 'sequences', 'none', 'at least one sequence of tokens');
  }
  const downs = llamaNames(model).layers.map(({ mlp }) => mlp.down);
  const sums = new Map(downs.map((name) => [name, new Float64Array(model.config.hidden)]));
  const fired = new Map(downs.map((name) => [name, new Float64Array(features)]));
  const watch = ({ name, input, rows, weight }: LinearCall): Float64Array => {
    const [outputs, inputs] = weight.shape;
    const y = linear(input, rows, weight.data, outputs, inputs);
    raise(sums.get(name) as Float64Array, y, outputs);
    raise(fired.get(name) as Float64Array, input, inputs);
    return y;
  };
  logits(model, sequences, { on: onLinear(watch, downs) });
  return downs.map((name) => {
    const ranges = [...(sums.get(name) as Float64Array)].map((a) => 2 * a);
    const neurons = [...(fired.get(name) as Float64Array)];
    const silent = neurons.indexOf(0);
    if (silent >= 0) throw new BittrueError('value', 'sequences', `neuron ${silent} silent`, 'neurons that fire');
    return { median: ranges.sort((a, b) => a - b)[ranges.length >> 1], neurons };
  });
}

/** Raises the largest magnitude of each of the first columns. */
function raise(largest: Float64Array, data: Float64Array, width: number): void {
  for (let start = 0; start < data.length; start += width) {
    for (let j = 0; j < largest.length; j++) largest[j] = Math.max(largest[j], Math.abs(data[start + j]));
  }
}
