/**
 * A graph on chips, an ONNX file's or any other: as `simulate`, on inputs that are given.
 *
 * @module
 */
import { evaluate, type How } from '../../evaluation/index.ts';
import { kernelOperators, runOnTarget, type TargetRun } from '../../evaluation/onTarget.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { numberOf } from '../../graphs/attributes.ts';
import { elementKind } from '../../graphs/elementTypes.ts';
import { type Graph, type Node, recognise, type TypedTensor } from '../../graphs/index.ts';
import { transposed } from '../../tensors/transposed.ts';
import { Noise } from '../check/noise.ts';
import { type Chip, simulatedOperators } from './chip.ts';
import { openSimulation, type SimulateOptions } from './simulate.ts';
import { resultOf, type SimulatedTarget, type Watched, watch } from './watch.ts';

/** What an output of a graph is off from binary64. */
export interface GraphOutputError {
  readonly name: string;
  /** Signal to noise in dB; null: nothing finite, or no numbers. */
  readonly sqnr: number | null;
  /** The largest difference of those that are finite; NaN where none is. */
  readonly largest: number;
  /** Numbers that are not finite. */
  readonly nonFinite: number;
}

/** A graph on one chip. */
export interface SimulatedGraph extends Omit<SimulatedTarget, 'perplexity' | 'logits'> {
  readonly outputs: readonly GraphOutputError[];
}

/** What {@link simulateGraph} finds, as plain data. */
export interface GraphSimulation {
  readonly bittrue: string;
  readonly schema: 'graph-simulation/1';
  readonly semantics: number;
  readonly graph: string;
  readonly weights: string | null;
  readonly cache: string | null;
  /** What was fed, by its name and shape. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly targets: readonly SimulatedGraph[];
  /** Operators that are exact on every chip. */
  readonly exact: readonly string[];
}

/** Operators that a chip may run. */
const operators: ReadonlySet<string> = /* @__PURE__ */ new Set([...simulatedOperators, ...kernelOperators]);

/**
 * Runs a graph on chips, decomposed norms, softmax and attention made one node each: every node computes on what the nodes before it
 * gave on that chip, and is held against the same node in binary64. Products with a matrix of weights run as linear layers of
 * `simulate` do, an Attention node by the kernel `attention`; products of two activations run on the unit of attention.
 *
 * @param feeds - as `evaluate` takes them
 * @throws {@link BittrueError} as `evaluate`; `name` for a chip of several units of which none is named
 * @example
 * import { defineGraph } from 'bittrue/graphs';
 * import { simulateGraph } from 'bittrue/studies';
 * const graph = defineGraph({
 *   name: 'square',
 *   inputs: [{ name: 'x', type: 'float', shape: [1, 2] }],
 *   constants: {},
 *   nodes: [{ name: 'square', op: 'Mul', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * const x = { type: 'float', shape: [1, 2], data: Float64Array.of(3, 300) } as const;
 * const { targets } = await simulateGraph(graph, { x }, { targets: ['fp16'] });
 * targets[0]?.first?.event.kind; // 'overflow'
 */
export async function simulateGraph(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  options: SimulateOptions,
): Promise<GraphSimulation> {
  const whole = await recognise(graph);
  const { chips, weights, cache, headroom, onProgress } = openSimulation(options, whole);
  const exact = new Set<string>();
  const ideal = new Map<string, Float64Array>();
  const real = await evaluate(whole, feeds, {
    on: ({ op }) => {
      if (!operators.has(op)) exact.add(op);
      if (!operators.has(op)) return 'exact';
      return (call) => {
        const outputs = call.exact();
        const [first] = outputs;
        if (first?.data instanceof Float64Array) ideal.set(call.node.name, first.data);
        return outputs;
      };
    },
    onNode: (node, done, total) => onProgress?.({ phase: `binary64: ${node.name}`, done, total }),
  });
  const targets: SimulatedGraph[] = [];
  for (const chip of chips) {
    const watched = new Map<string, Watched>();
    const on = ({ op }: Node): How => {
      if (!operators.has(op)) return 'exact';
      return ({ node, inputs, exact: computed }) => {
        // Integers, such as those of shapes, are no numbers of a chip's units.
        if (inputs.some((input) => input !== undefined && elementKind(input.type) !== 'float')) return computed();
        const run = runGraphNode(chip, node, inputs, headroom);
        const outputs = typeof run === 'string' ? computed() : run.outputs;
        const output = outputs[0]?.data;
        if (output instanceof Float64Array) watch(watched, node, run, ideal.get(node.name) ?? null, output);
        return outputs;
      };
    };
    const { outputs } = await evaluate(whole, feeds, {
      on,
      onNode: (node, done, total) => onProgress?.({ phase: `${chip.name}: ${node.name}`, done, total }),
    });
    const errors = Object.entries(outputs).map(([name, found]) =>
      errorOf(name, found, real.outputs[name] as TypedTensor),
    );
    const { perplexity: _, logits: __, ...told } = resultOf(chip, watched, 1, null);
    targets.push({ ...told, ok: told.ok && errors.every(({ nonFinite }) => nonFinite === 0), outputs: errors });
  }
  return {
    bittrue: VERSION,
    schema: 'graph-simulation/1',
    semantics: SEMANTICS,
    graph: graph.name,
    weights,
    cache,
    inputs: Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
    targets,
    exact: [...exact].sort(),
  };
}

/** A node on a chip, or why it is exact. */
export function runGraphNode(
  chip: Chip,
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  reference: boolean,
): TargetRun | string {
  if (node.op !== 'Gemm' && node.op !== 'MatMul') return chip.run(node, inputs);
  const [x, weight, bias] = inputs;
  const isTurned = node.op === 'Gemm' && numberOf(node, 'transB', 0) === 1;
  const isPlain =
    node.op === 'MatMul' || ['transA', 'alpha', 'beta'].every((key, i) => numberOf(node, key, i && 1) === (i && 1));
  const [k, n] = isTurned ? [weight?.shape[1], weight?.shape[0]] : [weight?.shape[0], weight?.shape[1]];
  const isBias = bias === undefined || (bias.shape.length === 1 && bias.shape[0] === n);
  if (isPlain && isBias && weight?.shape.length === 2 && x !== undefined && x.shape.length > 0 && k && n) {
    const data = weight.data as Float64Array;
    const turned = { ...weight, shape: [n, k], data: isTurned ? data : transposed(data, k, n) };
    const rows = { ...x, shape: [(x.data as Float64Array).length / k, k] };
    const run = chip.run({ ...node, op: 'Gemm' }, [rows, turned, bias]);
    if (typeof run === 'string') return run;
    const [made] = run.outputs as [TypedTensor];
    return { ...run, outputs: [{ ...made, shape: [...x.shape.slice(0, -1), n] }] };
  }
  if (!isPlain || chip.products === null) return 'no kernel';
  return runOnTarget(node, inputs, { ...chip.products, reference });
}

function errorOf(name: string, found: TypedTensor, real: TypedTensor): GraphOutputError {
  if (!(found.data instanceof Float64Array) || !(real.data instanceof Float64Array)) {
    return { name, sqnr: null, largest: Number.NaN, nonFinite: 0 };
  }
  const noise = new Noise();
  noise.add(found.data, real.data);
  let largest = Number.NaN;
  let nonFinite = 0;
  found.data.forEach((y, i) => {
    if (!Number.isFinite(y)) nonFinite += 1;
    const off = Math.abs(y - (real.data as Float64Array)[i]);
    if (Number.isFinite(off) && !(off <= largest)) largest = off;
  });
  return { name, sqnr: noise.sqnr(), largest, nonFinite };
}
