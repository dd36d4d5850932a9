/**
 * A graph as a recogniser looks at it: who makes a value, who reads it, what is known of it.
 *
 * @module
 */
import type { Attribute, Graph, Node, TypedTensor } from '../graph.ts';
import { inferKnown } from '../shapes/infer.ts';
import type { Known } from '../shapes/known.ts';

/** What stands in the place of nodes. */
export interface Replacement {
  /** Put in the place of the last of the nodes; its name may be that of one of them. */
  readonly nodes: readonly Node[];
  readonly removed: readonly Node[];
}

/** Looks at one node and those around it. */
export type Recogniser = (view: View, node: Node) => Replacement | null;

/** A graph with its threads drawn. */
export class View {
  readonly graph: Graph;
  readonly #small: ReadonlyMap<string, TypedTensor>;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #producer = new Map<string, Node>();
  readonly #readers = new Map<string, Node[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph, small: ReadonlyMap<string, TypedTensor>) {
    this.graph = graph;
    this.#small = small;
    this.#known = inferKnown(graph, small);
    this.#outputs = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const output of node.outputs) if (output !== '') this.#producer.set(output, node);
      for (const input of new Set(node.inputs)) {
        const readers = this.#readers.get(input);
        if (readers === undefined) this.#readers.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  /** The node that makes a value, where it has one of these operators. */
  maker(value: string, ...operators: readonly string[]): Node | null {
    const node = this.#producer.get(value);
    return node !== undefined && operators.includes(node.op) ? node : null;
  }

  /** The only node that reads a value, if there is one alone, with one of these operators. */
  onlyReader(value: string, ...operators: readonly string[]): Node | null {
    const readers = this.#readers.get(value) ?? [];
    if (readers.length !== 1 || this.#outputs.has(value)) return null;
    return operators.includes(readers[0].op) ? readers[0] : null;
  }

  /** The number that a constant of one element holds; null for other values. */
  scalar(value: string): number | null {
    const found = this.#small.get(value);
    return found?.data.length === 1 ? Number(found.data[0]) : null;
  }

  /** The integers of a small constant. */
  integers(value: string): readonly number[] | null {
    const found = this.#small.get(value);
    return found === undefined ? null : Array.from(found.data, Number);
  }

  /** How many axes a value has. */
  rank(value: string): number | null {
    return this.#known.get(value)?.shape?.length ?? null;
  }

  /** What is known of a value. */
  known(value: string): Known | null {
    return this.#known.get(value) ?? null;
  }

  /** The other operand of a node of two, where one of them is this value. */
  other(node: Node, value: string): string | null {
    const [a, b] = node.inputs;
    return a === value ? b : b === value ? a : null;
  }

  /** Whether what nodes make between them is read by none but them; the last one's output is for all. */
  isClosed(nodes: readonly Node[], last: Node): boolean {
    const inside = new Set(nodes);
    return nodes.every(
      (node) =>
        node === last ||
        node.outputs.every(
          (output) => !this.#outputs.has(output) && (this.#readers.get(output) ?? []).every((one) => inside.has(one)),
        ),
    );
  }
}

/** A node in the place of others: with the output and name of the last of them. */
export function standingFor(
  removed: readonly Node[],
  last: Node,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
): Node {
  const from = removed.flatMap((node) => node.from ?? [node.name]);
  return { name: last.name, op, inputs, outputs: [last.outputs[0]], attributes, from };
}
