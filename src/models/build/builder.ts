/**
 * A graph in the making: nodes one behind the other, weights by the names that the checkpoint has for them.
 *
 * @module
 */
import {
  type Attribute,
  type Constant,
  constantOf,
  defineGraph,
  type ElementArray,
  type Graph,
  type Node,
  type Value,
} from '../../graphs/index.ts';
import type { Tensor } from '../../tensors/index.ts';

/** What is asked of a weight. */
export interface Wanted {
  /** In the file; of a tied head the embedding's name. */
  readonly name: string;
  /** In the model. */
  readonly as: string;
  /** In the model: matrices are [outputs, inputs]. */
  readonly shape: readonly number[];
  /** Whether the file has the matrix the other way round. */
  readonly isInOut: boolean;
}

/** Finds a weight. */
export type Lookup = (wanted: Wanted) => Tensor;

/** What pieces of a graph are made with. Every function gives the name of a value. */
export interface Builder {
  /** What node names leave out of the names of tensors: `model.`, `transformer.`, … */
  readonly prefix: string;
  /** A node with one output, which is called as the node. */
  node(name: string, op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** A node with several outputs. */
  several(
    name: string,
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ): readonly string[];
  /** A weight. */
  weight(name: string, shape: readonly number[], more?: Partial<Wanted>): string;
  /** A weight, each number with one added. */
  weightPlus(name: string, shape: readonly number[], offset: number): string;
  numbers(name: string, shape: readonly number[], data: Float64Array): string;
  integers(name: string, shape: readonly number[], ...values: number[]): string;
  /** Whether there is a value of this name. */
  has(name: string): boolean;
  /** A tensor's name as nodes are called. */
  called(weight: string): string;
  finish(name: string, inputs: readonly Value[], outputs: readonly string[]): Graph;
}

/** A new graph. */
export function createBuilder(lookup: Lookup, prefix: string): Builder {
  const nodes: Node[] = [];
  const constants: Record<string, Constant> = Object.create(null);
  const made = new Set<string>();
  const several: Builder['several'] = (name, op, inputs, outputs, attributes = {}) => {
    for (const output of outputs) made.add(output);
    nodes.push({ name, op, inputs, outputs, attributes });
    return outputs;
  };
  return {
    prefix,
    several,
    node: (name, op, inputs, attributes = {}) => several(name, op, inputs, [name], attributes)[0],
    weight: (name, shape, more = {}) => {
      const wanted = { name, as: name, shape, isInOut: false, ...more };
      constants[wanted.as] ??= weightOf(lookup(wanted), (data) => data);
      return wanted.as;
    },
    weightPlus: (name, shape, offset) => {
      const as = offset === 0 ? name : `${name} + ${offset}`;
      constants[as] ??= weightOf(lookup({ name, as: name, shape, isInOut: false }), (data) =>
        offset === 0 ? data : Float64Array.from(data as Float64Array, (value) => value + offset),
      );
      return as;
    },
    numbers: (name, shape, data) => {
      constants[name] ??= constantOf({ type: 'double', shape, data });
      return name;
    },
    integers: (name, shape, ...values) => {
      constants[name] ??= constantOf({ type: 'int64', shape, data: BigInt64Array.from(values, BigInt) });
      return name;
    },
    has: (name) => made.has(name) || Object.hasOwn(constants, name),
    called: (weight) => nodeName(weight, prefix),
    finish: (name, inputs, outputs) => defineGraph({ name, inputs, nodes, outputs, constants: { ...constants } }),
  };
}

/** What a node is called by its weight. */
export function nodeName(weight: string, prefix: string): string {
  const bare = weight.replace(/\.(weight|gamma)$/, '');
  return bare.startsWith(prefix) ? bare.slice(prefix.length) : bare;
}

/** A weight as a constant: what has to be read for it is read whenever it is asked for. */
function weightOf(tensor: Tensor, change: (data: ElementArray) => ElementArray): Constant {
  const { shape } = tensor;
  const width = shape.slice(1).reduce((product, axis) => product * axis, 1);
  const whole = (): ElementArray => change(tensor.data);
  return {
    type: 'double',
    shape,
    get held() {
      return whole();
    },
    read: async (rows) => (rows === undefined ? whole() : whole().subarray(rows.begin * width, rows.end * width)),
  };
}
