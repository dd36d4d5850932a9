/**
 * A graph evaluated: node by node, exactly or on a target.
 *
 * @module
 */
import { BittrueError, checkFunction, checkList, checkObject, isReadable } from '../errors/index.ts';
import type { Report } from '../events/index.ts';
import { elementKind } from '../graphs/elementTypes.ts';
import { checkMadeGraph, elementCount, valuesRead } from '../graphs/graph.ts';
import type { ElementArray, Graph, Node, TypedTensor } from '../graphs/index.ts';
import { castType } from '../graphs/shapes/rules.ts';
import { unknownAttributes } from './attributeNames.ts';
import { isTrue } from './choice.ts';
import { checkFeeds } from './feeds.ts';
import { checkHow } from './how.ts';
import { hasKernel, type OnTarget, runOnTarget } from './onTarget.ts';
import { moving, operators } from './operators.ts';
import { isQuantized } from './quantization.ts';

/** What a node's own function is given: the operands, and what exact evaluation makes of them. */
export interface NodeCall {
  readonly node: Node;
  readonly inputs: readonly (TypedTensor | undefined)[];
  /** @throws {@link BittrueError} for an operator that is not evaluated here */
  exact(): readonly TypedTensor[];
}

/** Computes a node in the place of evaluation. */
export type NodeFunction = (call: NodeCall) => readonly TypedTensor[] | Promise<readonly TypedTensor[]>;

/** How a node is computed: in binary64, on a unit of a target, or by a function. */
export type How = 'exact' | OnTarget | NodeFunction;

/** How {@link evaluate} runs. */
export interface EvaluateOptions {
  /** How each node is computed; default `exact` for all. */
  readonly on?: (node: Node) => How;
  /** Names of values between nodes that the result is to hold too. */
  readonly keep?: readonly string[];
  /** Called after every node. */
  readonly onNode?: (node: Node, done: number, total: number) => void;
}

/** What happened at a node. */
export interface NodeRun {
  readonly name: string;
  readonly op: string;
  readonly how: 'exact' | 'target' | 'function';
  /** Reports of the kernels that ran, by what they are a part of; of nodes on a target. */
  readonly reports?: Readonly<Record<string, Report>>;
  /** Why a node for a target is exact: it moves data, or the target has no kernel for it. */
  readonly because?: 'moves data' | 'no kernel';
}

/** What {@link evaluate} gives. */
export interface Evaluation {
  /** The graph's outputs, and what was to be kept. */
  readonly outputs: Readonly<Record<string, TypedTensor>>;
  /** Nodes in the order in which they ran. */
  readonly nodes: readonly NodeRun[];
  /** Nodes that no output needs: they did not run. */
  readonly idle: readonly string[];
  /** Nodes of branches that were not taken: they did not run. */
  readonly untaken: readonly string[];
  /** Casts between float types, to 16 bits or more, which exact evaluation leaves out. */
  readonly casts: readonly string[];
}

/**
 * Evaluates a graph. *Exact*: numbers of every float type are binary64, a Cast to a float type of 16 bits or more is the
 * identity; Cast to integers and to 8 bits or fewer, QuantizeLinear and DequantizeLinear are computed as defined; integers keep their width and wrap. A value is
 * freed after its last use, a constant read for each.
 *
 * @param feeds - a tensor for every input of the graph, of its type
 * @throws {@link BittrueError} `unsupported` for operators that are not evaluated, all of them at once, by name; `shape`,
 *   `type`, `range` and `value` for operands that do not fit, with the node's name
 * @example
 * import { evaluate } from 'bittrue/evaluation';
 * import { defineGraph } from 'bittrue/graphs';
 * const graph = defineGraph({
 *   name: 'halves',
 *   inputs: [{ name: 'x', type: 'float', shape: ['n', 2] }],
 *   constants: {},
 *   nodes: [{ name: 's', op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * const x = { type: 'float', shape: [1, 2], data: Float64Array.of(3, 3) } as const;
 * const { outputs } = await evaluate(graph, { x });
 * [...outputs.y.data]; // [0.5, 0.5]
 */
export async function evaluate(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const walk = walkThrough(graph, feeds, options);
  let step = walk.next();
  while (!step.done) {
    // Not await in the call: what a promise is rejected with is the caller's, not the walk's.
    const value = await step.value;
    step = walk.next(value);
  }
  return step.value;
}

/**
 * As {@link evaluate}, at once: for graphs whose constants are in memory, and functions that give no promise.
 *
 * @throws {@link BittrueError} as {@link evaluate}; `unsupported` for what would have to be waited for
 */
export function evaluateInMemory(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  options: EvaluateOptions = {},
): Evaluation {
  const step = walkThrough(graph, feeds, options).next();
  if (step.done) return step.value;
  // Whoever made the promise may reject it: nobody else will hear of that.
  Promise.resolve(step.value).catch(() => undefined);
  throw new BittrueError(
    'unsupported',
    graph.name,
    'a promise',
    'constants in memory, and functions of nodes that give their outputs at once',
  );
}

