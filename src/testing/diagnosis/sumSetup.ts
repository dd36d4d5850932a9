/**
 * How a sum is formed: what deviations of sums change.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/index.ts';
import type { Rounding } from '../../rounding/index.ts';
import type { SumLoop } from './compensations.ts';

/** How a sum is formed. */
export interface SumSetup {
  readonly reduction: Reduction;
  /** The result as it is written; null: as the sum gives it. */
  readonly output: Rounding | null;
  /** The terms that enter, of those that there are. */
  readonly taken: (terms: Float64Array) => Float64Array;
  /** The loop in place of the reduction; null: the reduction. */
  readonly loop: SumLoop | null;
}
