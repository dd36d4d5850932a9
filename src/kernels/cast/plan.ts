/**
 * What a cast takes, checked and resolved.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { PartialPolicy } from '../../rounding/policy.ts';
import type { Step } from '../../rounding/step.ts';
import type { Plan, RecordOptions } from '../kernel.ts';

/** Options of `cast`. */
export interface CastOptions extends RecordOptions {
  readonly format: Format;

  /** What differs from the format's defaults. */
  readonly policy?: PartialPolicy;

  /** Rows of the input, for the places of events; default 1. */
  readonly rows?: number;

  /** Numbers a row; default all of them. */
  readonly width: number;
}
export interface CastPlan extends Plan {
  readonly step: Step;
}
