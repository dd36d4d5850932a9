/**
 * Calibration of a group: for every device and feature the range of its partial sums, static data that no message
 * carries (arXiv 2411.07942: exponential moving averages, for each feature on each device).
 *
 * With γ the ranges depend on the order of the sequences: the first one sets them, each later one moves them by γ of the
 * way, so that the last of n has the weight γ and the first (1 − γ)^(n−1). They end below the extremes, and values
 * beyond them are clipped. Only `static` is free of the order.
 *
 * @module
 */
import {
  BittrueError,
  checkAs,
  checkFinite,
  checkInteger,
  checkList,
  checkName,
  checkObject,
  checkSchema,
  fieldsOf,
} from '../errors/index.ts';
import { type Calibration, createCalibration, observe, type Range } from '../quantization/index.ts';

/** Ranges seen so far, as plain data that JSON holds. */
export interface GroupCalibration {
  readonly schema: 'group-calibration/1';
  readonly devices: number;
  /** Features: outputs of the layer. */
  readonly width: number;
  /** `ema`, or `static`: the extremes of all sequences. */
  readonly method: 'ema' | 'static';
  /** For `ema`: the share of a new sequence's range; null for `static`. */
  readonly gamma: number | null;
  /** Sequences seen. */
  readonly sequences: number;
  /** `[device][feature]`; empty before the first sequence. */
  readonly ranges: readonly (readonly Range[])[];
}

/** How ranges are followed. */
export interface GroupCalibrationOptions {
  readonly devices: number;
  readonly width: number;
  /** Default `ema`. */
  readonly method?: 'ema' | 'static';
  /** For `ema`, 0 < γ ≤ 1; default 0.01. */
  readonly gamma?: number;
}

/**
 * A calibration that has seen nothing.
 *
 * @throws {@link BittrueError} for options that do not exist or are out of range
 * @example
 * import { observeGroup, createGroupCalibration } from 'bittrue/collectives';
 * const devices = (...x: number[]) => x.map((value) => Float64Array.of(value, -value));
 * let seen = createGroupCalibration({ devices: 2, width: 1, gamma: 0.25 });
 * seen = observeGroup(observeGroup(seen, devices(1, 2)), devices(5, 2));
 * seen.ranges; // [[{ min: -2, max: 2 }], [{ min: -2, max: 2 }]]
 */
export function createGroupCalibration(options: GroupCalibrationOptions): GroupCalibration {
  checkObject('options', options, ['devices', 'width', 'method', 'gamma']);
  const method = checkName('options.method', options.method ?? 'ema', ['ema', 'static']);
  if (method === 'static' && options.gamma !== undefined) {
    throw new BittrueError('unsupported', 'options.gamma', options.gamma, 'γ with ema only');
  }
  return Object.freeze({
    schema: 'group-calibration/1',
    devices: checkInteger('options.devices', options.devices, 1, 64),
    width: checkInteger('options.width', options.width, 1, 2 ** 31),
    method,
    gamma: method === 'ema' ? checkGamma('options.gamma', options.gamma ?? 0.01) : null,
    sequences: 0,
    ranges: Object.freeze([]),
  });
}

function checkGamma(argument: string, gamma: unknown): number {
  const found = checkFinite(argument, gamma);
  if (found <= 0 || found > 1) throw new BittrueError('range', argument, found, 'a number in (0, 1]');
  return found;
}

/**
 * The calibration after another sequence.
 *
 * @param partials - each device's partial sums of the sequence's tokens, row-major [tokens, width]
 * @throws {@link BittrueError} `value` for NaN and infinities, `shape` for another number of devices or features
 */
export function observeGroup(calibration: GroupCalibration, partials: readonly Float64Array[]): GroupCalibration {
  checkSchema('calibration', calibration, ['group-calibration/1']);
  const { devices, width, gamma, sequences, ranges } = calibration;
  if (checkList('partials', partials).length !== devices) {
    throw new BittrueError('shape', 'partials', `${partials.length} devices`, `${devices} devices`);
  }
  const start = createCalibration(
    gamma === null ? { per: 'column' } : { method: 'ema', momentum: 1 - gamma, per: 'column' },
  );
  const next = partials.map((data, device) => {
    const before: Calibration = sequences === 0 ? start : { ...start, batches: sequences, ranges: ranges[device] };
    return checkAs(
      (argument) => argument.replace(/^batch/, `partials[${device}]`),
      // Plus zero: JSON has no other.
      () =>
        observe(before, { data, shape: [(data?.length ?? 0) / width, width] }).ranges.map(({ min, max }) => ({
          min: min + 0,
          max: max + 0,
        })),
    );
  });
  return Object.freeze({ ...calibration, sequences: sequences + 1, ranges: Object.freeze(next) });
}

/**
 * A calibration read back from JSON, checked.
 *
 * @throws {@link BittrueError} for data that is no calibration
 * @example
 * import { observeGroup, parseGroupCalibration, createGroupCalibration } from 'bittrue/collectives';
 * const seen = observeGroup(createGroupCalibration({ devices: 1, width: 2 }), [Float64Array.of(1, -3)]);
 * parseGroupCalibration(JSON.parse(JSON.stringify(seen))).ranges[0][1].min; // -3
 */
export function parseGroupCalibration(value: unknown): GroupCalibration {
  const keys = ['schema', 'devices', 'width', 'method', 'gamma', 'sequences', 'ranges'];
  const given = checkObject('calibration', value, keys);
  checkName('calibration.schema', given.schema, ['group-calibration/1']);
  const devices = checkInteger('calibration.devices', given.devices, 1, 64);
  const width = checkInteger('calibration.width', given.width, 1, 2 ** 31);
  const method = checkName('calibration.method', given.method, ['ema', 'static']);
  const sequences = checkInteger('calibration.sequences', given.sequences, 0, Number.MAX_SAFE_INTEGER);
  const rows = list('calibration.ranges', given.ranges, sequences === 0 ? 0 : devices);
  return Object.freeze({
    schema: 'group-calibration/1',
    devices,
    width,
    method,
    gamma: method === 'ema' ? checkGamma('calibration.gamma', given.gamma) : null,
    sequences,
    ranges: Object.freeze(
      rows.map((row, device) => {
        const argument = `calibration.ranges[${device}]`;
        return Object.freeze(list(argument, row, width).map((range, j) => checkRange(`${argument}[${j}]`, range)));
      }),
    ),
  });
}

function list(argument: string, value: unknown, length: number): readonly unknown[] {
  const found = checkList(argument, value);
  if (found.length !== length) throw new BittrueError('shape', argument, value, `${length} of them`);
  return found;
}

function checkRange(argument: string, value: unknown): Range {
  const given = checkObject(argument, value, ['min', 'max']);
  const min = checkFinite(`${argument}.min`, given.min);
  const max = checkFinite(`${argument}.max`, given.max);
  if (max < min) throw new BittrueError('range', argument, `${min} … ${max}`, 'min ≤ max');
  return { min, max };
}

/** Refuses a calibration that has seen nothing. */
export function checkSeen(calibration: GroupCalibration): GroupCalibration {
  if (fieldsOf(calibration).schema !== 'group-calibration/1') {
    throw new BittrueError('type', 'calibration', calibration, 'a calibration, as observeGroup gives it');
  }
  if (calibration.sequences === 0) {
    throw new BittrueError('shape', 'calibration', 'no sequence', 'at least one sequence seen');
  }
  return calibration;
}
