/**
 * Which candidates can be the best, by sums that carry rounding errors: all whose sum lies within a slack far above those
 * errors. The caller decides between the few that are left by the metric itself, summed as everywhere.
 *
 * @module
 */

/** Relative slack: rounding errors of a sum are below 1e-9 of it unless it is tiny (see the absolute slack). */
const SLACK = 1e-6;

/**
 * The candidates whose whole sum is within the slack of the least, in ascending order of their index.
 *
 * @param count - candidates, 0 … count − 1
 * @param parts - how many parts a sum has; none is negative
 * @param tiny - absolute slack, for sums near zero
 * @param add - adds the sums of a part to those of the candidates given; never called with none
 */
export function shortlist(
  count: number,
  parts: number,
  tiny: number,
  add: (part: number, candidates: Int32Array, sums: Float64Array) => void,
): number[] {
  const sums = new Float64Array(count);
  let alive = Int32Array.from({ length: count }, (_, c) => c);
  add(0, alive, sums);
  // Who was best so far goes first: sums never fall, so a candidate that exceeds its whole sum is out.
  const pilot = least(alive, sums);
  if (parts > 1) {
    const alone = Int32Array.of(pilot);
    for (let part = 1; part < parts; part++) add(part, alone, sums);
    alive = alive.filter((c) => c !== pilot);
  }
  for (let part = 1; part < parts; part++) {
    const limit = sums[pilot] * (1 + SLACK) + tiny;
    alive = alive.filter((c) => sums[c] <= limit);
    if (alive.length === 0) break;
    add(part, alive, sums);
  }
  return withinSlack(parts > 1 ? Int32Array.from([...alive, pilot]) : alive, sums, tiny);
}

/** The same for sums that are whole. */
export function closest(sums: Float64Array, tiny: number): number[] {
  return withinSlack(
    Int32Array.from(sums, (_, c) => c),
    sums,
    tiny,
  );
}

function withinSlack(candidates: Int32Array, sums: Float64Array, tiny: number): number[] {
  const limit = sums[least(candidates, sums)] * (1 + SLACK) + tiny;
  return Array.from(candidates.filter((c) => sums[c] <= limit)).sort((a, b) => a - b);
}

function least(candidates: Int32Array, sums: Float64Array): number {
  let best = candidates[0];
  for (const c of candidates) if (sums[c] < sums[best]) best = c;
  return best;
}

/** The first of equal numbers stands for all: their indices, and how the numbers order, the largest first. */
export function distinctDescending(values: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
  return order.filter((c, i) => i === 0 || values[c] !== values[order[i - 1]]);
}
