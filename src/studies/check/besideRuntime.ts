/**
 * The operands of some nodes, as a companion has them.
 *
 * @module
 */
import { computeExactly, valueNamed } from '../../evaluation/evaluate.ts';
import { checkFeeds } from '../../evaluation/feeds.ts';
import type { Evaluation } from '../../evaluation/index.ts';
import type { Graph, Node, TypedTensor } from '../../graphs/index.ts';
import type { Companion } from '../../models/index.ts';

/** Called with every node that is checked and its operands, in the order of the graph. */
export type Visit = (node: Node, inputs: readonly (TypedTensor | undefined)[], done: number, total: number) => void;

/**
 * Gives the nodes of some operators their operands: those that the file has as the companion computed them; those that the
 * graph alone has, where an operator of another set is spelled out, computed exactly from these.
 */
export async function evaluateBeside(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  operators: ReadonlySet<string>,
  companion: Companion,
  visit: Visit,
): Promise<Pick<Evaluation, 'idle'> & { readonly nodes: readonly Node[] }> {
  // What a branch makes is told by no runtime.
  const nodes = graph.nodes.filter(({ op, when }) => operators.has(op) && when === undefined);
  const values = new Map(Object.entries(checkFeeds(graph, feeds)));
  const asked = new Set<string>();
  const needed = new Set<string>();
  const made: Node[] = [];
  // From the end: every node stands behind what it reads.
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    const isMade = node.outputs.some((output) => needed.has(output));
    if (isMade) made.push(node);
    if (!isMade && (!operators.has(node.op) || node.when !== undefined)) continue;
    for (const input of node.inputs) {
      if (input === '' || values.has(input) || Object.hasOwn(graph.constants, input)) continue;
      (companion.names.has(input) ? asked : needed).add(input);
    }
  }
  made.reverse();
  for (const [name, value] of await companion.values(feeds, [...asked])) values.set(name, value);
  const operands = async ({ inputs }: Node): Promise<(TypedTensor | undefined)[]> => {
    const found: (TypedTensor | undefined)[] = [];
    for (const input of inputs) found.push(await valueNamed(graph, values, input));
    return found;
  };
  for (const node of made) {
    const results = computeExactly(node, await operands(node));
    node.outputs.forEach((output, i) => {
      if (output !== '' && results[i] !== undefined) values.set(output, results[i]);
    });
  }
  let done = 0;
  for (const node of nodes) visit(node, await operands(node), ++done, nodes.length);
  return { nodes: [...new Set([...made, ...nodes])], idle: [] };
}
