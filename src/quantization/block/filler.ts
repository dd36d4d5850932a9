/**
 * What fills blocks.
 *
 * @module
 */
import type { Placed } from './run.ts';

/** What was chosen for a block. */
export interface FilledBlock {
  readonly scale: number;
  /** `SCALE_UNDERFLOW`, `SCALE_OVERFLOW`, or 0. */
  readonly flags: number;
  /** What stands beside the scale, as a code; absent: nothing. */
  readonly beside?: number;
  /** Fills `into` with the elements for data[from], … below `to`, a row of the block, and counts what became of these numbers. */
  readonly place: (data: Float64Array, from: number, to: number, into: Placed) => void;
}

/** Chooses for the numbers from `from` to `to`. */
export type Filler = (data: Float64Array, from: number, to: number) => FilledBlock;

/** The largest magnitude; NaN where there is one. */
export function amaxOf(data: Float64Array, from: number, to: number): number {
  let amax = 0;
  for (let i = from; i < to; i++) {
    const a = Math.abs(data[i]!);
    if (!(a <= amax)) {
      if (a !== a) return a;
      amax = a;
    }
  }
  return amax;
}

/** A block whose scale is NaN holds nothing else. */
export const lost: FilledBlock = Object.freeze({ scale: Number.NaN, flags: 0, place: () => {} });
