/**
 * Rotary positions: the angles by which queries and keys turn.
 *
 * @module
 */
import { allocate } from '../errors/index.ts';
import type { RotaryPlan } from './plan.ts';

/** Cosines and sines of the rotary angles: [positions, width / 2] each. */
export interface RotaryTable {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/**
 * Angle of pair i at position p: p · frequency i.
 *
 * @param argument - where the number of positions comes from, for the error
 * @throws {@link BittrueError} `range` where memory has no room for the table
 */
export function rotaryTable(argument: string, positions: number, { frequencies, factor }: RotaryPlan): RotaryTable {
  const half = frequencies.length;
  const cos = allocate(argument, Float64Array, positions * half);
  const sin = allocate(argument, Float64Array, positions * half);
  frequencies.forEach((frequency, i) => {
    for (let p = 0; p < positions; p++) {
      cos[p * half + i] = Math.cos(p * frequency) * factor;
      sin[p * half + i] = Math.sin(p * frequency) * factor;
    }
  });
  return { cos, sin };
}
