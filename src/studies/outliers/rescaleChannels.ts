/**
 * The same function with other channels: a way to give a small model the outlier channels of a large one.
 *
 * @module
 */

import { BittrueError, checkPositive, fieldsOf } from '../../errors/index.ts';
import { layerNames } from '../../models/family.ts';
import type { LlamaModel } from '../../models/index.ts';
import { checkLlama } from '../../models/llama.ts';
import type { Tensor } from '../../tensors/index.ts';

/**
 * Multiplies channel j of every norm's output by r_j, and divides the weights that read it. With powers of two the
 * logits stay the same, bit for bit; the activations that a quantizer sees do not.
 *
 * @param factors - r, one for every channel of the residual stream
 * @throws {@link BittrueError} `shape` for another number of factors, `range` for one that is not above 0
 * @example
 * import { loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { rescaleChannels } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * const factors = Array.from({ length: 128 }, (_, j) => (j === 7 ? 64 : 1));
 * const gamma = (of: typeof model) => of.weights['model.norm.weight'].data[7];
 * gamma(rescaleChannels(model, factors)) / gamma(model); // 64
 */
export function rescaleChannels(model: LlamaModel, factors: ArrayLike<number>): LlamaModel {
  checkLlama(model);
  const { hidden, layers } = model.config;
  const { length } = fieldsOf(factors);
  if (length !== hidden) {
    throw new BittrueError('shape', 'factors', `${length} factors`, `${hidden}, one a channel`);
  }
  for (let j = 0; j < hidden; j++) checkPositive(`factors[${j}]`, factors[j]);
  const { family } = model;
  const weights: Record<string, Tensor> = { ...model.weights };
  const norm = (name: string) => {
    const { data, shape } = weights[name];
    weights[name] = { data: Float64Array.from(data, (value, i) => value * factors[i % hidden]), shape };
  };
  const reader = (name: string) => {
    const { data, shape } = weights[name];
    weights[name] = { data: Float64Array.from(data, (value, i) => value / factors[i % hidden]), shape };
  };
  for (let layer = 0; layer < layers; layer++) {
    const attention = layerNames(family.attention, layer);
    const mlp = layerNames(family.mlp, layer);
    norm(attention.norm);
    norm(mlp.norm);
    for (const name of [attention.query, attention.key, attention.value, mlp.gate, mlp.up]) reader(name);
  }
  norm(family.finalNorm);
  reader(family.head);
  const config = Object.freeze({ ...model.config, tied: false });
  return Object.freeze({ ...model, config, weights: Object.freeze(weights) });
}

/** The names of a model's linear layers, in the order of computation; the head last. */
export function linearNames(model: LlamaModel): readonly string[] {
  const { family, config } = model;
  const names: string[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const { query, key, value, output } = layerNames(family.attention, layer);
    const { gate, up, down } = layerNames(family.mlp, layer);
    names.push(query, key, value, output, gate, up, down);
  }
  return [...names, family.head];
}
