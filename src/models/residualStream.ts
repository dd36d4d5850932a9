/**
 * The same function with larger activations: a way to bring a small model's norms to the sizes of a large one.
 *
 * @module
 */
import { checkPositive } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { layerNames } from './family.ts';
import { checkLlama, type LlamaModel } from './llama.ts';

/**
 * Multiplies the residual stream by c: the embedding and everything that writes to the stream (W_O, W_down) times c,
 * ε times c². Every norm's output, hence every logit, stays what it was; Σx² before the norms grows by c².
 * A tied lm_head keeps the unscaled matrix.
 *
 * @throws {@link BittrueError} `type` or `range` unless c is a finite number above 0
 * @example
 * import { loadLlama, scaleResidualStream } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * scaleResidualStream(loadLlama(config, checkpoint), 8).config.epsilon; // 0.00064
 */
export function scaleResidualStream(model: LlamaModel, c: number): LlamaModel {
  checkLlama(model);
  checkPositive('c', c);
  const { config, family } = model;
  const weights: Record<string, Tensor> = { ...model.weights };
  weights[family.embedding] = times(weights[family.embedding], c);
  for (let layer = 0; layer < config.layers; layer++) {
    const { output } = layerNames(family.attention, layer);
    const { down } = layerNames(family.mlp, layer);
    weights[output] = times(weights[output], c);
    weights[down] = times(weights[down], c);
  }
  return Object.freeze({
    family,
    config: Object.freeze({ ...config, epsilon: config.epsilon * (c * c), tied: config.tied && c === 1 }),
    weights: Object.freeze(weights),
  });
}

function times({ data, shape }: Tensor, c: number): Tensor {
  return { data: Float64Array.from(data, (value) => value * c), shape };
}
