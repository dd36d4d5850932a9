/**
 * The sets of inputs that a bound holds for, and as what the bounds read them: a box, and an ellipsoid within it.
 *
 * @module
 */
import {
  BittrueError,
  checkFinite,
  checkInteger,
  checkList,
  checkMade,
  checkName,
  checkObject,
  checkPositive,
} from '../errors/index.ts';
import type { Magnitudes } from '../events/magnitudes.ts';
import type { Format } from '../formats/format.ts';
import { defineFormat } from '../rounding/roundTo.ts';
import { type Numbers, numbers, widen } from '../specification/operands.ts';
import { up } from './outward.ts';

/**
 * A set of rows x, taken before `load`.
 *
 * - `intervals`: low_k ≤ x_k ≤ high_k; a single number stands for all of them;
 * - `format`: every finite number of a format;
 * - `magnitudes`: as large as what was counted in a run, of either sign: `report.magnitudes.load` of the data, or of whatever
 *   stage makes the inputs; exponents tell no more of a number than its binade;
 * - `ball`: ‖x‖₂ ≤ radius;
 * - `normOutputs`: what a norm may give, γ⊙n + β with ‖n‖₂² ≤ d (1 + tolerance). Tolerance 0, the default, holds for an
 *   exact norm only; one on a target needs as much as its roundings of 1/√, n and γ add.
 */
export type InputSet =
  | { readonly kind: 'intervals'; readonly low: number | Numbers; readonly high: number | Numbers }
  | { readonly kind: 'format'; readonly format: Format | string }
  | { readonly kind: 'magnitudes'; readonly magnitudes: Magnitudes }
  | { readonly kind: 'ball'; readonly radius: number }
  | {
      readonly kind: 'normOutputs';
      readonly gamma?: Numbers;
      readonly beta?: Numbers;
      readonly tolerance?: number;
    };

const kinds = ['intervals', 'format', 'magnitudes', 'ball', 'normOutputs'] as const;
const keys = ['kind', 'low', 'high', 'format', 'magnitudes', 'radius', 'gamma', 'beta', 'tolerance'];

/** x = center + axes ⊙ n with ‖n‖₂ ≤ radius. */
export interface Ellipsoid {
  readonly center: Float64Array;
  readonly axes: Float64Array;
  readonly radius: number;
}

/** A set as the bounds read it. */
export interface Region {
  readonly width: number;
  /** The least box around the set. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** What the set is inside its box; null: all of it. */
  readonly ellipsoid: Ellipsoid | null;
}

/**
 * A set of rows of `width` numbers, checked.
 *
 * @throws {@link BittrueError} for intervals that are inverted or not finite, and lengths that do not fit
 */
export function defineInputs(set: unknown, width: number): Region {
  const given = checkObject('inputs', set, keys);
  const kind = checkName('inputs.kind', given.kind, kinds);
  switch (kind) {
    case 'intervals': {
      checkObject('inputs', set, ['kind', 'low', 'high']);
      const low = ends('inputs.low', given.low, width);
      const high = ends('inputs.high', given.high, width);
      const wrong = low.findIndex((x, k) => x > (high[k] as number));
      if (wrong >= 0) {
        const place = typeof given.high === 'number' ? 'inputs.high' : `inputs.high[${wrong}]`;
        throw new BittrueError('range', place, high[wrong], `at least ${low[wrong]}, the interval's lower end`);
      }
      return { width, low, high, ellipsoid: null };
    }
    case 'format': {
      checkObject('inputs', set, ['kind', 'format']);
      const format = defineFormat(given.format, 'inputs.format');
      const { max } = format;
      const low = format.kind === 'integer' ? format.min : format.signed ? -max : lowestOf(format);
      return { width, low: fill(width, low), high: fill(width, max), ellipsoid: null };
    }
    case 'magnitudes': {
      checkObject('inputs', set, ['kind', 'magnitudes']);
      const most = largestOf(given.magnitudes);
      return { width, low: fill(width, -most), high: fill(width, most), ellipsoid: null };
    }
    case 'ball': {
      checkObject('inputs', set, ['kind', 'radius']);
      const radius = checkPositive('inputs.radius', given.radius);
      return boxed({ center: fill(width, 0), axes: fill(width, 1), radius });
    }
    case 'normOutputs': {
      checkObject('inputs', set, ['kind', 'gamma', 'beta', 'tolerance']);
      const tolerance = checkFinite('inputs.tolerance', given.tolerance ?? 0);
      if (tolerance < 0) throw new BittrueError('range', 'inputs.tolerance', tolerance, 'a number of at least 0');
      const axes = ends('inputs.gamma', given.gamma ?? 1, width);
      const center = ends('inputs.beta', given.beta ?? 0, width);
      return boxed({ center, axes, radius: up(Math.sqrt(up(width * (1 + tolerance)))) });
    }
  }
}

/** The largest number with an exponent that was counted. */
function largestOf(magnitudes: unknown): number {
  const argument = 'inputs.magnitudes';
  const given = checkMade(
    argument,
    magnitudes as Magnitudes,
    ['zero', 'subnormal', 'nonFinite', 'least', 'counts', 'range'],
    'a stage of report.magnitudes',
  );
  const { least, counts, range, subnormal, nonFinite } = given;
  if (nonFinite !== 0) throw new BittrueError('range', `${argument}.nonFinite`, nonFinite, '0: finite numbers alone');
  const end =
    checkInteger(`${argument}.least`, least ?? range?.least ?? 0, -1074, 1023) +
    checkList(`${argument}.counts`, counts).length;
  if (end > 1024) throw new BittrueError('range', `${argument}.counts`, end, 'exponents of at most 1023');
  if (least === null && subnormal === 0) return 0;
  return 2 ** (end - 1) * (2 - 2 ** -52);
}

/** The smallest number of an unsigned float format. */
function lowestOf(format: Format & { kind: 'float' }): number {
  return format.lowest === 'normal' ? format.minNormal : 0;
}

function boxed(ellipsoid: Ellipsoid): Region {
  const { center, axes, radius } = ellipsoid;
  const reach = axes.map((axis) => up(Math.abs(axis) * radius));
  return {
    width: center.length,
    low: center.map((x, k) => -up((reach[k] as number) - x)),
    high: center.map((x, k) => up((reach[k] as number) + x)),
    ellipsoid,
  };
}

function fill(width: number, x: number): Float64Array {
  return new Float64Array(width).fill(x);
}

/** One finite number for each element. */
function ends(argument: string, given: unknown, width: number): Float64Array {
  if (typeof given === 'number') return fill(width, checkFinite(argument, given));
  return finite(argument, widen(numbers(argument, given, width)));
}

/** Numbers of which none is NaN or infinite. */
export function finite(argument: string, values: Float64Array): Float64Array {
  const wrong = values.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) throw new BittrueError('range', `${argument}[${wrong}]`, values[wrong], 'a finite number');
  return values;
}

/** The element of [least, most] that is nearest to zero. */
export function nearestToZero(least: number, most: number): number {
  return Math.max(least, Math.min(most, 0));
}
