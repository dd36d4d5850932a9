/**
 * An order in which the nodes of a graph can run.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type Node, valuesRead } from './graph.ts';

/**
 * The nodes, each behind those whose outputs it reads; of those that may come next, the one that stood first. Time grows
 * with the number of nodes and of their inputs.
 *
 * @throws {@link BittrueError} `unsupported` for a cycle, which it names
 */
export function inOrder(name: string, nodes: readonly Node[]): readonly Node[] {
  const producer = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => {
    for (const output of outputs) if (output !== '') producer.set(output, i);
  });
  const before = (i: number): number[] =>
    valuesRead(nodes[i]).flatMap((input) => {
      const from = producer.get(input);
      return from === undefined ? [] : [from];
    });
  if (nodes.every((_, i) => before(i).every((from) => from < i))) return nodes;
  // Depth first without recursion: a chain of a million nodes would end the stack.
  const state = new Uint8Array(nodes.length);
  const ordered: Node[] = [];
  for (let root = 0; root < nodes.length; root++) {
    if (state[root] !== 0) continue;
    const path: { readonly node: number; readonly needs: readonly number[]; next: number }[] = [];
    const enter = (node: number): void => {
      state[node] = 1;
      path.push({ node, needs: before(node), next: 0 });
    };
    enter(root);
    for (let top = path[path.length - 1]; top !== undefined; top = path[path.length - 1]) {
      if (top.next < top.needs.length) {
        const need = top.needs[top.next++];
        if (state[need] === 1) throw cycle(name, nodes, [...path.map(({ node }) => node), need]);
        if (state[need] === 0) enter(need);
      } else {
        state[top.node] = 2;
        ordered.push(nodes[top.node]);
        path.pop();
      }
    }
  }
  return ordered;
}

function cycle(name: string, nodes: readonly Node[], path: readonly number[]): BittrueError {
  const again = path[path.length - 1];
  const around = path.slice(path.indexOf(again)).reverse();
  const words = around.slice(0, 4).map((i) => nodes[i].name);
  const told = `${words.join(' -> ')}${around.length > 4 ? ` -> … (${around.length - 1} nodes)` : ''}`;
  return new BittrueError('unsupported', name, `a cycle: ${told}`, 'nodes that do not wait for themselves');
}
