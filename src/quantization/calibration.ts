/**
 * Calibration of ranges over batches: static (the extremes of all batches) or an exponential moving average of each
 * batch's. A calibration is data; watching a batch gives the next one.
 *
 * @module
 */
import { BittrueError, checkFinite, checkMade, checkName, checkObject } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { finiteRows } from './matrix.ts';
import type { Range } from './range.ts';

/** Ranges seen so far. */
export interface Calibration {
  readonly method: 'static' | 'ema';
  /** For `ema`: the share of the old range in the new one; null for `static`. */
  readonly momentum: number | null;
  /** `tensor`: one range; `column`: one for every number of the last axis. */
  readonly per: 'tensor' | 'column';
  readonly batches: number;
  /** Empty before the first batch. */
  readonly ranges: readonly Range[];
}

/** How ranges are followed. */
export interface CalibrationOptions {
  /** Default `static`. */
  readonly method?: 'static' | 'ema';
  /** For `ema`, 0 ≤ momentum < 1; default 0.9. */
  readonly momentum?: number;
  /** Default `tensor`. */
  readonly per?: 'tensor' | 'column';
}

/**
 * A calibration that has seen nothing.
 *
 * @throws {@link BittrueError} for options that do not exist or are out of range
 * @example
 * import { observe, createCalibration } from 'bittrue/quantization';
 * const batch = (...x: number[]) => ({ data: Float64Array.from(x), shape: [x.length] });
 * let seen = createCalibration({ method: 'ema', momentum: 0.75 });
 * seen = observe(observe(seen, batch(-1, 2)), batch(-3, 4));
 * seen.ranges[0].max; // 2.5
 * seen.ranges[0].min; // -1.5
 */
export function createCalibration(options: CalibrationOptions = {}): Calibration {
  checkObject('options', options, ['method', 'momentum', 'per']);
  const method = checkName('options.method', options.method ?? 'static', ['static', 'ema']);
  const per = checkName('options.per', options.per ?? 'tensor', ['tensor', 'column']);
  if (method === 'static' && options.momentum !== undefined) {
    throw new BittrueError('unsupported', 'options.momentum', options.momentum, 'a momentum with ema only');
  }
  const momentum = checkFinite('options.momentum', options.momentum ?? 0.9);
  if (momentum < 0 || momentum >= 1)
    throw new BittrueError('range', 'options.momentum', momentum, 'a number in [0, 1)');
  return Object.freeze({ method, momentum: method === 'ema' ? momentum : null, per, batches: 0, ranges: [] });
}

/**
 * The calibration after another batch. The first batch sets the ranges.
 *
 * @throws {@link BittrueError} `value` for NaN and infinities, `shape` for another number of columns than before
 */
export function observe(calibration: Calibration, batch: Tensor): Calibration {
  const fields = ['method', 'momentum', 'per', 'batches', 'ranges'];
  checkMade('calibration', calibration, fields, 'a calibration, as createCalibration gives it');
  const { momentum, per, batches, ranges } = calibration;
  const { data, width } = finiteRows('batch', batch);
  const columns = per === 'column' ? width : 1;
  if (batches > 0 && ranges.length !== columns) {
    throw new BittrueError('shape', 'batch', `${columns} columns`, `${ranges.length} columns`);
  }
  const seen = Array.from({ length: columns }, () => ({ min: Infinity, max: -Infinity }));
  for (let i = 0; i < data.length; i++) {
    const range = seen[i % columns];
    if (data[i] < range.min) range.min = data[i];
    if (data[i] > range.max) range.max = data[i];
  }
  const next = seen.map((range, i): Range => {
    if (batches === 0) return range;
    const { min, max } = ranges[i];
    if (momentum === null) return { min: Math.min(min, range.min), max: Math.max(max, range.max) };
    const rest = 1 - momentum;
    return { min: momentum * min + rest * range.min, max: momentum * max + rest * range.max };
  });
  return Object.freeze({ ...calibration, batches: batches + 1, ranges: Object.freeze(next) });
}
