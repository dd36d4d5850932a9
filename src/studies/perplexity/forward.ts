/**
 * A Llama's forward pass: its graph evaluated, batch by batch.
 *
 * @module
 */
import { checkFunction } from '../../errors/index.ts';
import { evaluateInMemory } from '../../evaluation/evaluate.ts';
import type { How, NodeRun } from '../../evaluation/index.ts';
import type { Node } from '../../graphs/index.ts';
import { type Model, type ModelConfig, modelGraph, type Tokens } from '../../models/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';

/** How nodes of a model's graph are computed: its linear layers on a chip, or each node as a function says. */
export type On = Target | TargetName | ((node: Node) => How);

/** How {@link forward} runs. */
export interface Pass {
  /** Whether the last token of a sequence is to be predicted only, and does not run. */
  readonly predicted: boolean;
  readonly on: On | undefined;
  /** How often each batch runs, side by side: its rows as often one below the other, so that weights are read once. Default 1. */
  readonly copies?: number;
}

/** What is known after some sequences have run. */
export interface Batch {
  readonly sequences: readonly Tokens[];
  /** [tokens, vocabulary], the sequences one below the other, and so copy for copy. */
  readonly logits: Float64Array;
  readonly nodes: readonly NodeRun[];
}

/** Numbers of the widest value between nodes: what caches hold is faster than what they do not, and long enough for the engine. */
const MOST = 2 ** 17;

/** Rows that run together where they have room: all weights of a large model are read for each batch anew. */
const LEAST = 128;
/** Numbers of a value between nodes that are room enough: half a gigabyte. */
const ROOM = 2 ** 26;

/** Copies of a model that have room side by side. */
export function copiesAtOnce({ config }: Model, sequences: readonly Tokens[]): number {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 1);
  return Math.max(1, Math.floor(ROOM / (longest * widthOf(config))));
}

/** The widest value between nodes. */
function widthOf({ vocabulary, intermediate, hidden }: ModelConfig): number {
  return Math.max(vocabulary, intermediate, hidden);
}

/** Runs sequences through a model's graph, short ones of one length that follow each other together; `visit` is called after each batch. */
export function forward(
  model: Model,
  sequences: readonly Tokens[],
  { predicted, on, copies = 1 }: Pass,
  visit: (batch: Batch) => void,
): void {
  const cut = predicted ? 1 : 0;
  const width = widthOf(model.config);
  const how = howOf(on);
  const positions = sequences.reduce((most, { length }) => Math.max(most, length - cut), 1);
  const graph = modelGraph(model, { positions, batched: true });
  const rows = Math.max(1, Math.floor(MOST / width), Math.min(LEAST, Math.floor(ROOM / (copies * width))));
  for (const batch of batches(sequences, rows)) {
    const length = batch[0].length - cut;
    const data = new BigInt64Array(copies * batch.length * length);
    batch.forEach((sequence, s) => {
      for (let p = 0; p < length; p++) data[s * length + p] = BigInt(sequence[p]);
    });
    for (let copy = 1; copy < copies; copy++) data.copyWithin(copy * batch.length * length, 0, batch.length * length);
    const feeds = { input_ids: { type: 'int64', shape: [copies * batch.length, length], data } } as const;
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
