/**
 * What a format makes of a number.
 *
 * @module
 */
import type { EventKind } from './flags.ts';

/** What one rounding gives. */
export interface Outcome {
  readonly value: number;
  readonly code: number;
  readonly flags: readonly EventKind[];
}
