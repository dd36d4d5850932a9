/**
 * Captured linear layers in low-precision formats: quantizers are fitted to what went into the layers, wherever the model ran.
 *
 * @module
 */
import { checkAs, checkInteger, checkName, checkObject } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import type { Checkpoint } from '../../files/index.ts';
import type { CapturedInputsOptions } from '../../models/captured.ts';
import type { SearchProgress } from '../../quantization/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { capturedLayers } from '../captured/linearLayers.ts';
import { capturedKeys } from '../captured/options.ts';
import type { OnProgress } from '../progress.ts';
import {
  checkBits,
  type LayerSearchOptions,
  type QuantizationMethod,
  quantizationMethods,
  quantizeLayer,
} from './quantizeLayer.ts';
import { type QuantizationReportRow, reportRow } from './report.ts';

/** How captured layers are quantized. */
export interface QuantizeCapturedOptions extends CapturedInputsOptions {
  readonly method: QuantizationMethod;
  /** 3–12; null leaves an operand in binary64. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  /** Rows that a search fits to, evenly spaced. Default 128. Ranges and errors are those of all rows. */
  readonly calibrationRows?: number;
  /** As `quantizeLayer` takes it. */
  readonly search?: LayerSearchOptions;
  readonly onProgress?: OnProgress;
}

/** One captured layer. */
export interface CapturedLayerRow extends QuantizationReportRow {
  /** Captured, of all calls. */
  readonly rows: number;
}

/** What quantizing captured layers costs them, as plain data. */
export interface CapturedQuantization {
  readonly bittrue: string;
  readonly schema: 'captured-quantization/1';
  readonly semantics: number;
  readonly method: QuantizationMethod;
  readonly bits: { readonly weight: number | null; readonly activation: number | null };
  readonly calibrationRows: number;
  /** Mean over the layers of Σ(Ô − O)² / ΣO². */
  readonly meanRelativeError: number;
  readonly layers: readonly CapturedLayerRow[];
  /** Inputs of linear layers whose weights are nowhere. */
  readonly withoutWeights: readonly string[];
}

/**
 * Fits quantizers to every captured linear layer, as `quantizeLayer` does to one. No model is run: BERT, ViT or any other will do.
 *
 * @param capture - as `openTensors` or `readSafetensors` gives it, laid out as `bittrue capture` prints it
 * @throws {@link BittrueError} as `capturedInputs` and `quantizeLayer`; `value` for inputs that are not finite
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * import { quantizeCaptured } from 'bittrue/studies';
 * const x = { data: new Float32Array([12, 1, 3, 6]), shape: [2, 2] };
 * const weight = { data: new Float32Array([0.5, -6]), shape: [1, 2] };
 * const capture = readSafetensors(memorySource(writeSafetensors({ 'fc.input': x, 'fc.weight': weight })));
 * const options = { kernel: 'linear', method: 'minMaxFloat', weightBits: 4, activationBits: 4 } as const;
 * quantizeCaptured(capture, options).layers[0].meanSquaredError; // 0
 */
export function quantizeCaptured(capture: Checkpoint, options: QuantizeCapturedOptions): CapturedQuantization {
  const own = ['method', 'weightBits', 'activationBits', 'calibrationRows', 'search', 'onProgress'];
  checkObject('options', options, [...capturedKeys, ...own]);
  const { calibrationRows = 128, search = {}, onProgress, ...rest } = options;
  const method = checkName('options.method', rest.method, quantizationMethods);
  const weightBits = checkBits('options.weightBits', rest.weightBits);
  const activationBits = checkBits('options.activationBits', rest.activationBits);
  checkInteger('options.calibrationRows', calibrationRows, 1, 2 ** 31);
  const { names, read, withoutWeights } = capturedLayers(capture, options);
  const layers = names.map((name, i): CapturedLayerRow => {
    const told = ({ done, total }: SearchProgress): void =>
      onProgress?.({ phase: name, done: i + done / total, total: names.length });
    const { x, weight } = read(name);
    const how = { method, weightBits, activationBits, search, maxima: maximaOf(x), evaluation: x, onProgress: told };
    return checkAs(
      (argument) => `${capture.name}: ${name}: ${argument}`,
      () => {
        const layer = quantizeLayer(someRows(x, calibrationRows), weight, how);
        onProgress?.({ phase: name, done: i + 1, total: names.length });
        return { ...reportRow({ name, ...layer }), rows: x.shape[0] };
      },
    );
  });
  return {
    bittrue: VERSION,
    schema: 'captured-quantization/1',
    semantics: SEMANTICS,
    method,
    bits: { weight: weightBits, activation: activationBits },
    calibrationRows,
    meanRelativeError: layers.reduce((sum, { relativeError }) => sum + (relativeError ?? 0), 0) / layers.length,
    layers,
    withoutWeights,
  };
}

/** Rows evenly spaced, all where there are no more. */
function someRows({ data, shape }: Tensor, wanted: number): Tensor {
  const [rows, width] = shape;
  if (rows <= wanted) return { data, shape };
  const some = new Float64Array(wanted * width);
  for (let r = 0; r < wanted; r++) {
    const from = Math.floor((r * rows) / wanted) * width;
    some.set(data.subarray(from, from + width), r * width);
  }
  return { data: some, shape: [wanted, width] };
}

/** The largest magnitude of every column. */
function maximaOf({ data, shape: [, width] }: Tensor): Float64Array {
  const maxima = new Float64Array(width);
  for (let i = 0; i < data.length; i++) maxima[i % width] = Math.max(maxima[i % width], Math.abs(data[i]));
  return maxima;
}
