/**
 * Pre-shifted exponent bias (LLM-FP4, arXiv 2310.16836, Eq. 13–19): an activation has one real scale and an integer
 * bias for every input channel, and the integer biases are moved into the rows of the weight.
 *
 * A channel's numbers are quantized with α̃ · 2^−b, which equals 2^−b · Q(2^b · x) exactly. So a producer that emits
 * 2^b · x hands the multiplier plain grid values, and β = 2^−b stands at the input row of the weight. β would underflow
 * in the weight's own code (b goes up to 2^e − 1): keep the integers beside the codes.
 *
 * @module
 */

import { productResidual } from '../arithmetic/residual.ts';
import { BittrueError, checkMade, checkName, checkObject } from '../errors/index.ts';
import { exponentOf } from '../rounding/rounder.ts';
import type { Tensor } from '../tensors/index.ts';
import { divideToGrid } from './divide.ts';
import { scaleForMax } from './float.ts';
import { gridFormat } from './grid.ts';
import { finiteRows, largest } from './matrix.ts';

/**
 * How a channel's integer bias follows from its real bias b̃ and the tensor's ρ̃, before it is clipped to 0 … 2^e − 1:
 * `rounded`: round(b̃) − round(ρ̃), as the published code; `difference`: round(b̃ − ρ̃), as Eq. 15 prints. They can
 * differ by one.
 *
 * A channel can hold 2^(b̃ − ρ̃ − b) times its largest magnitude. Under `difference` that exponent lies between −1/2 and
 * 1/2, at another place for every channel: some are clipped, whatever ρ̃ is. Under `rounded` it is (b̃ − round(b̃)) −
 * (ρ̃ − round(ρ̃)), between −1 and 1, and not negative for any channel where ρ̃ lies just above n + 1/2: a search over ρ̃
 * can avoid all clipping.
 */
export const shiftReadings = ['rounded', 'difference'] as const;
export type ShiftReading = (typeof shiftReadings)[number];

/** A float quantizer for activations [rows, in] with an integer bias for every input channel, as plain data. */
export interface ShiftedQuantizer {
  readonly kind: 'shifted';
  readonly grid: string;
  /** α̃ = 2^−ρ̃ of channels with bias 0. */
  readonly scale: number;
  /** b of every input channel, 0 … 2^e − 1. */
  readonly shifts: readonly number[];
}

/** How a shifted quantizer is initialised. */
export interface ShiftedQuantizerOptions {
  readonly grid: string;
  /** Default `difference`: where ρ̃ is not searched, its clips are the smaller ones. A search's default is `rounded`. */
  readonly reading?: ShiftReading;
}

/**
 * MinMax with pre-shift: ρ̃ is the least bias of a channel, that of the largest magnitude, and every channel's integer
 * bias moves its own largest magnitude up towards it. A channel of zeros takes the largest bias.
 *
 * @param x - activations [rows, in]
 * @throws {@link BittrueError} `value` for NaN and infinities, `range` for magnitudes outside 2^±350
 * @example
 * import { shiftedQuantizer } from 'bittrue/quantization';
 * const x = { data: new Float64Array([8, 0.5, 0.06, -3, 0.2, -0.03]), shape: [2, 3] };
 * shiftedQuantizer(x, { grid: 'e2m1' }).shifts; // [0, 3, 3]
 */
export function shiftedQuantizer(x: Tensor, options: ShiftedQuantizerOptions): ShiftedQuantizer {
  checkObject('options', options, ['grid', 'reading']);
  const reading = checkName('options.reading', options.reading ?? 'difference', shiftReadings);
  const maxima = channelMaxima(x);
  const scale = scaleForMax(gridFormat(options.grid), largest(maxima, 0, maxima.length));
  return makeShiftedQuantizer(options.grid, scale, maxima, reading);
}

/** The largest magnitude of every column. */
export function channelMaxima(x: Tensor): Float64Array {
  const { data, width } = finiteRows('x', x);
  return Float64Array.from({ length: width }, (_, j) => largest(data, j, data.length, width));
}

