/**
 * A Llama in memory: its shape and its weights by name.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type Checkpoint, readTensor } from '../files/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { type LlamaConfig, parseLlamaConfig } from './config.ts';
import { type Family, layerNames, llamaFamily } from './family.ts';

/** A model as data. Another set of weights is another object: `{ ...model, weights: { ...model.weights, [name]: w } }`. */
export interface LlamaModel {
  readonly family: Family;
  readonly config: LlamaConfig;
  /** Float64Array tensors under the checkpoint's names, matrices [out, in]; `lm_head.weight` also when it is tied. */
  readonly weights: Readonly<Record<string, Tensor>>;
}

/**
 * Loads every weight of a Llama into binary64.
 *
 * @param config the parsed config.json
 * @param checkpoint from `readSafetensors`, `readShardedSafetensors` or `openModel`
 * @throws {@link BittrueError} `file` for a tensor that is missing, `shape` for one that contradicts the config
 * @example
 * import { loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * model.weights['model.embed_tokens.weight'].shape; // [128, 128]
 */
export function loadLlama(config: unknown, checkpoint: Checkpoint): LlamaModel {
  const family = llamaFamily;
  const parsed = parseLlamaConfig(config);
  const weights: Record<string, Tensor> = {};
  for (const [name, shape] of weightShapes(family, parsed)) {
    if (name === family.head && parsed.tied) {
      weights[name] = weights[family.embedding];
      continue;
    }
    const stored = checkpoint.entries.get(name)?.shape;
    if (stored === undefined) throw new BittrueError('file', checkpoint.name, 'no such tensor', `the tensor ${name}`);
    if (stored.join() !== shape.join()) {
      throw new BittrueError('shape', name, `[${stored.join(', ')}]`, `[${shape.join(', ')}] by config.json`);
    }
    weights[name] = readTensor(checkpoint, name);
  }
  return Object.freeze({ family, config: parsed, weights: Object.freeze(weights) });
}

/** Every weight of the model with its shape, the embedding before the head. */
function weightShapes(family: Family, config: LlamaConfig): [string, number[]][] {
  const { vocabulary, hidden, intermediate, headWidth } = config;
  const queries = config.heads * headWidth;
  const values = config.keyValueHeads * headWidth;
  const shapes: [string, number[]][] = [[family.embedding, [vocabulary, hidden]]];
  for (let layer = 0; layer < config.layers; layer++) {
    const attention = layerNames(family.attention, layer);
    const mlp = layerNames(family.mlp, layer);
    shapes.push(
      [attention.norm, [hidden]],
      [attention.query, [queries, hidden]],
      [attention.key, [values, hidden]],
      [attention.value, [values, hidden]],
      [attention.output, [hidden, queries]],
      [mlp.norm, [hidden]],
      [mlp.gate, [intermediate, hidden]],
      [mlp.up, [intermediate, hidden]],
      [mlp.down, [hidden, intermediate]],
    );
  }
  shapes.push([family.finalNorm, [hidden]], [family.head, [vocabulary, hidden]]);
  return shapes;
}
