/**
 * A Llama's forward pass: its graph evaluated, batch by batch.
 *
 * @module
 */
import { checkFunction } from '../../errors/index.ts';
import { evaluateInMemory } from '../../evaluation/evaluate.ts';
import type { How, NodeRun } from '../../evaluation/index.ts';
import type { Node } from '../../graphs/index.ts';
import { type Model, modelGraph, type Tokens } from '../../models/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';

/** How nodes of a model's graph are computed: its linear layers on a chip, or each node as a function says. */
export type On = Target | TargetName | ((node: Node) => How);

/** What is known after some sequences have run. */
export interface Batch {
  readonly sequences: readonly Tokens[];
  /** [tokens, vocabulary], the sequences one below the other. */
  readonly logits: Float64Array;
  readonly nodes: readonly NodeRun[];
}

/** Numbers of the widest value between nodes: what caches hold is faster than what they do not, and long enough for the engine. */
const MOST = 2 ** 17;

/**
 * Runs sequences through a model's graph, short ones of one length that follow each other together; `visit` is called after each batch.
 *
 * @param predicted - whether the last token of a sequence is to be predicted only, and does not run
 */
export function forward(
  model: Model,
  sequences: readonly Tokens[],
  predicted: boolean,
  on: On | undefined,
  visit: (batch: Batch) => void,
): void {
  const cut = predicted ? 1 : 0;
  const { vocabulary, intermediate, hidden } = model.config;
  const how = howOf(on);
  const positions = sequences.reduce((most, { length }) => Math.max(most, length - cut), 1);
  const graph = modelGraph(model, { positions, batched: true });
  const rows = Math.max(1, Math.floor(MOST / Math.max(vocabulary, intermediate, hidden)));
  for (const batch of batches(sequences, rows)) {
    const length = batch[0].length - cut;
    const data = new BigInt64Array(batch.length * length);
    batch.forEach((sequence, s) => {
      for (let p = 0; p < length; p++) data[s * length + p] = BigInt(sequence[p]);
    });
    const feeds = { input_ids: { type: 'int64', shape: [batch.length, length], data } } as const;
    const { outputs, nodes } = evaluateInMemory(graph, feeds, { on: how });
    visit({ sequences: batch, logits: outputs.logits.data as Float64Array, nodes });
  }
}

/** How a node runs: on a chip the linear layers alone do. */
function howOf(on: On | undefined): (node: Node) => How {
  if (on === undefined) return () => 'exact';
  if (typeof on === 'function') return checkFunction('options.on', on) as (node: Node) => How;
  const target = withNaNEvents(givenTarget('options.on', on));
  return ({ op }) => (op === 'Gemm' ? { target } : 'exact');
}

/** Sequences of one length that follow each other, until there are `rows` tokens. */
function* batches(sequences: readonly Tokens[], rows: number): Generator<Tokens[]> {
  let batch: Tokens[] = [];
  for (const sequence of sequences) {
    const { length } = sequence;
    if (batch.length > 0 && (batch[0].length !== length || (batch.length + 1) * length > rows)) {
      yield batch;
      batch = [];
    }
    batch.push(sequence);
  }
  if (batch.length > 0) yield batch;
}
