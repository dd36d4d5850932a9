/**
 * Which nodes of a graph must stay in a wider precision?
 *
 * @module
 */
import { BittrueError, checkFunction, checkInteger, checkObject, checkPositive } from '../../errors/index.ts';
import { type Evaluation, evaluate } from '../../evaluation/index.ts';
import { hasKernel } from '../../evaluation/onTarget.ts';
import { firstFailure, type NumericEvent, SEMANTICS, VERSION } from '../../events/index.ts';
import { elementKind } from '../../graphs/elementTypes.ts';
import { type Graph, recognise, type TypedTensor } from '../../graphs/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { checkKernels, type GraphKernels, operatorsOf } from '../check/graphKernels.ts';
import { checkProductUnits, namedTarget } from '../check/namedTargets.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';
import type { OnProgress } from '../progress.ts';
import { smallestPart } from './smallest.ts';

/** What {@link bisectGraph} is told. */
export interface BisectOptions {
  /** Where nodes run that need not stay. */
  readonly target: Target | TargetName;
  /** Where nodes run that stay; default `fp32`. */
  readonly instead?: Target | TargetName;
  /** The largest error that the outputs may have: of any number, over the largest magnitude of its output in binary64. */
  readonly tolerance: number;
  /** The nodes that are in question; default all that the target has kernels for. */
  readonly kernels?: readonly GraphKernels[];
  /** Runs that may be spent on parts of one, two, … nodes before halves are tried; default 256. */
  readonly limit?: number;
  readonly onProgress?: OnProgress;
}

/** A node that must stay. */
export interface StayingNode {
  readonly node: string;
  readonly op: string;
  /** The nodes of the file that this one stands for; empty where it is one of them. */
  readonly from: readonly string[];
  /** Its earliest failure where every node is on the target; null: it fails by rounding, or by what it is given. */
  readonly first: NumericEvent | null;
}

/** What {@link bisectGraph} finds, as plain data. */
export interface Bisection {
  readonly bittrue: string;
  readonly schema: 'bisection/1';
  readonly semantics: number;
  readonly graph: string;
  readonly target: string;
  readonly instead: string;
  readonly tolerance: number;
  /** Nodes in question. */
  readonly candidates: number;
  /** Nodes that run exactly throughout: what they compute has no kernel, or was not asked for. */
  readonly exact: readonly string[];
  /**
   * `nothing` must stay; the nodes of `stay` must, and they are the `smallest` set or an `irreducible` one, none of which
   * can be left out; or `none`: too large an error remains even where all of them stay.
   */
  readonly verdict: 'nothing' | 'smallest' | 'irreducible' | 'none';
  readonly stay: readonly StayingNode[];
  /** The outputs' error with all nodes in question on the target, with all of them staying, and with those of `stay`. */
  readonly errors: { readonly target: number; readonly instead: number; readonly stay: number };
  /** Runs of the graph. */
  readonly runs: number;
}

/**
 * The smallest set of nodes that must stay in a wider precision for the outputs to keep an error, by simulation: the graph
 * is run with one set of nodes after another on `instead`, the others on the target, all else exact, and its outputs are
 * compared with those in binary64. Decomposed norms, softmax and attention are one node each.
 *
 * @param feeds - as `evaluate` takes them
 * @throws {@link BittrueError} `unsupported` where no node is in question, or where the outputs in binary64 are not finite;
 *   as `evaluate`
 * @example
 * import { defineGraph } from 'bittrue/graphs';
 * import { bisectGraph } from 'bittrue/studies';
 * const graph = defineGraph({
 *   name: 'pool',
 *   inputs: [{ name: 'x', type: 'float', shape: [1, 1, 'h', 'w'] }],
 *   constants: {},
 *   nodes: [
 *     { name: 'twice', op: 'Add', inputs: ['x', 'x'], outputs: ['t'], attributes: {} },
 *     { name: 'pool', op: 'GlobalAveragePool', inputs: ['t'], outputs: ['y'], attributes: {} },
 *   ],
 *   outputs: ['y'],
 * });
 * const x = { type: 'float', shape: [1, 1, 256, 256], data: new Float64Array(65536).fill(20) } as const;
 * const { verdict, stay } = await bisectGraph(graph, { x }, { target: 'fp16', tolerance: 1e-2 });
 * verdict; // 'smallest'
 * stay.map(({ node }) => node); // ['pool']
 */
