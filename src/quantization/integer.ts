/**
 * Integer quantizers: q = clamp(round(x / s) + z), x̂ = (q − z) · s. The quotient is exact and rounded once, ties to even.
 *
 * Symmetric ones use −(2^(b−1) − 1) … 2^(b−1) − 1 with z = 0 (LLM-FP4 Eq. 2's INT4 has the levels ±7); asymmetric ones
 * 0 … 2^b − 1 with the integer z that represents 0 exactly.
 *
 * @module
 */
import {
  BittrueError,
  checkBoolean,
  checkFinite,
  checkInteger,
  checkMade,
  checkName,
  checkObject,
} from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { divideToIntegers, LARGEST_SCALE, SMALLEST_SCALE } from './divide.ts';
import { checkLayout, checkScales, extentOf, type Granularity, type Layout, scaleCount } from './granularity.ts';
import { finiteRows } from './matrix.ts';
import { type Range, rangeOf } from './range.ts';

/** An integer quantizer, as plain data. */
export interface IntegerQuantizer {
  readonly kind: 'integer';
  /** 2–16 */
  readonly bits: number;
  readonly symmetric: boolean;
  /** Lowest and largest code. */
  readonly low: number;
  readonly high: number;
  readonly granularity: Granularity;
  /** Numbers of a group; null for other granularities. */
  readonly groupSize: number | null;
  readonly scales: readonly number[];
  /** The code of 0 for every scale; all 0 where symmetric. */
  readonly zeroPoints: readonly number[];
}

/** How an integer quantizer looks; and, where it is made from data, how its ranges are found. */
export interface IntegerQuantizerOptions {
  /** 2–16 */
  readonly bits: number;
  /** Default true. */
  readonly symmetric?: boolean;
  /** Default `tensor`. `channel` and `token`: a scale a row. `group`: one for `groupSize` numbers of a row. */
  readonly granularity?: Granularity;
  readonly groupSize?: number;
  /** Default `minMax`. */
  readonly range?: 'minMax' | 'percentile' | 'mse';
  /** For `percentile`: how many of 100 numbers stay inside, by magnitude or at either end. Default 99.9. */
  readonly percentile?: number;
  /** For `mse`: how many clips are tried, i / candidates of the min-max range, i = 1 … candidates. Default 100. */
  readonly candidates?: number;
}

const shapeKeys = ['bits', 'symmetric', 'granularity', 'groupSize'] as const;

/**
 * A quantizer from data: of weights, or of an activation's calibration data (static), or of the very rows that are to be
 * quantized (dynamic, as `token` means it).
 *
 * @throws {@link BittrueError} `value` for NaN and infinities, `range` for options and magnitudes out of range
 * @example
 * import { integerQuantizer, quantizeInteger } from 'bittrue/quantization';
 * const x = { data: new Float64Array([-0.5, 0.3, 0.1, 0.9]), shape: [4] };
 * const quantizer = integerQuantizer(x, { bits: 4, symmetric: false });
 * quantizer.zeroPoints; // [5]
 * quantizeInteger(quantizer, x)[0].toFixed(6); // '-0.466667'
 */
export function integerQuantizer(x: Tensor, options: IntegerQuantizerOptions): IntegerQuantizer {
  checkObject('options', options, [...shapeKeys, 'range', 'percentile', 'candidates']);
  const shape = checkShape(options);
  const method = checkName('options.range', options.range ?? 'minMax', ['minMax', 'percentile', 'mse']);
  const percentile = checkFinite('options.percentile', options.percentile ?? 99.9);
  if (percentile <= 0 || percentile > 100) {
    throw new BittrueError('range', 'options.percentile', percentile, 'a number in (0, 100]');
  }
  const candidates = checkInteger('options.candidates', options.candidates ?? 100, 1, 1e6);
  const rows = finiteRows('x', x);
  const ranges: Range[] = [];
  for (let i = 0; i < scaleCount(shape.layout, rows); i++) {
    const [from, to] = extentOf(shape.layout, rows, i);
    const data = rows.data.subarray(from, to);
    if (method === 'mse') ranges.push(leastSquares(data, shape, candidates));
    else ranges.push(rangeOf(data, shape.symmetric, method === 'percentile' ? percentile : 100));
  }
  return fromRanges(shape, ranges);
}

/** What is left of options once they are checked. */
interface Shape {
  readonly bits: number;
  readonly symmetric: boolean;
  readonly low: number;
  readonly high: number;
  readonly layout: Layout;
}

function checkShape(options: Pick<IntegerQuantizerOptions, 'bits' | 'symmetric' | 'granularity' | 'groupSize'>): Shape {
  const bits = checkInteger('options.bits', options.bits, 2, 16);
  const symmetric = checkBoolean('options.symmetric', options.symmetric ?? true);
  const layout = checkLayout(options.granularity ?? 'tensor', options.groupSize);
  const half = 2 ** (bits - 1) - 1;
  return { bits, symmetric, low: symmetric ? -half : 0, high: symmetric ? half : 2 ** bits - 1, layout };
}

/**
 * A quantizer for ranges that are known, such as a calibration's: one, or one for every scale in row order.
 *
 * @throws {@link BittrueError} `range` for ranges that are not finite or whose ends are swapped
 * @example
 * import { integerQuantizerForRanges } from 'bittrue/quantization';
 * integerQuantizerForRanges([{ min: -1.75, max: 1 }], { bits: 4 }).scales; // [0.25]
 */
