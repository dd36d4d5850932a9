/**
 * Captured activations on a chip: every captured input as a graph of the one node that it goes into.
 *
 * @module
 */
import { BittrueError, checkFunction, checkObject, checkRecord } from '../../errors/index.ts';
import { checkCheckpoint } from '../../files/checkpoint.ts';
import { type Checkpoint, readTensor, readTensorBytes } from '../../files/index.ts';
import { type Attribute, type Constant, constantOf, defineGraph, type TypedTensor } from '../../graphs/index.ts';
import {
  type CapturedInput,
  type CapturedInputsOptions,
  type CapturedOperand,
  capturedInputs,
  tensorsOf,
} from '../../models/captured.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { capturedKeys } from '../captured/options.ts';
import type { OnProgress } from '../progress.ts';
import { checkGraph, type GraphCheck, type GraphNodeRun } from './checkGraph.ts';
import type { GraphKernels } from './graphKernels.ts';
import { namedTargets } from './namedTargets.ts';

/** What {@link checkCaptured} may be told. */
export interface CapturedCheckOptions extends CapturedInputsOptions {
  readonly targets: readonly (Target | TargetName)[];
  /** Whether to count the results of every stage by their exponents; default false. */
  readonly magnitudes?: boolean;
  readonly onProgress?: OnProgress;
}

const groups: Readonly<Record<CapturedInput['kernel'], GraphKernels>> = {
  layerNorm: 'norms',
  rmsNorm: 'norms',
  softmax: 'softmax',
  linear: 'matmul',
  attention: 'attention',
};

/**
 * Runs every captured input through the kernel that it went into, on every target, its last axis a row: the table of
 * `checkGraph`, a node an input. Inputs are read one after the other.
 *
 * @param capture - as `openTensors`, `readSafetensors` or the reader of .npz gives it
 * @throws {@link BittrueError} `name` where no kernel is known for any tensor, or a pattern matches none; `shape` for γ, β and weights
 *   that do not fit; as the readers and `checkGraph`
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * import { checkCaptured } from 'bittrue/studies';
 * const x = Float32Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));
 * const bytes = writeSafetensors({ 'h.0.ln_1.input': { data: x, shape: [1, 768] } });
 * const capture = readSafetensors(memorySource(bytes, 'acts.safetensors'));
 * const check = await checkCaptured(capture, { targets: ['fp16'], kernel: 'layerNorm' });
 * check.runs[0].first?.stage; // 'square'
 */
export async function checkCaptured(capture: Checkpoint, options: CapturedCheckOptions): Promise<GraphCheck> {
  checkCheckpoint(capture);
  const keys = [...capturedKeys, 'targets', 'magnitudes', 'onProgress'];
  const {
    onProgress,
    model = null,
    targets,
    magnitudes = false,
  } = checkObject('options', options, keys) as unknown as CapturedCheckOptions;
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  if (model !== null) checkCheckpoint(model);
  const { config = null } = options;
  if (config !== null) checkRecord('options.config', config, 'the object of a config.json');
  const named = namedTargets(targets);
  const { inputs, unread, withoutWeights } = capturedInputs(capture, options);
  const runs: GraphNodeRun[] = [];
  const shapes: Record<string, readonly number[]> = {};
  const checks: GraphCheck[] = [];
  for (const [done, input] of inputs.entries()) {
    onProgress?.({ phase: input.name, done, total: inputs.length });
    const { graph, feeds } = graphOf(capture, model, input);
    // A graph of one kernel: all of it is attention's parts, where its own name is the whole.
    const kernels = [input.kernel === 'attention' ? 'all' : groups[input.kernel]] as const;
    const check = await checkGraph(graph, feeds, { targets, magnitudes, kernels });
    checks.push({ ...check, runs: [] });
    for (const run of check.runs) runs.push(run);
    Object.assign(shapes, check.inputs);
  }
  const used = inputs.flatMap(({ gamma, beta, weight }) => [gamma, beta, weight]).filter((one) => one?.of === 'model');
  const known = runs.filter(({ report }) => report !== null);
  return {
    ...checks[0],
    graph: capture.name,
    kernels: [...new Set(inputs.map(({ kernel }) => groups[kernel]))],
    targets: [...named.values()],
    targetNames: [...named.keys()],
    inputs: shapes,
    nodes: inputs.length,
    ok: known.length > 0 && known.every(({ report }) => report?.ok),
    runs: [...named.keys()].flatMap((name) => runs.filter(({ target }) => target === name)),
    captured: {
      inputs,
      unread,
      withoutWeights,
      model:
        model === null
          ? null
          : { name: model.name, tensors: model.entries.size, read: new Set(used.map((one) => one?.name)).size },
    },
  };
}

interface Fed {
  readonly graph: ReturnType<typeof defineGraph>;
  readonly feeds: Readonly<Record<string, TypedTensor>>;
}

