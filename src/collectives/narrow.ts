/**
 * Codecs with static scales from a calibration: integers for all features, or for all but k.
 *
 * @module
 */
import { quotientResidual } from '../arithmetic/residual.ts';
import { BittrueError, checkBoolean, checkInteger, checkObject, checkPositive } from '../errors/index.ts';
import { bfloat16, binary32, defineInteger, e4m3fn, type FloatFormat, formatName } from '../formats/index.ts';
import { resolvePolicy, roundTo } from '../rounding/index.ts';
import { Rounder } from '../rounding/rounder.ts';
import { checkSeen, type GroupCalibration } from './calibration.ts';
import { type FeatureCodec, type Narrow, wideRounding } from './codec.ts';
import { aggregatedRanges, randomFeatures, selectFeatures } from './selection.ts';

/** How integer codes look. */
export interface IntegerCodecOptions {
  /** 2–8; default 4. */
  readonly bits?: number;
  /**
   * Default true: scale max(|m|, |M|) / (2^(b−1) − 1), codes −2^(b−1) … 2^(b−1) − 1. Else scale (M − m) / (2^b − 1) with
   * the range widened to hold 0, which has a code of its own.
   */
  readonly symmetric?: boolean;
  /** The smallest scale, for features seen as zero; default 1e-8. */
  readonly scaleFloor?: number;
}

/** How the k features of a hybrid codec go. */
export interface HybridCodecOptions extends IntegerCodecOptions {
  /** Features in `wide`: 0 … all. */
  readonly k: number;
  /** Default bfloat16. */
  readonly wide?: FloatFormat;
}

const integerKeys = ['bits', 'symmetric', 'scaleFloor'];

/**
 * All features as integers under static per-feature ranges.
 *
 * @throws {@link BittrueError} for options out of range, or a calibration that has seen nothing
 * @example
 * import { integerCodec, observeGroup, createGroupCalibration } from 'bittrue/collectives';
 * const seen = observeGroup(createGroupCalibration({ devices: 1, width: 2 }), [Float64Array.of(-7, 3.5)]);
 * [...integerCodec(seen).narrow!.scales[0]]; // [1, 0.5]
 */
export function integerCodec(calibration: GroupCalibration, options: IntegerCodecOptions = {}): FeatureCodec {
  checkObject('options', options, integerKeys);
  return withKept(calibration, options, [], `int${options.bits ?? 4}`);
}

/**
 * The k features of the widest aggregated range in BF16, the others as integers (arXiv 2411.07942).
 *
 * @throws {@link BittrueError} as {@link integerCodec}; `range` for k beyond the features
 * @example
 * import { hybridCodec, observeGroup, createGroupCalibration } from 'bittrue/collectives';
 * const x = Float64Array.of(1, -90, 2);
 * const seen = observeGroup(createGroupCalibration({ devices: 2, width: 3 }), [x, x]);
 * hybridCodec(seen, { k: 1 }).kept; // [1]
 */
export function hybridCodec(calibration: GroupCalibration, options: HybridCodecOptions): FeatureCodec {
  const { k, wide, ...rest } = checkHybrid(options, calibration);
  const ranges = aggregatedRanges(calibration, rest.symmetric ?? true);
  return withKept(calibration, rest, selectFeatures(ranges, k), 'hybrid', wide);
}

/**
 * The baseline of the hybrid codec: k random features in BF16.
 *
 * @throws {@link BittrueError} as {@link hybridCodec}
 */
export function randomCodec(
  calibration: GroupCalibration,
  options: HybridCodecOptions & { readonly seed?: number },
): FeatureCodec {
  checkObject('options', options, ['k', 'wide', 'seed', ...integerKeys]);
  const { seed = 0, ...hybrid } = options;
  const { k, wide, ...rest } = checkHybrid(hybrid, calibration);
  return withKept(calibration, rest, randomFeatures(calibration.width, k, seed), 'random', wide);
}

/**
 * All features in a float format under one static scale a device, by which the largest range seen becomes the format's
 * largest number; saturating.
 *
 * @param format - default e4m3fn, FP8
 * @throws {@link BittrueError} as {@link integerCodec}
 */
