/**
 * What a model says comes next.
 *
 * @module
 */
import { checkObject } from '../../errors/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { checkSequences } from '../../models/sequences.ts';
import type { Tensor } from '../../tensors/index.ts';
import { forward, type On } from './forward.ts';

/** How {@link logits} runs. */
export interface LogitsOptions {
  /** A chip for the linear layers, all else exact; or how each node of `modelGraph` is computed. Default: all exact. */
  readonly on?: On;
}

/**
 * The next-token logits after every token: [tokens, vocabulary], the sequences one below the other.
 *
 * @throws {@link BittrueError} `range` for a token outside the vocabulary, `shape` for a sequence that is empty or
 * longer than the context; as `evaluate` for nodes that cannot run so
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { logits } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const { data, shape } = logits(model, [byteTokens('In the beginning God create')]);
 * shape; // [27, 128]
 * const last = [...data.subarray(26 * 128)];
 * String.fromCharCode(last.indexOf(Math.max(...last))); // 'd'
 */
export function logits(model: Model, sequences: readonly Tokens[], options: LogitsOptions = {}): Tensor {
  const { config } = checkMadeModel(model);
  checkObject('options', options, ['on']);
  checkSequences(sequences, config, 1, config.context);
  const rows = sequences.reduce((sum, { length }) => sum + length, 0);
  const data = new Float64Array(rows * config.vocabulary);
  let at = 0;
  forward(model, sequences, { predicted: false, on: options.on }, ({ logits: found }) => {
    data.set(found, at);
    at += found.length;
  });
  return { data, shape: [rows, config.vocabulary] };
}
