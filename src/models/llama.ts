/**
 * A Llama in memory: its shape and its weights by name.
 *
 * @module
 */
import { BittrueError, checkMade } from '../errors/index.ts';
import { checkCheckpoint, readWeights } from '../files/checkpoint.ts';
import type { Checkpoint } from '../files/index.ts';
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
 * @throws {@link BittrueError} `file` for a tensor that is missing, `shape` for one that contradicts the config,
 * `unsupported` for codes of `bittrue quantize` and for one that the config does not have (biases, norms of queries,
 * further layers)
 * @example
 * import { loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * model.weights['model.embed_tokens.weight'].shape; // [128, 128]
 */
export function loadLlama(config: unknown, checkpoint: Checkpoint): LlamaModel {
  checkCheckpoint(checkpoint);
  const family = llamaFamily;
  const parsed = parseLlamaConfig(config);
  const weights: Record<string, Tensor> = {};
  const names: string[] = [];
  // Everything is looked for before anything is read.
  for (const [name, shape] of weightShapes(family, parsed)) {
    if (name === family.head && parsed.tied) continue;
    const stored = checkpoint.entries.get(name)?.shape;
    if (stored === undefined && checkpoint.entries.has(`${name}.codes`)) {
      const wanted = 'plain weights: dequantizedCheckpoint of bittrue/studies decodes codes';
      throw new BittrueError('unsupported', checkpoint.name, `codes of ${name}`, wanted);
    }
    if (stored === undefined) throw new BittrueError('file', checkpoint.name, 'no such tensor', `the tensor ${name}`);
    if (stored.join() !== shape.join()) {
      throw new BittrueError('shape', name, `[${stored.join(', ')}]`, `[${shape.join(', ')}] by config.json`);
    }
    names.push(name);
  }
  const known = new Set([...names, family.head]);
  const unused = [...checkpoint.entries.keys()].find((name) => !known.has(name) && !buffer.test(name));
  if (unused !== undefined) {
    throw new BittrueError(
      'unsupported',
      checkpoint.name,
      unused,
      'only tensors of a Llama as config.json describes it',
    );
  }
  for (const name of names) weights[name] = readWeights(checkpoint, name);
  if (parsed.tied) {
    weights[family.head] = weights[family.embedding];
    if (checkpoint.entries.has(family.head)) checkTied(checkpoint, family.head, weights[family.head]);
  }
  return Object.freeze({ family, config: parsed, weights: Object.freeze(weights) });
}

/** What old checkpoints keep beside the weights: the rotary frequencies, which follow from the config. */
const buffer = /^model\.(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/;

/** A head that the config calls the embedding's own must hold the same numbers. */
function checkTied(checkpoint: Checkpoint, name: string, { data }: Tensor): void {
  const head = readWeights(checkpoint, name).data;
  if (head.length !== data.length || head.some((value, i) => !Object.is(value, data[i]))) {
    throw new BittrueError('unsupported', name, 'numbers of its own', 'the embedding: config.json ties the two');
  }
}

/** Every weight of the model with its shape, the embedding before the head. */
function* weightShapes(family: Family, config: LlamaConfig): Generator<[string, number[]]> {
  const { vocabulary, hidden, intermediate, headWidth } = config;
  const queries = config.heads * headWidth;
  const values = config.keyValueHeads * headWidth;
  yield [family.embedding, [vocabulary, hidden]];
  for (let layer = 0; layer < config.layers; layer++) {
    const attention = layerNames(family.attention, layer);
    const mlp = layerNames(family.mlp, layer);
    yield* [
      [attention.norm, [hidden]],
      [attention.query, [queries, hidden]],
      [attention.key, [values, hidden]],
      [attention.value, [values, hidden]],
      [attention.output, [hidden, queries]],
      [mlp.norm, [hidden]],
      [mlp.gate, [intermediate, hidden]],
      [mlp.up, [intermediate, hidden]],
      [mlp.down, [hidden, intermediate]],
    ] as [string, number[]][];
  }
  yield [family.finalNorm, [hidden]];
  yield [family.head, [vocabulary, hidden]];
}

/** Refuses what is no model. */
export function checkLlama(model: LlamaModel): LlamaModel {
  return checkMade('model', model, ['family', 'config', 'weights'], 'a model, as loadLlama gives it');
}
