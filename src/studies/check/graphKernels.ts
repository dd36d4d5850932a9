/**
 * Nodes of a graph that are checked together, by a name.
 *
 * @module
 */
import { BittrueError, checkList, checkName } from '../../errors/index.ts';
import type { Graph } from '../../graphs/index.ts';

const groups = {
  norms: ['LayerNormalization', 'RMSNormalization'],
  softmax: ['Softmax'],
  matmul: ['MatMul', 'Gemm'],
  attention: ['Attention'],
  sums: ['ReduceMean', 'ReduceSum', 'GlobalAveragePool'],
  elementwise: ['Add', 'Mul'],
} as const;

/** What can be checked. */
export type GraphKernels = keyof typeof groups | 'all';

/** The names of {@link GraphKernels}. */
export const graphKernels: readonly GraphKernels[] = /* @__PURE__ */ Object.freeze([
  ...(Object.keys(groups) as GraphKernels[]),
  'all',
]);

/** The names, checked. */
export function checkKernels(kernels: readonly GraphKernels[]): readonly GraphKernels[] {
  const names = checkList('options.kernels', kernels);
  if (names.length === 0) {
    throw new BittrueError('value', 'options.kernels', 'none', `at least one of ${graphKernels.join(', ')}`);
  }
  return names.map((kernel) => checkName('options.kernels', kernel, graphKernels));
}

/**
 * The operators of some kernels.
 *
 * @throws {@link BittrueError} `unsupported` where the graph has none of them
 */
export function operatorsOf(kernels: readonly GraphKernels[], { name, nodes }: Graph): ReadonlySet<string> {
  const wanted = new Set<string>(
    kernels.flatMap((kernel) => (kernel === 'all' ? Object.values(groups).flat() : groups[kernel])),
  );
  if (nodes.some(({ op }) => wanted.has(op))) return wanted;
  const present = [...new Set(nodes.map(({ op }) => op))].sort().join(', ');
  throw new BittrueError(
    'unsupported',
    name,
    `no ${kernels.join(', ')} among ${present}`,
    `nodes of the kernels asked for: ${graphKernels.join(', ')}`,
  );
}
