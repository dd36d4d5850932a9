/**
 * The weights of a graph as SLaNC reads them. Reading is asked for, not done: a generator yields what it wants, and whoever drives it
 * reads at once or by and by, so that one computation serves both.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { elementCount } from '../../graphs/graph.ts';
import type { Constant, ElementArray, Graph, Node, RowRange } from '../../graphs/index.ts';
import type { FloatArray, Tensor } from '../../tensors/index.ts';
import { normOf, type Term, type Weight } from './stream.ts';

/** A constant, or some rows of it. */
interface Wanted {
  readonly constant: Constant;
  readonly rows?: RowRange;
}

/** A computation that asks for constants. */
export type Reads<T> = Generator<Wanted, T, ElementArray>;

/** Carries it out with constants that can be had at once. */
export function atOnce<T>(steps: Reads<T>): T {
  let step = steps.next();
  while (!step.done) {
    const { constant, rows } = step.value;
    const { held } = constant;
    if (held === undefined)
      throw new BittrueError('unsupported', 'graph', 'constants of a file', 'constants in memory');
    const width = held.length / (constant.shape[0] ?? 1);
    step = steps.next(rows === undefined ? held : held.subarray(rows.begin * width, rows.end * width));
  }
  return step.value;
}

/** Carries it out, waiting for files. */
export async function byAndBy<T>(steps: Reads<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) step = steps.next(await step.value.constant.read(step.value.rows));
  return step.value;
}

/** Constants of so many numbers are read beforehand: factors, sizes of parts. */
const SMALL = 16;

/** Constants of a few numbers. */
export function* smallConstants(graph: Graph): Reads<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  for (const [name, constant] of Object.entries(graph.constants)) {
    if (elementCount(constant.shape) > SMALL) continue;
    found.set(name, Array.from((yield { constant }) as ArrayLike<number | bigint>, Number));
  }
  return found;
}

/** Weights of a graph as tensors. */
export class Weights {
  readonly #graph: Graph;
  readonly #norms: ReadonlyMap<string, Node>;
  readonly #makers: ReadonlyMap<string, Node>;

  constructor(graph: Graph, norms: readonly Node[]) {
    this.#graph = graph;
    this.#norms = new Map(norms.map((node) => [node.name, node]));
    this.#makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  }

  /** γ of a norm, with what is added to it (Gemma's 1); null where it is computed otherwise. */
  *gamma(norm: string): Reads<Tensor | null> {
    const node = this.#norms.get(norm);
    return node === undefined ? null : yield* this.#vector(node.inputs[1]);
  }

  *#vector(value: string): Reads<Tensor | null> {
    const constant = this.#graph.constants[value];
    if (constant !== undefined) {
      const data = floats(yield { constant });
      return { data, shape: [data.length] };
    }
    const node = this.#makers.get(value);
    if (node === undefined) return null;
    if (['Identity', 'Cast', 'Reshape'].includes(node.op)) return yield* this.#vector(node.inputs[0]);
    if (node.op !== 'Add') return null;
    const [a, b] = [yield* this.#vector(node.inputs[0]), yield* this.#vector(node.inputs[1])];
    if (a === null || b === null) return null;
    const [long, short] = a.data.length >= b.data.length ? [a, b] : [b, a];
    return { data: long.data.map((x, i) => x + short.data[i % short.data.length]), shape: long.shape };
  }

  /** How many numbers a matrix takes. */
  inputs({ constant, isInOut }: Weight): number {
    return this.#graph.constants[constant].shape[isInOut ? 0 : 1];
  }

  /** How many numbers a matrix gives. */
  outputs({ constant, isInOut, rows }: Weight): number {
    return countOf(partsOf(rows, this.#graph.constants[constant].shape[isInOut ? 1 : 0]));
  }

  /** A matrix as [out, in]. */
  *read({ constant: name, isInOut, rows }: Weight): Reads<Tensor> {
    const constant = this.#graph.constants[name];
    const { shape } = constant;
    const parts = partsOf(rows, shape[isInOut ? 1 : 0]);
    const count = countOf(parts);
    if (!isInOut) return { data: yield* this.#rows(constant, rows === null ? null : parts), shape: [count, shape[1]] };
    const data = floats(yield { constant });
    const [inputs, outputs] = shape;
    // Only the rows asked for, in their own precision: `transposed` would give all, as binary64.
    const turned = data instanceof Float32Array ? new Float32Array(count * inputs) : new Float64Array(count * inputs);
    let j = 0;
    for (const { begin, end } of parts) {
      for (let at = begin; at < end; at++, j++) {
        for (let i = 0; i < inputs; i++) turned[j * inputs + i] = data[i * outputs + at];
      }
    }
    return { data: turned, shape: [count, inputs] };
  }

  /** Rows of a constant, one part after the other. */
  *#rows(constant: Constant, parts: readonly RowRange[] | null): Reads<FloatArray> {
    if (parts === null) return floats(yield { constant });
    const [first, ...more] = parts;
    const head = floats(yield { constant, rows: first });
    if (more.length === 0) return head;
    const all =
      head instanceof Float32Array
        ? new Float32Array(head.length * parts.length)
        : new Float64Array(head.length * parts.length);
    all.set(head);
    for (const [i, rows] of more.entries()) all.set(floats(yield { constant, rows }), (i + 1) * head.length);
    return all;
  }

  /** Why terms have no factor though their blocks are known; null where they have one. */
  *fault(terms: readonly Term[], width: number | null): Reads<string | null> {
    if (width === null) return 'its γ is no weight';
    for (const { made } of terms) {
      const norm = normOf(made);
      if (norm !== null && (yield* this.gamma(norm)) === null) return `γ of ${norm} is no weight`;
      if (made.kind !== 'attention' || made.heads !== null) continue;
      if (this.outputs(made.value) !== this.inputs(made.output))
        return 'heads share keys and values, and the graph does not say how many';
    }
    return null;
  }
}

/** The rows of a weight, as ranges. */
function partsOf(rows: Weight['rows'], all: number): readonly RowRange[] {
  if (rows === null) return [{ begin: 0, end: all }];
  const { begin, end, period = all } = rows;
  return Array.from({ length: all / period }, (_, i) => ({ begin: i * period + begin, end: i * period + end }));
}

function countOf(parts: readonly RowRange[]): number {
  return parts.reduce((sum, { begin, end }) => sum + end - begin, 0);
}

/** Numbers as floats. */
export function floats(data: ArrayLike<unknown>): FloatArray {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}
