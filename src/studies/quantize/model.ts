/**
 * Quantizers at work: on a tensor, and in a model's graph.
 *
 * @module
 */

import { BittrueError, checkSchema } from '../../errors/index.ts';
import type { How } from '../../evaluation/index.ts';
import type { Node } from '../../graphs/index.ts';
import type { Model } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import type { Tensor } from '../../tensors/index.ts';
import { linear, onLinear } from '../linearCall.ts';
import type { Quantization } from './quantize.ts';
import { applyQuantizer, type Quantizer } from './quantizer.ts';

/** A model with its weights quantized, and how its linear layers run on quantized inputs: pass both to `perplexity`. */
export interface QuantizedModel {
  /** The model, its weights quantized. */
  readonly model: Model;
  /** How each node of the model's graph is computed. */
  readonly on: (node: Node) => How;
}

/**
 * A quantization put into its model. Products are summed in binary64.
 *
 * @throws {@link BittrueError} `shape` for a quantization of another model
 */
export function applyQuantization(model: Model, quantization: Quantization): QuantizedModel {
  checkMadeModel(model);
  checkSchema('quantization', quantization, ['quantization/1']);
  const weights: Record<string, Tensor> = { ...model.weights };
  const activations = new Map<string, Quantizer | null>();
  for (const { name, weight, activation } of quantization.layers) {
    const w = model.weights[name];
    if (w === undefined) throw new BittrueError('shape', 'quantization.layers', name, 'layers of this model');
    weights[name] = { data: applyQuantizer(weight, w), shape: w.shape };
    activations.set(name, activation);
  }
  const embedding = model.plan.embedding.weight;
  const table = model.weights[embedding];
  weights[embedding] = { data: applyQuantizer(quantization.embedding, table), shape: table.shape };
  return {
    model: Object.freeze({ ...model, weights: Object.freeze(weights) }),
    on: onQuantized(activations),
  };
}

/** How linear layers run whose inputs are quantized, by the names of their weights. */
export function onQuantized(activations: ReadonlyMap<string, Quantizer | null>): (node: Node) => How {
  return onLinear(({ name, input, rows, weight }) => {
    const quantizer = activations.get(name) ?? null;
    if (quantizer === null) return undefined;
    const [outputs, width] = weight.shape;
    const x = applyQuantizer(quantizer, { data: input, shape: [rows, width] });
    return linear(x, rows, weight.data, outputs, width);
  });
}
