/**
 * The range of some numbers: all of them, or all but the outermost.
 *
 * @module
 */

/** A closed range. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * The range that holds `percentile` of 100 numbers. Symmetric: by magnitude; else what is left out is halved between
 * both ends. A rank between two numbers takes the outer one, so 100 is min-max.
 */
export function rangeOf(data: ArrayLike<number>, symmetric: boolean, percentile: number): Range {
  if (percentile === 100) return extremes(data, symmetric);
  const sorted = Float64Array.from(data, (x) => (symmetric ? Math.abs(x) : x)).sort();
  const last = sorted.length - 1;
  const out = symmetric ? 1 - percentile / 100 : (1 - percentile / 100) / 2;
  const max = sorted[last - Math.floor(last * out)];
  return { min: symmetric ? -max : sorted[Math.floor(last * out)], max };
}

function extremes(data: ArrayLike<number>, symmetric: boolean): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < min) min = data[i];
    if (data[i] > max) max = data[i];
  }
  if (!symmetric) return { min, max };
  const most = Math.max(-min, max);
  return { min: -most, max: most };
}
