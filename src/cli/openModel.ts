/**
 * A model for a command: plain weights, or those that `bittrue quantize` wrote.
 *
 * @module
 */
import { loadModel, type Model } from '../models/index.ts';
import { openModel } from '../node/index.ts';
import { dequantizedCheckpoint } from '../studies/index.ts';
import { type Io, tell } from './io.ts';

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