/** The quantizer of a scale 2^−ρ̃, its shifts by the channels' maxima (Eq. 14, 15). */
export function makeShiftedQuantizer(
  grid: string,
  scale: number,
  maxima: ArrayLike<number>,
  reading: ShiftReading,
): ShiftedQuantizer {
  const format = gridFormat(grid);
  const top = 2 ** format.exponentBits - 1;
  const shifts = Array.from(maxima, (max) => {
    if (max === 0) return top;
    const own = scaleForMax(format, max);
    const shift =
      reading === 'difference' ? roundedLogRatio(scale, own) : roundedLogRatio(1, own) - roundedLogRatio(1, scale);
    return Math.min(Math.max(shift, 0), top);
  });
  return Object.freeze({ kind: 'shifted', grid, scale, shifts: Object.freeze(shifts) });
}

/**
 * round(log2(a / b)) of positive numbers, decided exactly: a² against b² · 2^(2k + 1). No tie exists, since √2 is
 * irrational.
 */
export function roundedLogRatio(a: number, b: number): number {
  const exponentA = exponentOf(a);
  const exponentB = exponentOf(b);
  const fractionA = a * 2 ** -exponentA;
  const fractionB = b * 2 ** -exponentB;
  // log2 of the fractions' ratio lies in (−1, 1): the answer is −1, 0 or 1 beside the exponents'.
  const squareA = fractionA * fractionA;
  const squareB = fractionB * fractionB;
  const restA = productResidual(fractionA, fractionA, squareA);
  const restB = productResidual(fractionB, fractionB, squareB);
  const above = compare(squareA, restA, 2 * squareB, 2 * restB) > 0 ? 1 : 0;
  const below = compare(2 * squareA, 2 * restA, squareB, restB) < 0 ? 1 : 0;
  return exponentA - exponentB + above - below;
}

function compare(high1: number, low1: number, high2: number, low2: number): number {
  return high1 - high2 || low1 - low2;
}

/**
 * The numbers as the quantizer represents them: channel j with α̃ · 2^−b_j.
 *
 * @throws {@link BittrueError} `value` for NaN and infinities, `shape` for another number of channels
 * @example
 * import { quantizeShifted, shiftedQuantizer } from 'bittrue/quantization';
 * const x = { data: new Float64Array([8, 0.5, 0.06, -3, 0.2, -0.03]), shape: [2, 3] };
 * quantizeShifted(shiftedQuantizer(x, { grid: 'e2m1' }), x)[1]; // 0.5
 */
export function quantizeShifted(quantizer: ShiftedQuantizer, x: Tensor): Float64Array {
  checkShiftedQuantizer(quantizer);
  const out = shiftedGridValues(quantizer, x);
  const width = quantizer.shifts.length;
  const scales = quantizer.shifts.map((shift) => quantizer.scale * 2 ** -shift);
  for (let i = 0; i < out.length; i++) out[i] *= scales[i % width];
  return out;
}

/** X̃, what the multiplier takes: round(2^b · x / α̃), values of the grid (Eq. 17). */
export function shiftedGridValues(quantizer: ShiftedQuantizer, x: Tensor): Float64Array {
  checkShiftedQuantizer(quantizer);
  const format = gridFormat(quantizer.grid);
  const { data, rows, width } = finiteRows('x', x);
  if (quantizer.shifts.length !== width) {
    throw new BittrueError('shape', 'x', `${width} channels`, `${quantizer.shifts.length} channels`);
  }
  const powers = Float64Array.from(quantizer.shifts, (shift) => 2 ** shift);
  const scaled = new Float64Array(data.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = data[i] * powers[i % width];
  const out = new Float64Array(data.length);
  divideToGrid(format, scaled, quantizer.scale, out, 0, rows * width);
  return out;
}

/**
 * β ⊙ W̃ of Eq. 19: weight values [out, in] with 2^−b_j on input j, exact in binary64. Multiplied by
 * {@link shiftedGridValues} and by α̃, it is the product of the per-channel quantized activations.
 *
 * @param w - [out, in]
 * @throws {@link BittrueError} `shape` for another number of inputs
 */
export function shiftWeights(quantizer: ShiftedQuantizer, w: Tensor): Float64Array {
  checkShiftedQuantizer(quantizer);
  const { data, width } = finiteRows('w', w);
  if (quantizer.shifts.length !== width) {
    throw new BittrueError('shape', 'w', `${width} inputs`, `${quantizer.shifts.length} inputs`);
  }
  const powers = quantizer.shifts.map((shift) => 2 ** -shift);
  const out = new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = data[i] * powers[i % width];
  return out;
}

function checkShiftedQuantizer(quantizer: ShiftedQuantizer): void {
  checkMade('quantizer', quantizer, ['grid', 'scale', 'shifts'], 'a quantizer, as shiftedQuantizer gives it');
}
