/**
 * Error by hop: how far running sums are from the exact sums of the devices that they stand for, after every exchange.
 *
 * @module
 */
import { sumResidual } from '../arithmetic/residual.ts';
import type { HopError } from './report.ts';
import type { Part } from './shares.ts';

/** Where a message stands in the collective. */
export interface Stage {
  /** `scatter`, `gather`, … */
  readonly phase: string;
  readonly hop: number;
}

/** Partial sums of some devices, added up as pairs: high + low holds about 106 bits of the sum. */
export interface ExactSum {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** Nothing added yet, over a whole matrix. */
export function noSum({ rows, width }: { readonly rows: number; readonly width: number }): ExactSum {
  return { high: new Float64Array(rows * width), low: new Float64Array(rows * width) };
}

/** Adds one device's partial sums in a part. */
export function addExactly({ high, low }: ExactSum, partial: Float64Array, part: Part, width: number): void {
  for (let row = part.fromRow; row < part.toRow; row++) {
    const end = row * width + part.toFeature;
    for (let at = row * width + part.fromFeature; at < end; at++) {
      const sum = high[at] + partial[at];
      low[at] += sumResidual(high[at], partial[at], sum);
      high[at] = sum;
    }
  }
}

/** One hop's errors, while messages come in. */
interface Seen {
  readonly phase: string;
  readonly hop: number;
  devices: number;
  values: number;
  squares: number;
  energy: number;
  max: number;
}

/** All hops, in the order in which they come up. */
export type Hops = Map<string, Seen>;

/** Enters what a hop left of a part: sums of so many devices, against the exact ones. */
export function measure(
  { hops, width }: { readonly hops: Hops; readonly width: number },
  { phase, hop }: Stage,
  devices: number,
  sums: Float64Array,
  { high, low }: ExactSum,
  part: Part,
): void {
  const key = `${phase} ${hop}`;
  const seen = hops.get(key) ?? { phase, hop, devices, values: 0, squares: 0, energy: 0, max: 0 };
  hops.set(key, seen);
  if (devices > seen.devices) seen.devices = devices;
  for (let row = part.fromRow; row < part.toRow; row++) {
    const end = row * width + part.toFeature;
    for (let at = row * width + part.fromFeature; at < end; at++) {
      const error = Math.abs(sums[at] - high[at] - low[at]);
      seen.squares += error * error;
      seen.energy += high[at] * high[at];
      if (!(error <= seen.max)) seen.max = error;
      seen.values++;
    }
  }
}

/** What hops tell: in the order of the algorithm. */
export function hopErrors(hops: Hops): readonly HopError[] {
  return [...hops.values()].map(({ phase, hop, devices, values, squares, energy, max }) => {
    const mean = (sum: number): number => (values === 0 ? 0 : sum / values);
    return { phase, hop, devices, values, rmse: Math.sqrt(mean(squares)), rms: Math.sqrt(mean(energy)), max };
  });
}
