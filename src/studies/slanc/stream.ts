/**
 * What a norm of a graph reads, as a sum: embeddings, and what blocks and other norms wrote. A block is told by its linear maps and by
 * what feeds them: a norm, or the stream itself where no norm stands before the block.
 *
 * @module
 */
import { numberOf } from '../../graphs/attributes.ts';
import type { Graph, Node } from '../../graphs/index.ts';

/** A weight as [out, in]: a constant, whole or some of its rows. */
export interface Weight {
  readonly constant: string;
  /** Whether the constant is [in, out]. */
  readonly isInOut: boolean;
  /** Rows of [out, in], of every `period` where each head has its own; null: all. */
  readonly rows: { readonly begin: number; readonly end: number; readonly period?: number } | null;
}

/** What a block reads: the output of a norm, by its name, or a sum that no norm stands behind. */
export type Feed = { readonly norm: string } | { readonly stream: readonly Term[]; readonly value: string };

/** One summand of what a norm reads. */
export interface Term {
  /** The node that makes it: the same node is the same summand. */
  readonly node: string;
  /** What it is multiplied by on its way. */
  readonly factor: number;
  /** The softmax whose share of 0 to 1 it is multiplied by: of all terms of a router the shares add up to at most 1. */
  readonly router: string | null;
  readonly made: Made;
}

/** What makes a summand. */
export type Made =
  | { readonly kind: 'embedding'; readonly table: string }
  | { readonly kind: 'norm'; readonly norm: string }
  | { readonly kind: 'linear'; readonly fedBy: Feed; readonly weight: Weight; readonly isPlain: boolean }
  | {
      readonly kind: 'attention';
      readonly fedBy: Feed;
      readonly value: Weight;
      readonly output: Weight;
      readonly heads: { readonly heads: number; readonly keyValueHeads: number } | null;
    }
  | { readonly kind: 'mlp'; readonly fedBy: Feed; readonly up: Weight; readonly down: Weight }
  | {
      readonly kind: 'gatedMlp';
      readonly fedBy: Feed;
      readonly gate: Weight;
      readonly up: Weight;
      readonly down: Weight;
    }
  | { readonly kind: 'unknown'; readonly why: string };

const norms = ['LayerNormalization', 'RMSNormalization'];
const activations = [
  'Gelu',
  'Relu',
  'Swish',
  'Tanh',
  'Sigmoid',
  'Elu',
  'Selu',
  'LeakyRelu',
  'Softplus',
  'Mish',
  'HardSwish',
];
/** What changes nothing about the length of a row but where it stands. */
const passing = ['Reshape', 'Unsqueeze', 'Squeeze', 'Identity', 'Cast', 'Dropout', 'Flatten', 'Transpose'];

/** What takes some of the shares of a router. */
const choosing = ['Gather', 'GatherElements', 'Slice', 'Split', 'TopK', 'Div'];

/** The name of what feeds a block. */
export function sourceOf(feed: Feed): string {
  return 'norm' in feed ? feed.norm : feed.value;
}

/** The norm that makes a summand, or feeds the block that does; null: none. */
export function normOf(made: Made): string | null {
  if (made.kind === 'norm') return made.norm;
  return 'fedBy' in made && 'norm' in made.fedBy ? made.fedBy.norm : null;
}

/** Whether a node is a norm over its last axis. */
export function isNorm({ op }: Node): boolean {
  return norms.includes(op);
}

/** A linear layer: what it multiplies, and by which weight. */
interface Linear {
  readonly input: string;
  readonly weight: Weight;
  readonly hasBias: boolean;
}

/** Walks back through a graph. */
export class Stream {
  readonly #makers = new Map<string, Node>();
  readonly #graph: Graph;
  readonly #small: ReadonlyMap<string, readonly number[]>;
  readonly #known = new Map<string, readonly Term[]>();

  /** @param small - constants of a few numbers: factors, sizes of parts */
  constructor(graph: Graph, small: ReadonlyMap<string, readonly number[]>) {
    this.#graph = graph;
    this.#small = small;
    for (const node of graph.nodes) for (const output of node.outputs) this.#makers.set(output, node);
  }

  /** The summands of a value. */
  terms(value: string): readonly Term[] {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const found = this.#termsOf(value);
    this.#known.set(value, found);
    return found;
  }

