/**
 * How well a model predicts a text, exactly or with some of its nodes on a chip.
 *
 * @module
 */
import { BittrueError, checkFunction, checkObject } from '../../errors/index.ts';
import { mergeReports, type Report } from '../../events/index.ts';
import type { Model, ModelConfig, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { checkSequences } from '../../models/sequences.ts';
import type { OnProgress } from '../progress.ts';
import { copiesAtOnce, forward, type On } from './forward.ts';

/** What {@link perplexity} is told. */
export interface PerplexityOptions {
  /** A chip for the linear layers, all else exact; or how each node of `modelGraph` is computed. Default: all exact. */
  readonly on?: On;
  readonly onProgress?: OnProgress;
}

/** What {@link perplexity} finds. */
export interface PerplexityResult {
  /** exp of the mean below; NaN when the model's output is. */
  readonly perplexity: number;
  /** Mean negative log-likelihood of a token, in nats. */
  readonly meanNegativeLogLikelihood: number;
  /** Tokens predicted. */
  readonly predictions: number;
  /** What happened at the nodes on a target, by their names: all sequences together. */
  readonly reports: Readonly<Record<string, Report>>;
}

/**
 * Predicts every token but the first of each sequence from those before it: the model's graph, evaluated.
 *
 * @throws {@link BittrueError} as `logits`; `shape` for no sequence, or one of fewer than two tokens
 * or more than the context and one
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { perplexity } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * perplexity(model, [text]).predictions; // 53
 * const { reports } = perplexity(model, [text], { on: 'h100:bf16' });
 * reports['model.layers.0.mlp.up_proj'].totals.overflow; // 0
 */
export function perplexity(
  model: Model,
  sequences: readonly Tokens[],
  options: PerplexityOptions = {},
): PerplexityResult {
  const { config } = checkMadeModel(model);
  checkObject('options', options, ['on', 'onProgress']);
  const { on, onProgress } = options;
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  checkPredicted(sequences, config);
  const { vocabulary } = config;
  const reports = new Map<string, Report[]>();
  const predictions = sequences.reduce((sum, { length }) => sum + length - 1, 0);
  let total = 0;
  let done = 0;
  forward(model, sequences, { predicted: true, on }, ({ sequences: batch, logits, nodes }) => {
    total = withSurprise(total, logits, 0, vocabulary, batch);
    for (const { name, reports: parts = {} } of nodes) {
      const all = Object.entries(parts);
      for (const [part, report] of all) {
        const key = all.length === 1 ? name : `${name}/${part}`;
        const known = reports.get(key);
        if (known === undefined) reports.set(key, [report]);
        else known.push(report);
      }
    }
    done += batch.length;
    onProgress?.({ phase: 'sequences', done, total: sequences.length });
  });
  const mean = total / predictions;
  return {
    perplexity: Math.exp(mean),
    meanNegativeLogLikelihood: mean,
    predictions,
    reports: Object.fromEntries([...reports].map(([name, parts]) => [name, mergeReports(parts)])),
  };
}

/** What {@link perplexitiesSideBySide} finds. */
export interface SideBySide {
  /** One a copy. */
  readonly perplexities: readonly number[];
  /** Tokens predicted by each. */
  readonly predictions: number;
}

/**
 * As {@link perplexity}, of several copies of the model that differ in how rows of some nodes are computed: every operand of a node
 * holds the rows of the first copy, then those of the second, … Exact nodes compute row by row, so a copy has the bits that it has alone.
 *
 * @param copies - what tells each copy from the others
 * @param on - how the nodes of some copies are computed, which run together: all of them where there is room
 * @param onLogits - told every batch's logits of each copy but the first, beside those of the first where both ran together
 */
export function perplexitiesSideBySide<Copy>(
  model: Model,
  sequences: readonly Tokens[],
  copies: readonly Copy[],
  on: (some: readonly Copy[]) => On,
  onLogits?: (copy: Copy, logits: Float64Array, first: Float64Array) => void,
): SideBySide {
  const { config } = checkMadeModel(model);
  checkPredicted(sequences, config);
  const { vocabulary } = config;
  const predictions = sequences.reduce((sum, { length }) => sum + length - 1, 0);
  const totals = new Float64Array(copies.length);
  const most = copiesAtOnce(model, sequences);
  for (let from = 0; from < copies.length; from += most) {
    const some = copies.slice(from, from + most);
    const count = some.length;
    const pass = { predicted: true, on: on(some), copies: count };
    forward(model, sequences, pass, ({ sequences: batch, logits }) => {
      for (let copy = 0; copy < count; copy++) {
        const at = (copy * logits.length) / count;
        totals[from + copy] = withSurprise(totals[from + copy], logits, at, vocabulary, batch);
        const size = logits.length / count;
        if (from === 0 && copy > 0)
          onLogits?.(some[copy] as Copy, logits.subarray(at, at + size), logits.subarray(0, size));
      }
    });
  }
  return { perplexities: Array.from(totals, (total) => Math.exp(total / predictions)), predictions };
}

/** Refuses sequences that nothing can be predicted of. */
function checkPredicted(sequences: readonly Tokens[], config: ModelConfig): void {
  checkSequences(sequences, config, 2, config.context + 1);
  if (sequences.length === 0) throw new BittrueError('shape', 'sequences', 'none', 'at least one sequence');
}

/** A total, and what a batch's tokens add to it; its logits begin at `from`. */
function withSurprise(
  total: number,
  logits: Float64Array,
  from: number,
  vocabulary: number,
  batch: readonly Tokens[],
): number {
  let sum = total;
  let at = from;
  for (const sequence of batch) {
    for (let p = 1; p < sequence.length; p++, at += vocabulary) sum += surprise(logits, at, vocabulary, sequence[p]);
  }
  return sum;
}

/** −log softmax(row)[token], in the form that does not overflow. */
function surprise(data: ArrayLike<number>, start: number, width: number, token: number): number {
  let largest = -Infinity;
  for (let i = start; i < start + width; i++) if (data[i] > largest) largest = data[i];
  let sum = 0;
  for (let i = start; i < start + width; i++) sum += Math.exp(data[i] - largest);
  return largest - data[start + token] + Math.log(sum);
}