/** A graph of one node. */
function graphOf(capture: Checkpoint, model: Checkpoint | null, input: CapturedInput): Fed {
  const { name, kernel } = input;
  const tensor = (operand: CapturedOperand): TypedTensor =>
    typed(operand.of === 'model' ? (model as Checkpoint) : capture, operand.name);
  if (kernel === 'attention') return attentionGraph(capture, input);
  const given = typed(capture, name);
  const width = given.shape[given.shape.length - 1] ?? 0;
  if (given.data.length === 0) {
    const axes = `[${given.shape.join(', ')}]`;
    throw new BittrueError('shape', `${capture.name}: ${name}`, axes, 'at least one row of at least one number');
  }
  const x = { ...given, shape: kernel === 'linear' ? [given.data.length / width, width] : given.shape };
  if (kernel === 'softmax') return made(name, 'Softmax', { [name]: x }, {}, { axis: -1 });
  if (kernel === 'linear') {
    const { weight, attributes } = weightOf(tensor(input.weight as CapturedOperand), width, input, model);
    return made(name, 'Gemm', { [name]: x }, { weight }, attributes);
  }
  const vectors: Record<string, TypedTensor> = {};
  for (const part of ['gamma', 'beta'] as const) {
    const operand = input[part];
    if (operand === null) continue;
    const found = tensor(operand);
    if (found.data.length !== width) {
      throw new BittrueError('shape', operand.name, `${found.data.length} numbers`, `${width}, as ${name} is wide`);
    }
    vectors[part] = { ...found, shape: [width] };
  }
  // ONNX asks for a γ.
  vectors.gamma ??= { type: 'double', shape: [width], data: new Float64Array(width).fill(1) };
  if (input.plusOne) {
    vectors.gamma = { ...vectors.gamma, data: Float64Array.from(vectors.gamma.data as Float64Array, (one) => 1 + one) };
  }
  const operator = kernel === 'layerNorm' ? 'LayerNormalization' : 'RMSNormalization';
  return made(name, operator, { [name]: x }, vectors, { axis: -1, epsilon: input.epsilon as number });
}

/** [N, K], as torch keeps it, or [K, N] where only that fits or GPT-2's Conv1D has it. */
function weightOf(
  weight: TypedTensor,
  width: number,
  { name, inOut, weight: operand }: CapturedInput,
  model: Checkpoint | null,
): { weight: TypedTensor; attributes: Record<string, Attribute> } {
  const [rows, columns] = weight.shape;
  const isInOut = inOut || (rows === width && columns !== width);
  if (weight.shape.length !== 2 || (isInOut ? rows : columns) !== width) {
    const from = operand?.of === 'model' ? `${model?.name}: ${operand.name}` : `${operand?.name}`;
    throw new BittrueError(
      'shape',
      from,
      `[${weight.shape.join(', ')}]`,
      isInOut ? `[${width}, outputs], as ${name} is wide` : `[outputs, ${width}], as ${name} is wide`,
    );
  }
  return { weight, attributes: { transB: isInOut ? 0 : 1 } };
}

function attentionGraph(capture: Checkpoint, input: CapturedInput): Fed {
  const { name, scale, causal } = input;
  const feeds: Record<string, TypedTensor> = {};
  for (const one of tensorsOf(input, capture.entries)) {
    const isMask = /\.mask(#\d+)?$/.test(one);
    const given = isMask && capture.entries.get(one)?.dtype === 'BOOL' ? truths(capture, one) : typed(capture, one);
    // Heads without a batch before them.
    feeds[one] = given.shape.length === 3 && !isMask ? { ...given, shape: [1, ...given.shape] } : given;
    if (!isMask && (given.shape.length < 3 || given.shape.length > 4 || given.data.length === 0)) {
      const axes = `[${given.shape.join(', ')}]`;
      throw new BittrueError('shape', `${capture.name}: ${one}`, axes, '[batch, heads, positions, width]');
    }
  }
  const attributes = { ...(scale === null ? {} : { scale }), is_causal: causal ? 1 : 0 };
  return made(name, 'Attention', feeds, {}, attributes);
}

/** A graph of one node and what it is fed. */
function made(
  name: string,
  op: string,
  feeds: Readonly<Record<string, TypedTensor>>,
  operands: Readonly<Record<string, TypedTensor>>,
  attributes: Readonly<Record<string, Attribute>>,
): Fed {
  const inside = (word: string): string => `${name} ${word}`;
  const constants: Record<string, Constant> = {};
  for (const [word, tensor] of Object.entries(operands)) constants[inside(word)] = constantOf(tensor);
  const inputs = Object.entries(feeds).map(([one, { type, shape }]) => ({ name: one, type, shape }));
  const reads = [...Object.keys(feeds), ...['weight', 'gamma', 'beta'].filter((word) => word in operands).map(inside)];
  const node = { name, op, inputs: reads, outputs: [inside('output')], attributes };
  return { graph: defineGraph({ name, inputs, constants, nodes: [node], outputs: [inside('output')] }), feeds };
}

function typed(checkpoint: Checkpoint, name: string): TypedTensor {
  const { data, shape } = readTensor(checkpoint, name);
  return { type: 'double', shape, data };
}

function truths(checkpoint: Checkpoint, name: string): TypedTensor {
  const { shape } = checkpoint.entries.get(name) as { shape: readonly number[] };
  return { type: 'bool', shape, data: Uint8Array.from(readTensorBytes(checkpoint, name)) };
}
