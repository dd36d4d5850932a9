/**
 * A model cut behind some of its layers.
 *
 * @module
 */
import { checkInteger } from '../errors/index.ts';
import { checkMadeModel, type Model } from './model.ts';

/**
 * The model of the first layers alone: behind them stand the final norm and the head, as behind all of them. Nothing of the other
 * layers is read. What its norms before the last one are given is what they are given in the whole model; what it predicts is not.
 *
 * @param layers - from 1 to as many as the model has
 * @throws {@link BittrueError} `range` for another number
 * @example
 * import { firstLayers, loadModel, normSites } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const cut = firstLayers(loadModel(config, checkpoint), 1);
 * normSites(cut).map(({ name }) => name); // ['layers.0.input_layernorm', 'layers.0.post_attention_layernorm', 'norm']
 */
export function firstLayers(model: Model, layers: number): Model {
  const { config, plan } = checkMadeModel(model);
  checkInteger('layers', layers, 1, config.layers);
  if (layers === config.layers) return model;
  return Object.freeze({
    ...model,
    config: Object.freeze({ ...config, layers }),
    plan: Object.freeze({ ...plan, stack: Object.freeze({ ...plan.stack, layers }) }),
  });
}
