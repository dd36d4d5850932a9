/**
 * The search for an input of the set on which the kernel overflows.
 *
 * Where every sum is monotone the two ends decide, and come first. Elsewhere a few dozen more are tried: parts of the row
 * at one end and the rest at the other or near zero, and random corners that lean to one end.
 *
 * @module
 */
import type { NumericEvent } from '../events/event.ts';
import { randomBits } from '../rounding/philox.ts';
import { type Ellipsoid, nearestToZero, type Region } from './inputSet.ts';
import type { Witness } from './verdict.ts';

/** Inputs at which every term is least, and largest. */
export interface Ends {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Corners that lean to one end. */
const RANDOM_CORNERS = 24;
/** Share of a row, in sixteenths, at one end. */
const SHARES = [1, 2, 4, 6, 8, 10, 12, 14, 15];
/** Far enough inside an ellipsoid that rounding a point to binary64 leaves it there. */
const INSIDE = 1 - 2 ** -40;

/** Inputs of the set, the likeliest to overflow first. */
export function* candidates(
  region: Region,
  ends: Ends,
  weights: Float64Array | null,
  terms: 'elements' | 'products' | 'squares',
): Generator<Float64Array> {
  if (region.ellipsoid !== null) {
    yield* pointsOf(region.ellipsoid, weights, terms);
    return;
  }
  const { width, low, high } = region;
  yield ends.high;
  yield ends.low;
  yield high;
  yield low;
  const small = low.map((least, k) => nearestToZero(least, high[k] as number));
  yield small;
  for (const [one, other] of [
    [ends.high, ends.low],
    [ends.low, ends.high],
    [ends.high, small],
    [ends.low, small],
  ] as const) {
    for (const share of SHARES) {
      const many = Math.ceil((width * share) / 16);
      yield one.map((x, k) => (k < many ? x : (other[k] as number)));
      yield one.map((x, k) => (k < many ? (other[k] as number) : x));
    }
  }
  for (let n = 0; n < RANDOM_CORNERS; n++) {
    const [one, other] = n % 2 === 0 ? [ends.high, ends.low] : [ends.low, ends.high];
    // One element in two to one in sixteen is at the other end.
    const rarity = 1 + (n % 4);
    yield one.map((x, k) => (randomBits(n, rarity, { index: k, step: 0, stage: 0 }) === 0 ? (other[k] as number) : x));
  }
}

/** Points on the surface of an ellipsoid where a sum of the first k terms, or of the last, is largest or least. */
function* pointsOf(
  { center, axes, radius }: Ellipsoid,
  weights: Float64Array | null,
  terms: 'elements' | 'products' | 'squares',
): Generator<Float64Array> {
  const width = center.length;
  const along = (direction: Float64Array): Float64Array | null => {
    const length = lengthOf(direction);
    if (!(length > 0)) return null;
    const factor = (radius / length) * INSIDE;
    return center.map((x, k) => x + (axes[k] as number) * ((direction[k] as number) * factor));
  };
  const directions: Float64Array[] = [];
  if (terms === 'squares') {
    const longest = axes.reduce((best, axis, k) => (Math.abs(axis) > Math.abs(axes[best] as number) ? k : best), 0);
    directions.push(axes.map((_, k) => (k === longest ? 1 : 0)));
    // One large square first, then many small ones: the order in which nearest additions grow most.
    for (const share of [0.5, 0.9, 0.67]) {
      directions.push(
        axes.map((axis, k) => (axis === 0 ? 0 : k === 0 ? Math.sqrt(share) : Math.sqrt((1 - share) / width))),
      );
    }
    directions.push(Float64Array.from(axes, () => 1));
  } else {
    const gradient = axes.map((axis, k) => axis * (weights === null ? 1 : (weights[k] as number)));
    for (const share of [16, ...SHARES]) {
      const many = Math.ceil((width * share) / 16);
      directions.push(gradient.map((x, k) => (k < many ? x : 0)));
    }
  }
  for (const direction of directions) {
    for (const sign of [1, -1]) {
      const point = along(direction.map((x) => sign * x));
      if (point !== null) yield point;
    }
  }
}

/** ‖x‖₂, by its largest element: no square leaves binary64. */
function lengthOf(x: Float64Array): number {
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? 0 : largest * Math.sqrt(x.reduce((sum, value) => sum + (value / largest) ** 2, 0));
}

/** The first candidate that makes the kernel fail: by an overflow if there is one, else by another event. */
export function search(
  inputs: Iterable<Float64Array>,
  channel: number,
  simulate: (x: Float64Array, channel: number) => NumericEvent | null,
): Witness | null {
  let other: Witness | null = null;
  for (const x of inputs) {
    const event = simulate(x, channel);
    if (event === null) continue;
    const witness = Object.freeze({ x: Float64Array.from(x), channel, event });
    if (event.kind === 'overflow' || event.kind === 'saturation' || event.kind === 'wrap') return witness;
    other ??= witness;
  }
  return other;
}
