/**
 * Which features are worth 16 bits: those with the widest range over all devices, or, for comparison, random ones.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkNumbers } from '../errors/index.ts';
import { ORIGIN, philox } from '../rounding/philox.ts';
import { checkSeen, type GroupCalibration } from './calibration.ts';

/**
 * R_j = Σ_i R_ij over the devices, with R_ij = 2·max(|m|, |M|) where codes are symmetric, else M − m.
 *
 * @throws {@link BittrueError} for a calibration that has seen nothing
 */
export function aggregatedRanges(calibration: GroupCalibration, symmetric = true): Float64Array {
  const { ranges, width } = checkSeen(calibration);
  checkBoolean('symmetric', symmetric);
  const sums = new Float64Array(width);
  for (const row of ranges) {
    row.forEach(({ min, max }, j) => {
      sums[j] += symmetric ? 2 * Math.max(Math.abs(min), Math.abs(max)) : max - min;
    });
  }
  return sums;
}

/**
 * The k features with the largest of some ranges, ascending; of equal ones the first.
 *
 * @param k - 0 … as many as there are
 * @throws {@link BittrueError} `range` for another k, `type` for what is no numbers
 * @example
 * import { selectFeatures } from 'bittrue/collectives';
 * selectFeatures([1, 5, 2, 5], 2); // [1, 3]
 */
export function selectFeatures(ranges: ArrayLike<number>, k: number): readonly number[] {
  checkNumbers('ranges', ranges);
  checkInteger('k', k, 0, ranges.length);
  const order = Array.from(ranges, (_, j) => j).sort((a, b) => ranges[b] - ranges[a] || a - b);
  return Object.freeze(order.slice(0, k).sort((a, b) => a - b));
}

/**
 * k features of `width` drawn without replacement, ascending; the same for the same seed, by the generator of stochastic
 * rounding: every device draws them for itself.
 *
 * @throws {@link BittrueError} `range` for k beyond the width
 * @example
 * import { randomFeatures } from 'bittrue/collectives';
 * randomFeatures(5, 5, 1); // [0, 1, 2, 3, 4]
 */
export function randomFeatures(width: number, k: number, seed: number): readonly number[] {
  checkInteger('width', width, 0, 2 ** 31);
  checkInteger('k', k, 0, width);
  checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const order = Array.from({ length: width }, (_, j) => j);
  for (let i = 0; i < k; i++) {
    const other = i + Math.floor((philox(seed, { ...ORIGIN, index: i }) / 2 ** 32) * (width - i));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return Object.freeze(order.slice(0, k).sort((a, b) => a - b));
}

/**
 * k from a share of the features, at least 1 (`1/64` of 5120 is 80), or from a number of them.
 *
 * @throws {@link BittrueError} for another text, or a number beyond the width
 * @example
 * import { featureCount } from 'bittrue/collectives';
 * featureCount('1/64', 5120); // 80
 * featureCount('0', 5120); // 0
 */
export function featureCount(k: string | number, width: number): number {
  checkInteger('width', width, 1, 2 ** 31);
  const [, above, below] = /^(\d+)(?:\/([1-9]\d*))?$/.exec(String(k)) ?? [];
  if (above === undefined) throw new BittrueError('type', 'k', k, 'a number of features, or a share such as 1/64');
  if (below === undefined) return checkInteger('k', Number(above), 0, width);
  if (Number(above) > Number(below)) throw new BittrueError('range', 'k', k, 'a share of at most 1');
  return above === '0' ? 0 : Math.max(1, Math.floor((width * Number(above)) / Number(below)));
}

/** How far the ranges of some features exceed the usual one. */
export interface OutlierStatistics {
  readonly features: number;
  /** Of R; null where it is 0. */
  readonly maxOverMedian: number | null;
  /** How many features have R of at least 1.2, 1.5, 2, 4, 8 and 16 times the median. */
  readonly atLeast: readonly { readonly times: number; readonly features: number }[];
  /**
   * √(ΣR² / Σ_{j∉S}R²): what the root-mean-square error of codes of one width loses by features S going in 16 bits, where
   * steps are proportional to ranges and nothing is clipped. Infinity where all of R lies in S, 1 where R is 0.
   */
  readonly expectedGain: number;
}

/** The multiples of the median that published statistics give. */
const multiples = [1.2, 1.5, 2, 4, 8, 16] as const;

/**
 * What there is for a selection to gain.
 *
 * @param selected - the features S
 * @throws {@link BittrueError} `shape` for no feature
 * @example
 * import { outlierStatistics } from 'bittrue/collectives';
 * outlierStatistics([1, 1, 1, 4], [3]).maxOverMedian; // 4
 */
export function outlierStatistics(ranges: ArrayLike<number>, selected: readonly number[]): OutlierStatistics {
  checkNumbers('ranges', ranges);
  checkNumbers('selected', selected);
  const sorted = Float64Array.from(ranges).sort();
  const n = sorted.length;
  if (n === 0) throw new BittrueError('shape', 'ranges', 'none', 'at least one feature');
  const median = (sorted[Math.floor((n - 1) / 2)] + sorted[Math.floor(n / 2)]) / 2;
  const chosen = new Set(selected);
  let all = 0;
  let rest = 0;
  for (let j = 0; j < n; j++) {
    all += ranges[j] * ranges[j];
    if (!chosen.has(j)) rest += ranges[j] * ranges[j];
  }
  return {
    features: n,
    maxOverMedian: median === 0 ? null : sorted[n - 1] / median,
    atLeast: multiples.map((times) => ({
      times,
      features: median === 0 ? 0 : sorted.reduce((count, r) => count + (r >= times * median ? 1 : 0), 0),
    })),
    expectedGain: all === 0 ? 1 : Math.sqrt(all / rest),
  };
}