export function integerQuantizerForRanges(
  ranges: readonly Range[],
  options: Pick<IntegerQuantizerOptions, 'bits' | 'symmetric' | 'granularity' | 'groupSize'>,
): IntegerQuantizer {
  checkObject('options', options, shapeKeys);
  if (!Array.isArray(ranges)) throw new BittrueError('type', 'ranges', ranges, 'an array of { min, max }');
  ranges.forEach((range: Range, i) => {
    const { min, max } = checkMade(`ranges[${i}]`, range, ['min', 'max'], '{ min, max }');
    if (checkFinite(`ranges[${i}].max`, max) < checkFinite(`ranges[${i}].min`, min)) {
      throw new BittrueError('range', `ranges[${i}]`, `${min} … ${max}`, 'min ≤ max');
    }
  });
  return fromRanges(checkShape(options), ranges);
}

function fromRanges(shape: Shape, ranges: readonly Range[]): IntegerQuantizer {
  const { bits, symmetric, low, high, layout } = shape;
  const pairs = ranges.map((range) => scaleAndZero(range, shape));
  return Object.freeze({
    kind: 'integer',
    bits,
    symmetric,
    low,
    high,
    granularity: layout.granularity,
    groupSize: layout.groupSize,
    scales: Object.freeze(pairs.map(([scale]) => scale)),
    zeroPoints: Object.freeze(pairs.map(([, zero]) => zero)),
  });
}

/** s and z of a range; 1 and 0 for a range that holds only 0. */
function scaleAndZero({ min, max }: Range, { symmetric, low, high }: Shape): readonly [number, number] {
  const least = Math.min(min, 0);
  const most = Math.max(max, 0);
  const extent = symmetric ? Math.max(-least, most) : most - least;
  if (extent === 0) return [1, 0];
  const scale = extent / (symmetric ? high : high - low);
  if (!(scale >= SMALLEST_SCALE && scale <= LARGEST_SCALE)) {
    throw new BittrueError('range', 'x', extent, 'a range within 2^−350 … 2^350, or zero');
  }
  if (symmetric) return [scale, 0];
  const zero = new Float64Array(1);
  divideToIntegers([-least], scale, 0, low, high, zero, 0, 1);
  return [scale, zero[0]];
}

/** The shrunk min-max range of least squared error; the widest of equals. */
function leastSquares(data: ArrayLike<number>, shape: Shape, candidates: number): Range {
  const { min, max } = rangeOf(data, shape.symmetric, 100);
  const out = new Float64Array(data.length);
  let best: Range = { min, max };
  let least = Number.POSITIVE_INFINITY;
  for (let i = candidates; i >= 1; i--) {
    const range = { min: (min * i) / candidates, max: (max * i) / candidates };
    const [scale, zero] = scaleAndZero(range, shape);
    divideToIntegers(data, scale, zero, shape.low, shape.high, out, 0, data.length);
    let error = 0;
    for (let k = 0; k < out.length; k++) {
      const off = (out[k] - zero) * scale - data[k];
      error += off * off;
    }
    if (error < least) {
      least = error;
      best = range;
    }
  }
  return best;
}

/**
 * The codes of the numbers.
 *
 * @throws {@link BittrueError} `value` for NaN and infinities, `shape` for rows that the scales do not fit
 * @example
 * import { integerCodes, integerQuantizerForRanges } from 'bittrue/quantization';
 * const x = { data: new Float64Array([-2, 0.125, 0.375, 1]), shape: [4] };
 * [...integerCodes(integerQuantizerForRanges([{ min: -1.75, max: 1 }], { bits: 4 }), x)]; // [-7, 0, 2, 4]
 */
export function integerCodes(quantizer: IntegerQuantizer, x: Tensor): Int32Array {
  return Int32Array.from(codes(quantizer, x));
}

function codes(quantizer: IntegerQuantizer, x: Tensor): Float64Array {
  const fields = ['low', 'high', 'granularity', 'scales', 'zeroPoints'];
  checkMade('quantizer', quantizer, fields, 'a quantizer, as integerQuantizer gives it');
  const { low, high, scales, zeroPoints } = quantizer;
  const rows = finiteRows('x', x);
  checkScales(quantizer, scales, rows);
  const out = new Float64Array(rows.data.length);
  scales.forEach((scale, i) => {
    const [from, to] = extentOf(quantizer, rows, i);
    divideToIntegers(rows.data, scale, zeroPoints[i], low, high, out, from, to);
  });
  return out;
}

/**
 * The numbers as the quantizer represents them, in binary64: (q − z) · s.
 *
 * @throws {@link BittrueError} as {@link integerCodes}
 */
export function quantizeInteger(quantizer: IntegerQuantizer, x: Tensor): Float64Array {
  const out = codes(quantizer, x);
  const rows = finiteRows('x', x);
  quantizer.scales.forEach((scale, i) => {
    const [from, to] = extentOf(quantizer, rows, i);
    const zero = quantizer.zeroPoints[i];
    for (let k = from; k < to; k++) out[k] = (out[k] - zero) * scale;
  });
  return out;
}
