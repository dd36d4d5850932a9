/**
 * The float quantizer of LLM-FP4 (arXiv 2310.16836, Eq. 4–9): q = α̃ · round(x / α̃) on an EjMk grid, clipped at Q̃max.
 *
 * The paper speaks of a real-valued bias b̃ = −log2 α̃. A quantizer holds α̃ = Q̃max / Qmax instead and derives b̃: a
 * logarithm and a power would move the ties.
 *
 * @module
 */
import { BittrueError, checkFinite, checkMade, checkName, checkObject } from '../errors/index.ts';
import type { FloatFormat } from '../formats/index.ts';
import { encodeValue } from '../rounding/codes.ts';
import type { Tensor } from '../tensors/index.ts';
import { divideToGrid, LARGEST_SCALE, SMALLEST_SCALE } from './divide.ts';
import { checkScales, extentOf, scaleCount } from './granularity.ts';
import { gridFormat } from './grid.ts';
import { log2 } from './logarithm.ts';
import { finiteRows, largest } from './matrix.ts';

/** A float quantizer, as plain data. */
export interface FloatQuantizer {
  readonly kind: 'float';
  /** `e2m1`; see `gridFormat`. */
  readonly grid: string;
  /** One α̃ for all numbers, or one a row (the output channels of a weight [out, in]). */
  readonly granularity: 'tensor' | 'channel';
  /** α̃ = Q̃max / Qmax. */
  readonly scales: readonly number[];
}

/** How a float quantizer is initialised. */
export interface FloatQuantizerOptions {
  /** `e2m1`, `e4m3`, … */
  readonly grid: string;
  /** Default `tensor`. */
  readonly granularity?: 'tensor' | 'channel';
}

/**
 * MinMax: Q̃max is the largest magnitude (Eq. 7), so nothing is clipped. All zeros take α̃ = 1.
 *
 * @param x - [rows, width]: all calibration data of an activation, or a weight [out, in]
 * @throws {@link BittrueError} `value` for NaN and infinities, `range` for magnitudes outside 2^±350
 * @example
 * import { biases, floatQuantizer } from 'bittrue/quantization';
 * const x = { data: new Float64Array([-0.5, 0.9]), shape: [2] };
 * const quantizer = floatQuantizer(x, { grid: 'e2m1' });
 * quantizer.scales; // [0.075]
 * Math.round(biases(quantizer)[0] * 1e9) / 1e9; // 3.736965594
 */
export function floatQuantizer(x: Tensor, options: FloatQuantizerOptions): FloatQuantizer {
  checkObject('options', options, ['grid', 'granularity']);
  const format = gridFormat(options.grid);
  const granularity = checkName('options.granularity', options.granularity ?? 'tensor', ['tensor', 'channel']);
  const rows = finiteRows('x', x);
  const layout = { granularity, groupSize: null };
  const scales = Array.from({ length: scaleCount(layout, rows) }, (_, i) =>
    scaleForMax(format, largest(rows.data, ...extentOf(layout, rows, i))),
  );
  return makeFloatQuantizer(options.grid, granularity, scales);
}

/** α̃ for a Q̃max; 1 for zero, whose numbers any scale represents. */
export function scaleForMax(format: FloatFormat, max: number): number {
  if (max === 0) return 1;
  const scale = max / format.max;
  if (!(scale >= SMALLEST_SCALE && scale <= LARGEST_SCALE)) {
    throw new BittrueError('range', 'x', max, 'a largest magnitude within 2^−350 … 2^350, or zero');
  }
  return scale;
}

/** A quantizer from its parts, frozen. */
export function makeFloatQuantizer(
  grid: string,
  granularity: 'tensor' | 'channel',
  scales: ArrayLike<number>,
): FloatQuantizer {
  return Object.freeze({ kind: 'float', grid, granularity, scales: Object.freeze(Array.from(scales)) });
}

