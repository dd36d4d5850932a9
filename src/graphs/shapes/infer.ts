/**
 * Types and shapes of all values of a graph, as far as they are known before a run.
 *
 * @module
 */
import { checkMadeGraph, type Graph, type Node, type TypedTensor } from '../graph.ts';
import { type Dim, type Known, unknown } from './known.ts';
import { shapeRules } from './rules.ts';

/** Integers that shapes are computed with are few. */
const FEW = 64;

/** What is known of every value: the graph's inputs as declared, its constants, and what nodes make of them. */
export function inferKnown(graph: Graph, small: ReadonlyMap<string, TypedTensor>): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const { name, type, shape } of graph.inputs) known.set(name, { type, shape });
  for (const [name, { type, shape }] of Object.entries(graph.constants)) {
    known.set(name, knownConstant(small.get(name) ?? { type, shape }));
  }
  for (const node of graph.nodes) inferNode(known, node);
  return known;
}

/** What is known of a constant; its elements where they are few integers. */
export function knownConstant({
  type,
  shape,
  data,
}: Pick<TypedTensor, 'type' | 'shape'> & Partial<TypedTensor>): Known {
  const isShape = data !== undefined && /^(int64|int32|bool)$/.test(type) && data.length <= FEW;
  return { type, shape, ...(isShape ? { elements: Array.from(data, Number) } : {}) };
}

/** Adds what is known of a node's outputs. */
export function inferNode(known: Map<string, Known>, node: Node): void {
  const rule = Object.hasOwn(shapeRules, node.op) ? shapeRules[node.op] : undefined;
  const inputs = node.inputs.map((input) => (input === '' ? undefined : (known.get(input) ?? unknown)));
  const found = rule?.(node, inputs) ?? [];
  node.outputs.forEach((output, i) => {
    if (output !== '') known.set(output, few(found[i] ?? unknown));
  });
}

/** What a rule found, without elements that are many and without lengths that no axis can have: a run refuses these. */
function few({ type, shape, elements }: Known): Known {
  const isLength = (dim: Dim): boolean => typeof dim !== 'number' || (Number.isSafeInteger(dim) && dim >= 0);
  const axes = shape?.every(isLength) === false ? shape.map((dim) => (isLength(dim) ? dim : null)) : shape;
  return elements === undefined || elements.length > FEW ? { type, shape: axes } : { type, shape: axes, elements };
}

/**
 * Constants of at most {@link FEW} elements, read.
 *
 * @param names - which of them; default all
 */
export async function readSmall({ constants }: Graph): Promise<Map<string, TypedTensor>> {
  const found = new Map<string, TypedTensor>();
  for (const [name, { type, shape, read }] of Object.entries(constants)) {
    if (shape.reduce((product, axis) => product * axis, 1) > FEW || type === 'string') continue;
    found.set(name, { type, shape, data: await read() });
  }
  return found;
}

/**
 * Types and shapes of all values, as far as they are known before a run: of the inputs as declared, of what nodes make of
 * them by the rules of their operators. An axis that is not known is null, a shape of unknown length too.
 *
 * @example
 * import { defineGraph, inferShapes } from 'bittrue/graphs';
 * const graph = defineGraph({
 *   name: 'turned',
 *   inputs: [{ name: 'x', type: 'float', shape: ['n', 3] }],
 *   constants: {},
 *   nodes: [{ name: 't', op: 'Transpose', inputs: ['x'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * (await inferShapes(graph)).get('y')?.shape; // [3, 'n']
 */
export async function inferShapes(graph: Graph): Promise<ReadonlyMap<string, Known>> {
  return inferKnown(checkMadeGraph(graph), await readSmall(graph));
}
