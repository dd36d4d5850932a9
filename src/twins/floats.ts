/**
 * Numbers in the engine's memory.
 *
 * @module
 */
import type { Core, Pointer } from '../engine/module.ts';
import type { LaneBytes } from '../engine/roundingBlock.ts';
import type { FloatArray } from '../tensors/tensor.ts';

/** The n numbers of so many bytes that lie at a place; a view until the memory grows. */
export function floats({ memory }: Core, bytes: LaneBytes, at: Pointer, n: number): FloatArray {
  return bytes === 4 ? new Float32Array(memory.buffer, at, n) : new Float64Array(memory.buffer, at, n);
}

/** Copies numbers to binary32; whether it holds them all. */
export function narrowInto(out: Float32Array, x: FloatArray): boolean {
  out.set(x);
  for (let i = 0; i < x.length; i++) if (!Object.is(out[i], x[i])) return false;
  return true;
}
