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
  const round = lanes * run;
  const rest = Math.min(run, Math.max(0, (count % round) - lane * run));
  const at = new Int32Array(Math.floor(count / round) * run + rest);
  for (let n = 0; n < at.length; n++) {
    const inRun = n % run;
    at[n] = from + (((n - inRun) / run) * round + lane * run + inRun) * stride;
  }
  return at;
}
