/**
 * A quantized model as the tensors of a checkpoint: `quantizedCheckpoint.ts` reads it back.
 *
 * Of a quantized weight `N` [out, in] there are `N.codes` (U8 [out, bytes], packed by `packCodes`) and `N.scales` (one or
 * one an output); of its input `N.input.scale` ([1]) and, with pre-shift, `N.input.shifts` (I32 [in], the integer biases).
 * What is not quantized, norms above all, stands there as `N` itself. Numbers are F32 where that holds them exactly, else
 * F64: in fewer bits the products would be other numbers. The metadata's `layout` says how to read the codes.
 *
 * @module
 */

import { BittrueError, checkSchema } from '../../errors/index.ts';
import type { StoredTensor } from '../../files/index.ts';
import type { Model } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { linearPlans } from '../../models/walk.ts';
import { type FloatQuantizer, floatCodes, type IntegerQuantizer, integerCodes } from '../../quantization/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { packCodes, packedWidth } from '../../tensors/packing.ts';
import { CHECKPOINT_SCHEMA, describeGrid, type QuantizationLayout } from './layout.ts';
import type { Quantization } from './quantize.ts';
import type { Quantizer } from './quantizer.ts';

/** What `writeSafetensors` takes. */
export interface QuantizationTensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * All weights of a quantized model: codes, scales and biases of what is quantized, the rest as it is. The head stands
 * beside the embedding even where the model ties them, since their quantizers differ: config.json has to say so
 * (`tie_word_embeddings: false`).
 *
 * @throws {@link BittrueError} `shape` for a quantization of another model, `unsupported` for quantizers that the layout
 * has no place for: asymmetric integers, scales of groups; and for GPT-2, whose file has its matrices the other way round
 */
export function quantizationTensors(model: Model, quantization: Quantization): QuantizationTensors {
  checkMadeModel(model);
  checkSchema('quantization', quantization, ['quantization/1']);
  const { plan, weights } = model;
  const turned = linearPlans(model).find(({ isInOut }) => isInOut);
  if (turned !== undefined) {
    const wanted = 'matrices [out, in]: the layout of codes has none of Conv1D';
    throw new BittrueError('unsupported', 'model', turned.weight, wanted);
  }
  const tensors: Record<string, StoredTensor> = {};
  const layout = { grids: {}, codes: {}, inputs: {} } as {
    [key in 'grids' | 'codes' | 'inputs']: { -readonly [name in string]: QuantizationLayout[key][name] };
  };
  const gridOf = (argument: string, quantizer: Quantizer): string => {
    checkStorable(argument, quantizer);
    const grid = quantizer.kind === 'integer' ? `int${quantizer.bits}` : quantizer.grid;
    layout.grids[grid] = describeGrid(grid);
    return grid;
  };
  const layers = [
    { name: plan.embedding.weight, weight: quantization.embedding, activation: null },
    ...quantization.layers,
  ];
  for (const { name, weight, activation } of layers) {
    const w = weights[name];
    if (w === undefined) throw new BittrueError('shape', 'quantization.layers', name, 'layers of this model');
    if (weight !== null) {
      const grid = gridOf(`quantization: ${name}`, weight);
      layout.codes[name] = { grid, shape: w.shape };
      tensors[`${name}.codes`] = packed(weight as FloatQuantizer | IntegerQuantizer, w, layout.grids[grid].bits);
      tensors[`${name}.scales`] = narrowest((weight as FloatQuantizer).scales);
    }
    if (activation === null) continue;
    layout.inputs[name] = gridOf(`quantization: input of ${name}`, activation);
    tensors[`${name}.input.scale`] = narrowest(activation.kind === 'shifted' ? [activation.scale] : activation.scales);
    if (activation.kind === 'shifted') {
      const shifts = Int32Array.from(activation.shifts);
      tensors[`${name}.input.shifts`] = { data: shifts, shape: [shifts.length] };
    }
  }
  for (const [name, { data, shape }] of Object.entries(weights)) {
    if (layout.codes[name] === undefined) tensors[name] = { ...narrowest(data), shape };
  }
  const { bittrue, method } = quantization;
  const told: QuantizationLayout = { bitOrder: 'leastSignificantFirst', weight: 'value of code * scale', ...layout };
  return { tensors, metadata: { bittrue, schema: CHECKPOINT_SCHEMA, method, layout: JSON.stringify(told) } };
}

function packed(quantizer: FloatQuantizer | IntegerQuantizer, w: Tensor, bits: number): StoredTensor {
  const width = w.shape[w.shape.length - 1];
  const codes = quantizer.kind === 'float' ? floatCodes(quantizer, w) : integerCodes(quantizer, w);
  const data = packCodes(codes, width, bits);
  const span = packedWidth(width, bits);
  return { data, shape: [data.length / span, span] };
}

/** Numbers in binary32 where it holds all of them, else in binary64. */
function narrowest(numbers: ArrayLike<number>): Tensor {
  const exact = Float64Array.from(numbers);
  const data = exact.every((value) => Math.fround(value) === value) ? Float32Array.from(exact) : exact;
  return { data, shape: [data.length] };
}

function checkStorable(argument: string, quantizer: Quantizer): void {
  const refuse = (received: string): never => {
    throw new BittrueError('unsupported', argument, received, 'symmetric codes of one scale, or one a row');
  };
  if (quantizer.kind === 'integer' && !quantizer.symmetric) refuse('zero points');
  if (quantizer.kind === 'integer' && quantizer.granularity === 'group') refuse('scales of groups');
  if (quantizer.kind === 'shifted' && !argument.includes('input of')) refuse('integer biases');
}