export async function bisectGraph(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  options: BisectOptions,
): Promise<Bisection> {
  checkObject('options', options, ['target', 'instead', 'tolerance', 'kernels', 'limit', 'onProgress']);
  const [targetName, low] = namedTarget('options.target', options.target);
  const [insteadName, high] = namedTarget('options.instead', options.instead ?? 'fp32');
  const tolerance = checkPositive('options.tolerance', options.tolerance);
  const limit = checkInteger('options.limit', options.limit ?? 256, 0, 2 ** 31);
  const kernels = checkKernels(options.kernels ?? ['all']);
  const { onProgress } = options;
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  const whole = await recognise(graph);
  const wanted = operatorsOf(kernels, whole);
  checkProductUnits('options.target', new Map([[targetName, low]]), whole.nodes, wanted);
  checkProductUnits('options.instead', new Map([[insteadName, high]]), whole.nodes, wanted);
  const ideal = await evaluate(whole, feeds);
  checkIdeal(whole, ideal.outputs);
  const ran = new Set(ideal.nodes.map(({ name }) => name));
  const inQuestion = whole.nodes.filter(
    (node) =>
      ran.has(node.name) &&
      wanted.has(node.op) &&
      hasKernel(node, { target: low }) &&
      hasKernel(node, { target: high }),
  );
  if (inQuestion.length === 0) {
    throw new BittrueError(
      'unsupported',
      graph.name,
      `no node of ${kernels.join(', ')} that both ${targetName} and ${insteadName} have a kernel for`,
      'at least one',
    );
  }
  const names = inQuestion.map(({ name }) => name);
  const onLow = { target: withNaNEvents(low), otherwise: 'exact' } as const;
  const onHigh = { target: withNaNEvents(high), otherwise: 'exact' } as const;
  const question = new Set(names);
  let runs = 1;
  const run = async (stay: readonly string[]): Promise<Evaluation> => {
    const kept = new Set(stay);
    const made = await evaluate(whole, feeds, {
      on: ({ name }) => (!question.has(name) ? 'exact' : kept.has(name) ? onHigh : onLow),
    });
    runs++;
    onProgress?.({ phase: `run ${runs}, ${stay.length} of ${names.length} nodes stay`, done: runs, total: runs });
    return made;
  };
  // Halves, quarters and what is left of them meet again: a set is run once.
  const known = new Map<string, number>();
  const errorOf = async (stay: readonly string[]): Promise<number> => {
    const kept = new Set(stay);
    const key = names.map((name) => Number(kept.has(name))).join('');
    const found = known.get(key) ?? worstError(ideal.outputs, (await run(stay)).outputs, whole.outputs);
    known.set(key, found);
    return found;
  };
  const everywhere = await run([]);
  const failures = new Map(
    everywhere.nodes.map(({ name, reports = {} }) => [
      name,
      Object.values(reports)
        .map(firstFailure)
        .find((one) => one !== null) ?? null,
    ]),
  );
  const errors = {
    target: worstError(ideal.outputs, everywhere.outputs, whole.outputs),
    instead: await errorOf(names),
  };
  const told = (verdict: Bisection['verdict'], stay: readonly string[], error: number): Bisection => ({
    bittrue: VERSION,
    schema: 'bisection/1',
    semantics: SEMANTICS,
    graph: graph.name,
    target: targetName,
    instead: insteadName,
    tolerance,
    candidates: names.length,
    exact: ideal.nodes.map(({ name }) => name).filter((name) => !question.has(name)),
    verdict,
    stay: inQuestion
      .filter(({ name }) => stay.includes(name))
      .map(({ name, op, from = [] }) => ({ node: name, op, from, first: failures.get(name) ?? null })),
    errors: { ...errors, stay: error },
    runs,
  });
  if (errors.target <= tolerance) return told('nothing', [], errors.target);
  if (!(errors.instead <= tolerance)) return told('none', [], errors.target);
  // Nodes that fail by themselves are the likely ones: they are asked first.
  const likely = [...names].sort((a, b) => Number(failures.get(b) !== null) - Number(failures.get(a) !== null));
  const { part, claim } = await smallestPart(likely, limit, async (stay) => (await errorOf(stay)) <= tolerance);
  return told(claim, part, await errorOf(part));
}

/** Outputs in binary64 that nothing can be compared with are no reference. */
function checkIdeal({ name, outputs }: Graph, ideal: Evaluation['outputs']): void {
  for (const output of outputs) {
    const { type, data } = ideal[output];
    if (elementKind(type) !== 'float') continue;
    if (!(data as Float64Array).every(Number.isFinite))
      throw new BittrueError('unsupported', `${name}: ${output}`, 'NaN or infinities in binary64', 'finite outputs');
  }
}

/** The largest error of any output; Infinity where a number is not finite, or where integers differ. */
export function worstError(
  ideal: Evaluation['outputs'],
  given: Evaluation['outputs'],
  outputs: readonly string[],
): number {
  let worst = 0;
  for (const output of outputs) {
    const [x, y] = [ideal[output], given[output]];
    if (x.data.length !== y.data.length) return Infinity;
    const isFloat = elementKind(x.type) === 'float';
    let largest = 0;
    let off = 0;
    for (let i = 0; i < x.data.length; i++) {
      if (!isFloat) {
        if (x.data[i] !== y.data[i]) return Infinity;
        continue;
      }
      const [a, b] = [x.data[i] as number, y.data[i] as number];
      if (!Number.isFinite(b)) return Infinity;
      largest = Math.max(largest, Math.abs(a));
      off = Math.max(off, Math.abs(a - b));
    }
    if (off > 0) worst = Math.max(worst, off / largest);
  }
  return worst;
}
