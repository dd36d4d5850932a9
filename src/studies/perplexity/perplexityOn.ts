/**
 * How well a model predicts a text when some of its nodes run on a chip.
 *
 * @module
 */
import { checkFunction, checkObject } from '../../errors/index.ts';
import { evaluate, type How } from '../../evaluation/index.ts';
import { mergeReports, type Report } from '../../events/index.ts';
import type { Node } from '../../graphs/index.ts';
import { type LlamaModel, llamaGraph, type PerplexityResult, type Tokens } from '../../models/index.ts';
import { checkLlama } from '../../models/llama.ts';
import { checkPredicted, surprise } from '../../models/perplexity.ts';
import { findTarget, type Target, type TargetName } from '../../targets/index.ts';
import { checkMadeTarget } from '../../targets/target.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';
import type { OnProgress } from '../progress.ts';

/** What {@link perplexityOn} is told. */
export interface PerplexityOnOptions {
  /** A chip for the linear layers, all else exact; or how each node of `llamaGraph` is computed. */
  readonly on: Target | TargetName | ((node: Node) => How);
  readonly onProgress?: OnProgress;
}

/** What {@link perplexityOn} finds. */
export interface PerplexityOnResult extends PerplexityResult {
  /** What happened at the nodes on a target, by their names: all sequences together. */
  readonly reports: Readonly<Record<string, Report>>;
}

/**
 * Predicts every token but the first of each sequence from those before it, the model evaluated as a graph. With every node
 * exact the result is that of `perplexity`, to the last digit.
 *
 * @throws {@link BittrueError} as `perplexity` and `evaluate`
 * @example
 * import { byteTokens, loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { perplexityOn } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * const { reports } = await perplexityOn(model, [byteTokens('And God said')], { on: 'h100:bf16' });
 * reports['model.layers.0.mlp.up_proj'].totals.overflow; // 0
 */
export async function perplexityOn(
  model: LlamaModel,
  sequences: readonly Tokens[],
  options: PerplexityOnOptions,
): Promise<PerplexityOnResult> {
  checkLlama(model);
  checkObject('options', options, ['on', 'onProgress']);
  const { onProgress } = options;
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  checkPredicted(sequences, model.config);
  const on = howOf(options.on);
  const positions = sequences.reduce((most, { length }) => Math.max(most, length - 1), 1);
  const graph = llamaGraph(model, { positions });
  const { vocabulary } = model.config;
  const reports = new Map<string, Report[]>();
  let total = 0;
  let predictions = 0;
  for (const [i, sequence] of sequences.entries()) {
    const data = BigInt64Array.from({ length: sequence.length - 1 }, (_, p) => BigInt(sequence[p]));
    const feeds = { input_ids: { type: 'int64', shape: [data.length], data } } as const;
    const { outputs, nodes } = await evaluate(graph, feeds, { on });
    const logits = outputs.logits.data as Float64Array;
    for (let p = 1; p < sequence.length; p++) {
      total += surprise(logits, (p - 1) * vocabulary, vocabulary, sequence[p]);
      predictions++;
    }
    for (const { name, reports: parts = {} } of nodes) {
      const all = Object.entries(parts);
      for (const [part, report] of all) {
        const key = all.length === 1 ? name : `${name}/${part}`;
        const known = reports.get(key);
        if (known === undefined) reports.set(key, [report]);
        else known.push(report);
      }
    }
    onProgress?.({ phase: 'sequences', done: i + 1, total: sequences.length });
  }
  const mean = total / predictions;
  return {
    perplexity: Math.exp(mean),
    meanNegativeLogLikelihood: mean,
    predictions,
    reports: Object.fromEntries([...reports].map(([name, parts]) => [name, mergeReports(parts)])),
  };
}

/** How a node runs: on a chip the linear layers alone do. */
function howOf(on: PerplexityOnOptions['on']): (node: Node) => How {
  if (typeof on === 'function') return on;
  const target = withNaNEvents(typeof on === 'string' ? findTarget(on) : checkMadeTarget('options.on', on));
  return ({ op }) => (op === 'Gemm' ? { target } : 'exact');
}