  #termsOf(value: string): readonly Term[] {
    const node = this.#makers.get(value);
    const term = (made: Made): Term[] => [{ node: node?.name ?? value, factor: 1, router: null, made }];
    if (node === undefined) {
      return term({ kind: 'unknown', why: `it reads ${value}, which no node makes` });
    }
    if (passing.includes(node.op)) return this.terms(node.inputs[0]);
    if (node.op === 'Add' || node.op === 'Sum') {
      // What is the same for every row, a bias, is left out as the factors leave it out.
      return node.inputs.filter((input) => !this.#isConstant(input)).flatMap((input) => this.terms(input));
    }
    if (node.op === 'Mul' || node.op === 'Div') {
      const scaled = this.#scaled(node);
      if (scaled !== null) {
        return this.terms(scaled.value).map((one) => ({ ...one, factor: one.factor * scaled.factor }));
      }
      const shared = node.op === 'Mul' ? this.#shared(node) : null;
      if (shared !== null) return this.terms(shared.value).map((one) => ({ ...one, router: shared.router }));
    }
    if (node.op === 'Gather' && this.#isConstant(node.inputs[0])) {
      return term({ kind: 'embedding', table: node.inputs[0] });
    }
    if (isNorm(node)) return term({ kind: 'norm', norm: node.name });
    const linear = this.#linear(value);
    return term(
      linear === null ? { kind: 'unknown', why: `${node.op} (${node.name}) feeds it` } : this.#branch(linear),
    );
  }

  /** What stands before the last matrix of a block. */
  #branch({ input, weight, hasBias }: Linear): Made {
    const value = this.#through(input);
    const node = this.#makers.get(value);
    if (node === undefined) return { kind: 'unknown', why: `a matrix multiplies ${value}, which no node makes` };
    const fedBy = this.#feed(value);
    if (fedBy !== null) return { kind: 'linear', fedBy, weight, isPlain: !hasBias };
    if (node.op === 'Attention' || (node.op === 'MatMul' && !this.#isConstant(this.#through(node.inputs[1])))) {
      const [place, count] = node.op === 'Attention' ? [2, ['q_num_heads', 'kv_num_heads']] : [1, []];
      const value = this.#linear(this.#through(node.inputs[place as number]));
      const from = value === null ? null : this.#feed(this.#through(value.input));
      if (value === null || from === null)
        return { kind: 'unknown', why: `no norm, stream and one matrix stand before ${node.name}` };
      const [heads, keyValueHeads] = (count as string[]).map((name) => numberOf(node, name, 0));
      const own = heads > 0 && keyValueHeads > 0 ? { heads, keyValueHeads } : null;
      return { kind: 'attention', fedBy: from, value: value.weight, output: weight, heads: own };
    }
    const plain = this.#activated(value);
    if (plain !== null) {
      const from = this.#feed(this.#through(plain.input));
      if (from !== null) return { kind: 'mlp', fedBy: from, up: plain.weight, down: weight };
    }
    if (node.op === 'Mul') {
      for (const [p, q] of [node.inputs, [...node.inputs].reverse()]) {
        const [gate, up] = [this.#activated(p), this.#linear(this.#through(q))];
        if (gate === null || up === null) continue;
        const [from, other] = [this.#through(gate.input), this.#through(up.input)].map((one) => this.#feed(one));
        if (from !== null && other !== null && sourceOf(from) === sourceOf(other)) {
          return { kind: 'gatedMlp', fedBy: from, gate: gate.weight, up: up.weight, down: weight };
        }
      }
    }
    return { kind: 'unknown', why: `${node.op} (${node.name}) stands in the block before it` };
  }

  /** The linear layer whose output an activation takes. */
  #activated(value: string): Linear | null {
    const node = this.#makers.get(this.#through(value));
    if (node === undefined) return null;
    if (activations.includes(node.op)) return this.#linear(this.#through(node.inputs[0]));
    // x · sigmoid(x), as exporters spell SiLU.
    if (node.op !== 'Mul') return null;
    for (const [x, y] of [node.inputs, [...node.inputs].reverse()]) {
      const sigmoid = this.#makers.get(y);
      if (sigmoid?.op === 'Sigmoid' && sigmoid.inputs[0] === x) return this.#linear(this.#through(x));
    }
    return null;
  }

  /** The linear layer that makes a value: a product with a constant, a bias, and the part of several that lie in one matrix. */
  #linear(value: string): Linear | null {
    const node = this.#makers.get(value);
    if (node === undefined) return null;
    if (node.op === 'Add') {
      const others = node.inputs.filter((input) => !this.#isConstant(input));
      const found = others.length === 1 ? this.#linear(others[0]) : null;
      return found === null ? null : { ...found, hasBias: true };
    }
    if (node.op === 'Identity' || node.op === 'Cast') return this.#linear(node.inputs[0]);
    if (node.op === 'Split') return this.#part(node, value);
    if (node.op !== 'Gemm' && node.op !== 'MatMul') return null;
    if (node.op === 'Gemm' && (numberOf(node, 'alpha', 1) !== 1 || numberOf(node, 'transA', 0) !== 0)) return null;
    const matrix = this.#matrix(node.inputs[1], node.op === 'MatMul' || numberOf(node, 'transB', 0) === 0);
    if (matrix === null) return null;
    return { input: node.inputs[0], weight: matrix, hasBias: (node.inputs[2] ?? '') !== '' };
  }

  /** A constant of two axes, or one that is turned. */
  #matrix(value: string, isInOut: boolean): Weight | null {
    const node = this.#makers.get(value);
    if (node?.op === 'Transpose') return this.#matrix(node.inputs[0], !isInOut);
    if (node?.op === 'Identity' || node?.op === 'Cast') return this.#matrix(node.inputs[0], isInOut);
    const shape = this.#graph.constants[value]?.shape;
    return shape?.length === 2 ? { constant: value, isInOut, rows: null } : null;
  }

