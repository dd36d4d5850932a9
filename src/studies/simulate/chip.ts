/**
 * What of a model runs where on a chip.
 *
 * @module
 */
import type { Engine } from '../../engine/index.ts';
import { hasKernel, runOnTarget, type TargetRun } from '../../evaluation/onTarget.ts';
import type { Format } from '../../formats/index.ts';
import type { Graph, Node, TypedTensor } from '../../graphs/index.ts';
import { type AttentionOptions, type Epilogue, type UnaryFunction, unary } from '../../kernels/index.ts';
import type { NamedRecipe } from '../../quantization/index.ts';
import { defineTarget, type MatrixUnit, type Target } from '../../targets/index.ts';
import { productUnitOf, vectorUnitOf } from '../../targets/units.ts';
import type { FloatArray } from '../../tensors/index.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';
import { activationOf } from './activations.ts';
import { attendOn } from './attend.ts';
import { endActivation, endSums, fusedIn, type OpenPlan } from './ending.ts';
import { entryOf, type LayerRun, linearOn, type OperandEntry } from './operands.ts';

/** Options that all chips of a simulation share. */
export interface ChipOptions {
  /** A vector unit that chips have under this name; default each one's own. */
  readonly vectorUnit?: string;
  readonly attentionUnit?: string;
  readonly attentionMethod?: AttentionOptions['method'];
  readonly weights: NamedRecipe | null;
  readonly cache: Format | null;
  readonly engine?: Engine;
  /** Whether kernels find the room of every stage. */
  readonly headroom: boolean;
}

/** A chip of a simulation: what runs where. */
export interface Chip {
  readonly name: string;
  readonly target: Target;
  /** How sums of linear layers end; null: as the unit writes them, from the bias on. */
  readonly epilogue: Epilogue | null;
  /** Where products of two activations run; null: the chip has no unit for them. */
  readonly products: { readonly target: Target; readonly unit: string } | null;
  /** The unit of linear layers, and how operands reach it. */
  readonly unit: string;
  readonly entry: OperandEntry;
  /** The unit of attention's products, and the vector unit; null: the chip has none. */
  readonly attentionUnit: string | null;
  readonly vectorUnit: string | null;
  /** Runs a node; or says why it is exact. */
  run(node: Node, inputs: readonly (TypedTensor | undefined)[]): TargetRun | string;
}

/** Operators that a chip may run. Of others all is exact: they move data, or no kernel has them. */
export const simulatedOperators: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'Gemm',
  'Attention',
  'RMSNormalization',
  'LayerNormalization',
  'Softmax',
  'Add',
  'Mul',
  'Swish',
  'Gelu',
  'Tanh',
  'Sigmoid',
  'Relu',
  'Softplus',
  'Erf',
]);

/** Units that attention takes where the chip's own for linear layers cannot: the first that there is. */
const ATTENTION = ['f16', 'bf16'];

/**
 * A chip, whose unit of products is the target's default. With a plan, linear layers run by that on the plan's target, and all else
 * on the chip below it.
 */
