/**
 * Graphs checked: every value is made once and before it is read, and every constant is read.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkList, checkObject, checkRecord, checkText } from '../errors/index.ts';
import { elementTypes } from './elementTypes.ts';
import { type Graph, type Node, type Value, valuesRead } from './graph.ts';
import { inOrder } from './order.ts';

/** How a graph is checked. */
export interface DefineGraphOptions {
  /** What becomes of a constant that no node reads: an error (default), or it stays. */
  readonly unused?: 'error' | 'keep';
}

/** Buffers that exporters leave in files although nothing reads them. */
const buffers = /(^|[./])(rotary_emb\.inv_freq|inv_freq|position_ids|num_batches_tracked|masked_bias)$/;

/**
 * A graph, checked and frozen; its nodes in an order in which they can run.
 *
 * @throws {@link BittrueError} `name` for names that are missing, twice or empty; `unsupported` for a cycle and for
 *   constants that nothing reads; `type` for what is no graph
 * @example
 * import { constantOf, defineGraph } from 'bittrue/graphs';
 * const graph = defineGraph({
 *   name: 'double it',
 *   inputs: [{ name: 'x', type: 'float', shape: ['n'] }],
 *   constants: { two: constantOf({ type: 'float', shape: [], data: Float64Array.of(2) }) },
 *   nodes: [{ name: 'twice', op: 'Mul', inputs: ['x', 'two'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * graph.nodes.length; // 1
 */
export function defineGraph(graph: Graph, options: DefineGraphOptions = {}): Graph {
  checkObject('graph', graph, ['name', 'inputs', 'nodes', 'outputs', 'constants']);
  checkObject('options', options, ['unused']);
  const name = checkText('graph.name', graph.name);
  const inputs = checkList('graph.inputs', graph.inputs) as readonly Value[];
  const nodes = checkList('graph.nodes', graph.nodes) as readonly Node[];
  const outputs = checkList('graph.outputs', graph.outputs) as readonly string[];
  const constants = checkRecord('graph.constants', graph.constants, 'constants by their names');
  const made = new Set<string>();
  const make = (value: string): void => {
    if (value === '') throw new BittrueError('name', name, 'a value without a name', 'a name for every value');
    if (made.has(value)) throw new BittrueError('name', name, value, 'every value made once');
    made.add(value);
  };
  for (const input of inputs) {
    checkObject('graph.inputs', input, ['name', 'type', 'shape']);
    if (!elementTypes.includes(input.type)) {
      throw new BittrueError('name', `${name}: ${input.name}`, input.type, `one of ${elementTypes.join(', ')}`);
    }
    make(checkText('graph.inputs', input.name));
  }
  for (const constant of Object.keys(constants)) make(constant);
  const called = new Set<string>();
  for (const node of nodes) {
    checkNode(node);
    if (node.name === '' || called.has(node.name)) {
      throw new BittrueError('name', name, node.name, 'a name of its own for every node');
    }
    called.add(node.name);
    for (const output of node.outputs) if (output !== '') make(output);
  }
  const need = (value: string, reader: string): void => {
    if (!made.has(value)) throw new BittrueError('name', `${name}: ${reader}`, value, 'a value of the graph');
  };
  for (const { name: reader, inputs: values, when = [] } of nodes) {
    for (const value of values) if (value !== '') need(value, reader);
    for (const { value } of when) need(value, reader);
  }
  for (const value of outputs) need(value, 'outputs');
  const ordered = inOrder(name, nodes);
  if (options.unused !== 'keep') {
    const idle = unreadConstants({ nodes, outputs, constants });
    if (idle.length > 0) {
      const more = idle.length > 3 ? ` and ${idle.length - 3} more` : '';
      const told = `${idle.slice(0, 3).join(', ')}${more}, which no node reads`;
      throw new BittrueError('unsupported', name, told, "constants that are read, or unused: 'keep'");
    }
  }
  return Object.freeze({
    name,
    inputs: Object.freeze(inputs.map((input) => Object.freeze({ ...input }))),
    nodes: Object.freeze(ordered.map((node) => Object.freeze({ ...node }))),
    outputs: Object.freeze([...outputs]),
    constants: Object.freeze({ ...constants }),
  });
}

function checkNode(node: Node): void {
  checkObject('graph.nodes', node, ['name', 'op', 'inputs', 'outputs', 'attributes', 'from', 'when']);
  checkText('node.name', node.name);
  checkText('node.op', node.op);
  for (const value of checkList('node.inputs', node.inputs)) checkText('node.inputs', value);
  for (const value of checkList('node.outputs', node.outputs)) checkText('node.outputs', value);
  checkRecord('node.attributes', node.attributes, 'attributes by their names');
  for (const condition of checkList('node.when', node.when ?? [])) {
    const { value, is } = checkObject('node.when', condition, ['value', 'is']);
    checkText('node.when.value', value);
    checkBoolean('node.when.is', is);
  }
}

/** The constants that neither a node nor an output reads, but for buffers that are known by their names. */
export function unreadConstants({
  nodes,
  outputs,
  constants,
}: Pick<Graph, 'nodes' | 'outputs' | 'constants'>): readonly string[] {
  const read = new Set(Object.keys(constantsRead({ constants, outputs }, nodes)));
  return Object.keys(constants).filter((constant) => !read.has(constant) && !buffers.test(constant));
}

/** The constants that nodes or outputs read: what a rewritten graph keeps. */
export function constantsRead(
  { constants, outputs }: Pick<Graph, 'constants' | 'outputs'>,
  nodes: readonly Node[],
): Graph['constants'] {
  const read = new Set(outputs);
  for (const node of nodes) for (const value of valuesRead(node)) read.add(value);
  return Object.fromEntries(Object.entries(constants).filter(([name]) => read.has(name)));
}
