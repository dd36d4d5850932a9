/**
 * How well a model predicts a text.
 *
 * @module
 */
import { BittrueError, checkObject } from '../errors/index.ts';
import type { LlamaConfig } from './config.ts';
import { logits } from './forward.ts';
import { type ForwardHooks, hookKeys } from './hooks.ts';
import { checkLlama, type LlamaModel } from './llama.ts';
import { checkSequences, type Tokens } from './sequences.ts';

/** What {@link perplexity} finds. */
export interface PerplexityResult {
  /** exp of the mean below; NaN when the model's output is. */
  readonly perplexity: number;
  /** Mean negative log-likelihood of a token, in nats. */
  readonly meanNegativeLogLikelihood: number;
  /** Tokens predicted. */
  readonly predictions: number;
}

/** Rows of logits held at a time, times the vocabulary: 128 MiB. */
const most = 2 ** 24;

/**
 * Predicts every token but the first of each sequence from those before it.
 *
 * @param hooks replace or watch norms and linear layers
 * @throws {@link BittrueError} as `logits`; `shape` for no sequence, or one of fewer than two tokens
 * or more than the context and one
 * @example
 * import { byteTokens, loadLlama, perplexity } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * perplexity(model, [text]).predictions; // 53
 */
export function perplexity(
  model: LlamaModel,
  sequences: readonly Tokens[],
  hooks: ForwardHooks = {},
): PerplexityResult {
  checkLlama(model);
  checkObject('hooks', hooks, hookKeys);
  const { vocabulary } = model.config;
  checkPredicted(sequences, model.config);
  let total = 0;
  let predictions = 0;
  for (const batch of batches(sequences, Math.max(1, Math.floor(most / vocabulary)))) {
    const inputs = batch.map((sequence) => Array.prototype.slice.call(sequence, 0, sequence.length - 1));
    const { data } = logits(model, inputs, hooks, predictions);
    let at = 0;
    for (const sequence of batch) {
      for (let p = 1; p < sequence.length; p++, at += vocabulary) {
        total += surprise(data, at, vocabulary, sequence[p]);
        predictions++;
      }
    }
  }
  const mean = total / predictions;
  return { perplexity: Math.exp(mean), meanNegativeLogLikelihood: mean, predictions };
}

/** Refuses sequences that nothing can be predicted of. */
export function checkPredicted(sequences: readonly Tokens[], config: LlamaConfig): void {
  checkSequences(sequences, config, 2, config.context + 1);
  if (sequences.length === 0) throw new BittrueError('shape', 'sequences', 'none', 'at least one sequence');
}

/** −log softmax(row)[token], in the form that does not overflow. */
export function surprise(data: ArrayLike<number>, start: number, width: number, token: number): number {
  let largest = -Infinity;
  for (let i = start; i < start + width; i++) if (data[i] > largest) largest = data[i];
  let sum = 0;
  for (let i = start; i < start + width; i++) sum += Math.exp(data[i] - largest);
  return largest - data[start + token] + Math.log(sum);
}

/** Whole sequences together until `rows` predictions are reached. */
function* batches(sequences: readonly Tokens[], rows: number): Generator<Tokens[]> {
  let batch: Tokens[] = [];
  let held = 0;
  for (const sequence of sequences) {
    if (batch.length > 0 && held + sequence.length > rows) {
      yield batch;
      batch = [];
      held = 0;
    }
    batch.push(sequence);
    held += sequence.length;
  }
  yield batch;
}
