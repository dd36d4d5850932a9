/**
 * Which node of a graph overflows on a chip?
 *
 * @module
 */
import { checkBoolean, checkFunction, checkMade, checkObject } from '../../errors/index.ts';
import { computeExactly } from '../../evaluation/evaluate.ts';
import { evaluate } from '../../evaluation/index.ts';
import { hasKernel, type OnTarget, runOnTarget } from '../../evaluation/onTarget.ts';
import { firstFailure, type NumericEvent, type Report, SEMANTICS, VERSION } from '../../events/index.ts';
import { unreadConstants } from '../../graphs/define.ts';
import { type Graph, type Node, recognise, type TypedTensor } from '../../graphs/index.ts';
import type { CapturedNotes } from '../../models/captured.ts';
import type { Companion } from '../../models/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import type { OnProgress } from '../progress.ts';
import { attendOn } from '../simulate/attend.ts';
import { evaluateBeside } from './besideRuntime.ts';
import { checkKernels, type GraphKernels, operatorsOf } from './graphKernels.ts';
import { checkProductUnits, namedTargets } from './namedTargets.ts';
import { withNaNEvents } from './withNaNEvents.ts';

/** What {@link checkGraph} may be told. */
export interface GraphCheckOptions {
  /** Each with its default units; `h100:f16` names one. */
  readonly targets: readonly (Target | TargetName)[];
  /** Default `norms`. Where `attention` is named its nodes run by that kernel, stage by stage; by `all` alone in three parts. */
  readonly kernels?: readonly GraphKernels[];
  /** Whether to count the results of every stage by their exponents; default false. */
  readonly magnitudes?: boolean;
  /** A runtime beside us (`onnxCompanion`), which gives every checked node its operands: then no operator has to be evaluated. */
  readonly companion?: Companion;
  readonly onProgress?: OnProgress;
}

/** One node on one target. */
export interface GraphNodeRun {
  readonly node: string;
  readonly op: string;
  /** A kernel of a node that is several: `scores`, `softmax`, `values` of attention in parts, `sum`, `mean` of a mean. */
  readonly part: string | null;
  /** The nodes of the file that this one stands for; empty where it is one of them. */
  readonly from: readonly string[];
  readonly target: string;
  /** The report, without the flags of every row; null: the target has no kernel for this node. */
  readonly report: Omit<Report, 'rowFlags' | 'configuration'> | null;
  /** The earliest failure, or null. */
  readonly first: NumericEvent | null;
  /** Least room of any stage, in bits, unrounded; the stage. Null: all values are zero. */
  readonly headroom: { readonly stage: string; readonly bits: number } | null;
  /** Share of the node's outputs that are 0 on the target and not in binary64. Null for a part that is not the last. */
  readonly underflows: number | null;
  /** Share of the node's outputs that are finite in binary64, and on the target infinite, NaN or cut to the largest number. */
  readonly overflows: number | null;
  /** Signal to noise of the outputs in dB, against binary64 on the same inputs. Null where no output is finite. */
  readonly sqnr: number | null;
}

/** A Clip whose bounds are those of binary16: exporters put it in to cure an overflow, which it hides. */
export interface CureByClip {
  readonly node: string;
  readonly low: number;
  readonly high: number;
}

/** What {@link checkGraph} finds, as plain data. */
export interface GraphCheck {
  readonly bittrue: string;
  readonly schema: 'graph-check/1';
  readonly semantics: number;
  readonly graph: string;
  readonly kernels: readonly GraphKernels[];
  readonly targets: readonly Target[];
  /** What the runs call them: their names, with the unit where one was named. */
  readonly targetNames: readonly string[];
  /** What was fed, by its name and shape. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Nodes that ran here, those that stand for several counted once. */
  readonly nodes: number;
  /** Every run that there was is ok, and there was one. */
  readonly ok: boolean;
  readonly runs: readonly GraphNodeRun[];
  readonly clips: readonly CureByClip[];
  /** Weights that no node reads. */
  readonly unread: readonly string[];
  /** Nodes that no output needs: they did not run. */
  readonly idle: readonly string[];
  /** Nodes with graphs of their own, such as a `Loop`, or an `If` beside a runtime: what lies within was not checked. */
  readonly unchecked: readonly string[];
  /** Nodes that were to be checked, of branches that were not taken. */
  readonly untaken: readonly string[];
  /** Of captured activations: what belongs to which input. */
  readonly captured?: CapturedNotes;
}

