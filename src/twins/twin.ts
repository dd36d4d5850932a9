/**
 * The contract of a twin: how the engine computes what a specification means.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { OutputArray } from '../specification/contract.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Account } from './account.ts';

/** The fast twin of one plan. Threads may divide its items. */
export interface Lowered<Raw, Out extends OutputArray = FloatArray> {
  /** What the work divides into: rows of the input, or pieces of them. */
  readonly items: number;
  /** How many 16-bit words of flags the account has: one for every row, or piece of a row. Every item has as many. */
  readonly accounts: number;
  /**
   * Carries out the items from `first` to `end`: fills their part of `out` and of the account, and adds to its counts.
   * False where it met something that only the specification can carry out.
   */
  pass(raw: Raw, out: Out, account: Account, first: number, end: number): boolean;
  /** Gives the recorder the counts, flags and events of all items, as the specification's `scalar` would have done. */
  conclude(raw: Raw, out: Out, account: Account, recorder: Recorder): void;
}
