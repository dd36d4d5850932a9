/**
 * What a reduction asks of an accumulator.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';

/** One running sum, and one addition of two partial results. Each accumulator kind is one of these, in its own file. */
export interface Chain {
  /**
   * `start` plus the elements `a[from]`, `a[from + stride]`, … (`count` of them, at least one), or the exact products
   * `a[i]·b[i]` where `b` is given. An element's event bears its index as index and step.
   */
  chain(
    start: number,
    a: Float64Array,
    b: Float64Array | null,
    from: number,
    stride: number,
    count: number,
    recorder: Recorder,
  ): number;
  /** p + q for partial results; its event bears no index, and the step given. */
  join(p: number, q: number, step: number, recorder: Recorder): number;
}
