/**
 * The same function with other channels: a way to give a small model the outlier channels of a large one.
 *
 * @module
 */

import { BittrueError, checkPositive, fieldsOf } from '../../errors/index.ts';
import type { Model } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { llamaNames } from '../../models/walk.ts';
import type { Tensor } from '../../tensors/index.ts';

/**
 * Multiplies channel j of every norm's output by r_j, and divides the weights that read it. With powers of two the
 * logits stay the same, bit for bit; the activations that a quantizer sees do not.
 *
 * @param factors - r, one for every channel of the residual stream
 * @throws {@link BittrueError} `shape` for another number of factors, `range` for one that is not above 0
 * @example
 * import { loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { rescaleChannels } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const factors = Array.from({ length: 128 }, (_, j) => (j === 7 ? 64 : 1));
 * const gamma = (of: typeof model) => of.weights['model.norm.weight'].data[7];
 * gamma(rescaleChannels(model, factors)) / gamma(model); // 64
 */
export function rescaleChannels(model: Model, factors: ArrayLike<number>): Model {
  checkMadeModel(model);
  const { hidden } = model.config;
  const { length } = fieldsOf(factors);
  if (length !== hidden) {
    throw new BittrueError('shape', 'factors', `${length} factors`, `${hidden}, one a channel`);
  }
  for (let j = 0; j < hidden; j++) checkPositive(`factors[${j}]`, factors[j]);
  const { layers, finalNorm } = llamaNames(model);
  const weights: Record<string, Tensor> = { ...model.weights };
  const norm = (name: string) => {
    const { data, shape } = weights[name];
    weights[name] = { data: Float64Array.from(data, (value, i) => value * factors[i % hidden]), shape };
  };
  const reader = (name: string) => {
    const { data, shape } = weights[name];
    weights[name] = { data: Float64Array.from(data, (value, i) => value / factors[i % hidden]), shape };
  };
  for (const { attention, mlp } of layers) {
    norm(attention.norm);
    norm(mlp.norm);
    for (const name of [attention.query, attention.key, attention.value, mlp.gate, mlp.up]) reader(name);
  }
  norm(finalNorm);
  reader(model.plan.head.weight);
  const config = Object.freeze({ ...model.config, tied: false });
  return Object.freeze({ ...model, config, weights: Object.freeze(weights) });
}