/** The walk from node to node: yields each promise that it has to wait for, and is given what the promise held. */
type Walk<T> = Generator<Promise<unknown>, T, unknown>;

function* walkThrough(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  options: EvaluateOptions,
): Walk<Evaluation> {
  checkMadeGraph(graph);
  checkObject('options', options, ['on', 'keep', 'onNode']);
  const { on = () => 'exact' as const, onNode } = options;
  checkFunction('options.on', on);
  if (onNode !== undefined) checkFunction('options.onNode', onNode);
  const wanted = [...graph.outputs, ...(checkList('options.keep', options.keep ?? []) as readonly string[])];
  const values = new Map(Object.entries(checkFeeds(graph, feeds)));
  const nodes = neededFor(graph, wanted);
  const hows = nodes.map((node) => checkHow(on(node)));
  refuseUnknown(graph, nodes, hows);
  const uses = new Map<string, number>();
  for (const value of wanted) uses.set(value, Infinity);
  for (const node of nodes) for (const input of valuesRead(node)) uses.set(input, (uses.get(input) ?? 0) + 1);
  const untaken = new Set<string>();
  const left: string[] = [];
  const ran: NodeRun[] = [];
  const casts: string[] = [];
  for (const [i, node] of nodes.entries()) {
    let outputs: readonly TypedTensor[] = [];
    const runs = yield* holds(graph, values, node, untaken);
    if (runs) {
      const inputs: (TypedTensor | undefined)[] = [];
      for (const [place, input] of node.inputs.entries()) {
        const isAbsent = untaken.has(input);
        inputs.push(isAbsent ? undefined : yield* namedValue(graph, values, input, isReadOnly(node, hows[i], place)));
      }
      const found = yield* runNode(node, inputs, hows[i]);
      outputs = found.outputs;
      ran.push(found.run);
      if (isFloatCast(node, inputs) && found.run.how === 'exact') casts.push(node.name);
    } else {
      left.push(node.name);
      for (const output of node.outputs) untaken.add(output);
    }
    for (const input of valuesRead(node)) {
      const rest = (uses.get(input) as number) - 1;
      uses.set(input, rest);
      if (rest === 0) values.delete(input);
    }
    node.outputs.forEach((output, k) => {
      if (!runs || output === '' || !uses.has(output)) return;
      const made = outputs[k];
      if (made === undefined)
        throw new BittrueError('unsupported', node.name, `output ${k}`, `outputs that ${node.op} has here`);
      if (!made.shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
        throw new BittrueError('shape', node.name, `[${made.shape.join(', ')}]`, 'axes of whole lengths from 0 on');
      }
      if (made.data.length !== elementCount(made.shape)) {
        throw new BittrueError(
          'shape',
          node.name,
          `${made.data.length} elements for [${made.shape.join(', ')}]`,
          'as many as the shape has',
        );
      }
      values.set(output, made);
    });
    onNode?.(node, i + 1, nodes.length);
  }
  const found: [string, TypedTensor][] = [];
  for (const value of wanted) found.push([value, (yield* namedValue(graph, values, value)) as TypedTensor]);
  const needed = new Set(nodes);
  const idle = graph.nodes.filter((node) => !needed.has(node)).map(({ name }) => name);
  return { outputs: Object.fromEntries(found), nodes: ran, idle, untaken: left, casts };
}

/** Whether a node runs. Conditions of branches around it come first: within one that is not taken there are no others. */
function* holds(
  graph: Graph,
  values: ReadonlyMap<string, TypedTensor>,
  { when = [] }: Node,
  untaken: ReadonlySet<string>,
): Walk<boolean> {
  for (const { value, is } of when) {
    if (untaken.has(value) || isTrue(yield* namedValue(graph, values, value)) !== is) return false;
  }
  return true;
}

/** A value that was made, or a constant, read. */
export async function valueNamed(
  graph: Graph,
  values: ReadonlyMap<string, TypedTensor>,
  name: string,
): Promise<TypedTensor | undefined> {
  const walk = namedValue(graph, values, name);
  const step = walk.next();
  return step.done ? step.value : (walk.next(await step.value).value as TypedTensor);
}

/** Whether an operand is only multiplied or copied from: then a large matrix of binary32 numbers need not be widened first. */
function isReadOnly({ op }: Node, how: How, place: number): boolean {
  if (typeof how === 'function') return false;
  return op === 'Gather' ? place === 0 : (op === 'Gemm' || op === 'MatMul') && place === 1;
}

