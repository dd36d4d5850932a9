/**
 * Norms, GELU, softmax and attention that a graph spells out, each made one node.
 *
 * @module
 */
import { checkList, checkName } from '../../errors/index.ts';
import { constantsRead, defineGraph } from '../define.ts';
import { checkMadeGraph, type Graph, type Node, type TypedTensor } from '../graph.ts';
import { readSmall } from '../shapes/infer.ts';
import { recogniseAttention } from './attention.ts';
import { recogniseGelu } from './gelu.ts';
import { recogniseNorm } from './norm.ts';
import { recogniseSoftmax } from './softmax.ts';
import { type Recogniser, View } from './view.ts';

/** In this order: attention is looked for where softmax has been found. */
const recognisers = {
  norm: recogniseNorm,
  gelu: recogniseGelu,
  softmax: recogniseSoftmax,
  attention: recogniseAttention,
} as const satisfies Record<string, Recogniser>;

/** What can be recognised. */
export type Recognised = keyof typeof recognisers;

/**
 * The graph with decomposed operators as one node each: `LayerNormalization`, `RMSNormalization`, `Gelu`, `Softmax`,
 * `Attention`. A node keeps in `from` the names of those that it stands for, and in its attributes the arithmetic that
 * they spell out: `square` (`Pow`, `Mul`), `reciprocalSqrt` as targets call it, `scaledOn`, the constants of a GELU. No
 * exact value changes but by the order of real arithmetic. Constants that only the replaced nodes read are gone.
 *
 * @param kinds - default all
 * @throws {@link BittrueError} for what is no graph
 * @example
 * import { constantOf, defineGraph, recognise } from 'bittrue/graphs';
 * const half = constantOf({ type: 'float', shape: [], data: Float64Array.of(0.5) });
 * const one = constantOf({ type: 'float', shape: [], data: Float64Array.of(1) });
 * const root = constantOf({ type: 'float', shape: [], data: Float64Array.of(Math.SQRT2) });
 * const node = (op: string, inputs: string[], output: string) => ({ name: output, op, inputs, outputs: [output], attributes: {} });
 * const graph = defineGraph({
 *   name: 'gelu',
 *   inputs: [{ name: 'x', type: 'float', shape: ['n'] }],
 *   constants: { half, one, root },
 *   nodes: [
 *     node('Div', ['x', 'root'], 'd'),
 *     node('Erf', ['d'], 'e'),
 *     node('Add', ['e', 'one'], 's'),
 *     node('Mul', ['x', 's'], 'm'),
 *     node('Mul', ['m', 'half'], 'y'),
 *   ],
 *   outputs: ['y'],
 * });
 * const { nodes } = await recognise(graph);
 * nodes[0].op; // 'Gelu'
 * nodes[0].from?.length; // 5
 */
export async function recognise(
  graph: Graph,
  kinds: readonly Recognised[] = ['norm', 'gelu', 'softmax', 'attention'],
): Promise<Graph> {
  checkMadeGraph(graph);
  checkList('kinds', kinds);
  for (const kind of kinds) checkName('kinds', kind, Object.keys(recognisers) as Recognised[]);
  const small = await readSmall(graph);
  let found = graph;
  for (const kind of Object.keys(recognisers) as Recognised[]) {
    if (kinds.includes(kind)) found = pass(found, small, recognisers[kind]);
  }
  return found;
}

/** One walk over the nodes; what one replacement took is for no other. */
function pass(graph: Graph, small: ReadonlyMap<string, TypedTensor>, recogniser: Recogniser): Graph {
  const view = new View(graph, small);
  const gone = new Set<Node>();
  const placed = new Map<Node, readonly Node[]>();
  for (const node of graph.nodes) {
    if (gone.has(node)) continue;
    const found = recogniser(view, node);
    if (found === null || found.removed.some((one) => gone.has(one))) continue;
    // What stands in one branch runs with it; nothing is drawn together across its edge.
    const [{ when }] = found.removed;
    if (found.removed.some((one) => !isSame(one.when, when))) continue;
    for (const one of found.removed) gone.add(one);
    // The last of them stands where all that the new node reads has been made.
    const output = found.nodes[found.nodes.length - 1].outputs[0];
    const nodes = when === undefined ? found.nodes : found.nodes.map((one) => ({ ...one, when }));
    placed.set(found.removed.find(({ outputs }) => outputs.includes(output)) ?? node, nodes);
  }
  if (placed.size === 0) return graph;
  const nodes = graph.nodes.flatMap((node) => placed.get(node) ?? (gone.has(node) ? [] : [node]));
  return defineGraph({ ...graph, nodes, constants: constantsRead(graph, nodes) }, { unused: 'keep' });
}

function isSame(a: Node['when'] = [], b: Node['when'] = []): boolean {
  return a.length === b.length && a.every(({ value, is }, i) => value === b[i].value && is === b[i].is);
}
