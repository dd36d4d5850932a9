/**
 * Quantizing one linear layer: the methods of LLM-FP4's tables (arXiv 2310.16836).
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject } from '../../errors/index.ts';
import {
  floatQuantizer,
  gridFormat,
  integerQuantizer,
  type SearchOptions,
  type SearchProgress,
  searchLayer,
  usualGrid,
} from '../../quantization/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { linear } from '../linearCall.ts';
import { applyQuantizer, type Quantizer } from './quantizer.ts';

/**
 * - `minMaxInteger`: symmetric integers; weights a scale for every output, activations one a layer.
 * - `minMaxFloat`: the usual grid of the width (E2M1, E3M2, E4M3), scales likewise.
 * - `fpqBaseline`: format and clip searched jointly. `fpq`: with pre-shifted exponent biases as well.
 */
export const quantizationMethods = ['minMaxInteger', 'minMaxFloat', 'fpqBaseline', 'fpq'] as const;
export type QuantizationMethod = (typeof quantizationMethods)[number];

/** The options of a search that a caller may set; the method sets the others. */
export type LayerSearchOptions = Omit<
  SearchOptions,
  'weightBits' | 'activationBits' | 'gradient' | 'maxima' | 'onProgress'
>;

/** How a layer is quantized. */
export interface LayerOptions {
  readonly method: QuantizationMethod;
  /** 3–12; null leaves an operand in binary64. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  /**
   * For the searches; `preShift` is the method's to set but for its reading of Eq. 15, `rounded` by default. `minMaxFloat` takes the
   * first of `weightGrids` and of `activationGrids`, where they are given.
   */
  readonly search?: LayerSearchOptions;
  /** The largest magnitude of every input over all calibration data, where x holds only some of its rows. */
  readonly maxima?: ArrayLike<number>;
  /** Other rows [n, in] to measure errors on; default x. */
  readonly evaluation?: Tensor;
  /** Called as the search goes on. */
  readonly onProgress?: (progress: SearchProgress) => void;
}

/** A quantized layer. */
export interface LayerQuantization {
  readonly weight: Quantizer | null;
  readonly activation: Quantizer | null;
  /** Mean (Ô − O)² on the rows of the evaluation. */
  readonly meanSquaredError: number;
  /** Σ(Ô − O)² / ΣO²; null for an output of zeros. */
  readonly relativeError: number | null;
}

/**
 * Fits quantizers to a linear layer.
 *
 * @param x - calibration rows [n, in]
 * @param w - [out, in]
 * @throws {@link BittrueError} for options out of range or unknown, `shape` for operands that do not fit
 * @example
 * import { quantizeLayer } from 'bittrue/studies';
 * const x = { data: new Float64Array([12, 1, 3, 6]), shape: [2, 2] };
 * const w = { data: new Float64Array([0.5, -6]), shape: [1, 2] };
 * const { meanSquaredError } = quantizeLayer(x, w, { method: 'minMaxFloat', weightBits: 4, activationBits: 4 });
 * meanSquaredError; // 0
 */
export function quantizeLayer(x: Tensor, w: Tensor, options: LayerOptions): LayerQuantization {
  checkObject('options', options, [
    'method',
    'weightBits',
    'activationBits',
    'search',
    'maxima',
    'evaluation',
    'onProgress',
  ]);
  const method = checkName('options.method', options.method, quantizationMethods);
  checkBits('options.weightBits', options.weightBits);
  checkBits('options.activationBits', options.activationBits);
  const { weight, activation } = quantizersOf(x, w, { ...options, method });
  return { weight, activation, ...layerErrors(weight, activation, options.evaluation ?? x, w) };
}

/** Bits of a quantizer, or null for none. */
export function checkBits(argument: string, bits: number | null): number | null {
  return bits === null ? null : checkInteger(argument, bits, 3, 12);
}

/** The first of the grids that are given, which must have the width; else the usual one. */
export function gridOf(grids: readonly string[] | undefined, bits: number): string {
  const grid = grids?.[0] ?? usualGrid(bits);
  if (gridFormat(grid).bits === bits) return grid;
  throw new BittrueError('unsupported', 'options.search', grid, `grids of ${bits} bits`);
}

type Pair = Pick<LayerQuantization, 'weight' | 'activation'>;

function quantizersOf(x: Tensor, w: Tensor, options: LayerOptions): Pair {
  const { method, weightBits, activationBits, search = {}, maxima, onProgress } = options;
  const ranges = maxima === undefined ? x : { data: Float64Array.from(maxima), shape: [maxima.length] };
  if (method === 'minMaxInteger') {
    return {
      weight: weightBits === null ? null : integerQuantizer(w, { bits: weightBits, granularity: 'channel' }),
      activation: activationBits === null ? null : integerQuantizer(ranges, { bits: activationBits }),
    };
  }
  if (method === 'minMaxFloat') {
    const grid = (grids: readonly string[] | undefined, bits: number) => ({ grid: gridOf(grids, bits) });
    return {
      weight:
        weightBits === null
          ? null
          : floatQuantizer(w, { ...grid(search.weightGrids, weightBits), granularity: 'channel' }),
      activation: activationBits === null ? null : floatQuantizer(ranges, grid(search.activationGrids, activationBits)),
    };
  }
  const preShift = method === 'fpq' && activationBits !== null ? (search.preShift ?? 'rounded') : null;
  return searchLayer(x, w, {
    ...search,
    weightBits,
    activationBits,
    preShift,
    maxima: maxima ?? null,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

function layerErrors(weight: Quantizer | null, activation: Quantizer | null, x: Tensor, w: Tensor) {
  const [outputs, width] = w.shape;
  const rows = x.data.length / width;
  const exact = linear(Float64Array.from(x.data), rows, w.data, outputs, width);
  const xs = Float64Array.from(applyQuantizer(activation, x));
  const output = linear(xs, rows, applyQuantizer(weight, w), outputs, width);
  let error = 0;
  let energy = 0;
  for (let i = 0; i < exact.length; i++) {
    error += (output[i] - exact[i]) * (output[i] - exact[i]);
    energy += exact[i] * exact[i];
  }
  return { meanSquaredError: error / exact.length, relativeError: energy === 0 ? null : error / energy };
}