function* namedValue(
  graph: Graph,
  values: ReadonlyMap<string, TypedTensor>,
  name: string,
  asStored = false,
): Walk<TypedTensor | undefined> {
  if (name === '') return undefined;
  const made = values.get(name);
  if (made !== undefined) return made;
  if (!Object.hasOwn(graph.constants, name)) throw new BittrueError('name', graph.name, name, 'a value of the graph');
  const constant = graph.constants[name];
  const { type, shape } = constant;
  const data = constant.held ?? ((yield constant.read()) as ElementArray);
  const isNarrow = !asStored && elementKind(type) === 'float' && !(data instanceof Float64Array);
  return { type, shape, data: isNarrow ? new Float64Array(data as Float32Array) : data };
}

function* runNode(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  how: How,
): Walk<{ outputs: readonly TypedTensor[]; run: NodeRun }> {
  const { name, op } = node;
  const exact = (): readonly TypedTensor[] => computeExactly(node, inputs);
  if (how === 'exact') return { outputs: exact(), run: { name, op, how } };
  if (typeof how === 'function') {
    const given = how({ node, inputs, exact });
    const outputs = isPromise(given) ? yield given : given;
    return {
      outputs: checkList(`${name}: outputs`, outputs) as readonly TypedTensor[],
      run: { name, op, how: 'function' },
    };
  }
  const isMoving = moving.has(op) || (op === 'Cast' && elementKind(inputs[0]?.type ?? 'float') !== 'float');
  if (isMoving || !hasKernel(node, how)) {
    return { outputs: exact(), run: { name, op, how: 'exact', because: isMoving ? 'moves data' : 'no kernel' } };
  }
  const { outputs, reports } = runOnTarget(node, inputs, how);
  return { outputs, run: { name, op, how: 'target', reports } };
}

/**
 * What exact evaluation makes of a node's operands.
 *
 * @throws {@link BittrueError} as {@link evaluate}
 */
export function computeExactly(node: Node, inputs: readonly (TypedTensor | undefined)[]): readonly TypedTensor[] {
  const operator = operators.get(node.op);
  if (operator === undefined) {
    throw new BittrueError(
      'unsupported',
      node.name,
      node.op,
      `an operator that is evaluated: ${[...operators.keys()].join(', ')}`,
    );
  }
  try {
    return operator(node, inputs);
  } catch (error) {
    if (error instanceof BittrueError || !(error instanceof TypeError || error instanceof RangeError)) throw error;
    // An operator reads operands as those that ONNX has for it: bigints meet numbers where a model's types do not fit.
    const told = inputs.map((input) => (input === undefined ? 'nothing' : `${input.type} [${input.shape.join(', ')}]`));
    throw new BittrueError(
      'type',
      node.name,
      `${told.join(', ') || 'no operands'} (${error.message})`,
      `operands as ${node.op} of ONNX takes them`,
    );
  }
}

/** The nodes that some values need, in their order. */
function neededFor({ nodes }: Graph, wanted: readonly string[]): readonly Node[] {
  const needed = new Set(wanted);
  const found: Node[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!nodes[i].outputs.some((output) => needed.has(output))) continue;
    found.push(nodes[i]);
    for (const input of valuesRead(nodes[i])) needed.add(input);
  }
  return found.reverse();
}

/** Tells all operators at once that cannot be computed as asked. */
function refuseUnknown({ name }: Graph, nodes: readonly Node[], hows: readonly How[]): void {
  const unknown = new Map<string, string[]>();
  const note = (op: string, node: string): void => {
    const known = unknown.get(op);
    if (known === undefined) unknown.set(op, [node]);
    else known.push(node);
  };
  nodes.forEach((node, i) => {
    const how = hows[i];
    // Of a branch a run knows first whether it is taken.
    if (typeof how === 'function' || node.when !== undefined) return;
    if (how === 'exact' || how.otherwise === 'exact' || moving.has(node.op)) {
      if (!operators.has(node.op) && (how === 'exact' || !hasKernel(node, how))) note(node.op, node.name);
    } else if (!hasKernel(node, how)) note(`${node.op} on ${how.target.name}`, node.name);
    if (operators.has(node.op)) {
      for (const attribute of unknownAttributes(node)) note(`attribute ${attribute} of ${node.op}`, node.name);
    }
  });
  if (unknown.size === 0) return;
  const told = [...unknown].map(
    ([op, names]) => `${op} (${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''})`,
  );
  throw new BittrueError(
    'unsupported',
    name,
    told.join(', '),
    "operators that can be computed; `on` may give a function for a node, or otherwise: 'exact' for what a target lacks",
  );
}

function isPromise(given: unknown): given is Promise<unknown> {
  return isReadable(given) && typeof (given as Partial<Promise<unknown>>).then === 'function';
}

function isFloatCast(node: Node, [x, like]: readonly (TypedTensor | undefined)[]): boolean {
  if ((node.op !== 'Cast' && node.op !== 'CastLike') || x === undefined || elementKind(x.type) !== 'float')
    return false;
  const type = node.op === 'Cast' ? castType(node) : (like?.type ?? null);
  return type !== null && elementKind(type) === 'float' && !isQuantized(type);
}
