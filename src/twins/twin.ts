/**
 * The contract of a twin: how the engine computes what a specification means.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { OutputArray } from '../specification/contract.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Counters } from './counters.ts';

/** The fast twin of one plan. Threads may divide its items. */
export interface Twin<Raw, Out extends OutputArray = FloatArray> {
  /** What the work divides into: rows of the input, or pieces of them. */
  readonly items: number;
  /** How many 16-bit words of flags the counters have: one for every row, or piece of a row. Every item has as many. */
  readonly flagSlots: number;
  /** Whether it counts the results of every stage by their magnitudes, where the plan asks for that. */
  readonly seesMagnitudes?: boolean;
  /**
   * Carries out the items from `first` to `end`: fills their part of `out` and of the counters, and adds to the counts.
   * False where it met something that only the specification can carry out.
   */
  computeRange(raw: Raw, out: Out, counters: Counters, first: number, end: number): boolean;
  /** Gives the recorder the counts, flags and events of all items, as the specification's `scalar` would have done. */
  finish(raw: Raw, out: Out, counters: Counters, recorder: Recorder): void;
}
