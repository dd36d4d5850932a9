/**
 * A model as a graph of ONNX's operators (set 24): the forward pass as data, for one sequence or for several of one length.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkObject } from '../errors/index.ts';
import type { Graph } from '../graphs/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { createBuilder, type Lookup } from './build/builder.ts';
import { encoder } from './build/encoder.ts';
import { decoder } from './build/stack.ts';
import { checkMadeEncoder, checkMadeModel, type Encoder, type Model } from './model.ts';

/** How {@link modelGraph} is made. */
export interface ModelGraphOptions {
  /** Positions that the rotary tables have: the longest sequence that can be run. Default the model's context. */
  readonly positions?: number;
  /** Whether `input_ids` holds several sequences of one length: [sequences, tokens]. Default false: `[tokens]`. */
  readonly batched?: boolean;
}

/**
 * The graph of a model: from `input_ids`, int64 `[tokens]`, to `logits`, `[tokens, vocabulary]`, or both with an axis of
 * sequences before. Norms are `RMSNormalization` or `LayerNormalization`, called as `normSites` has them; linear layers are `Gemm` with
 * the checkpoint's own matrices, called as their weights without `.weight`; both take all tokens as rows of a matrix. Besides
 * `RotaryEmbedding`, `Attention`, activations, `Mul` and `Add`. It is what `logits`, `perplexity` and the studies evaluate.
 *
 * @throws {@link BittrueError} for what is no model, and for a number of positions that is none
 * @example
 * import { evaluate } from 'bittrue/evaluation';
 * import { byteTokens, loadModel, modelGraph } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const graph = modelGraph(loadModel(config, checkpoint), { positions: 16 });
 * const tokens = BigInt64Array.from(byteTokens('In the beginnin'), BigInt);
 * const feeds = { input_ids: { type: 'int64', shape: [tokens.length], data: tokens } } as const;
 * const { outputs } = await evaluate(graph, feeds);
 * const last = [...outputs.logits.data.slice(-128)].map(Number);
 * String.fromCharCode(last.indexOf(Math.max(...last))); // 'g'
 */
export function modelGraph(model: Model, options: ModelGraphOptions = {}): Graph {
  const { config, family, plan, prefix, weights } = checkMadeModel(model);
  checkObject('options', options, ['positions', 'batched']);
  const positions = checkInteger('options.positions', options.positions ?? config.context, 1, 2 ** 31);
  const batched = checkBoolean('options.batched', options.batched ?? false);
  const build = createBuilder(lookupIn(weights), prefix);
  const inputs = decoder(build, plan, positions, batched);
  return build.finish(family.name, inputs, ['logits']);
}

/** How {@link encoderGraph} is made. */
export interface EncoderGraphOptions {
  /** The longest text. Default the encoder's context. */
  readonly positions?: number;
}

/**
 * The graph of an encoder: inputs `input_ids`, int64 [sequences, tokens], `pixel_values` or `input_features`, as the family has them; outputs
 * `last_hidden_state` and those of the heads that the file has; of CLIP `text_features` and
 * `image_features`, the same over their lengths as `text_embeds` and `image_embeds`, and `logits_per_image`. All tokens
 * count: there is no padding; token types are the first one. Nodes are called as in `modelGraph`.
 *
 * @throws {@link BittrueError} for what is no encoder, and for a number of positions that is none
 */
export function encoderGraph(of: Encoder, options: EncoderGraphOptions = {}): Graph {
  const { config, family, plan, prefix, weights } = checkMadeEncoder(of);
  checkObject('options', options, ['positions']);
  const positions = checkInteger('options.positions', options.positions ?? config.context, 1, 2 ** 31);
  const build = createBuilder(lookupIn(weights), prefix);
  const { inputs, outputs } = encoder(build, plan, positions);
  return build.finish(family.name, inputs, outputs);
}

/** Weights of a model, by the name that they have in it. */
function lookupIn(weights: Readonly<Record<string, Tensor>>): Lookup {
  return ({ name, as, shape }) => {
    const found = weights[as] ?? weights[name];
    if (found === undefined) throw new BittrueError('name', 'model.weights', 'no such tensor', `the tensor ${name}`);
    if (found.shape.join() !== shape.join()) {
      throw new BittrueError('shape', `model.weights: ${name}`, `[${found.shape.join(', ')}]`, `[${shape.join(', ')}]`);
    }
    return found;
  };
}