export function scaledFloatCodec(calibration: GroupCalibration, format: FloatFormat = e4m3fn): FeatureCodec {
  const { ranges, width } = checkSeen(calibration);
  const narrowed = wideRounding('format', format, { overflow: 'saturate', nanInput: 'zero' });
  const scales = ranges.map((row) => {
    const extent = row.reduce((most, { min, max }) => Math.max(most, -min, max), 0);
    return new Float64Array(width).fill(scaleOf(extent, format.max, SCALE_FLOOR));
  });
  const zeroPoints = scales.map(() => new Float64Array(width));
  return Object.freeze({
    kind: 'feature',
    name: `${formatName(format)} scaled`,
    kept: Object.freeze([]),
    wide: roundTo(bfloat16),
    narrow: Object.freeze({ rounding: narrowed, low: -format.max, high: format.max, scales, zeroPoints }),
  });
}

function checkHybrid(options: HybridCodecOptions, calibration: GroupCalibration): HybridCodecOptions {
  checkObject('options', options, ['k', 'wide', ...integerKeys]);
  checkInteger('options.k', options.k, 0, checkSeen(calibration).width);
  return options;
}

function withKept(
  calibration: GroupCalibration,
  options: IntegerCodecOptions,
  kept: readonly number[],
  name: string,
  wide: FloatFormat = bfloat16,
): FeatureCodec {
  checkSeen(calibration);
  const symmetric = checkBoolean('options.symmetric', options.symmetric ?? true);
  return Object.freeze({
    kind: 'feature',
    name: symmetric ? name : `${name} asymmetric`,
    kept: kept.length === calibration.width ? 'all' : kept,
    wide: wideRounding('options.wide', wide),
    narrow: kept.length === calibration.width ? null : integers(calibration, options, symmetric),
  });
}

const SCALE_FLOOR = 1e-8;

function integers(calibration: GroupCalibration, options: IntegerCodecOptions, symmetric: boolean): Narrow {
  const { ranges } = checkSeen(calibration);
  const bits = checkInteger('options.bits', options.bits ?? 4, 2, 8);
  const floor = checkPositive('options.scaleFloor', options.scaleFloor ?? SCALE_FLOOR);
  const half = 2 ** (bits - 1);
  const low = symmetric ? -half : 0;
  const high = symmetric ? half - 1 : 2 * half - 1;
  const scales = ranges.map((row) =>
    Float64Array.from(row, ({ min, max }) =>
      symmetric
        ? scaleOf(Math.max(Math.abs(min), Math.abs(max)), high, floor)
        : scaleOf(Math.max(max, 0) - Math.min(min, 0), high, floor),
    ),
  );
  const zeroPoints = ranges.map((row, device) =>
    Float64Array.from(row, ({ min }, j) => (symmetric ? 0 : codeOfZero(Math.max(-min, 0), scales[device][j], high))),
  );
  const narrowed = roundTo(defineInteger({ bits, signed: symmetric }), { nanInput: 'zero' });
  return Object.freeze({ rounding: narrowed, low, high, scales, zeroPoints });
}

/** extent / steps as a binary32 number, rounded once; no less than the floor. */
function scaleOf(extent: number, steps: number, floor: number): number {
  const quotient = extent / steps;
  const rounder = new Rounder(binary32, resolvePolicy(binary32));
  const scale =
    quotient <= floor ? rounder.round(floor, 0) : rounder.round(quotient, quotientResidual(extent, steps, quotient));
  if (!(scale > 0 && scale <= binary32.max)) {
    throw new BittrueError('range', 'calibration', extent, 'ranges and a floor whose scales are binary32 numbers');
  }
  return scale;
}

/** round(below / scale), ties to even, at most the largest code. */
function codeOfZero(below: number, scale: number, high: number): number {
  const wide = defineInteger({ bits: 32 });
  const rounder = new Rounder(wide, resolvePolicy(wide));
  return Math.min(high, rounder.round(below / scale, 0));
}