/**
 * A quantizer that clips at given magnitudes Q̃max.
 *
 * @throws {@link BittrueError} for magnitudes that are not positive
 * @example
 * import { floatQuantizerForMax } from 'bittrue/quantization';
 * floatQuantizerForMax('e2m1', 24).scales; // [2]
 */
export function floatQuantizerForMax(grid: string, max: number | readonly number[]): FloatQuantizer {
  const format = gridFormat(grid);
  const clips = typeof max === 'number' ? [max] : max;
  if (!Array.isArray(clips)) throw new BittrueError('type', 'max', max, 'a number, or one a row');
  const scales = clips.map((clip, i) => {
    if (checkFinite(`max[${i}]`, clip) <= 0)
      throw new BittrueError('range', `max[${i}]`, clip, 'a number greater than 0');
    return scaleForMax(format, clip);
  });
  return makeFloatQuantizer(grid, typeof max === 'number' ? 'tensor' : 'channel', scales);
}

/**
 * The numbers as the quantizer represents them, in binary64: α̃ · round(x / α̃). The quotient is exact, its rounding the
 * only one before the product; ties to even.
 *
 * @throws {@link BittrueError} `value` for NaN and infinities, `shape` for rows that the scales do not fit
 * @example
 * import { floatQuantizerForMax, quantizeFloat } from 'bittrue/quantization';
 * const x = { data: new Float64Array([0.75, 2.5, 5.01, 13]), shape: [4] };
 * [...quantizeFloat(floatQuantizerForMax('e2m1', 12), x)]; // [1, 2, 6, 12]
 */
export function quantizeFloat(quantizer: FloatQuantizer, x: Tensor): Float64Array {
  checkFloatQuantizer(quantizer);
  const out = floatGridValues(quantizer, x);
  const { rows, width } = finiteRows('x', x);
  const { scales, granularity } = quantizer;
  for (let r = 0; r < rows; r++) {
    const scale = scales[granularity === 'tensor' ? 0 : r];
    for (let i = r * width; i < (r + 1) * width; i++) out[i] *= scale;
  }
  return out;
}

/** round(x / α̃): values of the grid, as a multiplier takes them. */
export function floatGridValues(quantizer: FloatQuantizer, x: Tensor): Float64Array {
  checkFloatQuantizer(quantizer);
  const format = gridFormat(quantizer.grid);
  const rows = finiteRows('x', x);
  const layout = { granularity: quantizer.granularity, groupSize: null };
  checkScales(layout, quantizer.scales, rows);
  const out = new Float64Array(rows.data.length);
  quantizer.scales.forEach((scale, i) => {
    const [from, to] = extentOf(layout, rows, i);
    divideToGrid(format, rows.data, scale, out, from, to);
  });
  return out;
}

/**
 * The codes of the numbers: sign, exponent field, fraction.
 *
 * @throws {@link BittrueError} as {@link quantizeFloat}
 * @example
 * import { floatCodes, floatQuantizerForMax } from 'bittrue/quantization';
 * const x = { data: new Float64Array([1, -12]), shape: [2] };
 * [...floatCodes(floatQuantizerForMax('e2m1', 12), x)]; // [1, 15]
 */
export function floatCodes(quantizer: FloatQuantizer, x: Tensor): Uint16Array {
  checkFloatQuantizer(quantizer);
  const format = gridFormat(quantizer.grid);
  return Uint16Array.from(floatGridValues(quantizer, x), (value) => encodeValue(format, value, false));
}

/** b̃ = −log2 α̃ of every scale (Eq. 6), for reports: nothing is computed from it. */
export function biases(quantizer: FloatQuantizer): number[] {
  checkFloatQuantizer(quantizer);
  return quantizer.scales.map((scale) => -log2(scale) + 0);
}

function checkFloatQuantizer(quantizer: FloatQuantizer): void {
  checkMade('quantizer', quantizer, ['grid', 'granularity', 'scales'], 'a quantizer, as floatQuantizer gives it');
}
