/**
 * Rotary positions: the angles by which queries and keys turn.
 *
 * @module
 */
import { allocate } from '../errors/index.ts';

/** Cosines and sines of the rotary angles: [positions, headWidth / 2] each. */
export interface RotaryTable {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/**
 * Angle of pair i at position p: p · θ^(−2i / headWidth).
 *
 * @param argument - where the number of positions comes from, for the error
 * @throws {@link BittrueError} `range` where memory has no room for the table
 */
export function rotaryTable(argument: string, positions: number, headWidth: number, theta: number): RotaryTable {
  const half = headWidth / 2;
  const cos = allocate(argument, Float64Array, positions * half);
  const sin = allocate(argument, Float64Array, positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = theta ** ((-2 * i) / headWidth);
    for (let p = 0; p < positions; p++) {
      cos[p * half + i] = Math.cos(p * frequency);
      sin[p * half + i] = Math.sin(p * frequency);
    }
  }
  return { cos, sin };
}