export function openChip(
  name: string,
  given: Target,
  options: ChipOptions,
  plan: OpenPlan | null = null,
  graph: Graph | null = null,
): Chip {
  const target = withVectorUnit(withNaNEvents(given), options.vectorUnit);
  const base = plan === null ? target : withVectorUnit(withNaNEvents(plan.chip), options.vectorUnit);
  const epilogue = plan?.epilogue ?? null;
  const { unit } = productUnitOf('options.targets', target);
  const entry = entryOf(unit);
  const vector = target.defaults.vector ?? null;
  const own = plan === null ? unit.name : productUnitOf('options.targets', base).unit.name;
  const attentionUnit = vector === null ? null : attentionUnitOf(base, own, entry, options.attentionUnit);
  const multiplying = entry === 'plain' ? own : attentionUnit;
  const { headroom: reference, engine } = options;
  const on = { reference, ...(engine === undefined ? {} : { engine }) };
  const linear = linearOn(target, unit.name, options.weights, on, epilogue !== null);
  const fused = fusedIn(graph, epilogue?.activation?.function);
  const endLinear = (node: Node, sums: LayerRun, bias: FloatArray | null, outputs: number): LayerRun => {
    if (epilogue === null) return sums;
    const ended = endSums(epilogue, sums.output, outputs, bias, fused.products.has(node.name), on);
    return {
      output: ended.output,
      reports: { ...sums.reports, ...(ended.report === null ? {} : { epilogue: ended.report }) },
    };
  };
  return {
    ...{ name, target, entry, attentionUnit, epilogue },
    unit: unit.name,
    vectorUnit: vector,
    products: multiplying === null ? null : { target: base, unit: multiplying },
    run(node, inputs) {
      if (node.op === 'Gemm') return runLinear(node, inputs, linear, endLinear);
      if (epilogue !== null && fused.activations.has(node.name)) {
        const [x] = inputs as [TypedTensor];
        const width = x.shape[x.shape.length - 1] ?? 1;
        const { output, report } = endActivation(epilogue, x.data as Float64Array, width, on);
        return { outputs: [{ ...x, data: output }], reports: report === null ? {} : { epilogue: report } };
      }
      if (vector === null) return 'the chip has no vector unit';
      if (node.op === 'Attention') {
        if (attentionUnit === null) return 'the chip has no unit for attention';
        const { attentionMethod: method, cache } = options;
        return attendOn(node, inputs, {
          ...{ target: base, unit: attentionUnit, vectorUnit: vector, method, cache },
          ...on,
        });
      }
      const activation = activationOf(node);
      if (activation === undefined) {
        return hasKernel(node, { target }) ? runOnTarget(node, inputs, { target, reference }) : 'no kernel';
      }
      return activation === null ? 'no kernel' : runActivation(activation, inputs, target, reference);
    },
  };
}

function withVectorUnit(target: Target, name: string | undefined): Target {
  if (name === undefined || target.defaults.vector === undefined) return target;
  const unit = vectorUnitOf('options.vectorUnit', target, name);
  return defineTarget({ ...target, defaults: { ...target.defaults, vector: unit.name } });
}

/** Attention's products: the unit asked for; else that of linear layers where it takes numbers as they are; else of 16 bits. */
function attentionUnitOf(target: Target, own: string, entry: OperandEntry, asked: string | undefined): string | null {
  if (asked !== undefined) return productUnitOf('options.attentionUnit', target, asked).unit.name;
  const { unit } = productUnitOf('options.targets', target, own);
  const isInteger = 'a' in unit && (unit as MatrixUnit).a[0]?.kind === 'integer';
  if (entry === 'plain' && !isInteger) return own;
  return ATTENTION.find((name) => Object.hasOwn(target.matrixUnits, name)) ?? target.defaults.vector ?? null;
}

function runLinear(
  node: Node,
  [x, weight, bias]: readonly (TypedTensor | undefined)[],
  linear: ReturnType<typeof linearOn>,
  end: (node: Node, sums: LayerRun, bias: FloatArray | null, outputs: number) => LayerRun,
): TargetRun | string {
  if (x === undefined || weight === undefined) return 'no kernel';
  const [rows] = x.shape as [number, number];
  const outputs = weight.shape[0] as number;
  const addend = bias === undefined ? null : (bias.data as FloatArray);
  const sums = linear(node.inputs[1] ?? '', {
    x: x.data as Float64Array,
    rows,
    weight: { data: weight.data as FloatArray, shape: weight.shape },
    bias: addend,
  });
  const { output, reports } = end(node, sums, addend, outputs);
  return { outputs: [{ type: x.type, shape: [rows, outputs], data: output }], reports };
}

function runActivation(
  name: UnaryFunction,
  [x]: readonly (TypedTensor | undefined)[],
  target: Target,
  reference: boolean,
): TargetRun | string {
  if (x === undefined) return 'no kernel';
  const { output, report } = unary(x.data as Float64Array, { function: name, target, reference });
  return { outputs: [{ ...x, data: output }], reports: { [name]: report } };
}
