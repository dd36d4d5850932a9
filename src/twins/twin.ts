/**
 * The contract of a twin: how the engine computes what a specification means.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { OutputArray } from '../specification/contract.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Account } from './account.ts';

/** The fast twin of a plan, which threads may share. */
export interface Lowered<Raw, Out extends OutputArray = FloatArray> {
  /** What the work divides into: rows of the input, or pieces of them. */
  readonly items: number;
  /** What has flags of its own: rows of the report, or pieces of them; as many for every item. */
  readonly accounts: number;
  /**
   * Carries out the items from `first` to `end`: fills their part of `out` and of the account, and adds to its counts.
   * False where it met something that only the specification can carry out.
   */
  pass(raw: Raw, out: Out, account: Account, first: number, end: number): boolean;
  /** Tells the recorder what `scalar` would have told, from the account of all items. */
  conclude(raw: Raw, out: Out, account: Account, recorder: Recorder): void;
}
