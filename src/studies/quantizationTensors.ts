/**
 * A quantization as tensors for a file, codes and scales, and back.
 *
 * Of a weight `N` [out, in] there are `N.codes` (U8 [out, bytes], packed by `packCodes`) and `N.scales` (F64, one or one an
 * output: in fewer bits the products would be other numbers); of its input `N.input.scale` (F64 [1]) and, with pre-shift,
 * `N.input.shifts` (I32 [in], the integer biases). The metadata's `layout` says how to read them, as JSON.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type Checkpoint, readTensor, readTensorBytes, type StoredTensor } from '../files/index.ts';
import type { LlamaModel } from '../models/index.ts';
import { floatCodes, gridFormat, integerCodes, packCodes, packedWidth, unpackCodes } from '../quantization/index.ts';
import { decode } from '../rounding/index.ts';
import type { Tensor } from '../tensors/index.ts';
import type { Quantization } from './quantize.ts';
import type { Quantizer } from './quantizedModel.ts';

/** What `writeSafetensors` takes. */
export interface QuantizationTensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How a weight's codes are read. */
interface Codes {
  readonly kind: 'float' | 'integer';
  /** Of a float: `e2m1`; of an integer: its bits. */
  readonly grid: string;
  readonly shape: readonly number[];
}

/**
 * Codes, scales and biases of a quantized model. Norms are not quantized and not among them.
 *
 * @throws {@link BittrueError} `shape` for a quantization of another model
 */
export function quantizationTensors(model: LlamaModel, quantization: Quantization): QuantizationTensors {
  const tensors: Record<string, StoredTensor> = {};
  const codes: Record<string, Codes> = {};
  const inputs: Record<string, string> = {};
  const put = (name: string, quantizer: Quantizer | null, stored: string): void => {
    const w = model.weights[name];
    if (w === undefined) throw new BittrueError('shape', 'quantization.layers', name, 'layers of this model');
    if (quantizer === null) return;
    if (quantizer.kind === 'shifted') {
      throw new BittrueError('unsupported', `quantization: ${name}`, 'shifted', 'a quantizer of weights');
    }
    const width = w.shape[w.shape.length - 1];
    const bits = quantizer.kind === 'float' ? gridFormat(quantizer.grid).bits : quantizer.bits;
    const values = quantizer.kind === 'float' ? floatCodes(quantizer, w) : integerCodes(quantizer, w);
    const packed = packCodes(values, width, bits);
    tensors[`${stored}.codes`] = {
      data: packed,
      shape: [packed.length / packedWidth(width, bits), packedWidth(width, bits)],
    };
    tensors[`${stored}.scales`] = { data: Float64Array.from(quantizer.scales), shape: [quantizer.scales.length] };
    codes[stored] = {
      kind: quantizer.kind,
      grid: quantizer.kind === 'float' ? quantizer.grid : String(bits),
      shape: w.shape,
    };
  };
  put(model.family.embedding, quantization.embedding, model.family.embedding);
  for (const { name, weight, activation } of quantization.layers) {
    put(name, weight, name);
    if (activation === null) continue;
    const scale = activation.kind === 'shifted' ? activation.scale : activation.scales[0];
    tensors[`${name}.input.scale`] = { data: Float64Array.of(scale), shape: [1] };
    inputs[name] = activation.kind === 'integer' ? `int${activation.bits}` : activation.grid;
    if (activation.kind === 'shifted') {
      const shifts = Int32Array.from(activation.shifts);
      tensors[`${name}.input.shifts`] = { data: shifts, shape: [shifts.length] };
    }
  }
  const { bittrue, schema, method } = quantization;
  return { tensors, metadata: { bittrue, schema, method, layout: JSON.stringify({ codes, inputs }) } };
}

/**
 * The weights that a file of {@link quantizationTensors} stands for, in binary64: the very numbers of the quantized model.
 *
 * @throws {@link BittrueError} `file` for a file of another kind
 */
export function dequantizedWeights(checkpoint: Checkpoint): Readonly<Record<string, Tensor>> {
  const found: Record<string, Tensor> = {};
  for (const [name, { kind, grid, shape }] of Object.entries(layoutOf(checkpoint))) {
    const width = shape[shape.length - 1];
    const format = kind === 'float' ? gridFormat(grid) : null;
    const bits = format === null ? Number(grid) : format.bits;
    const values = Float64Array.from({ length: 2 ** bits }, (_, code) =>
      format === null ? (code < 2 ** (bits - 1) ? code : code - 2 ** bits) : decode(format, code),
    );
    const codes = unpackCodes(readTensorBytes(checkpoint, `${name}.codes`), width, bits);
    const { data: scales } = readTensor(checkpoint, `${name}.scales`);
    const perRow = scales.length === 1 ? 0 : 1;
    const data = new Float64Array(codes.length);
    for (let i = 0; i < data.length; i++) data[i] = values[codes[i]] * scales[perRow * Math.floor(i / width)];
    found[name] = { data, shape };
  }
  return found;
}

function layoutOf({ name, metadata }: Checkpoint): Readonly<Record<string, Codes>> {
  try {
    const { codes } = JSON.parse(metadata.layout) as { codes: Record<string, Codes> };
    if (typeof codes === 'object' && metadata.schema === 'quantization/1') return codes;
  } catch {
    // told below
  }
  throw new BittrueError('file', name, metadata, 'a file of bittrue quantize');
}
