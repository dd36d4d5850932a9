/**
 * A model for a command: plain weights, or those that `bittrue quantize` wrote.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkInteger } from '../errors/index.ts';
import { families } from '../models/families/index.ts';
import { type Encoder, firstLayers, loadEncoder, loadModel, type Model } from '../models/index.ts';
import { openModel } from '../node/index.ts';
import { isFolder } from '../node/paths.ts';
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

/** The encoder in a folder or beside a file of weights; null: another file, or another family. */
export function encoderIn(path: string | undefined): Encoder | null {
  if (path === undefined) return null;
  const folder = isFolder(path) ? path : /\.safetensors(\.index\.json)?$/i.test(path) ? dirname(path) : null;
  if (folder === null || !existsSync(join(folder, 'config.json'))) return null;
  const { config, checkpoint } = openModel(path);
  const family = families.find(({ name }) => name === config.model_type);
  return family?.kind === 'encoder' ? loadEncoder(config, checkpoint) : null;
}
