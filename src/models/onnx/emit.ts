/**
 * Nodes as they are put into a graph, one after another, with what is known of their values so far.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { valuesRead } from '../../graphs/graph.ts';
import {
  type Attribute,
  type Condition,
  type Constant,
  constantOf,
  type Known,
  type Node,
  type TypedTensor,
} from '../../graphs/index.ts';
import { inferNode, knownConstant } from '../../graphs/shapes/infer.ts';

/** Nodes that functions within functions may become. */
const MOST = 2 ** 22;

/** A node of some version of an operator set. */
export interface VersionedNode extends Node {
  readonly version: number;
}

/** Takes nodes and constants. */
export class Emitter {
  readonly name: string;
  readonly nodes: Node[] = [];
  readonly constants: Record<string, Constant> = Object.create(null);
  readonly unreadable = new Map<string, string>();
  readonly #known = new Map<string, Known>();
  readonly #names = new Set<string>();
  readonly #folded = new Set<string>();
  #when: readonly Condition[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** An input of the graph. */
  declare(name: string, known: Known): void {
    this.#known.set(name, known);
  }

  /** A node, under a name of its own. */
  emit(node: Node): void {
    if (this.nodes.length >= MOST) {
      throw new BittrueError('range', this.name, `more than ${MOST} nodes`, 'a graph of at most so many');
    }
    const name = this.#called(node);
    this.#names.add(name);
    const { op, inputs, outputs, attributes } = node;
    const when = this.#when.length === 0 ? {} : { when: this.#when };
    const kept: Node = { name, op, inputs, outputs, attributes, ...when };
    this.nodes.push(kept);
    inferNode(this.#known, kept);
  }

  /** Emits nodes that run only where a condition holds, besides those around it. */
  under(condition: Condition, emit: () => void): void {
    const before = this.#when;
    this.#when = [...before, condition];
    emit();
    this.#when = before;
  }

  /** An operator that stands beside the node it is a part of. */
  beside(
    node: Node,
    suffix: string,
    op: string,
    inputs: readonly string[],
    attributes: Node['attributes'] = {},
  ): string {
    const output = `${node.name || node.outputs[0]}/${suffix}`;
    this.emit({ name: output, op, inputs, outputs: [output], attributes });
    return output;
  }

  /** A constant; twice the same name is an error. */
  hold(name: string, constant: Constant, value?: TypedTensor): void {
    if (Object.hasOwn(this.constants, name)) {
      throw new BittrueError('file', this.name, `${name} twice`, 'every name once');
    }
    this.constants[name] = constant;
    this.#known.set(name, knownConstant(value ?? { type: constant.type, shape: constant.shape }));
  }

  /** Integers of a node as a constant beside it. */
  integers(node: Node, suffix: string, values: readonly number[], isScalar = false): string {
    const data = BigInt64Array.from(values, (value) => toInt64(value));
    return this.tensor(node, suffix, { type: 'int64', shape: isScalar ? [] : [values.length], data });
  }

  /** A real number of a node as a constant beside it. */
  real(node: Node, suffix: string, value: number): string {
    return this.tensor(node, suffix, { type: 'float', shape: [], data: Float64Array.of(value) });
  }

  /** A tensor of a node as a constant beside it. */
  tensor(node: Node, suffix: string, tensor: TypedTensor): string {
    const name = `${node.outputs[0] || node.name}/${suffix}`;
    this.hold(name, constantOf(tensor), tensor);
    return name;
  }

  /** Says that a value has been read while the graph was laid out: a constant that nothing else reads is left out. */
  fold(value: string): void {
    this.#folded.add(value);
  }

  /** The constants, without those that were read here alone. */
  kept(outputs: readonly string[]): Record<string, Constant> {
    const read = new Set(outputs);
    for (const node of this.nodes) for (const value of valuesRead(node)) read.add(value);
    return Object.fromEntries(
      Object.entries(this.constants).filter(([name]) => read.has(name) || !this.#folded.has(name)),
    );
  }

  /** What is known of a value so far. */
  known(value: string): Known | undefined {
    return this.#known.get(value);
  }

  /** Its own name; without one, or where another node has it, that of what it makes. */
  #called({ name, outputs, op }: Node): string {
    const own = [name, outputs.find((output) => output !== '') ?? '', op].filter((one) => one !== '');
    const free = own.find((one) => !this.#names.has(one));
    if (free !== undefined && (free !== op || own.length === 1)) return free;
    let count = this.nodes.length;
    while (this.#names.has(`${own[0]} #${count}`)) count++;
    return `${own[0]} #${count}`;
  }
}

/** The nearest integer of 64 bits. */
function toInt64(value: number): bigint {
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(value);
}

/** A node with other inputs and attributes. */
export function changed(node: Node, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>): Node {
  return { name: node.name, op: node.op, inputs, outputs: node.outputs, attributes };
}
