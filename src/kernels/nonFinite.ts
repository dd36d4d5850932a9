/**
 * Counts NaN and infinities in the engine where an array lies there: a pass of its own must cost little.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import { pointerOf } from '../engine/tensor.ts';
import { nonFinite } from '../specification/nonFinite.ts';
import type { FloatArray } from '../tensors/tensor.ts';

/** The count of an array, on an engine. */
export function countNonFinite(engine: Engine | null): (x: FloatArray) => number {
  return (x) => {
    const at = engine === null ? null : pointerOf(engine, x);
    if (engine === null || at === null) return nonFinite(x);
    const { nonFinite32, nonFinite64 } = engine.core.call;
    return x instanceof Float32Array ? nonFinite32(at, x.length) : nonFinite64(at, x.length);
  };
}
