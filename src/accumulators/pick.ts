/**
 * The items of one lane, where lanes take runs of neighbours.
 *
 * @module
 */

/** Positions of lane `lane` among `count` items that stand at `from`, `from + stride`, …: ⌊k / run⌋ ≡ lane mod lanes. */
export function pick(
  from: number,
  stride: number,
  count: number,
  lanes: number,
  run: number,
  lane: number,
): Int32Array {
  const at = new Int32Array(Math.min(count, Math.ceil(count / (lanes * run)) * run));
  let n = 0;
  for (let first = lane * run; first < count; first += lanes * run) {
    for (let k = first; k < Math.min(first + run, count); k++) at[n++] = from + k * stride;
  }
  return at.subarray(0, n);
}
