/**
 * Ranges with the outliers that a published run found in 80 layers of a large model (share of 409,600 features whose R is
 * at least so many times the layer's median), and partial sums that fill them.
 */
import { type GroupCalibration, parseGroupCalibration } from '../../src/collectives/index.ts';
import { generator } from '../random.ts';

/** R over the median, and the share of features at or above. */
const published = [
  [0.8, 1],
  [1, 0.5],
  [1.2, 0.0506],
  [1.5, 0.015],
  [2, 0.0043],
  [4, 0.00098],
  [8, 0.00046],
  [16, 0.0002],
  [1759, 1 / 409_600],
] as const;

/** R of the feature that a share of all features is at or above; shares and ranges interpolated by their logarithms. */
export function rangeAt(share: number): number {
  const above = Math.max(
    1,
    published.findIndex(([, at]) => at <= share),
  );
  const [[r0, s0], [r1, s1]] = [published[above - 1], published[above]];
  const t = Math.log(share / s0) / Math.log(s1 / s0);
  return r0 * (r1 / r0) ** Math.min(1, t);
}

/** R of `width` features at even shares, in a random order; further outliers in the last places. */
export function drawnRanges(width: number, seed: number, further: readonly number[] = []): Float64Array {
  const ranges = Float64Array.from({ length: width }, (_, j) => rangeAt((j + 0.5) / width));
  const next = generator(seed);
  for (let j = width - 1; j > 0; j--) {
    const other = Math.floor(next() * (j + 1));
    [ranges[j], ranges[other]] = [ranges[other], ranges[j]];
  }
  ranges.set(further, width - further.length);
  return ranges;
}

/** The ranges shared out over devices, each within 25 % of an even share, as a calibration that has seen exactly them. */
export function calibrationOf(ranges: Float64Array, devices: number, seed: number): GroupCalibration {
  const next = generator(seed);
  const rows = Array.from({ length: devices }, () => Array.from(ranges, (r) => (r / devices) * (0.75 + 0.5 * next())));
  return parseGroupCalibration({
    schema: 'group-calibration/1',
    devices,
    width: ranges.length,
    method: 'static',
    gamma: null,
    sequences: 1,
    ranges: rows.map((row) => row.map((r) => ({ min: -r / 2, max: r / 2 }))),
  });
}

/** Partial sums, each range filled evenly. */
export function filling({ ranges }: GroupCalibration, rows: number, seed: number): Float64Array[] {
  const next = generator(seed);
  return ranges.map((row) =>
    Float64Array.from({ length: rows * row.length }, (_, i) => (2 * next() - 1) * row[i % row.length].max),
  );
}
