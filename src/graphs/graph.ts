/**
 * A model as data: values that operators of ONNX form one from another. Names, attributes and meaning of operators are
 * those of the ONNX operator specification (github.com/onnx/onnx, docs/Operators.md), opset 23 and later where it has them.
 *
 * @module
 */

import { checkMade } from '../errors/index.ts';
import type { ElementArray, OnnxElementType } from './elementTypes.ts';

/** An axis: its length, or the name of a length that a run decides. */
export type Axis = number | string;

/** A value that a graph takes. */
export interface Value {
  readonly name: string;
  readonly type: OnnxElementType;
  /** Null where the file does not tell even how many axes there are. */
  readonly shape: readonly Axis[] | null;
}

/** Elements with type and shape, row-major: what runs compute with. */
export interface TypedTensor {
  readonly type: OnnxElementType;
  readonly shape: readonly number[];
  readonly data: ElementArray;
}

/** Rows of a constant: its first axis from `begin` to before `end`. */
export interface RowRange {
  readonly begin: number;
  readonly end: number;
}

/** A weight, read when it is asked for. */
export interface Constant {
  readonly type: OnnxElementType;
  readonly shape: readonly number[];
  /** All elements, where they are in memory: nothing has to be read then. */
  readonly held?: ElementArray;
  /** All elements, or some rows of them. Floats come as numbers of at least their own width. */
  read(rows?: RowRange): Promise<ElementArray>;
}

/** An attribute of a node. Integers beyond 2^53 are the nearest number: they stand for "no limit". */
export type Attribute = number | string | readonly number[] | readonly string[] | TypedTensor;

/** A truth value that a run decides, and what it must be. */
export interface Condition {
  readonly value: string;
  readonly is: boolean;
}

/** One operation. */
export interface Node {
  /** Unique in its graph. */
  readonly name: string;
  /** The operator as ONNX calls it; one of another domain than ONNX's own with the domain before it: `com.microsoft.X`. */
  readonly op: string;
  /** Names of values; an empty one is an optional input that is absent. */
  readonly inputs: readonly string[];
  /** Names of values; an empty one is not wanted. */
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Names of the nodes that this one stands for, where a recogniser put it in their place. */
  readonly from?: readonly string[];
  /** Runs only where all of these hold: the nodes of a branch. Absent: always. */
  readonly when?: readonly Condition[];
}

/** A model as data. Made by `defineGraph`, which checks it: nodes stand in an order in which they can run. */
export interface Graph {
  /** What errors call it. */
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
  readonly constants: Readonly<Record<string, Constant>>;
}

/** Data that `defineGraph` made. */
export function checkMadeGraph(graph: Graph): Graph {
  return checkMade(
    'graph',
    graph,
    ['name', 'inputs', 'nodes', 'outputs', 'constants'],
    'a graph, as defineGraph gives it',
  );
}

/** A constant of elements in memory. */
export function constantOf(tensor: TypedTensor): Constant {
  const { type, shape, data } = checkMade(
    'tensor',
    tensor,
    ['type', 'shape', 'data'],
    'a tensor with type, shape and data',
  );
  return {
    type,
    shape,
    held: data,
    read: async (rows) => {
      if (rows === undefined) return data;
      const width = shape.slice(1).reduce((product, axis) => product * axis, 1);
      return data.subarray(rows.begin * width, rows.end * width);
    },
  };
}

/** The values that a node needs: its inputs, and what decides whether it runs. */
export function valuesRead({ inputs, when }: Node): readonly string[] {
  return when === undefined ? inputs : [...inputs, ...when.map(({ value }) => value)];
}

/** Elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
