/**
 * Operands of one sum, as a search tries them: few elements, each with its place.
 *
 * @module
 */

/** One element of K. */
export interface Element {
  /** Its number. */
  readonly at: number;
  readonly a: number;
  readonly b: number;
}

/** The operands of one sum; all elements that are not listed are +0, scales that are not listed 1. */
export interface Probe {
  /** K. */
  readonly width: number;
  readonly elements: readonly Element[];
  /** The addend. */
  readonly c: number;
  /** Block scales that are not 1. */
  readonly scales: readonly Element[];
}

/** The operands of many sums of one length, as kernels take them. */
export interface Batch {
  readonly rows: number;
  readonly width: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
  readonly scaleA: Float64Array;
  readonly scaleB: Float64Array;
}

/** Probes as arrays, all as long as the longest of them. */
export function batchOf(probes: readonly Probe[], block: number | null): Batch {
  let width = 1;
  for (const probe of probes) width = Math.max(width, probe.width);
  const rows = probes.length;
  const blocks = block === null ? 0 : Math.ceil(width / block);
  const batch = {
    rows,
    width,
    a: new Float64Array(rows * width),
    b: new Float64Array(rows * width),
    c: new Float64Array(rows),
    scaleA: new Float64Array(rows * blocks).fill(1),
    scaleB: new Float64Array(rows * blocks).fill(1),
  };
  probes.forEach(({ elements, c, scales }, row) => {
    for (const { at, a, b } of elements) {
      batch.a[row * width + at] = a;
      batch.b[row * width + at] = b;
    }
    batch.c[row] = c;
    if (blocks === 0) return;
    for (const { at, a, b } of scales) {
      batch.scaleA[row * blocks + at] = a;
      batch.scaleB[row * blocks + at] = b;
    }
  });
  return batch;
}

/** Elements of a, b and c that are not zero, and scales that are not 1. */
export function nonZeroOf({ elements, c, scales }: Probe): number {
  let count = c === 0 ? 0 : 1;
  for (const { a, b } of elements) count += (a === 0 ? 0 : 1) + (b === 0 ? 0 : 1);
  for (const { a, b } of scales) count += (a === 1 ? 0 : 1) + (b === 1 ? 0 : 1);
  return count;
}

/** Below 0 where one probe is simpler than another: fewer elements, then shorter, then simpler numbers; 0 where neither is. */
export function compareProbes(p: Probe, q: Probe): number {
  const [left, right] = [costsOf(p), costsOf(q)];
  const at = left.findIndex((cost, i) => cost !== right[i]);
  return at < 0 ? 0 : (left[at] as number) - (right[at] as number);
}

/** Whether one probe is simpler than another. */
export function isSimpler(p: Probe, q: Probe): boolean {
  return compareProbes(p, q) < 0;
}

function costsOf(probe: Probe): readonly number[] {
  const { elements, c, scales, width } = probe;
  let values = costOf(c);
  for (const { a, b } of [...elements, ...scales]) values += costOf(a) + costOf(b);
  return [nonZeroOf(probe), width, values];
}

/** How much a number asks of its reader: its significant bits, how far it is from 1, its sign. */
export function costOf(x: number): number {
  if (Object.is(x, 0)) return 0;
  const sign = x < 0 || Object.is(x, -0) ? 1 : 0;
  if (x === 0) return 1;
  if (x - x !== 0) return 200 + sign;
  let bits = 0;
  let [rest, exponent] = [Math.abs(x), 0];
  while (rest >= 2) [rest, exponent] = [rest / 2, exponent + 1];
  while (rest < 1) [rest, exponent] = [rest * 2, exponent - 1];
  while (rest !== 0) {
    if (rest >= 1) rest -= 1;
    rest *= 2;
    bits += 1;
  }
  return 4 * bits + Math.abs(exponent) / 4 + sign;
}
