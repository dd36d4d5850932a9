/**
 * Counts NaN and infinities in the engine where an array lies there: a pass of its own must cost little.
 *
 * @module
 */
import { type Engine, isFull, lease } from '../engine/engine.ts';
import type { Pointer } from '../engine/module.ts';
import { pointerOf } from '../engine/tensor.ts';
import { nonFinite } from '../specification/nonFinite.ts';
import type { FloatArray } from '../tensors/tensor.ts';

/** Bytes that are copied into the engine's memory at once. */
const CHUNK = 65_536;
/** Arrays of fewer bytes are counted where they lie. */
const FEW = 4096;

/** The count of an array, on an engine. */
export function countNonFinite(engine: Engine | null): (x: FloatArray) => number {
  return (x) => {
    const at = engine === null ? null : pointerOf(engine, x);
    if (engine === null || (at === null && x.byteLength < FEW)) return nonFinite(x);
    const { nonFinite32, nonFinite64 } = engine.core.call;
    const count = x instanceof Float32Array ? nonFinite32 : nonFinite64;
    return at === null ? countCopied(engine, x, count) : count(at, x.length);
  };
}

/** A copy is quicker to count than the array: vector by vector. */
function countCopied(engine: Engine, x: FloatArray, count: (at: Pointer, n: number) => number): number {
  const bytes = new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  try {
    return lease(engine, ({ take }) => {
      const at = take(CHUNK);
      const room = new Uint8Array(engine.core.memory.buffer, at, CHUNK);
      let found = 0;
      for (let start = 0; start < bytes.length; start += CHUNK) {
        const chunk = bytes.subarray(start, start + CHUNK);
        room.set(chunk);
        found += count(at, chunk.length / x.BYTES_PER_ELEMENT);
      }
      return found;
    });
  } catch (error) {
    // Memory without room for a chunk.
    if (isFull(error)) return nonFinite(x);
    throw error;
  }
}
