/**
 * How a GEMM plan ends the sums of a model's linear layers: its epilogue over the graph's own nodes.
 *
 * @module
 */
import type { Engine } from '../../engine/index.ts';
import { BittrueError } from '../../errors/index.ts';
import type { Report } from '../../events/index.ts';
import type { Graph, Node } from '../../graphs/index.ts';
import { checkEpilogue } from '../../kernels/epilogue.ts';
import { openGemmPlan } from '../../kernels/gemmPlan.ts';
import { type Epilogue, epilogue, type GemmWithEpilogue, type UnaryFunction } from '../../kernels/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import type { FloatArray } from '../../tensors/index.ts';
import { activationOf } from './activations.ts';

/** A chip as a simulation takes it: a target with its unit, or a GEMM plan, which says how its linear layers run. */
export type SimulatedOn = Target | TargetName | GemmWithEpilogue;

/** A plan, taken apart. */
export interface OpenPlan {
  /** Where linear layers run. */
  readonly target: Target;
  /** The chip as it is, where all else runs. */
  readonly chip: Target;
  readonly epilogue: Epilogue | null;
}

/** Takes a plan apart, and checks that a model's layers can end so. */
export function openPlan(argument: string, given: GemmWithEpilogue): OpenPlan {
  const { target, epilogue: ending } = openGemmPlan(argument, given);
  const chip = givenTarget(`${argument}.target`, given.target);
  if (ending === undefined) return { target, chip, epilogue: null };
  const at = `${argument}.epilogue`;
  checkEpilogue(at, ending);
  for (const factor of ['alpha', 'beta'] as const) {
    const x = ending[factor] ?? 1;
    if (x !== 1)
      throw new BittrueError('unsupported', `${at}.${factor}`, x, '1: with another factor it is another model');
  }
  if (ending.bias === 'rows')
    throw new BittrueError('unsupported', `${at}.bias`, 'rows', 'columns: outputs of a layer');
  if (ending.bias !== undefined && ending.beta !== undefined) {
    throw new BittrueError('unsupported', `${at}.bias`, ending.bias, 'beta or bias: a layer has one of them to add');
  }
  return { target, chip, epilogue: ending };
}

/** Products of a graph behind which the epilogue's function stands, and the nodes that are these functions. */
export interface Fused {
  readonly products: ReadonlySet<string>;
  readonly activations: ReadonlySet<string>;
}

/** Where a graph has a product whose output goes into this function, and nowhere else. */
export function fusedIn(graph: Graph | null, wanted: UnaryFunction | undefined): Fused {
  const [products, activations] = [new Set<string>(), new Set<string>()];
  if (graph === null || wanted === undefined) return { products, activations };
  const makers = new Map<string, Node>();
  const readers = new Map<string, number>();
  for (const node of graph.nodes) {
    if (node.op === 'Gemm' || node.op === 'MatMul') makers.set(node.outputs[0] as string, node);
    for (const name of node.inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  for (const name of graph.outputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const node of graph.nodes) {
    const [from = ''] = node.inputs;
    const product = makers.get(from);
    if (product === undefined || readers.get(from) !== 1 || activationOf(node) !== wanted) continue;
    products.add(product.name);
    activations.add(node.name);
  }
  return { products, activations };
}

/** Sums that are ended. */
export interface Ended {
  readonly output: Float64Array;
  /** Null: the epilogue has no operation here. */
  readonly report: Report | null;
}

const operations = ['scale', 'source', 'add', 'bias', 'activation'] as const;
const epilogueKeys = ['alpha', 'beta', 'fused', 'bias', 'activation', 'rounding', 'load', 'output'] as const;

/** An epilogue without some of its fields, and without roundings of operations that it then lacks; null: nothing is left. */
function without(given: Epilogue, left: readonly (typeof epilogueKeys)[number][]): Epilogue | null {
  const kept = epilogueKeys.filter((key) => given[key] !== undefined && !left.includes(key));
  const fields = Object.fromEntries(kept.map((key) => [key, given[key]])) as Epilogue;
  const has = {
    scale: fields.alpha !== undefined && fields.fused !== true,
    source: fields.beta !== undefined,
    add: fields.beta !== undefined,
    bias: fields.bias !== undefined,
    activation: fields.activation !== undefined,
  };
  const isAny = fields.alpha !== undefined || fields.output !== undefined || operations.some((name) => has[name]);
  if (!isAny) return null;
  const roundings = Object.fromEntries(
    operations.flatMap((name) => {
      const own = given.roundings?.[name];
      return has[name] && own !== undefined ? [[name, own]] : [];
    }),
  );
  return { ...fields, ...(Object.keys(roundings).length === 0 ? {} : { roundings }) };
}

function ended(
  sums: Float64Array,
  width: number,
  own: Epilogue | null,
  more: {
    readonly c?: Float64Array;
    readonly bias?: FloatArray;
    readonly reference: boolean;
    readonly engine?: Engine;
  },
): Ended {
  if (own === null) return { output: sums, report: null };
  return epilogue(sums, { rows: sums.length / Math.max(1, width), width, epilogue: own, ...more });
}

/**
 * A layer's sums, [rows, outputs], by the epilogue: its bias is C in every row where the epilogue has `beta`, as PyTorch's addmm has
 * it. What comes behind a function that the graph has in a node of its own is left to `endActivation`, so that the bits are
 * those of one epilogue, and each node has its own events and errors.
 */
export function endSums(
  given: Epilogue,
  sums: Float64Array,
  outputs: number,
  bias: FloatArray | null,
  isFused: boolean,
  on: { readonly reference: boolean; readonly engine?: Engine },
): Ended {
  const none = bias === null ? (['beta', 'fused', 'bias'] as const) : [];
  const own = without(given, [...none, 'activation', ...(isFused ? (['output'] as const) : [])]);
  const rows = sums.length / Math.max(1, outputs);
  const c = own?.beta === undefined || bias === null ? {} : { c: inEachRow(rows, bias) };
  return ended(sums, outputs, own, { ...on, ...c, ...(own?.bias === undefined || bias === null ? {} : { bias }) });
}

/** The function behind a product, and how its results are written. */
export function endActivation(
  given: Epilogue,
  x: Float64Array,
  width: number,
  on: { readonly reference: boolean; readonly engine?: Engine },
): Ended {
  return ended(x, width, without(given, ['alpha', 'beta', 'fused', 'bias', 'load']), on);
}

/** A bias, so many times. */
export function inEachRow(rows: number, bias: FloatArray): Float64Array {
  const out = new Float64Array(rows * bias.length);
  for (let r = 0; r < rows; r++) out.set(bias, r * bias.length);
  return out;
}
