/**
 * Reading what `quantizationTensors` made: codes become the very weights of the quantized model.
 *
 * @module
 */
import { checkCheckpoint, readWeights } from '../../files/checkpoint.ts';
import {
  type Checkpoint,
  memorySource,
  readSafetensors,
  readTensorBytes,
  writeSafetensors,
} from '../../files/index.ts';
import { loadModel } from '../../models/index.ts';
import { gridFormat } from '../../quantization/index.ts';
import { decode } from '../../rounding/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { unpackCodes } from '../../tensors/packing.ts';
import { isQuantized, layoutOf, type QuantizationLayout } from './layout.ts';
import { onQuantized, type QuantizedModel } from './model.ts';
import type { Quantizer } from './quantizer.ts';

/**
 * The weights that codes stand for, in binary64: the very numbers of the quantized model. Norms are not among them.
 *
 * @throws {@link BittrueError} `file` for a checkpoint that `bittrue quantize` has not written
 */
export function dequantizedWeights(checkpoint: Checkpoint): Readonly<Record<string, Tensor>> {
  const { codes, grids } = layoutOf(checkpoint);
  return Object.fromEntries(
    Object.entries(codes).map(([name, { grid, shape }]) => {
      const width = shape[shape.length - 1];
      const values = valuesOf(grid, grids);
      const stored = unpackCodes(readTensorBytes(checkpoint, `${name}.codes`), width, Math.log2(values.length));
      const { data: scales } = readWeights(checkpoint, `${name}.scales`);
      const perRow = scales.length === 1 ? 0 : 1;
      const data = new Float64Array(stored.length);
      for (let i = 0; i < data.length; i++) data[i] = values[stored[i]] * scales[perRow * Math.floor(i / width)];
      return [name, { data, shape }];
    }),
  );
}

/** What every code of a grid stands for, before its scale. */
function valuesOf(name: string, grids: QuantizationLayout['grids']): Float64Array {
  const { kind, bits } = grids[name];
  return Float64Array.from({ length: 2 ** bits }, (_, code) => {
    if (kind === 'float') return decode(gridFormat(name), code);
    return code < 2 ** (bits - 1) ? code : code - 2 ** bits;
  });
}

/**
 * A checkpoint whose weights are plain numbers under their own names, as `loadModel` takes it: codes decoded, the rest as
 * it stands. The quantizers of the layers' inputs are left out ({@link loadQuantizedLlama} applies them). A checkpoint
 * without codes is returned as it is.
 *
 * @throws {@link BittrueError} `file` for a layout that cannot be read
 */
export function dequantizedCheckpoint(checkpoint: Checkpoint): Checkpoint {
  checkCheckpoint(checkpoint);
  if (!isQuantized(checkpoint)) return checkpoint;
  const { codes, inputs } = layoutOf(checkpoint);
  const beside = [
    ...Object.keys(codes).flatMap((name) => [`${name}.codes`, `${name}.scales`]),
    ...Object.keys(inputs).flatMap((name) => [`${name}.input.scale`, `${name}.input.shifts`]),
  ];
  const plain = [...checkpoint.entries.keys()].filter((name) => !beside.includes(name));
  const tensors = {
    ...dequantizedWeights(checkpoint),
    ...Object.fromEntries(plain.map((name) => [name, readWeights(checkpoint, name)])),
  };
  return readSafetensors(memorySource(writeSafetensors(tensors), checkpoint.name));
}

/**
 * A quantized Llama as it was measured: its weights, and how its layers run on quantized inputs. Pass both to `perplexity`.
 *
 * @param config the parsed config.json
 * @throws {@link BittrueError} as `loadModel`, and `file` for a checkpoint that `bittrue quantize` has not written
 */
export function loadQuantizedLlama(config: unknown, checkpoint: Checkpoint): QuantizedModel {
  const { inputs, grids } = layoutOf(checkpoint);
  const activations = Object.entries(inputs).map(([name, grid]): [string, Quantizer] => {
    const [scale] = readWeights(checkpoint, `${name}.input.scale`).data;
    const shared = { granularity: 'tensor', scales: [scale] } as const;
    const described = grids[grid];
    if (described.kind === 'integer') {
      const { bits, min: low, max: high } = described;
      const symmetric = { symmetric: true, zeroPoints: [0], groupSize: null } as const;
      return [name, { kind: 'integer', bits, low, high, ...symmetric, ...shared }];
    }
    if (!checkpoint.entries.has(`${name}.input.shifts`)) return [name, { kind: 'float', grid, ...shared }];
    const bytes = readTensorBytes(checkpoint, `${name}.input.shifts`).slice();
    return [name, { kind: 'shifted', grid, scale, shifts: [...new Int32Array(bytes.buffer)] }];
  });
  return {
    model: loadModel(config, dequantizedCheckpoint(checkpoint)),
    on: onQuantized(new Map(activations)),
  };
}