/**
 * Evaluates a graph in binary64, decomposed norms, softmax and attention made one node each, and runs the nodes of the
 * kernels asked for on every target too, on the inputs that the graph gives them in binary64: what the model asks of the
 * chip, whatever earlier nodes did.
 *
 * @param feeds - as `evaluate` takes them
 * @throws {@link BittrueError} `unsupported` where the graph has no such node, and as `evaluate`
 * @example
 * import { defineGraph } from 'bittrue/graphs';
 * import { checkGraph } from 'bittrue/studies';
 * const graph = defineGraph({
 *   name: 'pool',
 *   inputs: [{ name: 'x', type: 'float', shape: [1, 1, 'h', 'w'] }],
 *   constants: {},
 *   nodes: [{ name: 'pool', op: 'GlobalAveragePool', inputs: ['x'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * const x = { type: 'float', shape: [1, 1, 256, 256], data: new Float64Array(65536).fill(40) } as const;
 * const check = await checkGraph(graph, { x }, { targets: ['fp16'], kernels: ['sums'] });
 * check.ok; // false
 * check.runs[0].first?.stage; // 'sum'
 */
export async function checkGraph(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  options: GraphCheckOptions,
): Promise<GraphCheck> {
  checkObject('options', options, ['targets', 'kernels', 'magnitudes', 'companion', 'onProgress']);
  const targets = namedTargets(options.targets);
  const kernels = checkKernels(options.kernels ?? ['norms']);
  const { onProgress, companion } = options;
  const magnitudes = checkBoolean('options.magnitudes', options.magnitudes ?? false);
  if (companion !== undefined)
    checkMade('options.companion', companion, ['names', 'values'], 'a companion, as onnxCompanion gives it');
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  const whole = await recognise(graph);
  const wanted = operatorsOf(kernels, whole);
  checkProductUnits('options.targets', targets, whole.nodes, wanted);
  const telling = [...targets].map(([name, target]) => [name, withNaNEvents(target)] as const);
  const runs: GraphNodeRun[] = [];
  const isWhole = kernels.includes('attention');
  const check = (node: Node, inputs: readonly (TypedTensor | undefined)[], ideal: readonly TypedTensor[]): void => {
    for (const [name, target] of telling) {
      for (const run of nodeRuns(node, inputs, ideal[0], { target, magnitudes, isWhole }, name)) runs.push(run);
    }
  };
  const {
    nodes,
    idle,
    untaken = [],
  }: {
    readonly nodes: readonly unknown[];
    readonly idle: readonly string[];
    readonly untaken?: readonly string[];
  } = companion === undefined
    ? await evaluate(whole, feeds, {
        on: ({ op }) =>
          wanted.has(op)
            ? ({ node, inputs, exact }) => {
                const ideal = exact();
                check(node, inputs, ideal);
                return ideal;
              }
            : 'exact',
        onNode: (node, done, total) => onProgress?.({ phase: node.name, done, total }),
      })
    : await evaluateBeside(whole, feeds, wanted, companion, (node, inputs, done, total) => {
        check(node, inputs, computeExactly(node, inputs));
        onProgress?.({ phase: node.name, done, total });
      });
  const left = new Set(untaken);
  const hidden = new Set(['Loop', 'Scan', ...(companion === undefined ? [] : ['If'])]);
  const known = runs.filter(({ report }) => report !== null);
  return {
    bittrue: VERSION,
    schema: 'graph-check/1',
    semantics: SEMANTICS,
    graph: graph.name,
    kernels,
    targets: [...targets.values()],
    targetNames: [...targets.keys()],
    inputs: Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
    nodes: nodes.length,
    ok: known.length > 0 && known.every(({ report }) => report?.ok),
    runs,
    clips: await cures(whole),
    unread: unreadConstants(graph),
    idle,
    unchecked: whole.nodes.filter(({ op }) => hidden.has(op)).map(({ name }) => name),
    untaken: whole.nodes.filter(({ name, op }) => wanted.has(op) && left.has(name)).map(({ name }) => name),
  };
}

