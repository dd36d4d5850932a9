/**
 * What of a model runs where on a chip.
 *
 * @module
 */
import type { Engine } from '../../engine/index.ts';
import { hasKernel, runOnTarget, type TargetRun } from '../../evaluation/onTarget.ts';
import type { Format } from '../../formats/index.ts';
import { numberOf, textOf } from '../../graphs/attributes.ts';
import type { Node, TypedTensor } from '../../graphs/index.ts';
import { type AttentionOptions, type UnaryFunction, unary } from '../../kernels/index.ts';
import type { NamedRecipe } from '../../quantization/index.ts';
import { defineTarget, type MatrixUnit, type Target } from '../../targets/index.ts';
import { productUnitOf, vectorUnitOf } from '../../targets/units.ts';
import type { FloatArray } from '../../tensors/index.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';
import { attendOn } from './attend.ts';
import { entryOf, linearOn, type OperandEntry } from './operands.ts';

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

/** A chip, whose unit of products is the target's default. */
export function openChip(name: string, given: Target, options: ChipOptions): Chip {
  const target = withVectorUnit(withNaNEvents(given), options.vectorUnit);
  const { unit } = productUnitOf('options.targets', target);
  const entry = entryOf(unit);
  const vector = target.defaults.vector ?? null;
  const attentionUnit = vector === null ? null : attentionUnitOf(target, unit.name, entry, options.attentionUnit);
  const { headroom: reference } = options;
  const linear = linearOn(target, unit.name, options.weights, {
    reference,
    ...(options.engine === undefined ? {} : { engine: options.engine }),
  });
  return {
    ...{ name, target, entry, attentionUnit },
    unit: unit.name,
    vectorUnit: vector,
    run(node, inputs) {
      if (node.op === 'Gemm') return runLinear(node, inputs, linear);
      if (vector === null) return 'the chip has no vector unit';
      if (node.op === 'Attention') {
        if (attentionUnit === null) return 'the chip has no unit for attention';
        const { attentionMethod: method, cache, engine } = options;
        const on = engine === undefined ? {} : { engine };
        return attendOn(node, inputs, {
          target,
          unit: attentionUnit,
          vectorUnit: vector,
          method,
          cache,
          reference,
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
  { inputs: [, name = ''] }: Node,
  [x, weight, bias]: readonly (TypedTensor | undefined)[],
  linear: ReturnType<typeof linearOn>,
): TargetRun | string {
  if (x === undefined || weight === undefined) return 'no kernel';
  const [rows] = x.shape as [number, number];
  const { output, report } = linear(name, {
    x: x.data as Float64Array,
    rows,
    weight: { data: weight.data as FloatArray, shape: weight.shape },
    bias: bias === undefined ? null : (bias.data as FloatArray),
  });
  const shape = [rows, weight.shape[0] as number];
  return { outputs: [{ type: x.type, shape, data: output }], reports: { matmul: report } };
}

/** The function that an activation is; null: one that no kernel has; undefined: no activation. */
function activationOf(node: Node): UnaryFunction | null | undefined {
  switch (node.op) {
    case 'Swish':
      return numberOf(node, 'alpha', 1) === 1 ? 'silu' : null;
    case 'Gelu':
      return textOf(node, 'approximate', 'none') === 'tanh' ? 'geluTanh' : 'gelu';
    case 'Tanh':
    case 'Sigmoid':
    case 'Relu':
    case 'Softplus':
    case 'Erf':
      return node.op.toLowerCase() as UnaryFunction;
    default:
      return undefined;
  }
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
