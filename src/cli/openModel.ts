/**
 * A model for a command: plain weights, or those that `bittrue quantize` wrote.
 *
 * @module
 */
import { checkInteger } from '../errors/index.ts';
import { firstLayers, loadModel, type Model } from '../models/index.ts';
import { openModel } from '../node/index.ts';
import { dequantizedCheckpoint } from '../studies/quantize/checkpoint.ts';
import { type Io, tell } from './io.ts';
import { numberOption } from './options.ts';

/** A model with the config.json that it was read by. */
export interface OpenedFamily {
  readonly config: Readonly<Record<string, unknown>>;
  readonly model: Model;
}

/** Opens and loads a model; of a quantized one the weights, and a word on what is left out. */
export function openFamily(path: string, io: Io): OpenedFamily {
  const { config, checkpoint } = openModel(path);
  const plain = dequantizedCheckpoint(checkpoint);
  const inputs = [...checkpoint.entries.keys()].filter((name) => name.endsWith('.input.scale')).length;
  if (plain !== checkpoint && inputs > 0) {
    tell(io, `${checkpoint.name}: weights are decoded; the quantizers of ${inputs} inputs are not applied here`);
  }
  return { config, model: loadModel(config, plain) };
}

/** The first layers, where the user asks for some; the whole model otherwise. */
export function firstLayersAsked(model: Model, asked: string | undefined): Model {
  if (asked === undefined) return model;
  return firstLayers(model, checkInteger('--layers', numberOption('--layers', asked), 1, model.config.layers));
}