/** A node on a target: a run a part, of which the last tells of the outputs. */
function nodeRuns(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  ideal: TypedTensor,
  { isWhole, ...on }: Pick<OnTarget, 'target' | 'magnitudes'> & { readonly isWhole: boolean },
  targetName: string,
): GraphNodeRun[] {
  const { target } = on;
  const { name, op, from = [] } = node;
  const head = { node: name, op, from, target: targetName };
  const nothing = { first: null, headroom: null, underflows: null, overflows: null, sqnr: null };
  if (!hasKernel(node, { target })) return [{ ...head, part: null, report: null, ...nothing }];
  const isKernel = isWhole && op === 'Attention';
  const { outputs, reports } = isKernel
    ? attendOn(node, inputs, { ...on, ...attentionUnits(target), ...whole })
    : runOnTarget(node, inputs, { ...on, reference: true });
  const parts = Object.entries(reports);
  return parts.map(([part, report], i): GraphNodeRun => {
    const { rowFlags: _, configuration: __, ...kept } = report;
    return {
      ...head,
      part: parts.length === 1 ? null : part,
      report: kept,
      first: firstFailure(report),
      headroom: leastRoom(report),
      ...(i === parts.length - 1
        ? figures(outputs[0], ideal, largest(isKernel ? 'vector' : op, target))
        : { underflows: null, overflows: null, sqnr: null }),
    };
  });
}

function leastRoom({ headroom = {} }: Report): GraphNodeRun['headroom'] {
  let least: GraphNodeRun['headroom'] = null;
  for (const [stage, bits] of Object.entries(headroom)) {
    if (bits !== null && (least === null || bits < least.bits)) least = { stage, bits };
  }
  return least;
}

/** How the kernel `attention` runs a node. */
const whole = { method: undefined, cache: null, reference: true, nonFiniteInputs: 'deny' } as const;

/** The units that run it: that of products, and the vector unit. */
function attentionUnits({ defaults }: Target): { readonly unit: string; readonly vectorUnit: string } {
  const vectorUnit = defaults.vector as string;
  return { unit: defaults.matrix ?? vectorUnit, vectorUnit };
}

/** The largest number that a node's outputs can be. */
function largest(op: string, { defaults, matrixUnits, vectorUnits }: Target): number {
  const isProduct = ['MatMul', 'Gemm', 'Attention'].includes(op);
  const matrix = isProduct && defaults.matrix !== undefined ? matrixUnits[defaults.matrix] : undefined;
  if (matrix !== undefined) return matrix.output.format.max;
  const vector = defaults.vector === undefined ? undefined : vectorUnits[defaults.vector];
  return vector?.store.format.max ?? Infinity;
}

/** Outputs on a target beside those in binary64. */
function figures(
  given: TypedTensor,
  ideal: TypedTensor,
  limit: number,
): Pick<GraphNodeRun, 'underflows' | 'overflows' | 'sqnr'> {
  const [data, exact] = [given.data as Float64Array, ideal.data as Float64Array];
  let [underflows, overflows, nonZero, finite, signal, noise] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < exact.length; i++) {
    const [y, x] = [data[i], exact[i]];
    if (!Number.isFinite(x)) continue;
    if (x !== 0) {
      nonZero++;
      if (y === 0) underflows++;
    }
    if (!Number.isFinite(y) || (Math.abs(x) > limit && Math.abs(y) >= limit)) overflows++;
    if (!Number.isFinite(y)) continue;
    finite++;
    signal += x * x;
    noise += (x - y) ** 2;
  }
  return {
    underflows: nonZero === 0 ? 0 : underflows / nonZero,
    overflows: exact.length === 0 ? 0 : overflows / exact.length,
    sqnr: finite === 0 ? null : noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
  };
}

/** Bounds of binary16, or a little within. */
const [LOW, HIGH] = [60_000, 65_504];

async function cures({ nodes, constants }: Graph): Promise<CureByClip[]> {
  const found: CureByClip[] = [];
  const bound = async (name: string | undefined, usual: number): Promise<number> => {
    if (name === undefined || !Object.hasOwn(constants, name)) return usual;
    return Number((await constants[name].read())[0]);
  };
  for (const { name, op, inputs } of nodes) {
    if (op !== 'Clip') continue;
    const [low, high] = [await bound(inputs[1], -Infinity), await bound(inputs[2], Infinity)];
    const isCure = [-low, high].some((limit) => limit >= LOW && limit <= HIGH);
    if (isCure) found.push({ node: name, low, high });
  }
  return found;
}