  /** Some rows of the matrix whose product is split along its last axis. */
  #part(node: Node, value: string): Linear | null {
    const reshape = this.#makers.get(node.inputs[0]);
    const shape = reshape?.op === 'Reshape' ? this.#small.get(reshape.inputs[1]) : undefined;
    const whole = this.#linear(shape === undefined ? node.inputs[0] : (reshape as Node).inputs[0]);
    if (whole === null || whole.weight.rows !== null) return null;
    const { constant, isInOut } = whole.weight;
    const all = this.#graph.constants[constant].shape[isInOut ? 1 : 0];
    const isGemm = this.#makers.get(node.inputs[0])?.op === 'Gemm';
    const last = shape === undefined ? (isGemm ? 1 : 2) : shape.length - 1;
    // What is split may be what each head has of the matrix.
    const period = shape === undefined ? all : (shape[last] as number);
    if (!(period > 0) || all % period !== 0 || ![-1, last].includes(numberOf(node, 'axis', 0))) return null;
    if (period < all && shape?.[last - 1] !== all / period) return null;
    const count = node.outputs.length;
    const even = Array.from({ length: count }, () => period / count);
    const sizes = (node.inputs[1] ?? '') === '' ? even : this.#small.get(node.inputs[1]);
    if (sizes?.reduce((sum, size) => sum + size, 0) !== period) return null;
    const place = node.outputs.indexOf(value);
    const begin = sizes.slice(0, place).reduce((sum, size) => sum + size, 0);
    const rows = { begin, end: begin + sizes[place], ...(period < all ? { period } : {}) };
    return { ...whole, weight: { constant, isInOut, rows } };
  }

  /** What makes a value that a block reads: a norm, or a sum whose terms are known. */
  #feed(value: string): Feed | null {
    const node = this.#makers.get(value);
    if (node === undefined) return null;
    if (isNorm(node)) return { norm: node.name };
    if (!['Add', 'Sum', 'Gather'].includes(node.op)) return null;
    const stream = this.terms(value);
    // A matrix and its bias are no stream.
    const isBlock = stream.length === 1 && stream[0].made.kind === 'linear';
    return isBlock || stream.some(({ made }) => made.kind === 'unknown') ? null : { stream, value };
  }

  /** A product with the share that a router gives an expert. */
  #shared(node: Node): { readonly value: string; readonly router: string } | null {
    for (const [value, share] of [node.inputs, [...node.inputs].reverse()]) {
      const router = this.#router(share);
      if (router !== null) return { value, router };
    }
    return null;
  }

  /** The softmax of which a value is a share: one of its numbers, chosen, normalised or put among zeros. */
  #router(value: string): string | null {
    const node = this.#makers.get(this.#through(value));
    if (node === undefined) return null;
    if (node.op === 'Softmax') return node.name;
    if (node.op === 'ScatterElements') return this.#router(node.inputs[2]);
    if (!choosing.includes(node.op)) return null;
    if (node.op !== 'Div') return this.#router(node.inputs[0]);
    // Normalised by the sum of what was chosen, or left as it is: no share is above 1.
    const [chosen, by] = node.inputs;
    const sum = this.#makers.get(this.#through(by));
    return sum?.op === 'ReduceSum' && sum.inputs[0] === chosen ? this.#router(chosen) : null;
  }

  /** The value that others only shape anew. */
  #through(value: string): string {
    const node = this.#makers.get(value);
    return node !== undefined && passing.includes(node.op) ? this.#through(node.inputs[0]) : value;
  }

  /** A product with a number, or a quotient by one. */
  #scaled(node: Node): { readonly value: string; readonly factor: number } | null {
    const [a, b] = node.inputs;
    const [p, q] = [this.#number(a), this.#number(b)];
    if (q !== null) return { value: a, factor: node.op === 'Mul' ? q : 1 / q };
    return p !== null && node.op === 'Mul' ? { value: b, factor: p } : null;
  }

  #number(value: string): number | null {
    const numbers = this.#small.get(this.#through(value));
    return numbers?.length === 1 ? numbers[0] : null;
  }

  #isConstant(value: string): boolean {
    return Object.hasOwn(this.#graph.constants, this.#through(value));
  }
}
